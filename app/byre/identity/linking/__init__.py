"""Linking a PC (N) by the phone (P): the handshake as two state machines that do no I/O.

See `README.md` of the folder above for the whole exchange, `new_device.py` for N's end, `phone.py` for P's.
"""

from byre.identity.linking.new_device import CodeToShow, NewDeviceLink, ReceivedGrant
from byre.identity.linking.phone import Granted, LinkRequest, PhoneLink
from byre.identity.linking.timing import OFFER_LIFETIME_MS, RENDEZVOUS_GRACE_MS

__all__ = [
    "OFFER_LIFETIME_MS",
    "RENDEZVOUS_GRACE_MS",
    "CodeToShow",
    "Granted",
    "LinkRequest",
    "NewDeviceLink",
    "PhoneLink",
    "ReceivedGrant",
]
