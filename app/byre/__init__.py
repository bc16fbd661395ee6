"""Byre (외양간): the private messenger for the PC. `app/README.md` is the map of the house."""

__version__ = "0.1.0"
