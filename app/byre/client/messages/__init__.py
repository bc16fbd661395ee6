"""The messages of rooms as the user works with them: sending, reading, searching, drafts."""
