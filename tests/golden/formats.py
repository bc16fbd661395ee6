"""Every signed or sent format of identity and wire, made from fixed seeds: what the golden file holds.

`python -m tests.golden.formats` prints the file anew. Do that only for a format that never left this machine: a change
of a released format needs a version, and the old bytes stay.

Formats whose encoder draws its own randomness inside the crypto library (sealed boxes, HPKE) cannot be made twice;
`OPENED` says how their committed bytes open instead.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from byre.crypto.secret import Secret
from byre.identity import recovery, room_head
from byre.identity.certificate import DeviceCertificate
from byre.identity.commit_data import CommitData
from byre.identity.credential import VerifiedCredential
from byre.identity.device_list import DeviceList
from byre.identity.fork import ForkProof, fork_of
from byre.identity.handle import Binding
from byre.identity.key_copy import KeyCopy
from byre.identity.leaf import LeafInfo
from byre.identity.linking import Granted, NewDeviceLink, PhoneLink
from byre.identity.linking.sealing import BlobKeys
from byre.identity.mailbox import MailboxKeys, open_envelope, seal_envelope
from byre.identity.records import AccountRecord, DeviceRecord
from byre.identity.rejoin import RejoinRequest, RejoinRequestIn, RemovedAnswer, RemovedAnswerIn
from byre.identity.room_context import AccountRole, Inviters, RoomContext, RoomKind
from byre.identity.safety_number import safety_number
from byre.identity.wipe_certificate import WipeCertificate, parse_wipe_certificate
from byre.wire import content_bodies as bodies
from byre.wire import ids, link
from byre.wire.blob_pointer import MESSAGE_IN_BLOB, BlobPointer, decode_blob_pointer
from byre.wire.content import Content, decode_content, encode_content
from byre.wire.envelope import MLS_MESSAGE, Envelope, decode_envelope
from tests.fakes.identities import HOST, NOW_MS, RELAY, Person, SeededRandom

GOLDEN_FILE = Path(__file__).with_name("formats.json")
CODE = "7ZZ0-1234-5678-9ABC-DEFG-HJKM-NP55"
RELAY_ID = bytes(range(32))
TAG = ids.GroupTag(bytes(range(16)))
GROUP_ID = ids.GroupId(b"golden group id!")
CLAIM_ID = ids.ClaimId(bytes(16))
NONCE = bytes(range(32))
FIRST_KINDS = (
    *("back", "contact", "device_name", "joined", "key_packages_given"),
    *("key_packages_wanted", "receipt", "removal_wanted", "text", "wipe"),
)
"""What a leaf of the first version announces: further kinds change a leaf, not its format."""


def exporter(label: str, context: bytes, length: int) -> Secret:
    """An MLS-Exporter of no group."""
    return Secret(SeededRandom(f"exporter {label} {context.hex()}")(length))


class Story:
    """The people and structures that the golden formats are made of."""

    def __init__(self) -> None:
        self.alice, self.bob = Person("alice"), Person("외양간")
        self.first_list = self.alice.device_list
        self.pc = self.alice.link()
        self.forked = self.first_list.renewed(self.alice.key, NOW_MS + 1)
        self.random = SeededRandom("golden")
        self.device = NewDeviceLink(
            relay_url=RELAY, device_name="서재 PC", platform="Linux", now_ms=NOW_MS, random=SeededRandom("new device")
        )
        self.phone = PhoneLink(self.device.uri, now_ms=NOW_MS)
        self.phone.receive_blob1(self.device.blob1, now_ms=NOW_MS)
        self.blob2 = self.phone.agree(
            account_public=self.alice.key.public, handle="alice", host=HOST, now_ms=NOW_MS, random=SeededRandom("phone")
        )
        self.shown = self.device.receive_blob2(self.blob2, now_ms=NOW_MS, random=SeededRandom("blob 3"))
        self.phone.receive_blob3(self.shown.blob3, now_ms=NOW_MS)
        self.phone.enter_code(self.shown.code, now_ms=NOW_MS)

    def grant(self) -> Granted:
        """Let the phone grant; the list in it is the same on every run, the HPKE ciphertext is not."""
        return self.phone.grant(
            self.alice.key,
            device_list=self.alice.device_list,
            binding=self.alice.binding,
            display_name="앨리스",
            relay_url=RELAY,
            now_ms=NOW_MS,
            random=SeededRandom("grant"),
        )


def _contents(story: Story) -> dict[str, bodies.Body]:
    message_id = ids.MessageId(bytes(range(16)))
    device_id = story.pc.id
    mark = bodies.Watermark(story.alice.account_id, device_id, ids.RunId(b"run id 8"), 41)
    return {
        "text": bodies.Text("안녕하세요 🐄"),
        "text_under_another_timer": bodies.Text("안녕하세요 🐄", 604_800),
        "receipt": bodies.Receipt((message_id, ids.MessageId(bytes(16))), message_id),
        "joined": bodies.Joined(),
        "back": bodies.Back(),
        "contact": bodies.Contact(story.bob.key.public, "외양간", HOST, "밥", True, True),
        "key_packages_wanted": bodies.KeyPackagesWanted(device_id, 3),
        "key_packages_given": bodies.KeyPackagesGiven(device_id, (b"package 1", b"package 2")),
        "wipe": bodies.Wipe(ids.WipeId(bytes(16)), GROUP_ID, (mark,)),
        "wipe_report": bodies.WipeReport(ids.WipeId(bytes(16)), '{"claim":"…"}'),
        "wipe_undone": bodies.WipeUndone(ids.WipeId(bytes(16))),
        "profile": bodies.Profile("앨리스 🐄", NOW_MS),
        "device_name": bodies.DeviceName(device_id, "서재 PC", "Linux"),
        "removal_wanted": bodies.RemovalWanted(device_id),
        "key_copy": bodies.KeyCopyGiven(bytes(16), 3, b"sealed to the phone"),
        "key_copy_kept": bodies.KeyCopyKept(bytes(16), 3),
        "unknown": bodies.Unknown("reaction", {"to": message_id, "with": "🐄"}),
    }


def build() -> dict[str, bytes]:
    """Return every format's bytes by name."""
    story = Story()
    alice, bob, pc = story.alice, story.bob, story.pc
    key = room_head.claim_key(exporter)
    group = RoomContext(
        kind=RoomKind.GROUP,
        home_url=RELAY,
        group_tag=TAG,
        roles=tuple(sorted([(alice.account_id, AccountRole.OWNER), (bob.account_id, AccountRole.ADMIN)])),
        title="외양간 사람들",
        picture=b"picture",
        who_may_invite=Inviters.ADMINS,
        retention_s=86_400,
        predecessor=GROUP_ID,
    )
    fork = fork_of(alice.key.public, alice.device_list, story.forked)
    assert fork is not None
    recovery_file = recovery.seal_recovery_file(CODE, alice.key, SeededRandom("recovery"))
    request = RejoinRequest.issue(pc.key, group_id=GROUP_ID, key_package=b"a KeyPackage", now_ms=NOW_MS)
    removed = RemovedAnswer.issue(
        bob.primary.key,
        group_id=GROUP_ID,
        request_hash=request.hash,
        account_id=bob.account_id,
        device_id=bob.primary.id,
    )
    wipe = WipeCertificate.of(
        wipe_id=ids.WipeId(bytes(range(16))),
        created_at_ms=NOW_MS,
        counts={"messages": 3, "attachments": 0},
        scanned={"pages": 100, "wal_frames": 2},
        remnants=(),
        generation=2,
        key_mode="C",
        limits=("process_memory", "flash"),
        exports=("2026-09 export.zip",),
    ).sign(pc.key)
    challenge = {"relay_id": RELAY_ID, "origin": RELAY, "nonce": NONCE}
    formats = {
        "account_public": alice.key.public,
        "account_id": alice.account_id,
        "device_certificate_primary": alice.primary.certificate.encoded,
        "device_certificate_linked": pc.certificate.encoded,
        "device_certificate_hash": pc.certificate.hash,
        "device_list_1": story.first_list.encoded,
        "device_list_2": alice.device_list.encoded,
        "device_list_hash": alice.device_list.hash,
        "fork_proof": fork.encode(),
        "credential": alice.credential(pc),
        "leaf_extension_f0b1": replace(pc.info(), content_kinds=FIRST_KINDS).encode(),
        "context_extension_f0b2_group": group.encode(),
        "context_extension_f0b2_direct": RoomContext.direct(
            alice.account_id, bob.account_id, home_url=RELAY, group_tag=TAG
        ).encode(),
        **{
            f"context_extension_f0b2_{kind.name.lower()}": RoomContext.owned(
                kind, alice.account_id, home_url=RELAY, group_tag=TAG
            ).encode()
            for kind in (RoomKind.DEVICE, RoomKind.NOTE)
        },
        "commit_authenticated_data": CommitData(((alice.account_id, alice.device_list.encoded),)).encode(),
        "handle_binding": bob.binding.encoded,
        "recovery_file": recovery_file,
        "key_copy": KeyCopy(bytes(range(16)), 3, Secret(b"s" * 32)).encode(),
        "recovery_file_with_copy": recovery.with_copy(recovery_file, b"sealed for the code"),
        "recovery_fetch_key": recovery.fetch_key(CODE),
        "recovery_copy_public": recovery.copy_key_pair(CODE)[1],
        "safety_number": safety_number(alice.account_id, bob.account_id).encode(),
        "account_record": AccountRecord.issue(
            alice.key,
            binding=alice.binding,
            device_list=alice.device_list,
            recovery_file=recovery_file,
            fetch_key=recovery.fetch_key(CODE),
            now_ms=NOW_MS,
        ).encoded,
        "device_record": DeviceRecord.issue(
            pc.key,
            certificate=pc.certificate,
            relay_url=RELAY,
            mailbox_id=pc.mailbox.mailbox_id,
            introduction_token=pc.token,
            now_ms=NOW_MS,
        ).encoded,
        "mailbox_keys": pc.mailbox.to_bytes(),
        "mailbox_auth_signature": pc.mailbox.sign_auth(**challenge),
        "mailbox_new_signature": pc.mailbox.sign_mbnew(**challenge),
        "blob_pointer": BlobPointer(
            MESSAGE_IN_BLOB, bytes(16), bytes(range(32)), bytes(32), bytes(48), 70_000, b"a Welcome"
        ).encode(),
        "envelope_plaintext": Envelope(MLS_MESSAGE, b"an MLSMessage").encode(),
        "claim_public": key.public,
        "head_create_signature": room_head.sign_create(key, relay_id=RELAY_ID, group_tag=TAG),
        "claim_signature": room_head.sign_claim(
            key,
            relay_id=RELAY_ID,
            group_tag=TAG,
            epoch=7,
            claim_id=CLAIM_ID,
            commit_hash=room_head.commit_hash(b"a commit"),
            next_claim_public=key.public,
        ),
        "get_commit_signature": room_head.sign_get_commit(key, relay_id=RELAY_ID, group_tag=TAG, epoch=7),
        "claim_body": room_head.seal_claim_body(
            exporter, group_tag=TAG, epoch=7, commit=b"a commit", random=SeededRandom("claim body")
        ),
        "rejoin_request": request.encoded,
        "removed_answer": removed.encoded,
        "wipe_certificate": wipe.to_json().encode(),
        "link_uri": story.device.uri.encode(),
        "link_blob1": story.device.blob1,
        "link_blob1_plaintext": BlobKeys(story.device.payload).open(1, story.device.blob1),
        "link_blob2": story.blob2,
        "link_blob2_plaintext": BlobKeys(story.device.payload).open(2, story.blob2),
        "link_blob3": story.shown.blob3,
        "link_code": story.shown.code.encode(),
    }
    granted = story.grant()
    formats["link_grant_certificate"] = granted.certificate.encoded
    formats["link_grant_list"] = granted.device_list.encoded
    formats["link_phone_waiting"] = story.phone.to_bytes()
    story.device.receive_blob4(granted.blob4, now_ms=NOW_MS)
    formats["link_blob5"] = story.device.confirm(b"a KeyPackage", now_ms=NOW_MS, random=SeededRandom("blob 5"))
    for name, body in _contents(story).items():
        content = Content(
            ids.MessageId(bytes(range(16))), ids.RunId(b"run id 8"), 42, NOW_MS, body, {"later": [1, "two"]}
        )
        formats[f"content_{name}"] = encode_content(content)
    first = decode_content(formats["content_text"])
    formats["again_content_text"] = encode_content(replace(first, counter=43))  # resealed: a new counter
    return formats


