"""Delivery tokens of this device's mailbox: who holds one may send to it, and it may be revoked.

A token's hash is registered at the relay before a leaf with that token leaves the device, else a first message would
be refused. The store has a token before the relay does, so that none is registered and forgotten.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from byre.client.context import Context
from byre.identity.leaf import DeliveryAddress, LeafInfo
from byre.identity.mailbox import MailboxKeys
from byre.mls.extension import Extension
from byre.mls.profile import LEAF_PROFILE
from byre.store import TokenRow, Transaction
from byre.wire.frames import TOKEN_INTRO, TOKEN_NORMAL, TOKEN_SLOW
from byre.wire.ids import DELIVERY_TOKEN_SIZE, DeliveryToken, MailboxId

RETIRE_AFTER_S = 72 * 3600


class TokenUse(enum.Enum):
    """What a token is for; the last-resort package's token is slow, an introduction token only takes packages."""

    LEAF = "normal"
    LAST_RESORT = "slow"
    INTRODUCTION = "intro"


_RELAY_KIND = {
    TokenUse.LEAF: TOKEN_NORMAL,
    TokenUse.LAST_RESORT: TOKEN_SLOW,
    TokenUse.INTRODUCTION: TOKEN_INTRO,
}


class MailboxTokens:
    """Makes, registers and retires delivery tokens of the own mailbox."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def fresh(self, use: TokenUse = TokenUse.LEAF) -> DeliveryToken:
        """Return a new token that the relay knows.

        Raises:
            EnvironmentFault: code relay_unreachable.
        """
        return (await self.fresh_many(1, use))[0]

    async def fresh_many(self, count: int, use: TokenUse = TokenUse.LEAF) -> Sequence[DeliveryToken]:
        """Return `count` new tokens, registered in one frame."""
        tokens = [DeliveryToken(self._context.random(DELIVERY_TOKEN_SIZE)) for _ in range(count)]
        await self.register(tokens, use)
        return tokens

    async def register(self, tokens: Sequence[DeliveryToken], use: TokenUse) -> None:
        """Store and register given tokens."""
        mailbox_id = self._context.own.mailbox.mailbox_id
        rows = token_rows(mailbox_id, tokens, use, "made", self._context.clock.now_ms())
        await self._context.store.write(lambda tx: put_tokens(tx, rows))
        await self._context.own_relay.token_put(mailbox_id, relay_tokens(tokens, use))
        await self._context.store.write(lambda tx: _set_state(tx, tokens, "registered"))

    async def register_again(self) -> None:
        """Register at the relay every token that lives: it has lost its records."""
        mailbox_id = self._context.own.mailbox.mailbox_id
        rows = await self._context.store.read(
            lambda tx: tx.tokens.in_state("registered") + tx.tokens.in_state("retiring")
        )
        for use in TokenUse:
            tokens = [DeliveryToken(row.token) for row in rows if row.speed == use.value]
            if tokens:
                await self._context.own_relay.token_put(mailbox_id, relay_tokens(tokens, use))

    async def retire(self, tokens: Sequence[DeliveryToken]) -> None:
        """Let tokens die at the relay in 72 hours: until then members may not have seen their successors.

        Tokens that a room has taken over meanwhile are left alone.
        """
        mailbox_id = self._context.own.mailbox.mailbox_id
        delete_at = self._context.clock.now_ms() + RETIRE_AFTER_S * 1000

        def note(tx: Transaction) -> Sequence[DeliveryToken]:
            free = [token for token in tokens if (row := tx.tokens.get(token)) is None or row.group_id is None]
            _set_state(tx, free, "retiring", delete_at)
            return free

        free = await self._context.store.write(note)
        if free:
            await self._context.own_relay.token_delete(mailbox_id, free, after_s=RETIRE_AFTER_S)

    def leaf_extension(self, token: DeliveryToken) -> Extension:
        """Return the extension by which a leaf of this device says how it is reached."""
        own = self._context.own
        return leaf_extension(own.relay, own.mailbox, token)


def leaf_extension(relay_url: str, mailbox: MailboxKeys, token: DeliveryToken) -> Extension:
    """Return the leaf extension of a mailbox at a relay."""
    address = DeliveryAddress(
        relay_url=relay_url, mailbox_id=mailbox.mailbox_id, mailbox_key=mailbox.box_public, token=token
    )
    return Extension(LEAF_PROFILE, LeafInfo(address).encode())


def token_rows(
    mailbox_id: MailboxId, tokens: Sequence[DeliveryToken], use: TokenUse, state: str, now_ms: int
) -> Sequence[TokenRow]:
    """Return the store's rows of tokens."""
    return [
        TokenRow(token=token, mailbox_id=mailbox_id, speed=use.value, state=state, created_at=now_ms)
        for token in tokens
    ]


def relay_tokens(tokens: Sequence[DeliveryToken], use: TokenUse) -> Sequence[tuple[bytes, int]]:
    """Return tokens as the relay's client takes them."""
    return [(token, _RELAY_KIND[use]) for token in tokens]


def put_tokens(tx: Transaction, rows: Sequence[TokenRow]) -> None:
    """Store tokens."""
    for row in rows:
        tx.tokens.put(row)


def _set_state(tx: Transaction, tokens: Sequence[DeliveryToken], state: str, delete_at: int | None = None) -> None:
    for token in tokens:
        tx.tokens.set_state(token, state, delete_at=delete_at)
