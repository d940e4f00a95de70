"""From features to segments: vectors, the sweep over k, the gates, the choice, and who belongs where."""
