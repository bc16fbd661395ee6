"""Every decoder of outside bytes as one function of bytes, with good samples: what the coverage-guided fuzzer runs.

The tables of the Hypothesis targets are taken over; a decoder of text gets the bytes as text, lone surrogates and all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from byre.client.connection.route import parse_proxy
from byre.errors import PeerError, UsageError
from byre.mls import Group, KeyPackageBundle, PendingCommit
from byre.relay.http_head import upgrade_in
from byre.relay.websocket import FrameReader
from byre.rpc.lines import decode_line
from byre.store.search_query import SearchQuery
from byre.system.handover import parse_link_line
from byre.wire import content_bodies, msgpack_codec
from tests.fakes.mls import NOW_S, person, seeded
from tests.fuzz import test_fuzz_frames as frames
from tests.fuzz import test_fuzz_identity as identity
from tests.fuzz import test_fuzz_mls as mls
from tests.fuzz import test_fuzz_store as store
from tests.fuzz import test_fuzz_wire as wire

Decode = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """A decoder; `blames` are the refusals that it may raise."""

    decode: Decode
    samples: tuple[bytes, ...]
    blames: tuple[type[Exception], ...] = (PeerError,)

    def run(self, data: bytes) -> None:
        """Decode; anything but a value or a refusal is a find."""
        try:
            self.decode(data)
        except self.blames:
            return


def all_targets() -> dict[str, Target]:
    """Return the targets by name; a decoder's name is its qualified one."""
    story = mls.story()
    found: dict[str, Target] = {}
    for name, (decode, kinds) in mls.DECODERS.items():
        found[name] = Target(decode, tuple(story[kind] for kind in kinds))
    for name, (decode, _, samples) in wire.BYTES.items():
        found[name] = Target(decode, tuple(samples))
    for name, (decode, sample) in identity.DECODERS.items():
        found[name] = Target(decode, (identity.GOLDEN[sample],))
    for name, (decode, sample) in store.TARGETS.items():
        found[name] = Target(decode, (sample,))
    for name, (parse, text) in {**wire.TEXTS, **identity.TEXTS}.items():
        found[name] = Target(_of_text(parse), (text.encode(),))
    return {**found, **_single_targets(), **_group_targets(story)}


def _single_targets() -> dict[str, Target]:
    request = b'{"jsonrpc":"2.0","id":1,"method":"version","params":{}}'
    upgrade = b"GET /r HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n"
    contents = tuple(data for name, data in wire.GOLDEN.items() if name.startswith("content_"))
    return {
        "byre.wire.frames:decode_frame": Target(frames.parses_or_refuses, tuple(frames.GOLDEN)),
        "byre.wire.content_bodies:decode_body": Target(_decode_body, contents),
        "byre.wire.msgpack_codec:unpack": Target(msgpack_codec.unpack, contents),
        "byre.rpc.lines:decode_line": Target(decode_line, (request,)),
        "byre.system.handover:parse_link_line": Target(parse_link_line, (wire.GOLDEN["link_uri"],)),
        "byre.client.connection.route:parse_proxy": Target(
            _of_text(parse_proxy), (b"socks5://127.0.0.1:9050",), (UsageError, PeerError)
        ),
        "byre.store.search_query:SearchQuery.parse": Target(_of_text(SearchQuery.parse), ("소 외양간 cow".encode(),)),
        "byre.relay.websocket:FrameReader.feed": Target(
            lambda data: FrameReader(5000).feed(data), (b"\x82\x80\0\0\0\0",)
        ),
        "byre.relay.http_head:upgrade_in": Target(upgrade_in, (upgrade,)),
    }


def _group_targets(story: dict[str, bytes]) -> dict[str, Target]:
    """A whole group under any message, a joiner under any Welcome and tree, stored states that go on."""
    group, bundle, key = mls.group(), KeyPackageBundle.from_bytes(story["bundle"]), person("d").key
    before = group.ratchet_bytes()

    def process(data: bytes) -> None:
        try:
            group.process(data, now_s=NOW_S, public_handshakes=True)
        finally:
            assert group.ratchet_bytes() == before

    def join(data: bytes) -> None:
        size = int.from_bytes(data[:2])
        Group.join(data[2 : 2 + size], bundle=bundle, signature_key=key, ratchet_tree=data[2 + size :], now_s=NOW_S)

    def load(data: bytes) -> None:
        size = int.from_bytes(data[:2])
        Group.load(data[2 : 2 + size], data[2 + size :]).process(story["application"])

    def merge(data: bytes) -> None:
        PendingCommit.from_bytes(data, before=group).group.encrypt(b"text", random=seeded(1))

    welcome = len(story["welcome"]).to_bytes(2) + story["welcome"] + story["tree"]
    stored = len(story["epoch"]).to_bytes(2) + story["epoch"] + story["ratchets"]
    return {
        "a group": Target(process, tuple(story[kind] for kind in mls.MESSAGES)),
        "a joiner": Target(join, (welcome,)),
        "a stored group": Target(load, (stored,)),
        "a pending commit": Target(
            lambda data: PendingCommit.from_bytes(data, before=group).group, (story["pending"],)
        ),
    }


def _of_text(parse: Callable[[str], object]) -> Decode:
    return lambda data: parse(data.decode(errors="surrogateescape"))


def _feed(data: bytes) -> object:
    return FrameReader(5000).feed(data)


def _decode_body(data: bytes) -> object:
    fields = msgpack_codec.unpack(data)
    if not isinstance(fields, dict):
        return None
    return content_bodies.decode_body(str(fields.pop("kind", "text")), fields)
