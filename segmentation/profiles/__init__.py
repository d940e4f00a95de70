"""What each segment looks like, and whether segments differ by more than chance."""
