"""When Python's garbage collector may look at everything: seldom, and never at what stands for good.

Memory is freed by counting references; the collector is there for cycles, of which a process like this makes few. Its
full pass looks at every container there is, with all threads stopped: a tenth of a second once a room of a thousand
devices is open, in the middle of whatever the user does. Hence:

    after the start   what is there stays there, and is left out of every later pass
    young objects     after ten thousand new ones instead of seven hundred: what a burst of messages is made of is
                      gone again by then; looking at it many times meanwhile was a twentieth of the work. Half a
                      millisecond at most
    middle ones       after two passes over the young ones instead of ten: a millisecond
    full pass         after four hundred passes over the middle ones instead of ten: some eight million new
                      containers, of which a few thousand are in cycles that nobody uses any more

Freed memory keeps what stood in it until it is used again. `give_back` returns it to the system, which clears it.
"""

from __future__ import annotations

import gc
import sys

YOUNG, MIDDLE, OLD = 10_000, 1, 400


def settle() -> None:
    """Call once when the program stands, before the user does anything."""
    gc.collect(1)
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def collect_all() -> None:
    """Look at everything once more: for a moment in which nobody waits, such as after a lock."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Return what the C library can spare to the system (glibc; elsewhere nothing is returned)."""
    if sys.platform.startswith("linux"):
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
