"""The search of one file in pieces, for tests and fuzz targets."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from imgtar.audit.secrets.collector import Secret, SecretCollector
from imgtar.audit.secrets.credential_files.reader import LARGEST
from imgtar.audit.secrets.search import SecretSearch, may_hold_secrets


def find_secrets(path: bytes, chunks: Iterable[bytes]) -> list[Secret]:
    """The distinct secrets of a file; the look at a small file as a whole misses none."""
    collector = SecretCollector()
    search = SecretSearch(path, collector)
    pieces = list(chunks)
    for chunk in pieces:
        if not search.feed(chunk):
            break
    search.finish()
    body = b"".join(pieces)
    assert not collector.listed or len(body) > LARGEST or may_hold_secrets(path, body)
    return collector.listed


def access_key_ids(count: int) -> bytes:
    """So many distinct AWS access key IDs, one a line of 21 bytes."""
    digests = (hashlib.sha256(b"%d" % number).digest() for number in range(count))
    return b"".join(b"AKIA%s\n" % base64.b32encode(digest[:10]) for digest in digests)
