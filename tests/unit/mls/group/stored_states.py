"""Groups as this version stores them: `python -m tests.unit.mls.group.stored_states` prints some.

What it printed in each version of the format is kept beside this module for ever: what was stored once must open in
every later version. Version 1 has no tree hashes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FILES = {version: Path(__file__).with_name(f"stored_states_v{version}.json") for version in (1, 2)}
NEWEST = max(FILES)


def make(suite_id: int) -> dict[str, str | int]:
    """Return one group's stored parts in hex, with messages that only these very states can open."""
    from byre.mls import AddProposal
    from tests.fakes.mls import NOW_S, Room, person

    room = Room.of("a", "b", "c", suite_id=suite_id, seed=1)
    room.commit("b")
    room.propose("c", room["c"].propose_update(random=room.random))
    skipped, taken = room.send("a", b"skipped"), room.send("a", b"taken")
    room.receive("b", taken)
    bundle = person("d", suite_id, 1).package()
    pending = room["b"].commit([AddProposal(bundle.key_package)], now_s=NOW_S, random=room.random)
    after = pending.group.encrypt(b"welcome d", random=room.random)[1]
    values = {
        "epoch_b": pending.current.epoch_bytes(),
        "ratchets_b": pending.current.ratchet_bytes(),
        "past_epoch_b": pending.current.as_past().epoch_bytes(),
        "pending_b": pending.to_bytes(),
        "epoch_c": room["c"].epoch_bytes(),
        "ratchets_c": room["c"].ratchet_bytes(),
        "bundle_d": bundle.to_bytes(),
        "signature_seed_d": person("d", suite_id, 1).key.seed.reveal(),
        "skipped": skipped,
        "commit": pending.message,
        "welcome": pending.welcomes[0].message,
        "after": after,
    }
    return {"suite": suite_id, **{name: value.hex() for name, value in values.items()}}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[4] / "app"))
    print(json.dumps([make(1), make(0xF0A2)], indent=1))
