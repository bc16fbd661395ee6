"""What the frozen program starts with: the same `byre` command as everywhere."""

import sys

from byre.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
