"""Schema of one bucket file: held messages and commit bodies of a few hours."""
