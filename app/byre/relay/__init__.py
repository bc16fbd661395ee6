"""The server: passes sealed envelopes on, holds them for the absent, knows nobody. See README.md."""
