"""Official vectors of MLS, HPKE and X-Wing, run through the engine; `python -m tests.vectors FILE…` runs any file."""
