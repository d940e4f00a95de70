"""Texts in two languages, and what a business calls things: below the story and the report, which both speak."""
