"""Tests of what is said of segments: no Spark is needed."""
