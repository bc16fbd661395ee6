"""Twins of byre.mls.group."""
