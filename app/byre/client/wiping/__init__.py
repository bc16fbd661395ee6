"""Wiping a room: asked, done by the store, certified by this device's key, told to one's other devices."""

from byre.client.wiping.certifying import certify, shown_certificate
from byre.client.wiping.service import Wiping

__all__ = ["Wiping", "certify", "shown_certificate"]
