"""What a verification says of documents, layers and the bytes of the archive, for all text formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from imgtar.contract.envelope import Source
from imgtar.contract.inspect import ByteRange
from imgtar.contract.verification import ByteKind, CheckState, DigestPair, ImageChecks
from imgtar.report.words.image import counted
from imgtar.text import human_size

StateWord = Literal["ok", "WRONG", "absent", "not checked"]
NOT_COUNTED = "not counted: the input is a directory"
_WORDS: dict[CheckState, StateWord] = {"ok": "ok", "wrong": "WRONG", "absent": "absent", "unchecked": "not checked"}
# Parts of an archive that are not members: what was not understood or not read, and what follows the members.
_OUTSIDE = (
    "not read",
    "not attributed",
    "extended header without a member",
    "zeros after the end",
    "trailing data",
)


def state_word(state: CheckState) -> StateWord:
    """How texts write a state."""
    return _WORDS[state]


def byte_kinds(ranges: Iterable[ByteRange]) -> list[ByteKind]:
    """The kinds of parts of the archive, the largest first."""
    sizes, counts = Counter[str](), Counter[str]()
    for span in ranges:
        kind = _kind(span.what.partition(":")[0])
        sizes[kind] += span.length
        counts[kind] += 1
    ordered = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return [ByteKind(what=kind, ranges=counts[kind], bytes=size) for kind, size in ordered]


def _kind(what: str) -> str:
    for start, plural in (("layer ", "layers"), ("config of", "configs"), ("manifest of", "manifests")):
        if what.startswith(start):
            return plural
    return what


def outside_members(ranges: Iterable[ByteRange]) -> list[ByteRange]:
    """The parts of the archive that are not members, but for the end marker, in their order."""
    return [span for span in ranges if span.what in _OUTSIDE]


def bytes_words(kinds: Sequence[ByteKind], source: Source) -> str:
    """`1,818,112 (1.82 MB): every byte is accounted for; 40 bytes of trailing data`."""
    total = sum(kind.bytes for kind in kinds)
    of = "" if source.compression == "none" else " decompressed"
    outside = [kind for kind in kinds if kind.what in _OUTSIDE]
    rest = "all others are accounted for" if any(kind.what == "not read" for kind in outside) else ""
    parts = [f"{counted(kind.bytes, 'byte')} {_of(kind.what)}" for kind in outside]
    words = [*parts, rest] if rest else ["every byte is accounted for", *parts]
    return f"{total:,} ({human_size(total)}){of}: {'; '.join(words)}"


def _of(what: str) -> str:
    return what if what.startswith("not ") else f"of {what}"


def layers_words(checks: ImageChecks) -> str:
    """`10 layers: 9 ok, 1 WRONG`."""
    if not checks.layers:
        return "no layers"
    states = Counter(state_word(layer.state) for layer in checks.layers)
    return (
        f"{counted(len(checks.layers), 'layer')}: {', '.join(f'{count:,} {state}' for state, count in states.items())}"
    )


def _pairs(checks: Iterable[ImageChecks]) -> Iterator[DigestPair]:
    """Every digest of the images."""
    for image in checks:
        yield from (document.digest for document in (image.config, image.manifest) if document is not None)
        for layer in image.layers:
            yield from (layer.digest, layer.diff_id)


def digests_words(checks: Iterable[ImageChecks]) -> str:
    """`12 stated digests recomputed, 1 differs`; a digest that several images share counts once."""
    checks = list(checks)
    if not checks:
        return "no digest was checked, because no image could be read"
    compared = {(pair.stated, pair.computed) for pair in _pairs(checks) if pair.stated and pair.computed}
    differing = sum(stated != computed for stated, computed in compared)
    words = f"{counted(len(compared), 'stated digest')} recomputed"
    if not compared:
        return "the archive states no digest of what is in it"
    if not differing:
        return f"{words}, {'it agrees' if len(compared) == 1 else 'all agree'}"
    return f"{words}, {differing:,} {'differs' if differing == 1 else 'differ'}"
