"""Twins of byre.crypto."""
