"""A database of the first schema, as its release writes it, with rows in every table.

`schema_0001.db` was written once by this (`python -m tests.migrations.first_schema tests/migrations/schema_0001.db`)
and is never touched again: every later version must open it. What is here tells what is in it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import load_migrations, migrate, open_connection
from byre.store.schema import APPLICATION_ID

KEY = Secret(bytes(range(32)))
VERSION = 1
RELEASED_FILE = Path(__file__).with_name("schema_0001.db")

# Plain SQL on purpose: repositories change with the schema, an old file does not.


def _blob(first: int, size: int) -> str:
    return f"x'{bytes([first, *bytes(size - 1)]).hex()}'"


# Of every value that has one size, the first byte tells whose it is.
_ALICE, _BOB = _blob(0xA1, 32), _blob(0xB0, 32)
_PHONE, _LAPTOP, _PC = _blob(1, 16), _blob(2, 16), _blob(3, 16)
_GROUP, _OTHER_GROUP = _blob(6, 32), _blob(7, 32)
_FIRST, _SECOND, _ERASED = _blob(0x11, 16), _blob(0x22, 16), _blob(0x33, 16)
_RUN = "x'0102030405060708'"
_AT = 1_760_000_000_000
POSITION = _AT << 20

CONTENT = (
    "INSERT INTO setting (name, value) VALUES ('theme', CAST('\"dark\"' AS BLOB))",
    "INSERT INTO setting (name, value) VALUES ('store.index_tables', CAST('\"3/14.0.0\"' AS BLOB))",
    "INSERT INTO account (id, account_id, account_public, account_seed, role, handle, host, name, relay, binding,"
    " device_id, device_seed, certificate, run_id, is_published, is_linked, record, created_at) VALUES (1,"
    f" {_ALICE}, zeroblob(32), zeroblob(32), 'primary', 'alice', 'relay.test', '앨리스',"
    f" 'http://relay.test', x'01', {_PHONE}, zeroblob(32), x'02', {_RUN}, 1, 1, x'05', {_AT})",
    "INSERT INTO mailbox (mailbox_id, relay, auth_seed, box_private, box_public, intro_token, is_registered,"
    f" created_at, retired_at) VALUES (zeroblob(16), 'http://relay.test', zeroblob(32), zeroblob(32), zeroblob(32),"
    f" zeroblob(16), 1, {_AT}, NULL)",
    "INSERT INTO signed_list (account_id, version, hash, bytes, is_published, received_at) VALUES"
    f" ({_BOB}, 3, zeroblob(32), x'0a0b', 1, {_AT})",
    "INSERT INTO peer (account_id, account_public, handle, host, name, name_at, is_contact, trust, changed_public,"
    " list_version, device_list, binding, record, fetched_at, added_at) VALUES"
    f" ({_BOB}, zeroblob(32), 'bob', 'relay.test', '밥', {_AT}, 1, 'verified', NULL, 3, x'0a', x'0b',"
    f" x'0c', {_AT}, {_AT})",
    f"INSERT INTO device_record (device_id, account_id, bytes, fetched_at) VALUES ({_LAPTOP}, {_BOB}, x'0d', {_AT})",
    "INSERT INTO own_device (device_id, name, role, certificate, linked_at, is_removal_wanted, removed_at) VALUES"
    f" ({_PC}, '서재', 'linked', x'0e', {_AT}, 0, NULL)",
    "INSERT INTO room (id, group_id, kind, title, state, relay, group_tag, last_message, last_kind, last_text,"
    " last_author, last_activity, unread, read_up_to, wiped_up_to, is_hidden, timer_s, created_at, next_counter,"
    f" policy_version) VALUES (1, {_GROUP}, 'group', '외양간', 'active', 'http://relay.test',"
    f" zeroblob(16), {POSITION + 1}, 'text', '오래된 글 file', 1, {_AT}, 1, {POSITION}, 0, 0, 3600, {_AT}, 7, 1)",
    "INSERT INTO room (id, group_id, kind, state, relay, group_tag, peer_account, last_activity, created_at) VALUES"
    f" (2, {_OTHER_GROUP}, 'direct', 'rejoining', 'http://relay.test', zeroblob(16),"
    f" {_BOB}, {_AT - 1}, {_AT})",
    "INSERT INTO member (room, device_id, account_id, leaf, address, is_admin, is_revoked, heard_at) VALUES"
    f" (1, {_LAPTOP}, {_BOB}, 1, x'0f', 1, 0, {_AT})",
    f"INSERT INTO name_told (room, device_id, name_at) VALUES (1, {_LAPTOP}, {_AT})",
    f"INSERT INTO mls_epoch (group_id, epoch, bytes, expires_at) VALUES ({_GROUP}, 3, x'aa', NULL)",
    f"INSERT INTO mls_ratchet (group_id, epoch, bytes) VALUES ({_GROUP}, 3, x'bb')",
    f"INSERT INTO mls_epoch (group_id, epoch, bytes, expires_at) VALUES ({_GROUP}, 2, x'a0', {_AT})",
    f"INSERT INTO mls_ratchet (group_id, epoch, bytes) VALUES ({_GROUP}, 2, x'b0')",
    "INSERT INTO pending_commit (group_id, epoch, claim_id, state, pending, message, claim, welcome, fan_out, note,"
    f" created_at) VALUES ({_GROUP}, 3, zeroblob(16), 'built', x'c0', x'c1', x'c2', x'c3', x'c4',"
    f" x'c5', {_AT})",
    "INSERT INTO intent (group_id, kind, payload, attempts, created_at, not_before) VALUES"
    f" ({_GROUP}, 'retitle', x'd0', 2, {_AT}, {_AT})",
    "INSERT INTO key_package (reference, bundle, token, is_last_resort, state, purpose, created_at, expires_at,"
    f" delete_at) VALUES (zeroblob(32), x'e0', zeroblob(16), 1, 'published', '', {_AT}, {_AT + 1}, NULL)",
    "INSERT INTO delivery_token (token, mailbox_id, speed, group_id, state, created_at, delete_at) VALUES"
    f" (zeroblob(16), zeroblob(16), 'normal', {_GROUP}, 'registered', {_AT}, NULL)",
    f"INSERT INTO author (id, account_id, device_id) VALUES (1, {_BOB}, {_LAPTOP})",
    f"INSERT INTO author (id, account_id, device_id) VALUES (2, {_ALICE}, {_PHONE})",
    "INSERT INTO message (id, room, message_id, author, kind, state, is_own, sent_at, received_at, unread_by,"
    f" has_file, timer_s, expires_at, run_id, counter, body, detail, content) VALUES ({POSITION}, 1,"
    f" {_FIRST}, 2, 'text', 'stored', 1, {_AT}, {_AT}, 1, 0, 3600, {_AT + 3_600_000}, {_RUN}, 6,"
    " '내 글', '', NULL)",
    "INSERT INTO message (id, room, message_id, author, kind, state, is_own, sent_at, received_at, run_id, counter,"
    f" body, content) VALUES ({POSITION + 1}, 1, {_SECOND}, 1, 'text', 'received', 0, {_AT}, {_AT},"
    f" {_RUN}, 8, '오래된 글 file', x'f0')",
    f"INSERT INTO message_index (rowid, body) VALUES ({POSITION}, '\ue000\u4e01 \ue001\u4e02 내 글')",
    "INSERT INTO message_index (rowid, body) VALUES"
    f" ({POSITION + 1}, '\ue000\u4e01 \ue001\u4e01 오래 래된 된 글 file')",
    f"INSERT INTO delivery (message, account_id, state) VALUES ({POSITION}, {_BOB}, 'stored')",
    "INSERT INTO outbox (message_id, device_id, account_id, room, kind, relay, mailbox_id, token, mid, ciphertext,"
    f" content, state, attempts, ttl_s, created_at, sent_at, expires_at) VALUES ({_FIRST},"
    f" {_LAPTOP}, {_BOB}, 1, 'message', 'http://relay.test', zeroblob(16), zeroblob(16),"
    f" zeroblob(16), x'f1', x'f2', 'queued', 1, 60, {_AT}, NULL, {_AT + 60_000})",
    f"INSERT INTO receipt_due (room, account_id, message_id, due_at) VALUES (1, {_BOB}, {_SECOND}, {_AT})",
    f"INSERT INTO read_due (room, read_up_to, message_id, due_at) VALUES (1, {POSITION}, {_FIRST}, {_AT})",
    "INSERT INTO early_receipt (message_id, room, account_id, device_id, is_read, received_at) VALUES"
    f" ({_ERASED}, 1, {_BOB}, {_LAPTOP}, 1, {_AT})",
    "INSERT INTO seen_window (room, device_id, run_id, highest, bitmap) VALUES"
    f" (1, {_LAPTOP}, {_RUN}, 9, zeroblob(512))",
    f"INSERT INTO seen_message (message_id, room, author) VALUES ({_ERASED}, 1, 1)",
    f"INSERT INTO wipe_watermark (room, device_id, run_id, counter) VALUES (1, {_LAPTOP}, {_RUN}, 5)",
    "INSERT INTO kept_envelope (mailbox_id, mid, reason, group_id, epoch, envelope, received_at, expires_at) VALUES"
    f" (zeroblob(16), zeroblob(16), 'future_epoch', {_GROUP}, 4, x'f3', {_AT}, {_AT + 1})",
    "INSERT INTO undecryptable (mid, group_id, epoch, reason, received_at) VALUES"
    f" (zeroblob(16), {_GROUP}, 3, 'bad_ciphertext', {_AT})",
    f"INSERT INTO received_mid (mailbox_id, mid, received_at) VALUES (zeroblob(16), zeroblob(16), {_AT})",
    "INSERT INTO joining (group_id, device_id, account_id, state, key_package, tries, started_at, next_at,"
    f" give_up_at) VALUES ({_GROUP}, {_PC}, {_ALICE}, 'wanted', NULL, 1,"
    f" {_AT}, {_AT}, {_AT + 1})",
    "INSERT INTO rejoining (group_id, request_hash, reference, tries, started_at, next_at) VALUES"
    f" ({_OTHER_GROUP}, x'', x'', 0, {_AT}, {_AT})",
    f"INSERT INTO draft (room, body, updated_at) VALUES (1, '쓰다 만 글', {_AT})",
    "INSERT INTO wipe_journal (id, wipe_id, from_generation, scope, counts, needle_key, needles, started_at) VALUES"
    f" (1, zeroblob(16), 1, '[\"rooms\", [2], null, 0, {_AT}]', '{{\"messages\": 0}}', zeroblob(32), x'00', {_AT})",
    "INSERT INTO wipe_room (room, up_to) VALUES (2, 0)",
    f"INSERT INTO wipe_certificate (wipe_id, created_at, document, signature) VALUES (x'01', {_AT}, '{{}}', x'02')",
    "INSERT INTO wipe_report (wipe_id, device_id, account_id, state, document, updated_at) VALUES"
    f" (x'01', {_PC}, {_ALICE}, 'asked', '', {_AT})",
)


def write_first_schema(path: Path) -> None:
    """Make the file at `path`."""
    connection = open_connection(path, KEY, create=True)
    try:
        migrate(connection, load_migrations("byre.store.migrations")[:VERSION], application_id=APPLICATION_ID)
        for statement in CONTENT:
            connection.execute(statement)
    finally:
        connection.close()


if __name__ == "__main__":
    write_first_schema(Path(sys.argv[1]))
