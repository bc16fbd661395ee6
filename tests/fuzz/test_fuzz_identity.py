"""Identity formats: bytes from outside parse and verify, or raise `PeerError`, and never anything else.

Most damage dies at a signature. So signed structures are damaged in a second way too: first damaged, then signed by
the key that should have signed, so that the fields behind the signature are reached.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byre.errors import PeerError
from byre.identity import domains, handle, recovery, room_head, safety_number
from byre.identity.certificate import DeviceCertificate
from byre.identity.commit_data import CommitData
from byre.identity.credential import VerifiedCredential
from byre.identity.device_list import DeviceList
from byre.identity.directory_entry import verify_lookup
from byre.identity.fork import ForkProof
from byre.identity.handle import Binding, normalise, parse_address
from byre.identity.key_copy import KeyCopy
from byre.identity.leaf import LeafInfo
from byre.identity.linking import PhoneLink
from byre.identity.linking.new_device import NewDeviceState
from byre.identity.linking.phone import PhoneState
from byre.identity.linking.sealing import ANSWER, OFFER, BlobKeys
from byre.identity.mailbox import MailboxKeys, open_envelope
from byre.identity.membership import judge
from byre.identity.records import AccountRecord, DeviceRecord
from byre.identity.rejoin import RejoinRequestIn, RemovedAnswerIn
from byre.identity.room_context import RoomContext
from byre.identity.room_facts import CommitFacts, RoomFacts
from byre.identity.wipe_certificate import parse_wipe_certificate
from tests.fakes.identities import NOW_MS, RELAY, Person, SeededRandom
from tests.fakes.link_pair import LinkPair
from tests.fuzz.damage import damage, recipes, refusing, spoiled, spoiled_text
from tests.golden.formats import CODE, GOLDEN_FILE, TAG, exporter

GOLDEN = {name: bytes.fromhex(text) for name, text in json.loads(GOLDEN_FILE.read_text()).items()}
ALICE, BOB = Person("alice"), Person("외양간")
PC = ALICE.link()
ALICE_KEY = ALICE.key.public

Decode = Callable[[bytes], object]
Sign = Callable[[bytes], bytes]

DECODERS: dict[str, tuple[Decode, str]] = {
    "byre.identity.certificate:DeviceCertificate.decode": (
        lambda data: DeviceCertificate.decode(data, ALICE_KEY).encoded == data,
        "device_certificate_linked",
    ),
    "byre.identity.device_list:DeviceList.decode": (
        lambda data: DeviceList.decode(data, ALICE_KEY).encoded == data,
        "device_list_2",
    ),
    "byre.identity.fork:ForkProof.decode": (lambda data: ForkProof.decode(data).encode() == data, "fork_proof"),
    "byre.identity.credential:VerifiedCredential.decode": (
        lambda data: VerifiedCredential.decode(data).encode() == data,
        "credential",
    ),
    "byre.identity.handle:Binding.decode": (
        lambda data: Binding.decode(data, BOB.key.public).encoded == data,
        "handle_binding",
    ),
    "byre.identity.leaf:LeafInfo.decode": (
        lambda data: LeafInfo.decode(data).encode() == data,
        "leaf_extension_f0b1",
    ),
    "byre.identity.room_context:RoomContext.decode": (
        lambda data: RoomContext.decode(data).encode() == data,
        "context_extension_f0b2_group",
    ),
    "byre.identity.commit_data:CommitData.decode": (
        lambda data: CommitData.decode(data).encode() == data,
        "commit_authenticated_data",
    ),
    "byre.identity.records:AccountRecord.decode": (
        lambda data: AccountRecord.decode(data).encoded == data,
        "account_record",
    ),
    "byre.identity.records:DeviceRecord.decode": (
        lambda data: DeviceRecord.decode(data, ALICE_KEY).encoded == data,
        "device_record",
    ),
    "byre.identity.rejoin:RejoinRequestIn.decode": (
        lambda data: RejoinRequestIn.decode(data).verified(PC.key.public).encoded == data,
        "rejoin_request",
    ),
    "byre.identity.rejoin:RemovedAnswerIn.decode": (
        lambda data: RemovedAnswerIn.decode(data).verified(BOB.primary.key.public).encoded == data,
        "removed_answer",
    ),
    "byre.identity.mailbox:MailboxKeys.from_bytes": (
        lambda data: MailboxKeys.from_bytes(data).to_bytes() == data,
        "mailbox_keys",
    ),
    "byre.identity.linking.phone:PhoneLink.from_bytes": (
        lambda data: PhoneLink.from_bytes(data).to_bytes() == data,
        "link_phone_waiting",
    ),
    "byre.identity.key_copy:KeyCopy.decode": (lambda data: KeyCopy.decode(data).encode() == data, "key_copy"),
    "a recovery file with a copy": (
        lambda data: recovery.with_copy(*recovery.split_copy(data)) == data or not recovery.split_copy(data)[1],
        "recovery_file_with_copy",
    ),
    "a recovery file": (lambda data: bool(recovery.open_recovery_file(CODE, data)), "recovery_file"),
    "a sealed envelope": (lambda data: bool(open_envelope(PC.mailbox.box_private, data)), "sealed_envelope"),
    "a claim body": (
        lambda data: bool(room_head.open_claim_body(exporter, group_tag=TAG, epoch=7, body=data)),
        "claim_body",
    ),
    "authenticated data of a commit": (
        lambda data: judge(ROOM, CommitFacts(0, (), data)) == ROOM,
        "commit_authenticated_data",
    ),
}
ROOM = RoomFacts(
    (ALICE.leaf(at=0), BOB.leaf(at=1)),
    RoomContext.direct(ALICE.account_id, BOB.account_id, home_url=RELAY, group_tag=TAG),
)

SIGNED: dict[str, tuple[Decode, str, Sign]] = {
    "a certificate": (
        lambda data: DeviceCertificate.decode(data, ALICE_KEY),
        "device_certificate_linked",
        lambda structure: ALICE.key.sign(domains.CERTIFICATE, structure),
    ),
    "a device list": (
        lambda data: DeviceList.decode(data, ALICE_KEY),
        "device_list_2",
        lambda structure: ALICE.key.sign(domains.DEVICE_LIST, structure),
    ),
    "a binding": (
        lambda data: Binding.decode(data, BOB.key.public),
        "handle_binding",
        lambda structure: BOB.key.sign(domains.BINDING, structure),
    ),
    "an account record": (
        AccountRecord.decode,
        "account_record",
        lambda structure: ALICE.key.sign(domains.ACCOUNT_RECORD, structure),
    ),
    "a device record": (
        lambda data: DeviceRecord.decode(data, ALICE_KEY),
        "device_record",
        lambda structure: domains.sign(PC.key, domains.DEVICE_RECORD, structure),
    ),
    "a rejoin request": (
        lambda data: RejoinRequestIn.decode(data).verified(PC.key.public),
        "rejoin_request",
        lambda structure: domains.sign(PC.key, domains.REJOIN, structure),
    ),
    "a removed answer": (
        lambda data: RemovedAnswerIn.decode(data).verified(BOB.primary.key.public),
        "removed_answer",
        lambda structure: domains.sign(BOB.primary.key, domains.REMOVED, structure),
    ),
}

TEXTS: dict[str, tuple[Callable[[str], object], str]] = {
    "byre.identity.handle:parse_address": (parse_address, "외양간@relay.example:8443"),
    "byre.identity.safety_number:parse_safety_uri": (safety_number.parse_safety_uri, "byre://safety#" + "01234" * 12),
    "byre.identity.wipe_certificate:parse_wipe_certificate": (
        parse_wipe_certificate,
        GOLDEN["wipe_certificate"].decode(),
    ),
    "a typed recovery code": (recovery.normalise_code, CODE),
    "a scanned link": (lambda text: PhoneLink(text, now_ms=NOW_MS), GOLDEN["link_uri"].decode()),
}


@settings(max_examples=2000, deadline=None)
@given(recipe=recipes)
def test_bytes_verify_or_the_peer_is_blamed(recipe: bytes) -> None:
    for name, (decode, sample) in DECODERS.items():
        with refusing(name):
            assert decode(spoiled(GOLDEN[sample], recipe))  # and what was taken is encoded as it came


@settings(max_examples=2000, deadline=None)
@given(recipe=recipes)
def test_damaged_but_signed_bytes_parse_or_the_peer_is_blamed(recipe: bytes) -> None:
    for name, (decode, sample, sign) in SIGNED.items():
        structure = spoiled(GOLDEN[sample][:-64], recipe)
        signed = structure + sign(structure)
        with refusing(name):
            assert decode(signed).encoded == signed  # type: ignore[attr-defined]


@settings(max_examples=2000, deadline=None)
@given(recipe=recipes)
def test_text_parses_or_the_peer_is_blamed(recipe: bytes) -> None:
    for name, (parse, sample) in TEXTS.items():
        with refusing(name):
            parse(spoiled_text(sample, recipe))


@settings(max_examples=3000, deadline=None)
@given(st.text(max_size=12) | st.text(alphabet="aÀß.１_한글ㅎあアΣсİﬁ9\u0301\u200b@", max_size=34))
def test_a_handle_has_one_spelling_or_none(text: str) -> None:
    try:
        spelled = normalise(text)
    except PeerError:
        return
    assert normalise(spelled) == spelled
    assert handle.SHORTEST <= len(spelled) <= handle.LONGEST
    assert normalise(spelled.upper()) == normalise(normalise(spelled.upper()))


@settings(max_examples=2000, deadline=None)
@given(st.integers(0, 3), recipes)
def test_a_directorys_answer_holds_together_or_is_refused(part: int, recipe: bytes) -> None:
    names = ["account_record", "device_list_1", "device_list_2", "device_record"]
    parts = [GOLDEN[name] for name in names]
    parts[part] = spoiled(parts[part], recipe)
    record, lists, devices = parts[0], parts[1:3], parts[3:]
    try:
        entry = verify_lookup(record, lists, devices, handle="alice", known=ALICE.device_list)
    except PeerError:
        return
    assert entry.record.account_id == ALICE.account_id


@settings(max_examples=2000, deadline=None)
@given(is_sealed_by_eve=st.booleans(), recipe=recipes)
def test_a_blob_at_the_rendezvous_is_taken_or_kills_the_offer(is_sealed_by_eve: bool, recipe: bytes) -> None:
    """Both layers: the sealed blob damaged, and the plaintext damaged by who photographed the QR."""
    phone = PhoneLink(GOLDEN["link_uri"].decode(), now_ms=NOW_MS)
    if is_sealed_by_eve:
        recipe = BlobKeys(phone.payload).seal(
            OFFER, damage(GOLDEN["link_blob1_plaintext"], recipe), SeededRandom("eve")
        )
    blob = recipe if is_sealed_by_eve else damage(GOLDEN["link_blob1"], recipe)
    try:
        phone.receive_blob1(blob, now_ms=NOW_MS)
    except PeerError:
        assert phone.state is PhoneState.DEAD


@settings(max_examples=2000, deadline=None)
@given(recipe=recipes)
def test_an_answer_at_the_rendezvous_is_taken_or_kills_the_offer(recipe: bytes) -> None:
    device = LINK.device
    device.state = NewDeviceState.OFFERED
    plaintext = spoiled(GOLDEN["link_blob2_plaintext"], recipe)
    blob = BlobKeys(device.payload).seal(ANSWER, plaintext, SeededRandom("eve"))
    try:
        device.receive_blob2(blob, now_ms=NOW_MS, random=SeededRandom("x"))
    except PeerError:
        assert device.state is NewDeviceState.DEAD


@settings(max_examples=2000, deadline=None)
@given(recipe=recipes)
def test_a_grant_at_the_rendezvous_is_taken_or_kills_the_offer(recipe: bytes) -> None:
    blob = spoiled(GOLDEN["link_blob4"], recipe)
    GRANTED.device.state = NewDeviceState.CODE_SHOWN
    with pytest.raises(PeerError):
        GRANTED.device.receive_blob4(blob, now_ms=NOW_MS)
    assert GRANTED.device.state is NewDeviceState.DEAD


LINK = LinkPair()
GRANTED = LinkPair(seed="granted")
GRANTED.to_code()
