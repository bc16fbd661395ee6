"""The transcript: a list view whose layout is replaced, its rows, its model and its window on the store."""
