"""What the page says: each module turns frames into texts and pictures, and draws nothing itself."""
