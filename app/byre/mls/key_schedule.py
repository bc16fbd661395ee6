"""The key schedule (RFC 9420 section 8): from one epoch's init secret to the next epoch's secrets.

     init_secret[n-1] ─┐
commit_secret ─> Extract ─> "joiner", GroupContext[n] ─> joiner_secret
                                                           │
                      psk_secret ────────────────────> Extract ─> "welcome" ─> welcome_secret
                                                           │
                                        "epoch", GroupContext[n] ─> epoch_secret ─> the nine secrets below
"""

from __future__ import annotations

from dataclasses import dataclass

from byre.mls.cipher_suite import CipherSuite
from byre.mls.group_context import GroupContext
from byre.wire.tls import Reader, Writer


@dataclass(frozen=True, slots=True, repr=False)
class EpochSecrets:
    """The secrets of one epoch (table 4). Secret: no repr. encryption_secret is consumed by the secret tree."""

    sender_data_secret: bytes
    exporter_secret: bytes
    external_secret: bytes
    confirmation_key: bytes
    membership_key: bytes
    resumption_psk: bytes
    epoch_authenticator: bytes
    init_secret: bytes

    def encode(self) -> bytes:
        """Return the secrets for the store, in the order of the fields."""
        writer = Writer()
        for name in self.__slots__:
            writer.opaque_v(getattr(self, name))
        return writer.done()

    @classmethod
    def read(cls, reader: Reader) -> EpochSecrets:
        """Read what `encode` wrote."""
        return cls(*(reader.opaque_v() for _ in cls.__slots__))

    def of_past(self) -> EpochSecrets:
        """Return what application messages of a past epoch need: the sender data secret."""
        return EpochSecrets(self.sender_data_secret, *(b"" for _ in self.__slots__[1:]))


def joiner_secret(suite: CipherSuite, init_secret: bytes, commit_secret: bytes, context: GroupContext) -> bytes:
    """Return joiner_secret of the epoch that `context` describes."""
    extracted = suite.extract(init_secret, commit_secret)
    return suite.expand_with_label(extracted, "joiner", context.encoded, suite.hash_length)


def member_secret(suite: CipherSuite, joiner: bytes, psk_secret: bytes) -> bytes:
    """Return the secret between joiner_secret and epoch_secret."""
    return suite.extract(joiner, psk_secret)


def welcome_secret(suite: CipherSuite, member: bytes) -> bytes:
    """Return welcome_secret."""
    return suite.derive_secret(member, "welcome")


def welcome_key_nonce(suite: CipherSuite, welcome: bytes) -> tuple[bytes, bytes]:
    """Return the key and nonce of a Welcome's GroupInfo (section 12.4.3.1)."""
    return suite.expand_key_nonce(welcome, b"")


def epoch_secrets(suite: CipherSuite, member: bytes, context: GroupContext) -> tuple[EpochSecrets, bytes]:
    """Return the epoch's secrets and its encryption_secret."""
    epoch = suite.expand_with_label(member, "epoch", context.encoded, suite.hash_length)
    return secrets_from_epoch_secret(suite, epoch)


def secrets_from_epoch_secret(suite: CipherSuite, epoch: bytes) -> tuple[EpochSecrets, bytes]:
    """Return the secrets under an epoch_secret: a group of one starts from a random one (section 11)."""
    secrets = EpochSecrets(
        sender_data_secret=suite.derive_secret(epoch, "sender data"),
        exporter_secret=suite.derive_secret(epoch, "exporter"),
        external_secret=suite.derive_secret(epoch, "external"),
        confirmation_key=suite.derive_secret(epoch, "confirm"),
        membership_key=suite.derive_secret(epoch, "membership"),
        resumption_psk=suite.derive_secret(epoch, "resumption"),
        epoch_authenticator=suite.derive_secret(epoch, "authentication"),
        init_secret=suite.derive_secret(epoch, "init"),
    )
    return secrets, suite.derive_secret(epoch, "encryption")


def export_secret(suite: CipherSuite, exporter_secret: bytes, label: str, context: bytes, length: int) -> bytes:
    """Return MLS-Exporter(label, context, length) (section 8.5)."""
    derived = suite.derive_secret(exporter_secret, label)
    return suite.expand_with_label(derived, "exported", suite.hash(context), length)


def external_key_pair(suite: CipherSuite, external_secret: bytes) -> tuple[bytes, bytes]:
    """Return (private, public) for external commits (section 8.3)."""
    return suite.derive_key_pair(external_secret)


def external_init_receive(suite: CipherSuite, external_secret: bytes, kem_output: bytes) -> bytes:
    """Return the init secret that an external committer exported for us (section 8.3)."""
    private, _ = external_key_pair(suite, external_secret)
    context = suite.hpke.setup_receiver(private, kem_output, b"")
    return context.export(b"MLS 1.0 external init secret", suite.hash_length)


def external_init_send(suite: CipherSuite, external_pub: bytes) -> tuple[bytes, bytes]:
    """Return (kem_output, init secret) for joining by an external commit (section 8.3)."""
    kem_output, context = suite.hpke.setup_sender(external_pub, b"")
    return kem_output, context.export(b"MLS 1.0 external init secret", suite.hash_length)
