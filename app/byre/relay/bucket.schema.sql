CREATE TABLE commit_body (
    id INTEGER PRIMARY KEY,
    group_tag BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    claim_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (group_tag, epoch, claim_id)
) STRICT;

CREATE TABLE held (
    id INTEGER PRIMARY KEY,
    mailbox BLOB NOT NULL,
    mid BLOB NOT NULL,
    seq INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (mailbox, mid)
) STRICT;

CREATE TABLE key_slot (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;

CREATE INDEX commit_body_expires ON commit_body (expires_at);

CREATE INDEX held_expires ON held (expires_at);
