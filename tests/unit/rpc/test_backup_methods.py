"""Methods about copies of the profile."""

from __future__ import annotations

from byre.client.views import AccountId, DeviceId, ProfileState, Role, Status
from byre.errors import UsageError
from tests.unit.rpc.session import rpc
from tests.unit.rpc.stub import StubEngine

ACCOUNT, DEVICE = "aa" * 32, "bb" * 16


async def test_an_import_says_who_one_is_now() -> None:
    engine = StubEngine()
    engine.answers["account.status"] = Status(
        ProfileState.READY, Role.PRIMARY, connected=False, account_id=AccountId(ACCOUNT), device_id=DeviceId(DEVICE)
    )
    async with rpc(engine) as session:
        answer = await session.request("backup.import", path="b.byre", code="CODE", passphrase="p")
    assert answer == {"account_id": ACCOUNT, "device_id": DEVICE}
    assert engine.calls[0] == ("backups.restore", ("b.byre", "CODE"), {"passphrase": "p"})


async def test_a_wrong_code_is_named() -> None:
    engine = StubEngine()
    engine.answers["backups.restore"] = UsageError("no", code="wrong_backup_code")
    async with rpc(engine) as session:
        answer = await session.request("backup.import", path="b.byre", code="CODE")
    assert answer["data"]["code"] == "wrong_backup_code"
