"""Bodies of content: every kind back and forth, every broken field refused."""

from collections.abc import Callable

import pytest

from byre.errors import PeerError, UsageError
from byre.wire import content_bodies as bodies
from byre.wire.content_bodies import CONTENT_KINDS, Body, decode_body, kind_of

ID = bytes(16)
MARK = bodies.Watermark(bytes(32), ID, bytes(8), 9)
SAMPLES: list[Body] = [
    bodies.Text("hello"),
    bodies.Receipt((ID, bytes(range(16))), ID),
    bodies.Receipt(),
    bodies.Joined(),
    bodies.Back(),
    bodies.Contact(bytes(32), "bob", "relay.example", "Bob", True, False),
    bodies.KeyPackagesWanted(ID, 3),
    bodies.KeyPackagesGiven(ID, (b"1", b"2")),
    bodies.Wipe(ID, b"group", (MARK, MARK)),
    bodies.WipeReport(ID, "{}"),
    bodies.WipeUndone(ID),
    bodies.KeyCopyGiven(ID, 1, b"sealed"),
    bodies.KeyCopyKept(ID, 1),
    bodies.Profile("Bob", 5),
    bodies.DeviceName(ID, "PC", "Linux"),
    bodies.RemovalWanted(ID),
]


@pytest.mark.parametrize("body", SAMPLES, ids=kind_of)
def test_a_body_comes_back_from_its_fields(body: Body) -> None:
    assert decode_body(kind_of(body), body.fields()) == (body, {})


def test_a_receipt_may_say_what_was_never_read() -> None:
    receipt = bodies.Receipt((), ID, (ID,))
    assert decode_body("receipt", receipt.fields()) == (receipt, {})
    assert "unread" not in bodies.Receipt((), ID).fields()
    for broken in ([b"short"], "text", 7):
        with pytest.raises(PeerError):
            decode_body("receipt", {**receipt.fields(), "unread": broken})
    with pytest.raises(UsageError):
        bodies.Receipt((), ID, (ID,) * (bodies.MOST_RECEIPTS + 1))


def test_a_text_may_say_the_timer_that_it_was_sent_under() -> None:
    assert bodies.Text("hello").fields() == {"text": "hello"}
    for timer_s in (0, 5, 2**32 - 1):
        text = bodies.Text("hello", timer_s)
        assert decode_body("text", text.fields()) == (text, {})
    for broken in (-1, 2**32, 1.5, True, "5", b"5", [5]):
        with pytest.raises(PeerError) as caught:
            decode_body("text", {"text": "hello", "timer_s": broken})
        assert caught.value.code == "malformed"


@pytest.mark.parametrize("body", SAMPLES, ids=kind_of)
def test_keys_that_a_kind_does_not_know_are_left_over(body: Body) -> None:
    assert decode_body(kind_of(body), {**body.fields(), "later": 1}) == (body, {"later": 1})


@pytest.mark.parametrize(("kind", "key"), [(kind_of(body), key) for body in SAMPLES for key in body.fields()])
def test_a_missing_key_is_malformed(kind: str, key: str) -> None:
    fields = next(body for body in SAMPLES if kind_of(body) == kind).fields()
    del fields[key]
    with pytest.raises(PeerError) as caught:
        decode_body(kind, fields)
    assert caught.value.code == "malformed"


@pytest.mark.parametrize(("kind", "key"), [(kind_of(body), key) for body in SAMPLES for key in body.fields()])
def test_a_key_of_a_wrong_type_is_malformed(kind: str, key: str) -> None:
    fields = next(body for body in SAMPLES if kind_of(body) == kind).fields()
    with pytest.raises(PeerError):
        decode_body(kind, {**fields, key: 1.5})


def test_an_unknown_kind_is_kept_whole() -> None:
    body, left = decode_body("poll", {"question": "?"})
    assert body == bodies.Unknown("poll", {"question": "?"})
    assert (kind_of(body), body.fields(), left) == ("poll", {"question": "?"}, {})


def test_a_kind_that_is_no_name_is_malformed() -> None:
    with pytest.raises(PeerError):
        decode_body("\n", {})


@pytest.mark.parametrize("watermarks", [[b"x"], [[1, 2, 3]], [[1, 2, 3, 4]], ["abcd"]])
def test_a_broken_watermark_is_malformed(watermarks: object) -> None:
    with pytest.raises(PeerError):
        decode_body("wipe", {"wipe_id": ID, "group_id": b"g", "watermarks": watermarks})


@pytest.mark.parametrize(
    "make",
    [
        lambda: bodies.Text("x" * (bodies.LARGEST_TEXT_BYTES + 1)),
        lambda: bodies.Receipt((ID,) * (bodies.MOST_RECEIPTS + 1)),
        lambda: bodies.Receipt((b"short",)),
        lambda: bodies.Receipt((), b"short"),
        lambda: bodies.KeyPackagesWanted(ID, 0),
        lambda: bodies.KeyPackagesGiven(ID, (b"1",) * (bodies.MOST_KEY_PACKAGES + 1)),
        lambda: bodies.KeyPackagesGiven(ID, (b"",)),
        lambda: bodies.Wipe(ID, b"g", (MARK,) * (bodies.MOST_WATERMARKS + 1)),
        lambda: bodies.Wipe(ID, b"", ()),
        lambda: bodies.Watermark(bytes(32), ID, bytes(8), 2**63),
        lambda: bodies.DeviceName(ID, "a\nb"),
        lambda: bodies.Profile("x" * 257, 5),
        lambda: bodies.Profile("x", -1),
        lambda: bodies.Contact(bytes(31), "bob", "host"),
    ],
)
def test_a_body_that_breaks_its_rule_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def test_the_announced_kinds_are_all_known_ones() -> None:
    assert tuple(sorted({kind_of(body) for body in SAMPLES})) == CONTENT_KINDS


def test_a_text_and_a_name_do_not_print() -> None:
    assert "hello" not in repr(bodies.Text("hello"))
    assert "hello" not in repr(bodies.Profile("hello", 1))
