"""The numbered schemas of the relay: `durable/` for what stays, `bucket/` for what is held at most 72 hours."""
