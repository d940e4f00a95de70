"""What scripts/make_sample.py is made of: one module per business, and what the businesses share."""
