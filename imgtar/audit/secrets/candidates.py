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
from imgtar.audit.secrets.spans import present, spans

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


def _table(characters: bytes) -> bytes:
    return bytes(byte in characters for byte in range(256))


_WORDS, _RUNS = _table(_IN_WORDS), _table(_IN_RUNS)


def _start(word: bytes) -> bytes:
    """The first characters of a token up to its first border."""
    return _BORDER.split(word, maxsplit=1)[0][:_START]


class _Literals:
    """Texts, each with the names of the kinds that it announces."""

    def __init__(self, names: dict[bytes, set[str]]) -> None:
        self._literals = tuple(names)
        self._names = tuple(names.values())

    def names_in(self, text: bytes) -> set[str]:
        """The names of the kinds that a literal in the text announces."""
        found = present(text, self._literals)
        names: set[str] = set()
        while found:
            names |= self._names[(found & -found).bit_length() - 1]
            found &= found - 1
        return names


_everywhere: dict[bytes, set[str]] = {}
_in_runs: dict[bytes, set[str]] = {}
_BY_START: dict[bytes, list[tuple[bytes, SecretKind]]] = {}
for _kind in SECRET_KINDS:
    for _literal in _kind.literals:
        _everywhere.setdefault(_literal, set()).add(_kind.name)
    for _literal in _kind.near:
        _in_runs.setdefault(_literal, set()).add(_kind.name)
    for _word in _kind.words:
        _BY_START.setdefault(_start(_word), []).append((_word, _kind))
_STARTS = frozenset(_BY_START)
_EVERYWHERE, _IN_LONG_RUNS = _Literals(_everywhere), _Literals(_in_runs)
_KEYS = _Literals({_PRIVATE_KEY: _everywhere[_PRIVATE_KEY]})


def candidates(text: bytes) -> list[SecretKind]:
    """The kinds that the text can hold, in their order. Only their patterns have to run."""
    names = _EVERYWHERE.names_in(text)
    if words := _long_words(text):
        names |= {kind.name for kind in _by_start(words)}
    # A key with a slash or plus sign in its middle is a long run without a long word.
    if runs := spans(text, _RUNS, _LONG_RUN, _BEFORE):
        names |= _IN_LONG_RUNS.names_in(runs)
    if not names:
        return []
    found = (kind for kind in SECRET_KINDS if kind.name in names)
    return [
        kind
        for kind in found
        if (not kind.needs or any(literal in text for literal in kind.needs))
        and (kind.begins is None or kind.begins.search(text) is not None)
    ]


def strong_candidates(text: bytes) -> list[SecretKind]:
    """`candidates` for programs: private keys, and the tokens of strong kinds."""
    names = _KEYS.names_in(text)
    if words := _long_words(text):
        names |= {kind.name for kind in _by_start(words) if kind.is_strong}
    return [kind for kind in SECRET_KINDS if kind.name in names] if names else []


def _long_words(text: bytes) -> bytes:
    """The words of 20 or more letters, digits, underscores, hyphens and dots, with blanks between them."""
    # They stand in runs that are rarer, so most bytes are looked at for runs only, which is faster.
    return spans(spans(text, _RUNS, _LONG_WORD, 0), _WORDS, _LONG_WORD, 0)


def _by_start(words: bytes) -> Iterator[SecretKind]:
    """The kinds whose first bytes are in a long word."""
    starts = {part[:_START] for part in words.translate(_BORDERS_TO_BLANKS).split()}
    for start in _STARTS & starts:
        yield from (kind for word, kind in _BY_START[start] if word in words)
