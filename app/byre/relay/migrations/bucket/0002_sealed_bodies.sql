-- Every body under a key of its own, in a slot that is only ever overwritten (key_slots.py). Rows of the first form are
-- sealed by `bucket_upgrade.py`, which then drops these two tables: what it finds in them is what is still to be done.
ALTER TABLE held RENAME TO held_unsealed;
DROP INDEX held_expires;
ALTER TABLE commit_body RENAME TO commit_body_unsealed;
DROP INDEX commit_body_expires;

CREATE TABLE key_slot (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL CHECK (length(key) = 32)
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
CREATE INDEX held_expires ON held (expires_at);

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
CREATE INDEX commit_body_expires ON commit_body (expires_at);
