"""Secrets in bytes: every kind, in windows, in time that is linear in the bytes.

Most kinds are tokens, each a long word. A search for sixty literals in every byte is slow, so the search picks out the
long words of a window and looks at their first bytes only. A pattern runs only if its literal or such a word is there.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

import msgspec

from imgtar.audit.secrets.kind import SecretKind
from imgtar.audit.secrets.kinds import GENERIC, SECRET_KINDS
from imgtar.audit.secrets.words import is_secret_in_file, is_secret_name, redacted

LARGEST = 10 << 20  # bytes of a file that are searched
_WINDOW = 256 << 10
_BLOCKS = LARGEST // _WINDOW
_OVERLAP = 16 << 10  # bytes; only a JSON Web Token with many claims is longer
_HEAD = 1 << 10  # bytes that decide whether a file is text
_SMALL = 64 << 10  # bytes of the largest configuration file
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
_START = 3  # bytes of a word that select the kinds
_STARTS: dict[bytes, list[SecretKind]] = {}
for _kind in SECRET_KINDS:
    for _literal in _kind.literals:
        _LITERALS.setdefault(_literal, []).append(_kind)
    for _word in _kind.words:
        _STARTS.setdefault(_word[:_START], []).append(_kind)

_Found = dict[str, tuple[SecretKind, bytes]]  # name of the kind → the kind and the secret


class Secret(msgspec.Struct, frozen=True):
    """A secret: its kind, and the redacted text that may be shown."""

    kind: SecretKind
    shown: str


def find_secrets(path: bytes, size: int, chunks: Iterable[bytes]) -> list[Secret]:
    """The secrets of a file, each kind once. A file with a NUL in its first bytes is not text, and is not searched."""
    search = SecretSearch(path, size)
    for chunk in chunks:
        if not search.feed(chunk):
            break
    return search.finish()


class SecretSearch:
    """The search of one file whose bytes come in pieces.

    A file with a NUL in its first bytes is not text, and is not searched; UTF-16 is decoded. The first 10 MiB
    are searched in windows, each with the last 16 KiB of the one before.
    """

    def __init__(self, path: bytes, size: int) -> None:
        self._configuration = size <= _SMALL and _is_configuration(path)
        self._found: _Found = {}
        self._head: bytes | None = b""  # None once it is known whether the file is text
        self._decoder: codecs.IncrementalDecoder | None = None
        self._pieces: list[bytes] = []  # the start of the next block
        self._size = 0  # of the pieces together, in bytes
        self._blocks = 0
        self._block = b""  # the last whole block; its search waits until the next block is whole or the file ends
        self._overlap = b""

    def feed(self, chunk: bytes, /) -> bool:
        """Takes the next bytes; False if no more are needed."""
        if self._head is None:
            return self._take(chunk if self._decoder is None else self._decoder.decode(chunk).encode())
        self._head += chunk
        return len(self._head) < _HEAD or self._begin(self._head)

    def finish(self) -> list[Secret]:
        """The secrets in all bytes that were fed, each kind once."""
        if self._head:
            self._begin(self._head)
        if self._decoder is not None:
            self._take(self._decoder.decode(b"", True).encode())
        if self._size and self._blocks < _BLOCKS:
            self._push(b"".join(self._pieces))
        self._search(last=True)
        return [Secret(kind, redacted(secret)) for kind, secret in self._found.values()]

    def _begin(self, head: bytes) -> bool:
        self._head = None
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
            return self._take(self._decoder.decode(head).encode())
        return b"\0" not in head[:_HEAD] and self._take(head)

    def _take(self, text: bytes) -> bool:
        """Cuts the text into blocks of equal size, so that the result does not depend on the chunks."""
        self._pieces.append(text)
        self._size += len(text)
        if self._size >= _WINDOW:
            joined = b"".join(self._pieces)
            whole = self._size - self._size % _WINDOW
            for start in range(0, whole, _WINDOW):
                if self._blocks == _BLOCKS:
                    break
                self._push(joined[start : start + _WINDOW])
            self._pieces = [joined[whole:]]
            self._size -= whole
        return self._blocks < _BLOCKS

    def _push(self, block: bytes) -> None:
        self._search(last=False)
        self._blocks += 1
        self._block = block

    def _search(self, *, last: bool) -> None:
        """Searches the last whole block, together with the end of the block before it."""
        if not self._block:
            return
        window, first = self._overlap + self._block, not self._overlap
        self._overlap = self._block[-_OVERLAP:]
        _search_known(window, first, last, self._found)
        if self._configuration and GENERIC.name not in self._found:
            _search_generic(window, self._found)


def secrets_in_text(text: str) -> list[Secret]:
    """The secrets of a known kind in an instruction, variable or label, each kind once."""
    found: _Found = {}
    _search_known(text.encode("utf-8", "surrogatepass"), True, True, found)
    return [Secret(kind, redacted(secret)) for kind, secret in found.values()]


def candidates(text: bytes) -> list[SecretKind]:
    """The kinds whose literals or first bytes of a long word are in the text. Only their patterns have to run."""
    kinds = {kind.name: kind for literal in _LITERALS if literal in text for kind in _LITERALS[literal]}
    mask = text.translate(_MASK)
    find, long = mask.find, b"w" * _LONG_WORD
    start = find(long)
    while start >= 0:
        end = find(b" ", start + _LONG_WORD) % (len(text) + 1)  # -1 is the end of the text
        # A token may follow a hyphen or a dot, which belong to the same word.
        borders = (match.end() for match in _BORDER.finditer(text, start, end - _LONG_WORD))
        for position in (start, *borders):
            for kind in _STARTS.get(text[position : position + _START], ()):
                if text.startswith(kind.words, position):
                    kinds[kind.name] = kind
        start = find(long, end)
    return list(kinds.values())


def _search_known(text: bytes, first: bool, last: bool, found: _Found) -> None:
    """Searches a window for secrets of the known kinds.

    A match at the edge of the window may be cut, unless the edge is that of the file: the next window has it whole.
    """
    for kind in candidates(text):
        if kind.name in found:
            continue
        for match in kind.pattern.finditer(text):
            secret = match[match.lastindex or 0]
            whole = (first or match.start() > 0) and (last or match.end() < len(text))
            if (
                whole
                and kind.is_secret(secret)
                and kind.is_issued(secret)
                and all(secret != known for _, known in found.values())
            ):
                found[kind.name] = kind, secret
                break


def _is_configuration(path: bytes) -> bool:
    name = path.rpartition(b"/")[2].lower()
    return name.endswith(_CONFIGURATION) or name.startswith((b".env.", b"dockerfile"))


def _search_generic(text: bytes, found: _Found) -> None:
    """Searches for a value whose name says that it is a secret, unless it is already found as a known kind."""
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
    """Is the position in a comment line? Comments hold examples."""
    line = text[text.rfind(b"\n", 0, position) + 1 : position]
    return line.lstrip().startswith((b"#", b";", b"//", b"!", b"<!--", b"*"))
