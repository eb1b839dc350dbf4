"""Secrets in bytes: every kind, in windows, in time that is linear in the bytes.

Most kinds are tokens, each a long word. Looking for sixty literals in every byte is dear, so the long words of a window
are picked out and only their first bytes are looked at. The patterns run where a literal or such a word was found.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterable, Iterator

import msgspec

from imgtar.audit.secret_kinds import GENERIC, SECRET_KINDS, SecretKind, is_secret_name, redacted
from imgtar.audit.secret_words import is_literal, is_secret_in_file

LARGEST = 10 << 20  # bytes of a file that are searched
_WINDOW = 256 << 10
_OVERLAP = 16 << 10  # bytes; no secret is longer, save a JSON Web Token of many claims
_HEAD = 1 << 10  # bytes that tell whether it is a text
_SMALL = 64 << 10  # a configuration file
_CONFIGURATION = (
    *(b".env", b".ini", b".conf", b".cfg", b".cnf", b".yml", b".yaml", b".toml", b".properties", b".json", b".xml"),
    *(b".sh", b".tfvars", b".service", b"rc", b"profile", b"credentials", b"config", b"dockerfile"),
    *(b"settings.py", b"config.php"),
)
_GENERIC_WORDS = (b"pass", b"pwd", b"secret", b"token", b"credential", b"key", b"auth")

_LONG_WORD = 20  # bytes of the shortest token, an AWS access key ID
_IN_WORDS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")
_BORDER = re.compile(rb"[-.]")
_MASK = bytes(ord("w") if byte in _IN_WORDS else ord(" ") for byte in range(256))
_LITERALS: dict[bytes, list[SecretKind]] = {}
_START = 3  # bytes of a word that are looked at first
_STARTS: dict[bytes, list[SecretKind]] = {}
for _kind in SECRET_KINDS:
    for _literal in _kind.literals:
        _LITERALS.setdefault(_literal, []).append(_kind)
    for _word in _kind.words:
        _STARTS.setdefault(_word[:_START], []).append(_kind)

_Found = dict[str, tuple[SecretKind, bytes]]  # name of the kind → the kind and the secret


class Secret(msgspec.Struct, frozen=True):
    """A secret that was found: its kind and what may be shown of it."""

    kind: SecretKind
    shown: str


def find_secrets(path: bytes, size: int, chunks: Iterable[bytes]) -> list[Secret]:
    """The secrets of a file, each kind once. A file with a NUL in its first bytes is taken for a program."""
    found: _Found = {}
    configuration = size <= _SMALL and _is_configuration(path)
    for window, first, last in _windows(_text(chunks)):
        _known(window, first, last, found)
        if configuration and GENERIC.name not in found:
            _generic(window, found)
    return [Secret(kind, redacted(secret)) for kind, secret in found.values()]


def secrets_in_text(text: str) -> list[Secret]:
    """The secrets of a known kind in an instruction, variable or label, each kind once."""
    found: _Found = {}
    _known(text.encode("utf-8", "surrogatepass"), True, True, found)
    return [Secret(kind, redacted(secret)) for kind, secret in found.values()]


def _candidates(text: bytes) -> list[SecretKind]:
    """The kinds that the text may hold, by their literals and by the long words."""
    kinds = {kind.name: kind for literal in _LITERALS if literal in text for kind in _LITERALS[literal]}
    mask = text.translate(_MASK)
    find, long = mask.find, b"w" * _LONG_WORD
    start = find(long)
    while start >= 0:
        end = find(b" ", start + _LONG_WORD) % (len(text) + 1)  # -1 is the end of the text
        # A token may stand behind a hyphen or a dot, which are of its word as well.
        borders = (match.end() for match in _BORDER.finditer(text, start, end - _LONG_WORD))
        for position in (start, *borders):
            for kind in _STARTS.get(text[position : position + _START], ()):
                if text.startswith(kind.words, position):
                    kinds[kind.name] = kind
        start = find(long, end)
    return list(kinds.values())


def _known(text: bytes, first: bool, last: bool, found: _Found) -> None:
    """Searches a window. A match at an edge that is none of the file's is left to the window that has all of it."""
    for kind in _candidates(text):
        if kind.name in found:
            continue
        for match in kind.pattern.finditer(text):
            secret = match[match.lastindex or 0]
            whole = (first or match.start() > 0) and (last or match.end() < len(text))
            if whole and kind.is_secret(secret) and all(secret != known for _, known in found.values()):
                found[kind.name] = kind, secret
                break


def _is_configuration(path: bytes) -> bool:
    name = path.rpartition(b"/")[2].lower()
    return name.endswith(_CONFIGURATION) or name.startswith((b".env.", b"dockerfile"))


def _generic(text: bytes, found: _Found) -> None:
    """Searches for a secret by its name. One that is of a known kind has been found."""
    lower = text.lower()
    if not any(word in lower for word in _GENERIC_WORDS):
        return
    for match in GENERIC.pattern.finditer(text):
        secret = match[match.lastindex or 0]
        if (
            is_secret_name(match[1])
            and is_secret_in_file(secret)
            and GENERIC.is_secret(secret)
            and not any(known in secret or secret in known for _, known in found.values())
            and not _is_comment(text, match.start())
        ):
            found[GENERIC.name] = GENERIC, secret
            return