def make_once() -> dict[str, bytes]:
    """Return formats that differ on every run; one sample of each is committed."""
    story = Story()
    sealed = seal_envelope(story.pc.mailbox.box_public, MLS_MESSAGE, b"an MLSMessage")
    return {"sealed_envelope": sealed, "link_blob4": story.grant().blob4}


def _open_sealed_envelope(sample: bytes) -> bytes:
    return open_envelope(Story().pc.mailbox.box_private, sample).encode()


def _open_blob4(sample: bytes) -> bytes:
    grant = Story().device.receive_blob4(sample, now_ms=NOW_MS)
    return grant.device_list.encoded


OPENED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "sealed_envelope": (_open_sealed_envelope, "envelope_plaintext"),
    "link_blob4": (_open_blob4, "link_grant_list"),
}
"""Formats of `make_once`: how a sample opens, and which deterministic format must come out."""


@cache
def _story() -> Story:
    """One story for the decoders below, which change nothing in it."""
    return Story()


def _alice() -> bytes:
    return _story().alice.key.public


def _claim_body(data: bytes) -> bytes:
    commit = room_head.open_claim_body(exporter, group_tag=TAG, epoch=7, body=data)
    return room_head.seal_claim_body(exporter, group_tag=TAG, epoch=7, commit=commit, random=SeededRandom("claim body"))


