"""The stages of a run that need more than a page: what they read from the lake, and what they write to it."""
