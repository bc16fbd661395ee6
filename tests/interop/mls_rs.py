"""mls-rs (Rust, by its Python binding `mls_rs_uniffi`) as a member of our rooms: suite 1, basic credentials.

The binding always sends commits as PublicMessage, knows no Update proposals and no external commits, and removes a
member only after it has seen a message of it, since `SigningIdentity` comes from nowhere else.
"""

from __future__ import annotations

from typing import Any

import mls_rs_uniffi as foreign


class ForeignMember:
    """One mls-rs client with at most one group."""

    def __init__(self, name: str, *, tree_in_welcome: bool = True) -> None:
        self.name = name
        default = foreign.client_config_default()
        config = foreign.ClientConfig(
            group_state_storage=default.group_state_storage, use_ratchet_tree_extension=tree_in_welcome
        )
        keys = foreign.generate_signature_keypair(foreign.CipherSuite.CURVE25519_AES128)
        self._client = foreign.Client(name.encode(), keys, config)
        self._group: Any = None
        self._seen: dict[str, Any] = {}

    def key_package(self) -> bytes:
        """Return a fresh KeyPackage as an MLSMessage."""
        return self._client.generate_key_package_message().to_bytes()

    def create(self) -> None:
        """Begin a group of one."""
        self._group = self._client.create_group(None)

    def join(self, welcome: bytes, tree: bytes | None = None) -> None:
        """Join by a Welcome."""
        beside = None if tree is None else foreign.RatchetTree(bytes=tree)
        self._group = self._client.join_group(beside, foreign.Message.from_bytes(welcome)).group

    def add(self, *packages: bytes) -> tuple[bytes, bytes, bytes]:
        """Commit Adds; return (commit, Welcome, tree) and be in the next epoch."""
        output = self._group.add_members([foreign.Message.from_bytes(package) for package in packages])
        return self._merged(output), output.welcome_message.to_bytes(), self._group.export_tree().bytes

    def rotate(self) -> bytes:
        """Commit what waits, with new keys; return the commit and be in the next epoch."""
        return self._merged(self._group.commit())

    def remove(self, name: str) -> bytes:
        """Remove a member that has been heard."""
        return self._merged(self._group.remove_members([self._seen[name]]))

    def propose_remove(self, name: str) -> bytes:
        """Propose that a member goes that has been heard."""
        return self._group.propose_remove_members([self._seen[name]])[0].to_bytes()

    def has_heard(self, name: str) -> bool:
        """Whether this member could remove that one."""
        return name in self._seen

    def encrypt(self, data: bytes) -> bytes:
        """Return an application message."""
        return self._group.encrypt_application_message(data).to_bytes()

    def process(self, message: bytes, sender: str) -> Any:
        """Process any message; remember who sent it."""
        received = self._group.process_incoming_message(foreign.Message.from_bytes(message))
        if received.is_application_message():
            self._seen[sender] = received.sender
        return received

    def export(self, label: bytes, length: int) -> bytes:
        """Return MLS-Exporter(label, "", length)."""
        return self._group.export_secret(label, b"", length)

    def _merged(self, output: Any) -> bytes:
        self._group.process_incoming_message(output.commit_message)
        return output.commit_message.to_bytes()
