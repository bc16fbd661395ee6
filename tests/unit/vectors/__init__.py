"""The vector runner itself."""
