"""Orders of a marketplace in, trusted segments of its buyers and sellers out."""

__version__ = "0.1.0"
