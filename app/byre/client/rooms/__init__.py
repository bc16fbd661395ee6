"""Rooms: MLS groups with a home, their commits, members and transcript lines (`identity-and-linking`, Rooms)."""
