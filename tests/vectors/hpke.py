"""HPKE (RFC 9180, hpke-pq) and X-Wing vectors against `byre.crypto.hpke`."""

from __future__ import annotations

from byre.crypto import hpke
from byre.crypto.hashes import HashName
from tests.vectors.fields import unhex
from tests.vectors.report import Entry, Refused, expect

KDFS: dict[int, HashName] = {1: "sha256", 2: "sha384", 3: "sha512"}
SHAKE256 = 0x0011


def run_hpke(entry: Entry) -> None:
    """One entry of RFC 9180's or hpke-pq's file: key derivation, decapsulation, key schedule, messages, exports."""
    kem_id, kdf_id = entry["kem_id"], entry["kdf_id"]
    if entry["mode"] != 0:
        raise Refused("only base mode is ours")
    if kem_id not in (hpke.DHKEM_X25519, hpke.MLKEM768_X25519):
        raise Refused(f"KEM 0x{kem_id:04x} is not ours")
    private, public = hpke.derive_key_pair(kem_id, _bytes(entry, "ikmR"))
    expect(private, _bytes(entry, "skRm"), "private key")
    expect(public, _bytes(entry, "pkRm"), "public key")
    enc = _bytes(entry, "enc")
    expect(hpke.decapsulate(kem_id, private, enc), _bytes(entry, "shared_secret"), "shared secret")
    if kdf_id == SHAKE256:
        return  # the KEM is pinned by this entry, the one-stage key schedule is not ours
    if kdf_id not in KDFS:
        raise Refused(f"KDF 0x{kdf_id:04x} is not ours")
    suite = hpke.suite_of(kem_id, KDFS[kdf_id], entry["aead_id"])
    context = suite.setup_receiver(private, enc, _bytes(entry, "info"))
    expect(context.key, _bytes(entry, "key"), "key")
    expect(context.base_nonce, _bytes(entry, "base_nonce"), "base nonce")
    expect(context.exporter_secret, _bytes(entry, "exporter_secret"), "exporter secret")
    for sequence, each in enumerate(entry["encryptions"]):
        # Longer files keep every n-th message: its nonce tells its number.
        number = int(each["nonce"], 16) ^ int(entry["base_nonce"], 16)
        assert number == sequence or len(entry["encryptions"]) > 4
        aad, sealed, plain = (_bytes(each, name) for name in ("aad", "ct", "pt"))
        expect(context.open(aad, sealed, number), plain, f"message {number}")
        expect(context.seal(aad, plain, number), sealed, f"ciphertext {number}")
    for each in entry["exports"]:
        exported = context.export(_bytes(each, "exporter_context"), each["L"])
        expect(exported, _bytes(each, "exported_value"), "export")
    if suite.aead is not hpke.EXPORT_ONLY:
        for aad in (b"", b"aad"):
            enc, sealed = suite.seal(public, b"info", aad, b"text")
            expect(suite.open(private, enc, b"info", aad, sealed), b"text", "round trip")


def run_xwing(entry: Entry) -> None:
    """One entry of the X-Wing draft: key expansion and decapsulation."""
    seed = _bytes(entry, "seed")
    expect(hpke.public_of(hpke.MLKEM768_X25519, seed), _bytes(entry, "pk"), "public key")
    expect(hpke.decapsulate(hpke.MLKEM768_X25519, seed, _bytes(entry, "ct")), _bytes(entry, "ss"), "secret")


def _bytes(entry: Entry, name: str) -> bytes:
    return unhex(entry[name])
