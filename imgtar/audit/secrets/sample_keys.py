"""Private keys that are public, known by the SHA-256 of their bytes: they stand in the tests of well-known software.

`sample_keys.txt` has the digests and the software. `scripts/sample_keys.py` makes it; no key stands in it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from functools import lru_cache

SAMPLE_KEY = "sample-key"
SAMPLE_DESCRIPTION = "a private key that is public"
_PEM_KINDS = frozenset(("private-key", "encrypted-key"))
_DER_KINDS = frozenset(("der-key", "encrypted-der-key"))
_NOT_BASE64 = re.compile(rb"\\[nrt]|[^A-Za-z0-9+/=]")


def key_digest(kind: str, secret: bytes) -> str | None:
    """The SHA-256 of a key in hexadecimal, of what a PEM body decodes to; None where the kind is not a private key."""
    if kind in _PEM_KINDS:
        try:
            secret = base64.b64decode(_NOT_BASE64.sub(b"", secret))
        except binascii.Error:
            return None
    elif kind not in _DER_KINDS:
        return None
    return hashlib.sha256(secret).hexdigest()


def published_in(kind: str, secret: bytes) -> str | None:
    """The software whose tests have this key; None where it is not a private key, or not known to be public."""
    digest = key_digest(kind, secret)
    return None if digest is None else _table().get(digest)


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    """The software by the digest of a key."""
    import pkgutil  # without what importlib.resources loads

    text = (pkgutil.get_data(__name__, "sample_keys.txt") or b"").decode("ascii")
    rows = (line.partition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {digest: software for digest, _, software in rows}
