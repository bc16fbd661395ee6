"""A directory's answer as a whole: the relay may withhold, never invent."""

from typing import Any

import pytest

from byre.errors import PeerError
from byre.identity.directory_entry import verify_lookup
from byre.identity.records import AccountRecord, DeviceRecord
from tests.fakes.identities import HOST, NOW_MS, RELAY, Device, Person

ALICE = Person("alice")
FIRST = ALICE.device_list
PC = ALICE.link()
SECOND = ALICE.device_list
OLD_PC = ALICE.link()
THIRD = ALICE.device_list
NEWEST = ALICE.unlink(OLD_PC)
BOB = Person("bob")


def record(person: Person) -> bytes:
    return AccountRecord.issue(
        person.key, binding=person.binding, device_list=person.device_list, now_ms=NOW_MS
    ).encoded


def device_record(device: Device, now_ms: int = NOW_MS) -> bytes:
    return DeviceRecord.issue(
        device.key,
        certificate=device.certificate,
        relay_url=RELAY,
        mailbox_id=device.mailbox.mailbox_id,
        introduction_token=device.token,
        now_ms=now_ms,
    ).encoded


LISTS = [each.encoded for each in (FIRST, SECOND, THIRD, NEWEST)]
DEVICES = [device_record(ALICE.primary), device_record(PC), device_record(OLD_PC)]


def test_a_whole_answer_is_taken_and_unlisted_devices_left_out() -> None:
    entry = verify_lookup(record(ALICE), LISTS, DEVICES, handle="alice", host=HOST, account_id=ALICE.account_id)
    assert entry.record.account_id == ALICE.account_id
    assert entry.lists == (FIRST, SECOND, THIRD, NEWEST)
    assert {each.certificate.device_id for each in entry.devices} == {ALICE.primary.id, PC.id}


def test_only_what_is_new_is_needed() -> None:
    assert verify_lookup(record(ALICE), LISTS[2:], [], known=SECOND).lists == (THIRD, NEWEST)
    assert verify_lookup(record(ALICE), [], [], known=NEWEST).lists == (NEWEST,)


def test_the_later_record_of_a_device_wins() -> None:
    newer = device_record(PC, NOW_MS + 1)
    for order in ([newer, DEVICES[1]], [DEVICES[1], newer]):
        (device,) = verify_lookup(record(ALICE), LISTS, order).devices
        assert device.encoded == newer


OTHER = Person("alice").device_list.renewed(ALICE.key, NOW_MS + 9)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"handle": "bob"}, "wrong_account"),
        ({"host": "elsewhere.example"}, "wrong_account"),
        ({"account_id": bytes(32)}, "wrong_account"),
        ({"account_record": record(BOB)}, "bad_signature"),
        ({"lists": LISTS[:-1]}, "malformed"),
        ({"lists": [LISTS[0], LISTS[2]]}, "malformed"),
        ({"lists": [], "known": SECOND}, "malformed"),
        ({"known": OTHER}, "list_fork"),
        ({"known": NEWEST.renewed(ALICE.key, NOW_MS)}, "list_rollback"),
        ({"device_records": [device_record(BOB.primary)]}, "bad_signature"),
        ({"account_record": b""}, "malformed"),
    ],
)
def test_an_answer_that_does_not_hold_together_is_refused(changes: dict[str, Any], code: str) -> None:
    answer: dict[str, Any] = {"account_record": record(ALICE), "lists": LISTS, "device_records": DEVICES, **changes}
    with pytest.raises(PeerError) as caught:
        verify_lookup(answer.pop("account_record"), answer.pop("lists"), answer.pop("device_records"), **answer)
    assert caught.value.code == code
