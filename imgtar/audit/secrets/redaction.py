"""Redaction: an instruction, a variable or a label as it may be printed, without its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from imgtar.audit.secrets.arguments import INTRODUCTIONS, USERINFO
from imgtar.audit.secrets.candidates import candidates
from imgtar.audit.secrets.words import is_literal, is_secret_name, is_secret_value, redacted

_ELEMENT = re.compile(rb"<([A-Za-z_][\w.-]{0,80}+)>([^<>\s]{1,400}+)</")
_DEFAULT = re.compile(rb"\$\{\w{1,80}+:?[-=+]([^}]{1,400}+)")
_JOINED = rb"[\w$'\"./@%+~^!#*-]"  # characters that a shell joins to the quoted text before them
_VALUE = re.compile(
    rb"\\{1,3}[\"']([^\"'\\\s]++)"
    rb"|\$?\"((?:[^\"\\]|\\.)++)\"(?!" + _JOINED + rb")|\$?'([^']++)'(?!" + _JOINED + rb")"
    rb"|((?:\$?\"[^\"\s\\]*+\"|\$?'[^'\s]*+'|[^\s\"'\\]|\\[^\"'\s]|\\ )++)"
    rb"|\$?\"((?:[^\"\\]|\\.)++)\"|\$?'([^']++)'",
    re.DOTALL,
)
# In a path the value ends with the part, blanks included. A name of a file may follow a colon, but in the name of an
# image a tag does.
_IN_NAMES = re.compile(rb"(?<![\w.-])([A-Za-z_][\w.-]{0,80}+)[ \t]{0,8}=[ \t]{0,8}([^/\n]++)")
_IN_PATHS = re.compile(rb"(?<![\w.-])([A-Za-z_][\w.-]{0,80}+)[ \t]{0,8}(?:=|:(?![:/]))[ \t]{0,8}([^/\n]++)")
_QUOTED = re.compile(rb"\$?([\"'])([^\"']*)\1")
_WORD = 4  # the group of a value that is a word of the shell, which may have several pieces
_AFTER_VALUE = b";,)&|}`"  # characters of a shell or a list that may follow an unquoted value
_REPEATED = 64  # secrets that are also searched for elsewhere in the text


def redact_text(text: str) -> str:
    """The text of an instruction, variable or label, every secret redacted.

    Redacted are secrets of a known kind, and every value of a name, an option or a login that announces a secret. This
    includes values that the audit takes for placeholders: it is better to hide too much. References to variables,
    switches and paths stay.
    """
    data = text.encode("utf-8", "surrogatepass")
    return _without(data, [*known_spans(data), *((value.start, value.end) for value in _values(data))])


def redact_path(text: str) -> str:
    """A path as it may be printed: `redact_text`, and the rest of each part that a name announces."""
    data = text.encode("utf-8", "surrogatepass")
    values = ((value.start, value.end) for value in _values(data))
    return _without(data, [*known_spans(data), *values, *_spans_after_names(data, _IN_PATHS)])


def redact_reference(text: str) -> str:
    """The name of an image as it may be printed: known kinds, and the rest of each part that a name announces."""
    data = text.encode("utf-8", "surrogatepass")
    return _without(data, [*known_spans(data), *_spans_after_names(data, _IN_NAMES)])


def _spans_after_names(data: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(data):
        if is_secret_name(match[1]) and is_literal(match[2]):
            yield match.span(2)


def _without(data: bytes, spans: list[tuple[int, int]]) -> str:
    """The text without what stands in these spans, wherever it stands."""
    secrets = sorted({data[start:end] for start, end in spans if end - start >= 8})
    for secret in secrets[:_REPEATED]:
        spans += (match.span() for match in re.finditer(re.escape(secret), data))
    return _replaced(data, spans)


class HiddenValue(msgspec.Struct, frozen=True):
    """A value that redaction hides: where it stands in the text, and the name that announces it, if one does."""

    start: int
    end: int
    name: str | None


def announced_secrets(text: str) -> list[tuple[str | None, bytes]]:
    """The secrets that a name, an option, a program or a login announces, each once: its name, if any, and its value.

    These are the values that `redact_text` hides, without placeholders and without those of a known kind.
    """
    data = text.encode("utf-8", "surrogatepass")
    covered = bytearray(len(data))  # by the secrets so far
    for start, end in _kind_spans(data):
        covered[start:end] = b"\1" * (end - start)
    found: dict[bytes, str | None] = {}
    logins = (HiddenValue(*span, None) for span in _login_spans(data))
    values = list(_values(data))
    named = [value for value in values if value.name is not None]
    # A value with a name may stand within the text that a program takes: the name says more.
    for value in (*named, *logins, *(value for value in values if value.name is None)):
        secret = data[value.start : value.end]
        if is_secret_value(secret) and 1 not in covered[value.start : value.end]:
            found.setdefault(secret, value.name)
            covered[value.start : value.end] = b"\1" * (value.end - value.start)
    return [(name, secret) for secret, name in found.items()]


def redact_known(text: str) -> str:
    """The text, every secret of a known kind redacted: for a sentence of imgtar that quotes text of the image."""
    data = text.encode("utf-8", "surrogatepass")
    return _replaced(data, list(known_spans(data)))


def _replaced(data: bytes, spans: list[tuple[int, int]]) -> str:
    shown: list[bytes] = []
    position = 0
    for start, end in _merged(spans):
        shown += (data[position:start], redacted(data[start:end]).encode())
        position = end
    return b"".join((*shown, data[position:])).decode("utf-8", "surrogatepass")


def known_spans(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of every secret of a known kind and of every password in a login; they may overlap."""
    yield from _kind_spans(data)
    if b"/" in data:
        # A key in base64 may hold a slash, but the name of a file ends there.
        yield from _kind_spans(data.replace(b"/", b" "))
    yield from _login_spans(data)


