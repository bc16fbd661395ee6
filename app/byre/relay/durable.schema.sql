CREATE TABLE "account" (
    account_id BLOB PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    skeleton TEXT NOT NULL UNIQUE,
    record BLOB NOT NULL,
    list_version INTEGER NOT NULL,
    list_hash BLOB NOT NULL,
    fetch_key_hash BLOB NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (
    blob_id BLOB PRIMARY KEY,
    write_hash BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
, slot INTEGER NOT NULL DEFAULT 0, payer BLOB NOT NULL DEFAULT x'') STRICT, WITHOUT ROWID;

CREATE TABLE blob_chunk (
    blob_id BLOB NOT NULL REFERENCES blob (blob_id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (blob_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_reader (
    blob_id BLOB NOT NULL REFERENCES blob (blob_id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    PRIMARY KEY (blob_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    account_id BLOB NOT NULL REFERENCES account (account_id) ON DELETE CASCADE,
    device_id BLOB NOT NULL,
    mailbox BLOB NOT NULL UNIQUE REFERENCES mailbox (mailbox) ON DELETE CASCADE,
    issued_at INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (account_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_list (
    account_id BLOB NOT NULL REFERENCES account (account_id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    list BLOB NOT NULL,
    PRIMARY KEY (account_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE ended_epoch (
    group_tag BLOB NOT NULL REFERENCES head (group_tag) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    claim_public BLOB NOT NULL,
    claim_id BLOB NOT NULL,
    commit_hash BLOB NOT NULL,
    bucket INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (group_tag, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE head (
    group_tag BLOB PRIMARY KEY,
    epoch INTEGER NOT NULL,
    claim_public BLOB NOT NULL,
    claim_id BLOB NOT NULL,
    commit_hash BLOB NOT NULL,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_package (
    id INTEGER PRIMARY KEY,
    mailbox BLOB NOT NULL REFERENCES mailbox (mailbox) ON DELETE CASCADE,
    is_last_resort INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    package BLOB NOT NULL
) STRICT;

CREATE TABLE key_slot (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;

CREATE TABLE mailbox (
    mailbox BLOB PRIMARY KEY,
    auth_public BLOB NOT NULL,
    is_last_resort_used INTEGER NOT NULL DEFAULT 0,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_file (
    account_id BLOB PRIMARY KEY REFERENCES account (account_id) ON DELETE CASCADE,
    slot INTEGER NOT NULL,
    file BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rendezvous (
    rendezvous BLOB NOT NULL,
    slot INTEGER NOT NULL,
    key_slot INTEGER NOT NULL,
    blob BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (rendezvous, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    mailbox BLOB NOT NULL REFERENCES mailbox (mailbox) ON DELETE CASCADE,
    slot INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    dies_at INTEGER
) STRICT;

CREATE INDEX blob_expires ON blob (expires_at);

CREATE INDEX ended_epoch_expires ON ended_epoch (expires_at);

CREATE TRIGGER key_package_erased AFTER DELETE ON key_package
    BEGIN UPDATE key_slot SET key = zeroblob(32) WHERE id = old.slot; END;

CREATE INDEX key_package_of ON key_package (mailbox, is_last_resort, id);

CREATE INDEX key_slot_free ON key_slot (id) WHERE key = x'0000000000000000000000000000000000000000000000000000000000000000';

CREATE TRIGGER recovery_file_erased AFTER DELETE ON recovery_file
    BEGIN UPDATE key_slot SET key = zeroblob(32) WHERE id = old.slot; END;

CREATE TRIGGER rendezvous_erased AFTER DELETE ON rendezvous
    BEGIN UPDATE key_slot SET key = zeroblob(32) WHERE id = old.key_slot; END;

CREATE INDEX rendezvous_expires ON rendezvous (expires_at);

CREATE INDEX token_dies ON token (dies_at) WHERE dies_at IS NOT NULL;

CREATE TRIGGER token_erased AFTER DELETE ON token
    BEGIN UPDATE key_slot SET key = zeroblob(32) WHERE id = old.slot; END;

CREATE INDEX token_of ON token (mailbox);
