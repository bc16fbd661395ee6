"""How long a test waits for real sockets, threads and processes before it gives up.

Waiting costs nothing where all is well, and a busy machine is no reason to fail: hence a minute. What must happen
within a time is measured in benchmarks, not here.
"""

from __future__ import annotations

import os

WAIT_S = float(os.environ.get("BYRE_WAIT_S", "60"))
