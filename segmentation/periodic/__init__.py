"""The past, month by month: who was where on each day, who moved and why, and the key figures of each month."""
