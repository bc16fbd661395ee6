CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    account_id BLOB NOT NULL,
    account_public BLOB NOT NULL,
    account_seed BLOB,
    role TEXT NOT NULL CHECK (role IN ('primary', 'linked')),
    handle TEXT NOT NULL,
    host TEXT NOT NULL,
    name TEXT NOT NULL,
    relay TEXT NOT NULL,
    binding BLOB NOT NULL,
    device_id BLOB NOT NULL,
    device_seed BLOB NOT NULL,
    certificate BLOB NOT NULL,
    run_id BLOB NOT NULL,
    is_published INTEGER NOT NULL DEFAULT 0,
    is_linked INTEGER NOT NULL DEFAULT 1,
    record BLOB NOT NULL DEFAULT x'',
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE author (
    id INTEGER PRIMARY KEY,
    account_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    UNIQUE (account_id, device_id)
) STRICT;

CREATE TABLE delivery (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    account_id BLOB NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (message, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery_token (
    token BLOB PRIMARY KEY,
    mailbox_id BLOB NOT NULL,
    speed TEXT NOT NULL CHECK (speed IN ('normal', 'slow', 'intro')),
    group_id BLOB,
    state TEXT NOT NULL CHECK (state IN ('made', 'registered', 'retiring')),
    created_at INTEGER NOT NULL,
    delete_at INTEGER
) STRICT;

CREATE TABLE device_record (
    device_id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;

CREATE TABLE draft (
    room INTEGER PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE early_receipt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id BLOB NOT NULL,
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    account_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    is_read INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    UNIQUE (message_id, room, account_id, device_id, is_read)
) STRICT;

CREATE TABLE intent (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    payload BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL
) STRICT;

CREATE TABLE joining (
    group_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('wanted', 'given', 'added', 'joined')),
    key_package BLOB,
    tries INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    PRIMARY KEY (group_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_envelope (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox_id BLOB NOT NULL,
    mid BLOB NOT NULL,
    reason TEXT NOT NULL,
    group_id BLOB,
    epoch INTEGER,
    envelope BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (mailbox_id, mid)
) STRICT;

CREATE TABLE key_package (
    reference BLOB PRIMARY KEY,
    bundle BLOB NOT NULL,
    token BLOB NOT NULL,
    is_last_resort INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('made', 'published', 'used', 'replaced')),
    purpose TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    delete_at INTEGER
) STRICT;

CREATE TABLE mailbox (
    mailbox_id BLOB PRIMARY KEY,
    relay TEXT NOT NULL,
    auth_seed BLOB NOT NULL,
    box_private BLOB NOT NULL,
    box_public BLOB NOT NULL,
    intro_token BLOB NOT NULL,
    is_registered INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

CREATE TABLE member (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    device_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    address BLOB NOT NULL,
    is_admin INTEGER NOT NULL DEFAULT 0,
    is_revoked INTEGER NOT NULL DEFAULT 0,
    heard_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    message_id BLOB NOT NULL,
    author INTEGER NOT NULL REFERENCES author (id),
    kind TEXT NOT NULL CHECK (kind IN ('text', 'system', 'unknown', 'unreadable')),
    state TEXT NOT NULL,
    is_own INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    unread_by INTEGER NOT NULL DEFAULT 0,
    has_file INTEGER NOT NULL DEFAULT 0,
    timer_s INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER,
    run_id BLOB,
    counter INTEGER,
    body TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    content BLOB
) STRICT;

CREATE VIRTUAL TABLE message_index USING fts5 (
    body, content='', columnsize=0, prefix='3 5', tokenize='unicode61 remove_diacritics 0'
);

CREATE TABLE mls_epoch (
    group_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    expires_at INTEGER, ended_by BLOB,
    PRIMARY KEY (group_id, epoch)
) STRICT;

CREATE TABLE mls_ratchet (
    group_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (group_id, epoch)
) STRICT;

CREATE TABLE name_told (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    device_id BLOB NOT NULL,
    name_at INTEGER NOT NULL,
    PRIMARY KEY (room, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    room INTEGER,
    kind TEXT NOT NULL,
    relay TEXT NOT NULL,
    mailbox_id BLOB NOT NULL,
    token BLOB NOT NULL,
    mid BLOB UNIQUE,
    ciphertext BLOB,
    content BLOB,
    state TEXT NOT NULL CHECK (state IN ('queued', 'relayed', 'stored', 'acked', 'expired', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    ttl_s INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    expires_at INTEGER NOT NULL,
    UNIQUE (message_id, device_id)
) STRICT;

CREATE TABLE own_device (
    device_id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('primary', 'linked')),
    certificate BLOB NOT NULL DEFAULT x'',
    linked_at INTEGER NOT NULL,
    is_removal_wanted INTEGER NOT NULL DEFAULT 0,
    removed_at INTEGER
) STRICT;

CREATE TABLE peer (
    account_id BLOB PRIMARY KEY,
    account_public BLOB NOT NULL,
    handle TEXT NOT NULL,
    host TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    name_at INTEGER NOT NULL DEFAULT 0,
    is_contact INTEGER NOT NULL DEFAULT 0,
    trust TEXT NOT NULL DEFAULT 'unverified' CHECK (trust IN ('unverified', 'verified', 'changed')),
    changed_public BLOB,
    list_version INTEGER NOT NULL DEFAULT 0,
    device_list BLOB NOT NULL DEFAULT x'',
    binding BLOB NOT NULL DEFAULT x'',
    record BLOB NOT NULL DEFAULT x'',
    fetched_at INTEGER NOT NULL DEFAULT 0,
    added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pending_commit (
    group_id BLOB PRIMARY KEY,
    epoch INTEGER NOT NULL,
    claim_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('built', 'sent', 'granted')),
    pending BLOB NOT NULL,
    message BLOB NOT NULL,
    claim BLOB NOT NULL,
    welcome BLOB,
    fan_out BLOB NOT NULL,
    note BLOB NOT NULL DEFAULT x'',
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE read_due (
    room INTEGER PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
    read_up_to INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    due_at INTEGER NOT NULL
) STRICT;

CREATE TABLE receipt_due (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    account_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (room, account_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE received_mid (
    mailbox_id BLOB NOT NULL,
    mid BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (mailbox_id, mid)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejoining (
    group_id BLOB PRIMARY KEY,
    request_hash BLOB NOT NULL,
    reference BLOB NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL
) STRICT;

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    group_id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('direct', 'group', 'device', 'note')),
    title TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('active', 'request', 'left', 'removed', 'rejoining', 'jammed')),
    relay TEXT NOT NULL,
    group_tag BLOB NOT NULL,
    peer_account BLOB,
    requester_account BLOB,
    requester_device BLOB,
    policy_version INTEGER NOT NULL DEFAULT 1,
    predecessor BLOB,
    superseded_by BLOB,
    next_counter INTEGER NOT NULL DEFAULT 0,
    last_message INTEGER,
    last_kind TEXT NOT NULL DEFAULT '',
    last_text TEXT NOT NULL DEFAULT '',
    last_author INTEGER,
    last_activity INTEGER NOT NULL,
    unread INTEGER NOT NULL DEFAULT 0,
    read_up_to INTEGER NOT NULL DEFAULT 0,
    wiped_up_to INTEGER NOT NULL DEFAULT 0,
    is_hidden INTEGER NOT NULL DEFAULT 0,
    timer_s INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE seen_message (
    message_id BLOB NOT NULL,
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    author INTEGER NOT NULL REFERENCES author (id),
    PRIMARY KEY (message_id, room, author)
) STRICT, WITHOUT ROWID;

CREATE TABLE seen_window (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    device_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    highest INTEGER NOT NULL,
    bitmap BLOB NOT NULL,
    PRIMARY KEY (room, device_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE signed_claim (
    group_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    ordered_at INTEGER,
    home_url TEXT NOT NULL,
    group_tag BLOB NOT NULL,
    claim_id BLOB NOT NULL,
    commit_hash BLOB NOT NULL,
    next_claim_public BLOB NOT NULL,
    signature BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (group_id, epoch)
) STRICT;

CREATE TABLE signed_list (
    account_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    hash BLOB NOT NULL,
    bytes BLOB NOT NULL,
    is_published INTEGER NOT NULL DEFAULT 1,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, version, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE undecryptable (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mid BLOB NOT NULL,
    group_id BLOB,
    epoch INTEGER,
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;

CREATE TABLE wipe_certificate (
    wipe_id BLOB PRIMARY KEY,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    signature BLOB NOT NULL
) STRICT;

CREATE TABLE wipe_journal (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    wipe_id BLOB NOT NULL,
    from_generation INTEGER NOT NULL,
    scope TEXT NOT NULL,
    counts TEXT NOT NULL,
    needle_key BLOB NOT NULL,
    needles BLOB NOT NULL,
    started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE wipe_late (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    device_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    counter INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE TABLE wipe_report (
    wipe_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'erased', 'failed')),
    document TEXT NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (wipe_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE wipe_room (
    room INTEGER PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
    up_to INTEGER NOT NULL
) STRICT;

CREATE TABLE wipe_watermark (
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    device_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    counter INTEGER NOT NULL,
    PRIMARY KEY (room, device_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_token_group ON delivery_token (group_id) WHERE group_id IS NOT NULL;

CREATE INDEX device_record_account ON device_record (account_id);

CREATE INDEX intent_group ON intent (group_id, id);

CREATE INDEX kept_envelope_group ON kept_envelope (group_id, epoch);

CREATE INDEX member_account ON member (account_id);

CREATE INDEX message_expiry ON message (expires_at) WHERE expires_at IS NOT NULL;

CREATE UNIQUE INDEX message_name ON message (message_id, room, author);

CREATE INDEX message_room ON message (room, id);

CREATE INDEX message_unsettled ON message (room, id)
    WHERE is_own = 1 AND state IN ('queued', 'relayed', 'stored', 'delivered', 'expired');

CREATE INDEX outbox_device ON outbox (device_id);

CREATE INDEX outbox_expiry ON outbox (expires_at) WHERE state IN ('queued', 'relayed', 'stored', 'acked');

CREATE INDEX outbox_queued ON outbox (id) WHERE state = 'queued';

CREATE INDEX outbox_room ON outbox (room) WHERE room IS NOT NULL;

CREATE INDEX peer_handle ON peer (handle, host);

CREATE INDEX received_mid_age ON received_mid (received_at);

CREATE INDEX room_peer ON room (peer_account) WHERE peer_account IS NOT NULL;

CREATE INDEX wipe_late_run ON wipe_late (room, device_id, run_id);

