"""Which kinds of secrets a text can hold, found without running a pattern over it.

A search for a hundred texts in every byte is slow. Nearly every secret is a long word, or stands behind a fixed text in
a long run of the characters of Base64 and URLs. Such words and runs are a tenth of a usual text; what they start with
and what stands in them is looked for there alone. Only the eight texts before short secrets are looked for everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.audit.secrets.kind import SecretKind
from imgtar.audit.secrets.kinds import SECRET_KINDS

_LONG_WORD = 20  # bytes of the shortest token, an AWS access key ID
_LONG_RUN = 32  # bytes of the shortest run that counts
_BEFORE = 40  # bytes before a run in which its fixed text may stand
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
_IN_WORDS = _LETTERS + b"-."
_IN_RUNS = _IN_WORDS + b"~+/=%"
_BORDER = re.compile(rb"[-.]")  # a token may follow one of these, which belong to the same word
_BORDERS_TO_BLANKS = bytes.maketrans(b"-.", b"  ")
_PRIVATE_KEY = b" PRIVATE KEY"
_START = 3  # bytes at the start of a word that select the kinds


def _mask(characters: bytes) -> bytes:
    return bytes(ord("w") if byte in characters else ord(" ") for byte in range(256))


_WORD_MASK, _RUN_MASK = _mask(_IN_WORDS), _mask(_IN_RUNS)


def _start(word: bytes) -> bytes:
    """The first characters of a token up to its first border."""
    return _BORDER.split(word, maxsplit=1)[0][:_START]


_EVERYWHERE: dict[bytes, list[SecretKind]] = {}
_IN_RUN: dict[bytes, list[SecretKind]] = {}
_BY_START: dict[bytes, list[tuple[bytes, SecretKind]]] = {}
for _kind in SECRET_KINDS:
    for _literal in _kind.literals:
        _EVERYWHERE.setdefault(_literal, []).append(_kind)
    for _literal in _kind.near:
        _IN_RUN.setdefault(_literal, []).append(_kind)
    for _word in _kind.words:
        _BY_START.setdefault(_start(_word), []).append((_word, _kind))
_STARTS = frozenset(_BY_START)


def candidates(text: bytes) -> list[SecretKind]:
    """The kinds that the text can hold, in their order. Only their patterns have to run."""
    names = {kind.name for literal, kinds in _EVERYWHERE.items() if literal in text for kind in kinds}
    words = _long_words(text)
    if words:
        names |= {kind.name for kind in _by_start(words)}
    # A key with a slash or plus sign in its middle is a long run without a long word.
    if runs := _long_runs(text):
        names |= {kind.name for literal, kinds in _IN_RUN.items() if literal in runs for kind in kinds}
    if not names:
        return []
    found = (kind for kind in SECRET_KINDS if kind.name in names)
    return [kind for kind in found if not kind.needs or any(literal in text for literal in kind.needs)]


def strong_candidates(text: bytes) -> list[SecretKind]:
    """`candidates` for programs: private keys, and the tokens of strong kinds."""
    names = {kind.name for kind in _EVERYWHERE[_PRIVATE_KEY]} if _PRIVATE_KEY in text else set()
    words = _long_words(text)
    if words:
        names |= {kind.name for kind in _by_start(words) if kind.is_strong}
    return [kind for kind in SECRET_KINDS if kind.name in names] if names else []


def _by_start(words: bytes) -> Iterator[SecretKind]:
    """The kinds whose first bytes are in a long word."""
    starts = {part[:_START] for part in words.translate(_BORDERS_TO_BLANKS).split()}
    for start in _STARTS & starts:
        yield from (kind for word, kind in _BY_START[start] if word in words)


def _long_words(text: bytes) -> bytes:
    """The words of 20 or more letters, digits, underscores, hyphens and dots, with blanks between them."""
    mask = text.translate(_WORD_MASK)
    find, long, size = mask.find, b"w" * _LONG_WORD, len(text)
    words: list[bytes] = []
    start = find(long)
    while start >= 0:
        end = find(b" ", start + _LONG_WORD) % (size + 1)  # -1 is the end of the text
        words.append(text[start:end])
        start = find(long, end)
    return b" ".join(words)


def _long_runs(text: bytes) -> bytes:
    """The runs of 32 or more characters of Base64 and URLs, each with the 40 bytes before it."""
    mask = text.translate(_RUN_MASK)
    find, long, size = mask.find, b"w" * _LONG_RUN, len(text)
    runs: list[bytes] = []
    start, end = find(long), 0
    while start >= 0:
        before = max(end, start - _BEFORE)
        if before > end:
            runs.append(b" ")
        end = find(b" ", start + _LONG_RUN) % (size + 1)
        runs.append(text[before:end])
        start = find(long, end)
    return b"".join(runs)
