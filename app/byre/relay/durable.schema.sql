CREATE TABLE account (
    account_id BLOB PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    skeleton TEXT NOT NULL UNIQUE,
    record BLOB NOT NULL,
    list_version INTEGER NOT NULL,
    list_hash BLOB NOT NULL,
    fetch_key_hash BLOB NOT NULL,
    recovery_file BLOB,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (
    blob_id BLOB PRIMARY KEY,
    write_hash BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
, slot INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

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

CREATE TABLE rendezvous (
    rendezvous BLOB NOT NULL,
    slot INTEGER NOT NULL,
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
    mailbox BLOB NOT NULL REFERENCES mailbox (mailbox) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    kind INTEGER NOT NULL,
    dies_at INTEGER,
    PRIMARY KEY (mailbox, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_expires ON blob (expires_at);

CREATE INDEX ended_epoch_expires ON ended_epoch (expires_at);

CREATE INDEX key_package_of ON key_package (mailbox, is_last_resort, id);

CREATE INDEX rendezvous_expires ON rendezvous (expires_at);

CREATE INDEX token_dies ON token (dies_at) WHERE dies_at IS NOT NULL;
