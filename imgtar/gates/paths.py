"""The gates on paths: what no layer may hold, and what the final filesystem must have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pathspec import GitIgnoreSpec

from imgtar.analysis.stacked_image import Stacked
from imgtar.gates.verdict import LISTED, Cause, Verdict, violations


def forbidden(number: int, answer: Stacked, patterns: Sequence[str]) -> Verdict:
    """The verdict on the paths of every layer: what a later layer deletes can still be read from its own."""
    spec = GitIgnoreSpec.from_lines(patterns)
    first = dict(_stored(answer))
    found = sorted(path for path, (text, _) in first.items() if spec.match_file(text))
    causes = tuple(_forbidden(answer, path, first[path][1]) for path in found[:LISTED])
    return violations("forbid-path", number, len(found), patterns, causes)


def required(number: int, answer: Stacked, patterns: Sequence[str]) -> Verdict:
    """The verdict on the final filesystem: each pattern must match a path in it."""
    missing = {pattern: GitIgnoreSpec.from_lines([pattern]) for pattern in patterns}
    for path in answer.tree:
        text = _text(path, directory=answer.tree.entry(path).member.type == "dir")
        for pattern in [pattern for pattern, spec in missing.items() if spec.match_file(text)]:
            del missing[pattern]
        if not missing:
            break
    causes = tuple(Cause(sentence="nothing matches {pattern}", arguments={"pattern": one}) for one in missing)
    return violations("require-path", number, len(causes), patterns, causes)


def _stored(answer: Stacked) -> Iterator[tuple[bytes, tuple[str, int]]]:
    """Each path that a layer holds, as the patterns see it, with the lowest layer that holds it."""
    seen: set[bytes] = set()
    for layer in answer.image.layers:
        entries = {} if layer.scan is None else layer.scan.entries
        for path, member in entries.items():
            if path not in seen:
                seen.add(path)
                yield path, (_text(path, directory=member.type == "dir"), layer.index)


def _text(path: bytes, *, directory: bool) -> str:
    """The path for a pattern, which must not end at a line break in a name."""
    text = path.decode("utf-8", "surrogateescape").replace("\n", "\N{SYMBOL FOR NEWLINE}")
    return text + "/" if directory else text


def _forbidden(answer: Stacked, path: bytes, layer: int) -> Cause:
    gone = "" if path in answer.tree else ", gone from the final filesystem, but not from the archive"
    return Cause(sentence="stored in layer {layer}{gone}", arguments={"layer": layer, "gone": gone}, path=path)
