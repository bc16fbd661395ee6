"""Twins of byre.mls."""
