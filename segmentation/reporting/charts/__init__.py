"""Drawing: each module turns data that is ready into a matplotlib figure, and knows nothing of the lake."""
