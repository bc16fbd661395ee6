"""Large things as they travel: sealed, pointed to, kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.client.connection.blobs import StoredBlob
from byre.client.rooms.parcel_codec import (
    BLOCK_BYTES,
    Parcel,
    SealedBlob,
    open_blob,
    restore_parcels,
    seal_blob,
    store_parcels,
)
from byre.crypto.random import system_random
from byre.errors import InternalBug, PeerError
from byre.wire.blob_pointer import MESSAGE_IN_BLOB, TREE_IN_BLOB, BlobPointer

HERE, THERE = "https://here.example", "https://there.example"


def parcel_of(sealed: SealedBlob) -> Parcel:
    here = StoredBlob(HERE, b"h" * 16, b"w" * 32, (b"1" * 32, b"2" * 32))
    there = StoredBlob(THERE, b"t" * 16, b"v" * 32, (b"3" * 32,))
    return Parcel(sealed.key, sealed.digest, len(sealed.data), (here, there))


def pointer_to(sealed: SealedBlob) -> BlobPointer:
    return parcel_of(sealed).pointer(HERE, MESSAGE_IN_BLOB)[1]


@pytest.mark.parametrize("size", [0, 1, BLOCK_BYTES - 20, BLOCK_BYTES - 19, 3 * BLOCK_BYTES])
def test_a_blob_opens_and_its_size_is_rounded_up(size: int) -> None:
    sealed = seal_blob(b"x" * size, system_random)
    assert len(sealed.data) % BLOCK_BYTES == 0
    assert len(sealed.data) - size < BLOCK_BYTES + 20
    assert open_blob(pointer_to(sealed), sealed.data) == b"x" * size


def test_every_blob_has_a_key_of_its_own() -> None:
    one, two = seal_blob(b"content", system_random), seal_blob(b"content", system_random)
    assert one.key != two.key
    assert one.data != two.data


def test_another_blob_than_the_pointers_is_refused() -> None:
    sealed, other = seal_blob(b"content", system_random), seal_blob(b"other", system_random)
    with pytest.raises(PeerError) as caught:
        open_blob(pointer_to(sealed), other.data)
    assert caught.value.code == "wrong_blob"
    with pytest.raises(PeerError) as caught:
        open_blob(replace(pointer_to(other), key=sealed.key), other.data)
    assert caught.value.code == "bad_ciphertext"


def test_each_reader_gets_a_capability_of_its_own_at_its_relay() -> None:
    parcel = parcel_of(seal_blob(b"content", system_random))
    parcel, first = parcel.pointer(HERE, MESSAGE_IN_BLOB)
    parcel, second = parcel.pointer(HERE, MESSAGE_IN_BLOB)
    parcel, third = parcel.pointer(THERE, TREE_IN_BLOB, b"a Welcome")
    assert [each.capability for each in (first, second, third)] == [b"1" * 32, b"2" * 32, b"3" * 32]
    assert (first.blob_id, third.blob_id, third.message) == (b"h" * 16, b"t" * 16, b"a Welcome")
    for relay in (HERE, THERE, "https://nowhere.example"):
        with pytest.raises(InternalBug) as caught:
            parcel.pointer(relay, MESSAGE_IN_BLOB)
        assert caught.value.code == "no_capability"


def test_parcels_survive_the_store() -> None:
    parcels = {name: parcel_of(seal_blob(name.encode(), system_random)) for name in ("commit", "tree")}
    assert restore_parcels(store_parcels(parcels)) == parcels
    assert restore_parcels(store_parcels({})) == {}
    assert restore_parcels(b"") == {}
    with pytest.raises(InternalBug):
        restore_parcels(b"\x80")


def test_nothing_secret_prints() -> None:
    sealed = seal_blob(b"content", lambda size: b"k" * size)
    assert "kkkk" not in repr(sealed) + repr(parcel_of(sealed)) + repr(pointer_to(sealed))
    assert "1111" not in repr(parcel_of(sealed))
