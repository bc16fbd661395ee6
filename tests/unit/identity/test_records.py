"""Account and device records of the directory."""

import pytest

from byre.errors import PeerError, UsageError
from byre.identity import domains, recovery
from byre.identity.records import AccountRecord, DeviceRecord
from byre.wire.tls import Writer
from tests.fakes.identities import NOW_MS, RELAY, Person, SeededRandom

ALICE, BOB = Person("alice"), Person("bob")
CODE = recovery.new_recovery_code(SeededRandom("code"))
FILE = recovery.seal_recovery_file(CODE, ALICE.key, SeededRandom("file"))
FETCH = recovery.fetch_key(CODE)


def a_record(now_ms: int = NOW_MS) -> AccountRecord:
    return AccountRecord.issue(
        ALICE.key,
        binding=ALICE.binding,
        device_list=ALICE.device_list,
        recovery_file=FILE,
        fetch_key=FETCH,
        now_ms=now_ms,
    )


def test_an_account_record_comes_back() -> None:
    record = AccountRecord.decode(a_record().encoded)
    assert record == a_record()
    assert record.account_id == ALICE.account_id


def test_a_record_binds_the_file_that_travels_beside_it() -> None:
    record = a_record()
    record.expect_recovery_file(FILE)
    assert record.has_recovery_file
    for other in (FILE[:-1], b"", bytes(513)):
        with pytest.raises(PeerError):
            record.expect_recovery_file(other)


def test_only_the_fetch_key_fetches_the_file() -> None:
    assert a_record().is_fetch_key(FETCH)
    assert not a_record().is_fetch_key(bytes(32))


def test_a_record_without_a_file_has_nothing_to_fetch() -> None:
    record = AccountRecord.issue(ALICE.key, binding=ALICE.binding, device_list=ALICE.device_list, now_ms=NOW_MS)
    assert not record.has_recovery_file
    assert not record.is_fetch_key(b"")
    assert AccountRecord.decode(record.encoded) == record


def test_a_later_record_keeps_the_file_by_its_hashes() -> None:
    later = AccountRecord.reissue(
        ALICE.key, binding=ALICE.binding, device_list=ALICE.device_list, hashes=a_record().hashes, now_ms=NOW_MS + 1
    )
    later.expect_recovery_file(FILE)
    later.expect_successor_of(a_record())


def test_a_record_never_goes_back() -> None:
    with pytest.raises(PeerError) as caught:
        a_record().expect_successor_of(a_record(NOW_MS + 1))
    assert caught.value.code == "record_rollback"
    alice = Person("alice")
    alice.link()
    newer = AccountRecord.issue(alice.key, binding=alice.binding, device_list=alice.device_list, now_ms=NOW_MS)
    newer.expect_successor_of(a_record())
    with pytest.raises(PeerError) as caught:
        a_record().expect_successor_of(newer)
    assert caught.value.code == "list_rollback"


def test_another_accounts_record_is_no_successor() -> None:
    bobs = AccountRecord.issue(BOB.key, binding=BOB.binding, device_list=BOB.device_list, now_ms=NOW_MS)
    with pytest.raises(PeerError) as caught:
        bobs.expect_successor_of(a_record())
    assert caught.value.code == "wrong_account"


@pytest.mark.parametrize(
    ("file", "key"), [(FILE, b""), (b"", FETCH), (bytes(513), FETCH)], ids=["no key", "no file", "too long"]
)
def test_a_file_and_its_key_go_together(file: bytes, key: bytes) -> None:
    with pytest.raises(UsageError):
        AccountRecord.issue(
            ALICE.key,
            binding=ALICE.binding,
            device_list=ALICE.device_list,
            recovery_file=file,
            fetch_key=key,
            now_ms=NOW_MS,
        )


def test_a_record_holds_the_accounts_own_parts() -> None:
    with pytest.raises(UsageError):
        AccountRecord.issue(ALICE.key, binding=BOB.binding, device_list=ALICE.device_list, now_ms=NOW_MS)
    with pytest.raises(UsageError):
        AccountRecord.issue(ALICE.key, binding=ALICE.binding, device_list=BOB.device_list, now_ms=NOW_MS)


def signed_account_record(time_ms: int, binding: bytes) -> bytes:
    writer = Writer().u16(1).fixed(ALICE.key.public).opaque_v(binding).opaque_v(ALICE.device_list.encoded)
    structure = writer.fixed(bytes(80)).u64(time_ms).done()
    return structure + ALICE.key.sign(domains.ACCOUNT_RECORD, structure)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (signed_account_record(2**60, ALICE.binding.encoded), "malformed"),
        (signed_account_record(1, BOB.binding.encoded), "bad_signature"),
        (b"\0\2", "newer_version"),
    ],
)
def test_a_signed_account_record_that_breaks_a_rule_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        AccountRecord.decode(data)
    assert caught.value.code == code


def a_device_record(person: Person) -> DeviceRecord:
    device = person.primary
    return DeviceRecord.issue(
        device.key,
        certificate=device.certificate,
        relay_url="https://RELAY.example/",
        mailbox_id=device.mailbox.mailbox_id,
        introduction_token=device.token,
        now_ms=NOW_MS,
    )


def test_a_device_record_comes_back() -> None:
    record = DeviceRecord.decode(a_device_record(ALICE).encoded, ALICE.key.public)
    assert record == a_device_record(ALICE)
    assert (record.relay_url, record.mailbox_id) == (RELAY, ALICE.primary.mailbox.mailbox_id)


def test_a_device_record_is_of_the_account() -> None:
    with pytest.raises(PeerError):
        DeviceRecord.decode(a_device_record(ALICE).encoded, BOB.key.public)


def test_a_device_record_is_signed_by_its_own_device() -> None:
    with pytest.raises(UsageError):
        DeviceRecord.issue(
            BOB.primary.key,
            certificate=ALICE.primary.certificate,
            relay_url=RELAY,
            mailbox_id=bytes(16),
            introduction_token=bytes(32),
            now_ms=NOW_MS,
        )


def test_the_introduction_token_does_not_print() -> None:
    record = a_device_record(ALICE)
    assert repr(record.introduction_token) not in repr(record)


def signed_device_record(url: str, time_ms: int) -> bytes:
    writer = Writer().u16(1).opaque_v(ALICE.primary.certificate.encoded).opaque_v(url.encode())
    structure = writer.fixed(bytes(16)).fixed(bytes(32)).u64(time_ms).done()
    return structure + domains.sign(ALICE.primary.key, domains.DEVICE_RECORD, structure)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (signed_device_record("https://Relay.example", 1), "malformed"),
        (signed_device_record("gopher://relay", 1), "bad_relay_url"),
        (signed_device_record(RELAY, 2**60), "malformed"),
        (b"\0\2", "newer_version"),
    ],
)
def test_a_signed_device_record_that_breaks_a_rule_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        DeviceRecord.decode(data, ALICE.key.public)
    assert caught.value.code == code
