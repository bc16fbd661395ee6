"""Our engine and foreign implementations in one group."""
