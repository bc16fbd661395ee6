"""Python loads this first where PYTHONPATH names its folder: a new profile's passphrase is stretched for a moment only.

For the devices of the end-to-end tests, which are started by the dozen and test something else. The story and the demo
stretch at full cost.
"""

from byre.store.vault_key_file import PassphraseCosts

PassphraseCosts.__init__.__defaults__ = (64, 1)