def _is_comment(text: bytes, position: int) -> bool:
    """Does the line begin as a comment? There stand examples."""
    line = text[text.rfind(b"\n", 0, position) + 1 : position]
    return line.lstrip().startswith((b"#", b";", b"//", b"!", b"<!--", b"*"))


def _text(chunks: Iterable[bytes]) -> Iterable[bytes]:
    """The chunks of a text, UTF-16 decoded; none of a program."""
    pieces = iter(chunks)
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= _HEAD:
            break
    whole = itertools.chain((head,), pieces)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (text.encode() for text in codecs.iterdecode(whole, "utf-16", "replace"))
    return () if b"\0" in head[:_HEAD] else whole


def _windows(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool, bool]]:
    """Windows of the first 10 MiB, each with the last 16 KiB of the one before: is it the first, is it the last?"""
    kept = b""
    blocks = itertools.islice(_blocks(chunks), LARGEST // _WINDOW)
    for block, following in itertools.pairwise(itertools.chain(blocks, (b"",))):
        yield kept + block, not kept, not following
        kept = block[-_OVERLAP:]


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of 256 KiB, however the text was cut into chunks. The last may be shorter."""
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size >= _WINDOW:
            joined = b"".join(pieces)
            whole = size - size % _WINDOW
            yield from (joined[start : start + _WINDOW] for start in range(0, whole, _WINDOW))
            pieces = [joined[whole:]]
            size -= whole
    if size:
        yield b"".join(pieces)


# What a value stands behind: group 1, where there is one, is the name that tells whether it is a secret.
_NAME = rb"([A-Za-z_][\w.-]{0,80}+)"
_LEADS = tuple(
    re.compile(lead)
    for lead in (
        rb"(?<![\w.-])-{0,2}" + _NAME + rb"(?:\\{0,3}[\"'])?[ \t]{0,8}(?:=>|:=|[=:])[ \t]{0,8}",
        rb"(?<![\w-])--?" + _NAME + rb"(?:[ \t]{1,8}|\\{0,3}[\"'],?[ \t]{0,8})",
        rb"(?<!\S)(?:ENV|ARG|LABEL)[ \t]{1,8}" + _NAME + rb"[ \t]{1,8}",
        rb"\b(?:mysql\w*|mariadb\w*|sshpass|login|mongo\w*|htpasswd|sqlcmd)\b[^\n;&|]{0,200}?\s-[pP][ \t]{0,8}",
        rb"\bcurl\b[^\n;&|]{0,400}?\s(?:-u|--user|--proxy-user)[ =]{0,2}[\"']?[^\s:\"'/]{1,80}+:",
        rb"(?i:authorization)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:(?i:bearer|basic|token)\s{1,4})?",
    )
)
_USERINFO = re.compile(rb"://[^\s:/@\"']{0,80}+:([^\s/@\"']{1,400}+)@")
_VALUE = re.compile(rb"\"((?:[^\"\\]|\\.)++)\"|'([^']++)'|\\{0,3}[\"']?([^\s\"'\\]++(?:\\++[^\s\"'\\]++)*+)", re.DOTALL)
_AFTER_VALUE = b";,)&|}"  # of a shell or a list, behind a value without quotes
_ECHOED = 64  # secrets that are also looked for elsewhere in the text


def redact_text(text: str) -> str:
    """The text of an instruction, variable or label with what may be shown in place of every secret.

    Secrets are those of a known kind, and every value of a name, option or login that tells of one: also values that
    the audit would take for a placeholder, for here hiding too much is the lesser harm. References to variables,
    switches and paths stay.
    """
    data = text.encode("utf-8", "surrogatepass")
    spans = [*_known_spans(data), *(span for lead in _LEADS for span in _led_spans(data, lead))]
    secrets = sorted({data[start:end] for start, end in spans if end - start >= 8})
    for secret in secrets[:_ECHOED]:
        spans += (match.span() for match in re.finditer(re.escape(secret), data))
    shown: list[bytes] = []
    position = 0
    for start, end in _merged(spans):
        shown += (data[position:start], redacted(data[start:end]).encode())
        position = end
    return b"".join((*shown, data[position:])).decode("utf-8", "surrogatepass")


def _known_spans(data: bytes) -> Iterator[tuple[int, int]]:
    for kind in _candidates(data):
        for match in kind.pattern.finditer(data):
            group = match.lastindex or 0
            if kind.is_secret(match[group]):
                yield match.span(group)
    for match in _USERINFO.finditer(data):
        if is_literal(match[1]):
            yield match.span(1)


def _led_spans(data: bytes, lead: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    position = 0
    while match := lead.search(data, position):
        position = match.end()
        if match.lastindex is not None and not is_secret_name(match[1]):
            continue
        if value := _VALUE.match(data, position):
            group = value.lastindex or 0
            secret = value[group] if group < 3 else value[group].rstrip(_AFTER_VALUE)
            position = value.end()
            if is_literal(secret):
                yield value.start(group), value.start(group) + len(secret)


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """In order, those that overlap made one."""
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
