"""Methods about people's keys: contacts and their trust, safety numbers, changed keys, the own account's history."""

from __future__ import annotations

from byre.client.api import EngineApi
from byre.client.views import AccountId, ContactView
from byre.errors import UsageError
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import ACCOUNT_ID, Field, Text


def trusted(view: ContactView) -> JsonObject:
    """Return a contact with all that a person needs to decide about its key."""
    return {
        "account_id": view.account_id,
        "handle": view.handle,
        "name": view.name,
        "trust": view.trust.value,
        "safety_number": view.safety_number,
        "change": view.change or None,
        "changed_safety_number": view.changed_safety_number or None,
    }


async def _list(engine: EngineApi, _: Params) -> JsonObject:
    return {"contacts": [trusted(view) for view in await engine.contacts.list()]}


async def _get(engine: EngineApi, p: Params) -> JsonObject:
    return trusted(await engine.contacts.get(AccountId(p["account_id"])))


async def _verify(engine: EngineApi, p: Params) -> JsonObject:
    """With a safety number: only if it is the same, so that a script cannot wave a wrong one through."""
    account_id, number = AccountId(p["account_id"]), p["safety_number"]
    if number is not None and not await engine.contacts.check_qr(account_id, number):
        raise UsageError("The safety numbers are not the same.", code="safety_mismatch")
    await engine.contacts.mark_verified(account_id)
    return {}


async def _accept_key(engine: EngineApi, p: Params) -> JsonObject:
    await engine.contacts.accept_changed_key(AccountId(p["account_id"]))
    return {}


async def _fork(engine: EngineApi, _: Params) -> JsonObject:
    lists = await engine.account.forked_lists()
    return {
        "lists": [
            {
                "version": each.version,
                "issued_at": each.issued_at,
                "devices": list(each.device_ids),
                "ours": each.is_ours,
            }
            for each in lists
        ]
    }


async def _accept_fork(engine: EngineApi, _: Params) -> JsonObject:
    await engine.account.accept_fork()
    return {}


_ACCOUNT = Field("account_id", ACCOUNT_ID)

TRUST_METHODS = (
    Method("contact.list", (), _list),
    Method("contact.get", (_ACCOUNT,), _get),
    Method("contact.verify", (_ACCOUNT, Field("safety_number", Text(128), is_required=False)), _verify),
    Method("contact.accept_key", (_ACCOUNT,), _accept_key),
    Method("account.fork", (), _fork),
    Method("account.accept_fork", (), _accept_fork),
)
