"""Tests, file by file like segmentation/. Run with pytest from the root of the project."""
