"""Step machines without a toolkit: first run, linking on both sides, wipe. Plain tests drive them."""
