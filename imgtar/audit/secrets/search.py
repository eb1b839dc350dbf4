"""Secrets in bytes: every kind, in windows, in time that is linear in the bytes."""

from __future__ import annotations

import codecs

from imgtar.audit.secrets.candidates import candidates, strong_candidates
from imgtar.audit.secrets.collector import Secret, SecretCollector
from imgtar.audit.secrets.encoding import HEAD, text_encoding
from imgtar.audit.secrets.kind import SecretKind
from imgtar.audit.secrets.kinds import GENERIC
from imgtar.audit.secrets.spans import present
from imgtar.audit.secrets.window import Window
from imgtar.audit.secrets.words import is_secret_in_file, is_secret_name

WINDOW = 256 << 10  # bytes of a text that are searched at once
_OVERLAP = 16 << 10  # bytes; only a JSON Web Token with many claims is longer
_CONFIGURATION = (
    *(b".env", b".ini", b".conf", b".cfg", b".cnf", b".yml", b".yaml", b".toml", b".properties", b".json", b".xml"),
    *(b".sh", b".tfvars", b".service", b"rc", b"profile", b"credentials", b"config", b"dockerfile"),
    *(b"settings.py", b"config.php"),
)
_GENERIC_WORDS = (b"pass", b"pwd", b"secret", b"token", b"credential", b"key", b"auth")


class SecretSearch:
    """The search of one file whose bytes come in pieces. The collector takes the secrets.

    A file that does not start as a text is searched for private keys and tokens of strong kinds only; UTF-16 and
    UTF-32 are decoded. The bytes are searched in windows, each with the last 16 KiB of the one before.
    """

    def __init__(self, path: bytes, collector: SecretCollector) -> None:
        self._configuration = _is_configuration(path)
        self._collector = collector
        self._head: bytes | None = b""  # None once it is known whether the file is text
        self._decoder: codecs.IncrementalDecoder | None = None
        self._has_nul = False
        self._is_text = True
        self._pieces: list[bytes] = []  # the start of the next block
        self._size = 0  # of the pieces together, in bytes
        self._block = b""  # the last whole block; its search waits until the next block is whole or the file ends
        self._overlap = b""
        self._line = 1  # on which the last whole block starts

    def feed(self, chunk: bytes, /) -> bool:
        """Takes the next bytes; False if no more are needed."""
        if self._head is None:
            return self._take(self._decoded(chunk))
        self._head += chunk
        return len(self._head) < HEAD or self._begin(self._head)

    def finish(self) -> None:
        """Searches the rest of the bytes that were fed."""
        if self._head:
            self._begin(self._head)
        if self._decoder is not None:
            self._take(self._decoded(b"", last=True))
        if self._size:
            self._push(b"".join(self._pieces))
        self._search(last=True)

    def _begin(self, head: bytes) -> bool:
        self._head = None
        encoding = text_encoding(head)
        if encoding is None:
            self._is_text = self._configuration = False
            self._collector = self._collector.within(self._collector.inside, has_lines=False)
            return self._take(head)
        if encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._has_nul = b"\0" in head[:HEAD]
        return self._take(self._decoded(head))

    def _decoded(self, chunk: bytes, *, last: bool = False) -> bytes:
        """The text in UTF-8. A NUL separates as a blank does."""
        text = chunk if self._decoder is None else self._decoder.decode(chunk, last).encode("utf-8", "replace")
        return text.replace(b"\0", b" ") if self._has_nul else text

    def _take(self, text: bytes) -> bool:
        """Cuts the text into blocks of equal size, so that the result does not depend on the chunks."""
        self._pieces.append(text)
        self._size += len(text)
        if self._size >= WINDOW:
            joined = b"".join(self._pieces)
            whole = self._size - self._size % WINDOW
            for start in range(0, whole, WINDOW):
                self._push(joined[start : start + WINDOW])
            self._pieces = [joined[whole:]]
            self._size -= whole
        return not self._collector.is_full

    def _push(self, block: bytes) -> None:
        self._search(last=False)
        self._block = block

    def _search(self, *, last: bool) -> None:
        """Searches the last whole block, together with the end of the block before it."""
        if not self._block:
            return
        window = Window(
            self._overlap + self._block,
            self._line - self._overlap.count(b"\n"),
            is_first=not self._overlap,
            is_last=last,
        )
        kinds = candidates(window.text) if self._is_text else strong_candidates(window.text)
        found = _known_secrets(window, kinds, self._collector)
        if self._configuration:
            _generic_secrets(window, found, self._collector)
        if not last:
            self._line += self._block.count(b"\n")
            self._overlap = self._block[-_OVERLAP:]


def may_hold_secrets(path: bytes, body: bytes) -> bool:
    """May the search of a whole file of at most 256 KiB find anything? False is certain."""
    head = body[:HEAD]
    encoding = text_encoding(head)
    if encoding is None:
        return bool(strong_candidates(body))
    if encoding != "utf-8" or b"\0" in head:
        return True
    return (_is_configuration(path) and _has_generic_words(body.lower())) or bool(candidates(body))


def secrets_in_text(text: str) -> list[Secret]:
    """The distinct secrets of known kinds in an instruction, variable or label."""
    collector = SecretCollector()
    window = Window(text.encode("utf-8", "surrogatepass"))
    _known_secrets(window, candidates(window.text), collector)
    return collector.listed


def _known_secrets(window: Window, kinds: list[SecretKind], collector: SecretCollector) -> list[tuple[int, int]]:
    """Collects the secrets of these kinds in a window; returns the start and end of each, also of equal ones."""
    spans: list[tuple[int, int]] = []
    for kind in kinds:
        for match in kind.pattern.finditer(window.text):
            if collector.is_full:
                return spans
            group = match.lastindex or 0
            secret = match[group]
            if window.is_whole(match) and kind.is_secret(secret) and kind.is_issued(secret):
                spans.append(match.span(group))
                collector.add(kind.name, secret, window, match.start(group))
    return spans


def _is_configuration(path: bytes) -> bool:
    name = path.rpartition(b"/")[2].lower()
    return name.endswith(_CONFIGURATION) or name.startswith((b".env.", b"dockerfile"))


def _has_generic_words(lower: bytes) -> bool:
    return bool(present(lower, _GENERIC_WORDS))


def _generic_secrets(window: Window, known: list[tuple[int, int]], collector: SecretCollector) -> None:
    """Collects the values whose name says that they are secrets, unless they are `known` by their place."""
    text, lower = window.text, window.text.lower()
    if not _has_generic_words(lower):
        return
    covered = bytearray(len(text))
    for start, end in known:
        covered[start:end] = b"\1" * (end - start)
    # A line that ends in the overlap was searched whole in the last window; here it may lack its start.
    searched = -1 if window.is_first else text.find(b"\n", 0, _OVERLAP)
    for match in GENERIC.pattern.finditer(text, searched + 1):
        group = match.lastindex or 0
        secret = match[group]
        if (
            is_secret_name(match[1])
            and window.is_whole(match)
            and is_secret_in_file(secret)
            and GENERIC.is_secret(secret)
            and 1 not in covered[match.start(group) : match.end(group)]
            and not _is_comment(text, match.start())
        ):
            collector.add(GENERIC.name, secret, window, match.start(group))


def _is_comment(text: bytes, position: int) -> bool:
    """Is the position in a comment line? Comments hold examples."""
    line = text[text.rfind(b"\n", 0, position) + 1 : position]
    return line.lstrip().startswith((b"#", b";", b"//", b"!", b"<!--", b"*"))