def _kind_spans(data: bytes) -> Iterator[tuple[int, int]]:
    for kind in candidates(data):
        for match in kind.pattern.finditer(data):
            group = match.lastindex or 0
            if kind.is_secret(match[group]):
                yield match.span(group)


def _login_spans(data: bytes) -> Iterator[tuple[int, int]]:
    for match in USERINFO.finditer(data):
        group = match.lastindex or 0
        if is_literal(match[group]):
            yield match.span(group)
    for match in _ELEMENT.finditer(data):
        if is_secret_name(match[1]) and is_literal(match[2]):
            yield match.span(2)


def _values(data: bytes) -> Iterator[HiddenValue]:
    for introduction in INTRODUCTIONS:
        if introduction.may_be_in(data):
            yield from _announced(data, introduction.pattern)


def _announced(data: bytes, introduction: re.Pattern[bytes]) -> Iterator[HiddenValue]:
    position = 0
    while match := introduction.search(data, position):
        position = match.end()
        if match.lastindex is not None and not is_secret_name(match[1]):
            continue
        if value := _VALUE.match(data, position):
            position = value.end()
            start, end = _literal_part(value)
            bare = data[start:end].translate(None, b"\"'\\")
            if is_literal(bare) and bare not in (b"`echo", b"`printf"):
                yield HiddenValue(start, end, None if match.lastindex is None else match[1].decode())


def _literal_part(value: re.Match[bytes]) -> tuple[int, int]:
    """The start and end of the secret in a value: the text within quotes, or the default of a shell variable."""
    group = value.lastindex or 0
    start, end = value.span(group)
    if group == _WORD:
        end = start + len(value[group].rstrip(_AFTER_VALUE))
        if quoted := _QUOTED.fullmatch(value[group]):
            return start + quoted.start(2), start + quoted.end(2)
    default = _DEFAULT.match(value[group])
    return (start + default.start(1), start + default.end(1)) if default else (start, end)


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans in order; spans that overlap are merged."""
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last is not None and start < last[1]:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last
