"""MongoDB's Kingfisher as a second engine for secrets, in the process and offline (the extra `kingfisher`).

Only its detection is used: its classes that validate and revoke a secret over the network are never made.
"""

from __future__ import annotations

import bisect
import codecs
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from imgtar.audit.packaged import SearchedBody
from imgtar.audit.secrets.collector import SecretRoom
from imgtar.audit.secrets.redaction import known_spans
from imgtar.audit.secrets.words import redacted
from imgtar.errors import UsageError
from imgtar.layer.probes import Topic
from imgtar.limits import Limits

if TYPE_CHECKING:
    import kingfisher_sdk

_BLOCK = 4 << 20  # bytes that Kingfisher searches at a time
_OVERLAP = 16 << 10  # bytes at the end of a block that are searched with the next one too


class RuleMatch(msgspec.Struct, frozen=True, gc=False):
    """A secret in a file by one of Kingfisher's rules, whose `confidence` is `medium` or `high`.

    `shown` is the redacted text, `fingerprint` the hash of the secret; `same` has the fingerprints of the secrets that
    imgtar knows in the same place.
    """

    rule: str
    confidence: str
    shown: str
    fingerprint: int
    same: tuple[int, ...]


class FileMatches(msgspec.Struct, frozen=True):
    """The matches in a file, and the digests of its content (`SearchedBody.digests`)."""

    matches: tuple[RuleMatch, ...]
    digests: tuple[bytes, ...]


RULE_MATCHES: Topic[FileMatches] = Topic("kingfisher")


def cache_folder() -> str | None:
    """Where Kingfisher keeps its compiled rules: below the user's cache; None where the user has none."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        stated = os.environ.get("XDG_CACHE_HOME", "")
        base = stated if os.path.isabs(stated) else os.path.expanduser("~/.cache")
    return os.path.join(base, "imgtar", "kingfisher") if os.path.isabs(base) else None


def load_scanner() -> kingfisher_sdk.Scanner:
    """Kingfisher with all its rules. Raises UsageError where the package is not installed."""
    try:
        import kingfisher_sdk
    except ImportError:
        raise UsageError(
            "usage.extra", "--rules kingfisher: Kingfisher is not installed", "pip install 'imgtar[kingfisher]'"
        ) from None
    folder = cache_folder()
    rules = kingfisher_sdk.Rules(cache=folder is not None, cache_dir=folder)
    # A comment in an image does not switch a rule off.
    return kingfisher_sdk.Scanner(rules, policy=kingfisher_sdk.DetectionPolicy(inline_ignores=False))


class KingfisherProbe:
    """Searches the files of every layer with Kingfisher as they pass, for as long as the limit `secret-time` allows.

    The search ends where there is no `room` for another match (the limit `secrets`).
    """

    topic = RULE_MATCHES

    def __init__(self, limits: Limits, room: SecretRoom) -> None:
        self._limits = limits
        self.room = room
        self._left = float(limits.secret_time)
        self._scanner = load_scanner()

    def wants(self, _path: bytes, _size: int, /) -> bool:
        return True

    def watch(self, path: bytes, size: int, /) -> _FileScan | None:
        self._limits.check_deadline()
        return None if self._left <= 0 or self.room.is_full else _FileScan(self, path, size)

    def scan(self, block: bytes, path: str) -> list[kingfisher_sdk.Finding]:
        """What Kingfisher finds in a block; the time counts against the budget."""
        start = time.monotonic()
        found = self._scanner.scan_input(_input(block, path))
        self._left -= time.monotonic() - start
        visible = (finding for finding in found if finding.visible)
        return sorted(visible, key=lambda finding: (finding.location["start_offset"], finding.rule_id))


def _input(block: bytes, path: str) -> kingfisher_sdk.ScanInput:
    import kingfisher_sdk

    return kingfisher_sdk.ScanInput(data=block, path=path)


class _FileScan:
    """The search of one file, block by block. UTF-16 is decoded."""

    def __init__(self, probe: KingfisherProbe, path: bytes, size: int) -> None:
        self._probe = probe
        self._body = SearchedBody(size)
        self._path = path.decode("utf-8", "replace")
        self._pieces: list[bytes] = []
        self._size = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._starts = True  # no byte was fed yet
        self._first = True  # no block was searched yet
        self._matches: dict[tuple[str, int], RuleMatch] = {}  # by rule and fingerprint

    def feed(self, chunk: bytes, /) -> bool:
        self._body.feed(chunk)
        if self._starts:
            self._starts = False
            if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        text = chunk if self._decoder is None else self._decoder.decode(chunk).encode()
        self._pieces.append(text)
        self._size += len(text)
        if self._size >= _BLOCK:
            block = b"".join(self._pieces)
            self._scan(block, last=False)
            self._pieces = [block[-_OVERLAP:]]
            self._size = len(self._pieces[0])
        return True

    def finish(self) -> FileMatches | None:
        if self._size:
            self._scan(b"".join(self._pieces), last=True)
        matches = tuple(self._matches.values())
        return FileMatches(matches, self._body.digests()) if matches else None

    def _scan(self, block: bytes, *, last: bool) -> None:
        """Searches a block. A match at its edge may be cut, unless the edge is that of the file."""
        found = self._probe.scan(block, self._path)
        known = sorted(set(known_spans(block))) if found else []
        for finding in found:
            place, secret = finding.location, finding.secret.encode()
            if not (last or place["end_offset"] < len(block)) or not (self._first or place["start_offset"]):
                continue
            same = tuple(hash(block[start:end]) for start, end in _meeting(known, place))
            match = RuleMatch(finding.rule_id, finding.confidence, redacted(secret), hash(secret), same)
            key = match.rule, match.fingerprint
            if key not in self._matches and self._probe.room.take():
                self._matches[key] = match
        self._first = False


def _meeting(spans: list[tuple[int, int]], place: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Those of the sorted spans that overlap with the place of a match."""
    start, end = place["start_offset"], place["end_offset"]
    first = bisect.bisect_left(spans, (start, 0))
    before = spans[first - 1 : first] if first else []
    for span in (*before, *spans[first : bisect.bisect_left(spans, (end, 0))]):
        if span[0] < end and start < span[1]:
            yield span
