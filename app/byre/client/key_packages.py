"""Key packages: own ones in stock at the relay, and others' taken and checked before anybody is added.

Every package carries a delivery token of its own, so that tokens are per room. One-time packages are used once; the
last-resort package (slow token) is what a relay hands out when the stock is empty and is replaced after each use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from byre.client.clock import now_s
from byre.client.context import Context, OwnIdentity
from byre.client.directory import Directory, VerifiedAccount
from byre.client.leaf_check import credential_of, leaf_info
from byre.client.mailbox import MailboxTokens, TokenUse, leaf_extension
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.errors import ByreError, PeerError, UsageError
from byre.identity.records import DeviceRecord
from byre.mls.capabilities import ROOM_CAPABILITIES
from byre.mls.cipher_suite import suite_by_id
from byre.mls.extension import Extension
from byre.mls.key_package import KeyPackage, KeyPackageBundle, generate_key_package
from byre.mls.profile import HYBRID, LAST_RESORT
from byre.store import KeyPackageRow, Transaction
from byre.wire.ids import AccountId, DeliveryToken, DeviceId

LIFETIME_S = 90 * 24 * 3600
CLOCK_SKEW_S = 24 * 3600
KEPT_AFTER_REPLACEMENT_MS = 72 * 3600 * 1000
STOCK = 40
FIRST_STOCK = 4
RENEW_AFTER_MS = 45 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class TakenPackage:
    """A verified key package of one device, for one room."""

    account_id: AccountId
    device_id: DeviceId
    key_package: KeyPackage
    is_last_resort: bool

    @property
    def message(self) -> bytes:
        """The package's bytes, for an Add proposal."""
        return self.key_package.encoded


class KeyPackages:
    """Makes, publishes and takes key packages."""

    def __init__(self, context: Context, tokens: MailboxTokens, directory: Directory, *, stock: int = STOCK) -> None:
        self._context = context
        self._tokens = tokens
        self._directory = directory
        self._stock = stock
        self._publishing = asyncio.Lock()

    @property
    def is_publishing(self) -> bool:
        """Whether the stock is being filled right now."""
        return self._publishing.locked()

    async def fresh_bundle(self) -> KeyPackageBundle:
        """Return a new own package, stored, its token registered; for one Welcome."""
        return (await self.fresh_bundles(1))[0]

    async def fresh_bundles(self, count: int) -> Sequence[KeyPackageBundle]:
        """Return new own packages, stored, their tokens registered."""
        tokens = await self._tokens.fresh_many(count)
        return await self._make(tokens, state="used")

    async def publish_first(self) -> None:
        """Publish what others need to add this device now; the rest follows when the relay tells its count."""
        await self.publish(max(0, self._stock - FIRST_STOCK), needs_last_resort=True)

    async def publish(self, one_time_left: int, *, needs_last_resort: bool, replace: bool = False) -> None:
        """Fill the stock at the relay up to its measure; with `replace` the packages there are dropped first."""
        async with self._publishing:
            missing = max(0, self._stock - one_time_left)
            one_time = await self._make(await self._tokens.fresh_many(missing), state="published") if missing else []
            last_resort = await self._new_last_resort() if needs_last_resort else None
            if not one_time and last_resort is None:
                return
            mailbox_id = self._context.own.mailbox.mailbox_id
            relay = self._context.own_relay
            packages = [bundle.key_package.encoded for bundle in one_time]
            for start in range(0, max(1, len(packages)), 16):
                await relay.key_packages_put(
                    mailbox_id,
                    packages[start : start + 16],
                    last_resort=None if last_resort is None or start else last_resort.key_package.encoded,
                    replace=replace and not start,
                )

    async def renew(self) -> None:
        """Forget private parts whose time is over, and replace a stock at the relay that has grown old."""
        now_ms = self._context.clock.now_ms()

        def forget(tx: Transaction) -> Sequence[DeliveryToken]:
            tx.key_packages.drop_due(now_ms)
            stock = tx.key_packages.in_state("published")
            if not stock or stock[0].created_at > now_ms - RENEW_AFTER_MS:
                return []
            for row in stock:  # one that was taken a moment ago is still welcomed with
                tx.key_packages.set_state(row.reference, "replaced", delete_at=now_ms + KEPT_AFTER_REPLACEMENT_MS)
            return [DeliveryToken(row.token.reveal()) for row in stock]

        old_tokens = await self._context.store.write(forget)
        if old_tokens:
            await self.publish(0, needs_last_resort=True, replace=True)
            await self._tokens.retire(old_tokens)

    async def take(self, account_id: AccountId) -> Sequence[TakenPackage]:
        """Return one package of each listed device of an account; of the own account, of the other devices.

        A device that cannot be had now (no record yet, no package) is left out: its own account adds it later.

        Raises:
            PeerError: no device of the account could be had.
            EnvironmentFault: code relay_unreachable.
        """
        account = await self._directory.lookup_known(account_id)
        own_device = self._context.own.device_id
        records = [record for device_id, record in sorted(account.devices.items()) if device_id != own_device]
        results = await asyncio.gather(*(self._take(account, record) for record in records), return_exceptions=True)
        taken = [result for result in results if isinstance(result, TakenPackage)]
        failures = [result for result in results if isinstance(result, BaseException)]
        for failure in failures:
            if not isinstance(failure, ByreError):
                raise failure
        if not taken and account_id != self._context.own.account_id:
            raise failures[0] if failures else PeerError("an account has no reachable device", code="no_devices")
        return taken

    async def take_device(self, account_id: AccountId, device_id: DeviceId) -> TakenPackage:
        """Return a package of one device.

        Raises:
            UsageError: code no_such_device; the directory does not list it.
        """
        account = await self._directory.lookup_known(account_id)
        record = account.devices.get(device_id)
        if record is None:
            raise UsageError("The directory does not list this device.", code="no_such_device")
        return await self._take(account, record)

    async def _take(self, account: VerifiedAccount, record: DeviceRecord) -> TakenPackage:
        relay = self._context.network.relay(record.relay_url)
        taken = await relay.key_packages_take(record.mailbox_id, record.introduction_token)
        package = check_package(taken.package, account, record, now_s(self._context.clock))
        return TakenPackage(account.account_id, record.certificate.device_id, package, taken.is_last_resort)

    async def _new_last_resort(self) -> KeyPackageBundle:
        delete_at = self._context.clock.now_ms() + KEPT_AFTER_REPLACEMENT_MS

        def replace(tx: Transaction) -> None:
            for row in tx.key_packages.in_state("published", last_resort=True):
                tx.key_packages.set_state(row.reference, "replaced", delete_at=delete_at)

        await self._context.store.write(replace)
        token = await self._tokens.fresh(TokenUse.LAST_RESORT)
        return (await self._make([token], state="published", is_last_resort=True))[0]

    async def _make(
        self, tokens: Sequence[DeliveryToken], *, state: str, is_last_resort: bool = False
    ) -> Sequence[KeyPackageBundle]:
        context, now_ms = self._context, self._context.clock.now_ms()
        own, at_s, random = context.own, now_s(context.clock), context.random

        def generate() -> list[KeyPackageBundle]:
            return [
                generate_bundle(own, token, now_s=at_s, random=random, is_last_resort=is_last_resort)
                for token in tokens
            ]

        # beside the loop: one takes a millisecond, the first of a process ten
        bundles = await asyncio.to_thread(generate)
        rows = [
            bundle_row(bundle, token, state, now_ms, is_last_resort=is_last_resort)
            for token, bundle in zip(tokens, bundles, strict=True)
        ]

        def put(tx: Transaction) -> None:
            for row in rows:
                tx.key_packages.put(row)

        await self._context.store.write(put)
        return bundles