def _recovery_file(data: bytes) -> bytes:
    return recovery.seal_recovery_file(CODE, recovery.open_recovery_file(CODE, data), SeededRandom("recovery"))


DECODED: dict[str, Callable[[bytes], bytes]] = {
    "device_certificate_primary": lambda data: DeviceCertificate.decode(data, _alice()).encoded,
    "device_certificate_linked": lambda data: DeviceCertificate.decode(data, _alice()).encoded,
    "device_list_1": lambda data: DeviceList.decode(data, _alice()).encoded,
    "device_list_2": lambda data: DeviceList.decode(data, _alice()).encoded,
    "fork_proof": lambda data: ForkProof.decode(data).encode(),
    "credential": lambda data: VerifiedCredential.decode(data).encode(),
    "leaf_extension_f0b1": lambda data: LeafInfo.decode(data).encode(),
    "context_extension_f0b2_group": lambda data: RoomContext.decode(data).encode(),
    "context_extension_f0b2_direct": lambda data: RoomContext.decode(data).encode(),
    "context_extension_f0b2_device": lambda data: RoomContext.decode(data).encode(),
    "context_extension_f0b2_note": lambda data: RoomContext.decode(data).encode(),
    "blob_pointer": lambda data: decode_blob_pointer(data).encode(),
    "again_content_text": lambda data: encode_content(decode_content(data)),
    "commit_authenticated_data": lambda data: CommitData.decode(data).encode(),
    "handle_binding": lambda data: Binding.decode(data, _story().bob.key.public).encoded,
    "recovery_file": _recovery_file,
    "account_record": lambda data: AccountRecord.decode(data).encoded,
    "device_record": lambda data: DeviceRecord.decode(data, _alice()).encoded,
    "mailbox_keys": lambda data: MailboxKeys.from_bytes(data).to_bytes(),
    "envelope_plaintext": lambda data: decode_envelope(data).encode(),
    "claim_body": _claim_body,
    "rejoin_request": lambda data: RejoinRequestIn.decode(data).verified(_story().pc.key.public).encoded,
    "removed_answer": lambda data: RemovedAnswerIn.decode(data).verified(_story().bob.primary.key.public).encoded,
    "wipe_certificate": lambda data: parse_wipe_certificate(data.decode(errors="replace")).to_json().encode(),
    "link_uri": lambda data: link.parse_link_uri(data.decode(errors="replace")).to_uri().encode(),
    "key_copy": lambda data: KeyCopy.decode(data).encode(),
    "recovery_file_with_copy": lambda data: recovery.with_copy(*recovery.split_copy(data)),
    "link_blob1_plaintext": lambda data: link.decode_offer(data).encode(),
    "link_blob2_plaintext": lambda data: link.decode_answer(data).encode(),
    "link_phone_waiting": lambda data: PhoneLink.from_bytes(data).to_bytes(),
}
"""decode, then encode: must be the same bytes."""

SIGNED = (
    "device_certificate_primary",
    "device_certificate_linked",
    "device_list_1",
    "device_list_2",
    "fork_proof",
    "credential",
    "handle_binding",
    "recovery_file",
    "account_record",
    "device_record",
    "claim_body",
    "rejoin_request",
    "removed_answer",
    "wipe_certificate",
)
"""Formats of which no byte may change unnoticed."""


def main() -> None:
    """Write the golden file, keeping the committed samples of `make_once`."""
    kept = json.loads(GOLDEN_FILE.read_text()) if GOLDEN_FILE.exists() else {}
    formats = {**build(), **make_once()}
    lines = {name: kept[name] if name in OPENED and name in kept else data.hex() for name, data in formats.items()}
    GOLDEN_FILE.write_text(json.dumps(lines, indent=1) + "\n")
    sys.stdout.write(f"{len(lines)} formats\n")


if __name__ == "__main__":
    main()
