"""Strict JSON (RFC 8259) from an untrusted image: problems are findings, and the bytes are kept beside the value.

What Go's encoding/json does decides where readers differ: the last of two equal keys wins, a lone surrogate becomes
U+FFFD, keys of structs match case-insensitively. Size, nesting and number of values are bounded by one linear scan
before a tree is built.
"""

from __future__ import annotations

import json
import math
import re
import sys
from typing import TypeAlias

import msgspec

from imgtar.findings import Effect, Finding, FindingLog, Where
from imgtar.formats.json_document import problems
from imgtar.formats.magic import pointer_words
from imgtar.limits import LimitReached, Limits

JsonObject: TypeAlias = "dict[str, Json]"
Json: TypeAlias = "bool | int | float | str | list[Json] | JsonObject | None"

_BOM = b"\xef\xbb\xbf"
_BLANK = re.compile(r"[ \t\n\r]*")
# A string, also an unfinished one (so that the scan stays linear), or one character of structure.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_HEX = r"[0-9a-fA-F]"
_ESCAPE = re.compile(
    rf"\\(?:u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}|u[dD][89a-fA-F]{_HEX}{{2}}|.)", re.DOTALL
)
_HAS_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_INT64_MIN, _UINT64_MAX = -(1 << 63), (1 << 64) - 1
_DIGITS = 20  # more are beyond 64 bits, whatever they are


class Document(msgspec.Struct, frozen=True):
    """The content of a member: `raw` as stored, and the value; `usable` is False where it has no value.

    `member` is the name to report. Numbers are within 64 bits or finite floats, strings hold no lone surrogate.
    """

    member: bytes
    raw: bytes
    value: Json
    usable: bool
    findings: tuple[Finding, ...] = ()


def parse(raw: bytes, limits: Limits, *, member: bytes = b"", effect: Effect = Effect.INCOMPLETE) -> Document:
    """Reads one document, never raises; `effect` is what damage means for the image (none: nothing depends on it)."""
    where = Where(member=member)
    findings = FindingLog()
    try:
        if len(raw) > limits.json_size:
            raise LimitReached("json-size", limits.json_size, where)
        body = raw
        if raw.startswith(_BOM):
            findings.add(problems.BOM.at(where))
            body = raw[len(_BOM) :]
        _bound(body, limits, where)
        value = _Decoder(findings, where, effect).decode(body)
    except LimitReached as reached:
        findings.add(reached.finding())
    except _Unusable as unusable:
        findings.add(unusable.finding)
    else:
        return Document(member, raw, value, True, tuple(findings))
    return Document(member, raw, None, False, tuple(findings))


def too_large(member: bytes, limit: str, value: int) -> Document:
    """The document in place of one that was not read because of the limit `limit`."""
    return Document(member, b"", None, False, (LimitReached(limit, value, Where(member=member)).finding(),))


class _Unusable(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def _bound(body: bytes, limits: Limits, where: Where) -> None:
    """Raises LimitReached where the text nests too deep or holds too many values. Linear, without recursion."""
    opened = body.count(b"[") + body.count(b"{")
    if opened <= limits.json_depth and opened + body.count(b",") <= limits.json_nodes:
        return
    depth = values = 0
    for token in _TOKEN.finditer(body):
        first = body[token.start()]
        if first in b"[{":
            depth += 1
            values += 1
            if depth > limits.json_depth:
                raise LimitReached("json-depth", limits.json_depth, where)
        elif first in b"]}":
            depth -= 1
        elif first == 0x2C:
            values += 1
        if values > limits.json_nodes:
            raise LimitReached("json-nodes", limits.json_nodes, where)


class _Decoder:
    """The standard decoder with the strictness that it lacks."""

    def __init__(self, findings: FindingLog, where: Where, effect: Effect) -> None:
        self._findings = findings
        self._where = where
        self._effect = effect

    def decode(self, body: bytes) -> Json:
        """The value that the bytes spell. Raises _Unusable where there is none."""
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            place = Where(member=self._where.member, offset=error.start)
            raise _Unusable(problems.NOT_UTF8.at(place, effect=self._effect, at=error.start)) from None
        blank = _BLANK.match(text)
        start = blank.end() if blank else 0
        if not text[start:].strip("\0"):
            arguments = {"key": "the document", "expected": "a JSON value", "found": "empty", "stored": ""}
            finding = problems.WRONG_TYPE.at(self._where, effect=self._effect, consequence="", **arguments)
            raise _Unusable(finding)
        if _HAS_SURROGATE.search(text):
            text = _ESCAPE.sub(_paired, text)
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._float,
            parse_constant=self._constant,
        )
        try:
            value, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            reason = f"{error.msg} (line {error.lineno}, column {error.colno})"
            pointer = pointer_words(body)
            raise self._invalid(f"{reason}; it looks like {pointer}" if pointer else reason) from None
        rest = text[end:].strip(" \t\n\r\0")
        if rest:
            self._findings.add(problems.TRAILING_DATA.at(self._where, size=len(rest.encode())))
        typed: Json = value
        return typed

    def _invalid(self, reason: str) -> _Unusable:
        return _Unusable(problems.INVALID.at(self._where, effect=self._effect, reason=reason))

    def _object(self, pairs: list[tuple[str, Json]]) -> JsonObject:
        found = dict(pairs)
        if len(found) != len(pairs):
            earlier: set[str] = set()
            for key, _ in pairs:
                if key in earlier:
                    self._findings.add(problems.DUPLICATE_KEY.at(self._where, key=key[:200]))
                earlier.add(key)
        return found

    def _integer(self, digits: str) -> int | float:
        if len(digits) <= _DIGITS and _INT64_MIN <= (number := int(digits)) <= _UINT64_MAX:
            return number
        return self._float(digits)

    def _float(self, digits: str) -> float:
        number = float(digits)
        if math.isfinite(number):
            return number
        self._findings.add(problems.HUGE_NUMBER.at(self._where, digits=digits[:20], size=len(digits)))
        return math.copysign(sys.float_info.max, number)

    def _constant(self, name: str) -> None:
        """NaN and Infinity, which JSON does not have. Raises _Unusable."""
        raise self._invalid(f"{name} is not a valid JSON number")


def _paired(escape: re.Match[str]) -> str:
    """Keeps an escape, but for half a surrogate pair, which becomes U+FFFD as in Go."""
    text = escape.group()
    return "\\ufffd" if len(text) == 6 and text[1] == "u" else text
