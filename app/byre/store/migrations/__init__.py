"""The client's schema, step by step; a released step never changes."""
