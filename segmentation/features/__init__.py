"""From orders to what is known of each buyer and each seller on a day."""
