-- What is to be erased for good lies in slots or under their keys (key_slots.py), for a row that is deleted may leave a
-- copy of itself in the gap of a page: hashes of delivery tokens lie in slots themselves; key packages, rendezvous and
-- recovery files are sealed. Triggers overwrite a slot whichever way its row goes, also with its mailbox or account.
-- Rows of before are brought over by `durable_upgrade.py`, which then drops the old tables.
CREATE INDEX key_slot_free ON key_slot (id) WHERE key = x'0000000000000000000000000000000000000000000000000000000000000000';

ALTER TABLE token RENAME TO token_in_rows;
DROP INDEX token_dies;
CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    mailbox BLOB NOT NULL REFERENCES mailbox (mailbox) ON DELETE CASCADE,
    slot INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    dies_at INTEGER
) STRICT;
CREATE INDEX token_of ON token (mailbox);
CREATE INDEX token_dies ON token (dies_at) WHERE dies_at IS NOT NULL;
CREATE TRIGGER token_erased AFTER DELETE ON token
    BEGIN UPDATE key_slot SET key = zeroblob(32) WHERE id = old.slot; END;

ALTER TABLE key_package RENAME TO key_package_unsealed;
DROP INDEX key_package_of;
CREATE TABLE key_package (
    id INTEGER PRIMARY KEY,
    mailbox BLOB NOT NULL REFERENCES mailbox (mailbox) ON DELETE CASCADE,
    is_last_resort INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    package BLOB NOT NULL
) STRICT;
CREATE INDEX key_package_of ON key_package (mailbox, is_last_resort, id);
CREATE TRIGGER key_package_erased AFTER DELETE ON key_package
    BEGIN UPDATE key_slot SET key = zeroblob(32) WHERE id = old.slot; END;

ALTER TABLE rendezvous RENAME TO rendezvous_unsealed;
DROP INDEX rendezvous_expires;
CREATE TABLE rendezvous (
    rendezvous BLOB NOT NULL,
    slot INTEGER NOT NULL,
    key_slot INTEGER NOT NULL,
    blob BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (rendezvous, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX rendezvous_expires ON rendezvous (expires_at);
CREATE TRIGGER rendezvous_erased AFTER DELETE ON rendezvous
    BEGIN UPDATE key_slot SET key = zeroblob(32) WHERE id = old.key_slot; END;

CREATE TABLE recovery_file (
    account_id BLOB PRIMARY KEY REFERENCES account (account_id) ON DELETE CASCADE,
    slot INTEGER NOT NULL,
    file BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER recovery_file_erased AFTER DELETE ON recovery_file
    BEGIN UPDATE key_slot SET key = zeroblob(32) WHERE id = old.slot; END;
