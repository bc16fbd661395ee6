"""What of RFC 9420 this engine speaks: version, suites' ids, extension numbers and limits.

The limits are Rule 11: whoever can make us step a ratchet or keep a key decides how much work and memory we spend.
"""

from __future__ import annotations

PROTOCOL_VERSION = 1  # mls10

X25519_AES128 = 0x0001
X25519_CHACHA = 0x0003
HYBRID = 0xF0A2  # private id for the shape TBD2 of draft-ietf-mls-pq-ciphersuites-06

BASIC_CREDENTIAL = 0x0001
X509_CREDENTIAL = 0x0002

APPLICATION_ID = 0x0001
RATCHET_TREE = 0x0002
REQUIRED_CAPABILITIES = 0x0003
EXTERNAL_PUB = 0x0004
EXTERNAL_SENDERS = 0x0005
LEAF_PROFILE = 0xF0B1  # delivery address and versions of a device
ROOM_CONTEXT = 0xF0B2  # kind, home, roles and policy of a room
LAST_RESORT = 0x000A  # key package extension: this package may be used more than once
PROFILE_EXTENSIONS = (LAST_RESORT, LEAF_PROFILE, ROOM_CONTEXT)
DEFAULT_EXTENSIONS = frozenset(range(1, 6))  # need not be listed in capabilities (section 7.2)
DEFAULT_PROPOSALS = frozenset(range(1, 8))
GREASE = tuple(0x0A0A + 0x1010 * number for number in range(15))  # section 13.5: valid, and nobody's

MAX_FORWARD_STEPS = 65_536  # of one sender's ratchet by one message
MAX_SKIPPED_KEYS = 2_000  # kept per ratchet; the oldest go first
MAX_PENDING_PROPOSALS = 256  # by reference, per epoch
MAX_PENDING_PER_SENDER = 32  # so that one member cannot crowd out the others
MAX_LEAVES = 65_536  # of a ratchet tree
