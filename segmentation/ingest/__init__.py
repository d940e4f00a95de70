"""Raw rows in, each labelled once: accepted, duplicate, or refused with its reasons."""
