"""The list column: chats, friends, search results, settings navigation."""
