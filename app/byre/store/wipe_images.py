"""Images of the disk from a time when the passphrase alone opened the profile.

```
 C ──another mode──▶ A or B ──wipe──▶ S(g) destroyed           an image from here ─┐   is dead
 └─ an image from here and the passphrase read what was there then, for ever ──────┘
```
A wipe destroys an outer secret that such an image never needed. So where something goes that was there at that time,
the certificate says that images are out of reach, whatever the mode is by now.
"""

from __future__ import annotations

from byre.db import Connection
from byre.store.messages import TIE_BITS
from byre.store.settings import SettingsRepository
from byre.store.wipe_scope import WipeScope

LIMIT = "before_and_after_images"
_UNTIL = "store.passphrase_alone_until"
_REACHED = "store.wipe_of_that_time"


def note_leaving(connection: Connection, now_ms: int) -> None:
    """The passphrase alone has opened the profile until now; written before the key file changes."""
    SettingsRepository(connection).put(_UNTIL, now_ms)


def note_reach(connection: Connection, scope: WipeScope) -> None:
    """Remember with the journal whether the wipe takes what such images hold; the messages tell it only before."""
    settings = SettingsRepository(connection)
    until, goes = settings.get(_UNTIL), scope.conditions().get("message")
    settings.delete(_REACHED)
    if not isinstance(until, int) or goes is None:
        return
    if connection.execute(f"SELECT 1 FROM message WHERE id < {until << TIE_BITS:d} AND ({goes}) LIMIT 1").fetchall():
        settings.put(_REACHED, True)


def limits_of_images(connection: Connection) -> tuple[str, ...]:
    """What the certificate says of them besides what it says of the mode."""
    return (LIMIT,) if SettingsRepository(connection).get(_REACHED) is True else ()


def end(connection: Connection) -> None:
    """The wipe is certified."""
    SettingsRepository(connection).delete(_REACHED)
