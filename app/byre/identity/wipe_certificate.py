"""The certificate of a wipe: a device's own signed claim of what it erased, and of what it does not promise.

    u16 version=1 ‖ wipe_id[16] ‖ u64 created_at_ms ‖ (opaque name<V> ‖ u64 n)<V> counts ‖ (opaque name<V> ‖ u64 n)<V>
    scanned ‖ (opaque text<V>)<V> remnants ‖ u32 generation ‖ opaque key_mode<V> ‖ (opaque text<V>)<V> limits
    ‖ (opaque text<V>)<V> exports ‖ device_key[32]              signed: device key, "byre wipe certificate v1"

Exported as JSON with the same fields, binary as hex, plus "signature" and a sentence that says what it is: no proof to
third parties. It holds no room id, title or hash of content. Names of counts ascend.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from byre.crypto.signature import SigningKey
from byre.identity import domains
from byre.wire import ids
from byre.wire.fields import bad_field, blaming_the_peer, need_bytes, need_name, need_time_ms, need_uint
from byre.wire.ids import WipeId
from byre.wire.tls import Writer, malformed, opaque
from byre.wire.versions import STRUCTURE_VERSION, expect_version

KEY_MODES: Final = ("A", "B", "C")
LARGEST_JSON: Final = 64 * 1024
MOST_ITEMS: Final = 256
CLAIM: Final = "This is this device's own claim about what it erased. It is no proof to third parties."

_KEYS: Final = frozenset(
    ("claim", "version", "wipe_id", "created_at", "counts", "scanned", "remnants", "generation", "key_mode", "limits")
) | {"exports", "device_key", "signature"}

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WipeCertificate:
    """What the device claims, not yet signed. `remnants` is empty when the scan found nothing."""

    wipe_id: WipeId
    created_at_ms: int
    counts: Counts
    scanned: Counts
    remnants: tuple[str, ...]
    generation: int
    key_mode: str
    limits: tuple[str, ...]
    exports: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        need_bytes(self.wipe_id, ids.WIPE_ID_SIZE, "a wipe id")
        need_time_ms(self.created_at_ms, "the time of a wipe")
        need_uint(self.generation, 32, "a generation")
        if self.key_mode not in KEY_MODES:
            raise bad_field("a key mode is A, B or C")
        for counts in (self.counts, self.scanned):
            names = [need_name(name, "a count's name") for name, _ in counts]
            if names != sorted(set(names)) or len(names) > MOST_ITEMS:
                raise bad_field("names of counts ascend")
            for _, number in counts:
                need_uint(number, 53, "a count")
        for texts in (self.remnants, self.limits, self.exports):
            if len(texts) > MOST_ITEMS:
                raise bad_field("a wipe certificate is too long")
            for text in texts:
                need_name(text, "an entry of a wipe certificate", largest_bytes=1024)

    @classmethod
    def of(
        cls,
        *,
        wipe_id: WipeId,
        created_at_ms: int,
        counts: Mapping[str, int],
        scanned: Mapping[str, int],
        remnants: tuple[str, ...],
        generation: int,
        key_mode: str,
        limits: tuple[str, ...],
        exports: tuple[str, ...] = (),
    ) -> WipeCertificate:
        """Return a certificate from mappings in any order."""
        return cls(
            wipe_id=wipe_id,
            created_at_ms=created_at_ms,
            counts=tuple(sorted(counts.items())),
            scanned=tuple(sorted(scanned.items())),
            remnants=remnants,
            generation=generation,
            key_mode=key_mode,
            limits=limits,
            exports=exports,
        )

    def sign(self, device_key: SigningKey) -> SignedWipeCertificate:
        """Return the certificate as this device's claim."""
        signature = domains.sign(device_key, domains.WIPE_CERTIFICATE, _structure(self, device_key.public))
        return SignedWipeCertificate(self, device_key.public, signature)


@dataclass(frozen=True, slots=True)
class SignedWipeCertificate:
    """A certificate whose signature holds."""

    certificate: WipeCertificate
    device_key: bytes
    signature: bytes

    def to_json(self) -> str:
        """Return the document that is exported: one line, keys in order."""
        content = self.certificate
        document = {
            "claim": CLAIM,
            "version": STRUCTURE_VERSION,
            "wipe_id": content.wipe_id.hex(),
            "created_at": content.created_at_ms,
            "counts": dict(content.counts),
            "scanned": dict(content.scanned),
            "remnants": content.remnants,
            "generation": content.generation,
            "key_mode": content.key_mode,
            "limits": content.limits,
            "exports": content.exports,
            "device_key": self.device_key.hex(),
            "signature": self.signature.hex(),
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def parse_wipe_certificate(text: str) -> SignedWipeCertificate:
    """Return an exported certificate after verifying its signature under the device key that it names.

    Raises:
        PeerError: code malformed, newer_version or bad_signature.
    """
    if len(text) > LARGEST_JSON:
        raise malformed("a wipe certificate is too long")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise malformed("a wipe certificate is no JSON") from None
    if type(document) is not dict or document.keys() != _KEYS or document["claim"] != CLAIM:
        raise malformed("a wipe certificate has other fields")
    with blaming_the_peer():
        expect_version(need_uint(document["version"], 16, "a version"), STRUCTURE_VERSION)
        certificate = WipeCertificate(
            wipe_id=WipeId(_hex(document["wipe_id"])),
            created_at_ms=document["created_at"],
            counts=_counts(document["counts"]),
            scanned=_counts(document["scanned"]),
            remnants=_texts(document["remnants"]),
            generation=document["generation"],
            key_mode=document["key_mode"],
            limits=_texts(document["limits"]),
            exports=_texts(document["exports"]),
        )
        device_key = need_bytes(_hex(document["device_key"]), 32, "a device key")
        signature = _hex(document["signature"])
    domains.verify(device_key, domains.WIPE_CERTIFICATE, _structure(certificate, device_key), signature)
    return SignedWipeCertificate(certificate, device_key, signature)


def _structure(certificate: WipeCertificate, device_key: bytes) -> bytes:
    writer = Writer().u16(STRUCTURE_VERSION).fixed(certificate.wipe_id).u64(certificate.created_at_ms)
    for counts in (certificate.counts, certificate.scanned):
        writer.vector([opaque(name.encode()) + number.to_bytes(8) for name, number in counts])
    writer.vector(_opaques(certificate.remnants)).u32(certificate.generation)
    writer.opaque_v(certificate.key_mode.encode()).vector(_opaques(certificate.limits))
    return writer.vector(_opaques(certificate.exports)).fixed(device_key).done()


def _opaques(texts: tuple[str, ...]) -> list[bytes]:
    return [opaque(text.encode()) for text in texts]


def _hex(value: object) -> bytes:
    try:
        return bytes.fromhex(value) if type(value) is str and value == value.lower() else b""
    except ValueError:
        return b""


def _counts(value: object) -> Counts:
    if type(value) is not dict:
        raise bad_field("counts are an object")
    return tuple(value.items())


def _texts(value: object) -> tuple[str, ...]:
    if type(value) is not list:
        raise bad_field("entries are an array")
    return tuple(value)
