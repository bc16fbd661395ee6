"""The ground floor: cryptographic primitives, and the only importer of `nacl` and `cryptography`.

Everything above names primitives through this room, so that a change of library is a change here and nowhere
else. Nothing here knows MLS, the relay or the store. What the libraries report in their own exception classes
leaves this room as `PeerError` (the bytes were bad) or `UsageError` (our caller was wrong), never as theirs.
"""
