"""How long one thread may keep the interpreter from another that wants it.

The store's thread and those that reckon MLS run Python beside the loop. Python's own five milliseconds are for
throughput: the loop of a window would wait as long after each of its own calls that lets go of the interpreter (a
socket, a lock), several times within one frame. Half a millisecond costs a hundredth of the work beside it at most.
"""

from __future__ import annotations

import sys

TURN_S = 0.0005


def shorten() -> None:
    """Call once, before threads run."""
    sys.setswitchinterval(TURN_S)
