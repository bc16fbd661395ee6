"""mls-rs (Rust, by its Python binding `mls_rs_uniffi`) as a member of mixed groups: suite 1, basic credentials.

The binding always sends commits as PublicMessage, makes no Update proposals, PSKs and external commits, and removes a
member only after it has seen a message of it, since `SigningIdentity` comes from nowhere else.
"""

from __future__ import annotations

from typing import Any

import mls_rs_uniffi as foreign

from byre.mls import Extension
from tests.interop.members import Heard, Made


class MlsRsMember:
    """One mls-rs client."""

    kind = "mls-rs"

    def __init__(self, name: str, *, tree_inside: bool = True) -> None:
        self.name = name
        default = foreign.client_config_default()
        config = foreign.ClientConfig(
            group_state_storage=default.group_state_storage, use_ratchet_tree_extension=tree_inside
        )
        keys = foreign.generate_signature_keypair(foreign.CipherSuite.CURVE25519_AES128)
        self._client = foreign.Client(name.encode(), keys, config)
        self._group: Any = None
        self._made: Any = None
        self._seen: dict[str, Any] = {}

    def key_package(self) -> bytes:
        return self._client.generate_key_package_message().to_bytes()

    def create(self, group_id: bytes, extensions: tuple[Extension, ...] = ()) -> None:
        assert not extensions, "the binding takes none"
        self._group = self._client.create_group(group_id)

    def join(self, welcome: bytes, tree: bytes | None) -> None:
        beside = None if tree is None else foreign.RatchetTree(bytes=tree)
        self._group = self._client.join_group(beside, foreign.Message.from_bytes(welcome)).group

    def commit(
        self, *, add: tuple[bytes, ...] = (), remove: str | None = None, public: bool = False, tree_inside: bool = True
    ) -> Made:
        if add:
            assert remove is None, "the binding commits one kind at a time"
            self._made = self._group.add_members([foreign.Message.from_bytes(package) for package in add])
        elif remove is not None:
            self._made = self._group.remove_members([self._seen[remove]])
        else:
            self._made = self._group.commit()
        welcome = self._made.welcome_message
        return Made(self._made.commit_message.to_bytes(), None if welcome is None else welcome.to_bytes(), b"")

    def merge(self) -> None:
        self._group.process_incoming_message(self._made.commit_message)

    def tree(self) -> bytes:
        """Return the present ratchet tree."""
        return self._group.export_tree().bytes

    def can_remove(self, name: str) -> bool:
        return name in self._seen

    def propose_remove(self, name: str) -> bytes:
        """Propose that a member goes that has been heard."""
        return self._group.propose_remove_members([self._seen[name]])[0].to_bytes()

    def process(self, message: bytes, sender: str) -> Heard:
        received = self._group.process_incoming_message(foreign.Message.from_bytes(message))
        if received.is_application_message():
            self._seen[sender] = received.sender
            return Heard(received.data)
        return Heard(removed=received.is_commit() and received.effect.is_removed())

    def encrypt(self, data: bytes) -> bytes:
        return self._group.encrypt_application_message(data).to_bytes()

    def export(self, label: str, length: int) -> bytes:
        return self._group.export_secret(label.encode(), b"", length)
