"""Requests about what the relay keeps of a device: mailbox, tokens, key packages, directory records."""

from __future__ import annotations

from collections.abc import Sequence

from byre.client.connection.link import Link
from byre.client.connection.receiving import MailboxCredentials, Receiving
from byre.client.connection.requester import Answer, Requester
from byre.client.connection.results import DirectoryAnswer, TakenKeyPackage
from byre.client.connection.websocket import unreachable
from byre.crypto.hashes import sha256
from byre.wire import frames

TOKENS_AT_ONCE = 256
PACKAGES_BYTES = 56 * 1024


class RecordRequests:
    """The record requests of a relay client; see `RelayClient` for errors."""

    _requester: Requester
    _anonymous: Link
    _owned: Link
    _receiving: Receiving
    _url: str

    async def mailbox_new(self, credentials: MailboxCredentials) -> None:
        """Register a mailbox; attach it afterwards. The same key again is fine."""
        req_id = self._requester.new_id()

        def build(hello: frames.Hello) -> frames.Frame:
            signature = credentials.sign_mbnew(relay_id=hello.relay_id, origin=self._url, nonce=hello.nonce)
            return frames.MailboxNew(req_id, credentials.mailbox_id, credentials.auth_public, signature)

        await self._requester.ask(req_id, build, (frames.Done,), road=self._owned)

    async def mailbox_delete(self, mailbox: bytes) -> None:
        """Erase an attached mailbox and all that the relay has for it; detach it afterwards."""
        req_id = self._requester.new_id()
        await self._ask_as_owner(req_id, mailbox, frames.MailboxDelete(req_id, mailbox))

    async def token_put(self, mailbox: bytes, tokens: Sequence[tuple[bytes, int]]) -> None:
        """Register delivery tokens (plain; only their hashes leave) with their TOKEN_* kinds."""
        rows = [(sha256(token), kind) for token, kind in tokens]
        for start in range(0, len(rows), TOKENS_AT_ONCE):
            req_id = self._requester.new_id()
            part = tuple(rows[start : start + TOKENS_AT_ONCE])
            await self._ask_as_owner(req_id, mailbox, frames.TokenPut(req_id, mailbox, part))

    async def token_delete(self, mailbox: bytes, tokens: Sequence[bytes], *, after_s: int = 0) -> None:
        """Revoke delivery tokens (plain), at once or after `after_s`."""
        hashes = [sha256(token) for token in tokens]
        for start in range(0, len(hashes), TOKENS_AT_ONCE):
            req_id = self._requester.new_id()
            part = tuple(hashes[start : start + TOKENS_AT_ONCE])
            await self._ask_as_owner(req_id, mailbox, frames.TokenDelete(req_id, mailbox, after_s, part))

    async def key_packages_put(
        self, mailbox: bytes, one_time: Sequence[bytes], *, last_resort: bytes | None = None, replace: bool = False
    ) -> None:
        """Leave key packages; `replace` erases the older one-time packages first."""
        parts = _in_frames(one_time, len(last_resort or b"")) or [()]
        for number, part in enumerate(parts):
            req_id = self._requester.new_id()
            is_first = number == 0
            frame = frames.KeyPackagePut(req_id, mailbox, part, last_resort if is_first else None, replace and is_first)
            await self._ask_as_owner(req_id, mailbox, frame)

    async def key_packages_take(self, mailbox: bytes, token: bytes) -> TakenKeyPackage:
        """Take one key package by introduction token; PeerError "relay_absent" when there is none."""
        req_id = self._requester.new_id()
        frame = frames.KeyPackageTake(req_id, mailbox, token)
        answer = await self._ask(req_id, frame, frames.KeyPackageGiven)
        return TakenKeyPackage(answer.package, answer.is_last_resort)

    async def directory_put_account(self, record: bytes, *, recovery_file: bytes | None = None) -> None:
        """Publish the account's record; without a file the stored one stays. PeerError "relay_taken": the handle."""
        req_id = self._requester.new_id()
        await self._ask(req_id, frames.DirectoryPut(req_id, frames.RECORD_ACCOUNT, record, recovery_file), frames.Done)

    async def directory_put_device(self, mailbox: bytes, record: bytes) -> None:
        """Publish a device's record on the socket where its mailbox is attached."""
        req_id = self._requester.new_id()
        await self._ask_as_owner(req_id, mailbox, frames.DirectoryPut(req_id, frames.RECORD_DEVICE, record, None))

    async def directory_get(
        self,
        *,
        handle: str | None = None,
        account_id: bytes | None = None,
        since_list: int = 0,
        fetch_key: bytes | None = None,
    ) -> DirectoryAnswer | None:
        """Look an account up by handle or id; None when unknown, or when the fetch key is wrong."""
        req_id = self._requester.new_id()
        by, key = (frames.BY_ACCOUNT, account_id) if account_id is not None else (frames.BY_HANDLE, None)
        frame = frames.DirectoryGet(req_id, by, key or (handle or "").encode(), since_list, fetch_key)
        found = await self._ask(req_id, frame, frames.DirectoryFound)
        if found.record is None:
            return None
        return DirectoryAnswer(found.record, found.lists, found.devices, found.recovery_file)

    async def _ask(self, req_id: bytes, frame: frames.Frame, answer: type[Answer]) -> Answer:
        return await self._requester.ask(req_id, lambda hello: frame, (answer,), road=self._anonymous)

    async def _ask_as_owner(self, req_id: bytes, mailbox: bytes, frame: frames.Frame) -> None:
        if self._receiving.is_refused(mailbox):
            raise unreachable()  # it would wait in vain for the mailbox to be attached
        await self._requester.ask(
            req_id,
            lambda hello: frame,
            (frames.Done,),
            road=self._owned,
            is_ready=lambda: self._receiving.is_attached(mailbox),
        )


def _in_frames(packages: Sequence[bytes], first_bytes: int) -> list[tuple[bytes, ...]]:
    """Split packages so that each part fits a frame; `first_bytes` more go with the first part."""
    parts: list[list[bytes]] = []
    room = PACKAGES_BYTES - first_bytes
    for package in packages:
        if not parts or len(parts[-1]) >= frames.MAX_KEY_PACKAGES or len(package) > room:
            if parts:
                room = PACKAGES_BYTES
            parts.append([])
        parts[-1].append(package)
        room -= len(package)
    return [tuple(part) for part in parts]
