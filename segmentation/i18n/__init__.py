"""Texts in every language, and what a business calls things: below the story and the report, which both speak."""
