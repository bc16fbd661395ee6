"""The certificate of a wipe."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.wipe_certificate import CLAIM, LARGEST_JSON, WipeCertificate, parse_wipe_certificate
from tests.fakes.identities import NOW_MS, Person

KEY = Person("alice").primary.key
CERTIFICATE = WipeCertificate.of(
    wipe_id=bytes(range(16)),  # type: ignore[arg-type]
    created_at_ms=NOW_MS,
    counts={"messages": 3, "drafts": 1},
    scanned={"pages": 9},
    remnants=("page slack",),
    generation=2,
    key_mode="C",
    limits=("flash",),
    exports=("내보내기.zip",),
)
SIGNED = CERTIFICATE.sign(KEY)


def test_an_exported_certificate_verifies() -> None:
    parsed = parse_wipe_certificate(SIGNED.to_json())
    assert parsed == SIGNED
    assert parsed.device_key == KEY.public
    assert parsed.to_json() == SIGNED.to_json()


def test_it_says_that_it_is_no_proof() -> None:
    assert json.loads(SIGNED.to_json())["claim"] == CLAIM


def changed(**changes: Any) -> str:
    return json.dumps({**json.loads(SIGNED.to_json()), **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"wipe_id": "00" * 16},
        {"created_at": 1},
        {"counts": {"drafts": 1, "messages": 4}},
        {"scanned": {}},
        {"remnants": []},
        {"generation": 3},
        {"key_mode": "A"},
        {"limits": []},
        {"exports": []},
        {"device_key": Person("bob").primary.key.public.hex()},
        {"signature": "00" * 64},
        {"signature": ""},
    ],
)
def test_a_changed_field_breaks_the_signature(changes: dict[str, Any]) -> None:
    with pytest.raises(PeerError) as caught:
        parse_wipe_certificate(changed(**changes))
    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 50_000,
        " " * (LARGEST_JSON + 1),
        changed(claim="This is proof."),
        changed(more=1),
        changed(version="1"),
        changed(version=0),
        changed(wipe_id="0"),
        changed(wipe_id=SIGNED.certificate.wipe_id.hex().upper()),
        changed(wipe_id=7),
        changed(created_at="now"),
        changed(counts=[]),
        changed(counts={"b": 1, "a": 1}),
        changed(counts={"a": -1}),
        changed(remnants="none"),
        changed(remnants=[1]),
        changed(key_mode="D"),
        changed(key_mode=[]),
        changed(device_key="00"),
    ],
)
def test_another_document_is_malformed(text: str) -> None:
    with pytest.raises(PeerError) as caught:
        parse_wipe_certificate(text)
    assert caught.value.code == "malformed"


def test_a_certificate_of_a_later_version_is_named_as_such() -> None:
    with pytest.raises(PeerError) as caught:
        parse_wipe_certificate(changed(version=2))
    assert caught.value.code == "newer_version"


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(CERTIFICATE, wipe_id=bytes(15)),
        lambda: replace(CERTIFICATE, generation=2**32),
        lambda: replace(CERTIFICATE, key_mode="X"),
        lambda: replace(CERTIFICATE, counts=(("b", 1), ("a", 1))),
        lambda: replace(CERTIFICATE, scanned=(("a", 2**53),)),
        lambda: replace(CERTIFICATE, limits=("x",) * 257),
        lambda: replace(CERTIFICATE, remnants=("a\nb",)),
    ],
)
def test_a_certificate_that_breaks_its_rule_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()