def generate_bundle(
    own: OwnIdentity, token: DeliveryToken, *, now_s: int, random: Random, is_last_resort: bool = False
) -> KeyPackageBundle:
    """Return a new key package of this device that is delivered to by `token`."""
    return generate_key_package(
        suite_by_id(HYBRID),
        signature_key=own.device_key,
        credential=own.credential(),
        leaf_extensions=(leaf_extension(own.relay, own.mailbox, token),),
        not_before_s=now_s - CLOCK_SKEW_S,
        not_after_s=now_s + LIFETIME_S,
        random=random,
        capabilities=ROOM_CAPABILITIES,
        key_package_extensions=(Extension(LAST_RESORT, b""),) if is_last_resort else (),
    )


def bundle_row(
    bundle: KeyPackageBundle, token: DeliveryToken, state: str, now_ms: int, *, is_last_resort: bool = False
) -> KeyPackageRow:
    """Return the store's row of an own key package."""
    return KeyPackageRow(
        reference=bundle.reference,
        bundle=Secret(bundle.to_bytes()),
        token=Secret(token),
        is_last_resort=is_last_resort,
        state=state,
        created_at=now_ms,
        expires_at=now_ms + LIFETIME_S * 1000,
    )


def check_package(data: bytes, account: VerifiedAccount, record: DeviceRecord, now: int) -> KeyPackage:
    """Return the package if it is what the account's newest list and the device's record promise.

    Raises:
        PeerError: anything in it contradicts them, or its lifetime is over.
    """
    package = KeyPackage.decode(data)
    package.verify(suite_by_id(HYBRID))
    credential = credential_of(package.leaf_node)
    if credential.certificate.encoded != record.certificate.encoded:
        raise PeerError("a key package is another device's", code="invalid_key_package")
    if not account.device_list.has(credential.certificate):
        raise PeerError("a key package's device is not in its account's newest list", code="invalid_key_package")
    lifetime = package.leaf_node.lifetime
    if lifetime is None or not lifetime.covers(now):
        raise PeerError("a key package's lifetime is over", code="invalid_key_package")
    address = leaf_info(package.leaf_node).address
    if (address.relay_url, address.mailbox_id) != (record.relay_url, record.mailbox_id):
        raise PeerError(
            "a key package is delivered elsewhere than its device's record says", code="invalid_key_package"
        )
    return package
