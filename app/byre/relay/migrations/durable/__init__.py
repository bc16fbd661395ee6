"""Schema of the durable file: accounts, mailboxes, token hashes, key packages, room heads, rendezvous."""
