"""The ports of tests' own servers: refused while nobody listens, taken by a server, given to nobody else."""

from __future__ import annotations

import socket

import pytest

from tests.fakes.kept_port import LOOPBACK, KeptPort


def test_a_kept_port_is_refused_until_a_server_listens_and_again_after_it() -> None:
    place = KeptPort()
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((LOOPBACK, place.number))
        with (
            socket.create_server((LOOPBACK, place.number)),
            socket.create_connection((LOOPBACK, place.number)) as client,
        ):
            assert client.getpeername()[1] == place.number


def test_a_kept_port_is_free_once_nobody_keeps_it() -> None:
    place = KeptPort()
    number = place.number
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((LOOPBACK, number))
    del place
    with socket.socket() as other:
        other.bind((LOOPBACK, number))
