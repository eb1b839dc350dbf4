"""The gates on paths: which paths no layer may hold, and which the final filesystem must have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pathspec import GitIgnoreSpec

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.gates.verdict import LISTED, Cause, Verdict, count_verdict


def forbidden_paths(number: int, stacked: MeasuredImage, patterns: Sequence[str]) -> Verdict:
    """The verdict on the paths of every layer: a file that a later layer deletes can still be read from its layer."""
    spec = GitIgnoreSpec.from_lines(patterns)
    stored = dict(_stored_paths(stacked))
    found = sorted(path for path, (text, _) in stored.items() if spec.match_file(text))
    causes = tuple(_forbidden_cause(stacked, path, stored[path][1]) for path in found[:LISTED])
    return count_verdict("forbid-path", number, len(found), patterns, causes)


def required_paths(number: int, stacked: MeasuredImage, patterns: Sequence[str]) -> Verdict:
    """The verdict on the final filesystem: each pattern must match a path in it."""
    missing = {pattern: GitIgnoreSpec.from_lines([pattern]) for pattern in patterns}
    for path in stacked.tree:
        text = _pattern_text(path, directory=stacked.tree.entry(path).member.type == "dir")
        for pattern in [pattern for pattern, spec in missing.items() if spec.match_file(text)]:
            del missing[pattern]
        if not missing:
            break
    causes = tuple(Cause(sentence="no path matches {pattern}", arguments={"pattern": pattern}) for pattern in missing)
    return count_verdict("require-path", number, len(causes), patterns, causes)


def _stored_paths(stacked: MeasuredImage) -> Iterator[tuple[bytes, tuple[str, int]]]:
    """Each path that a layer holds, with its text for the patterns and the lowest layer that holds it."""
    seen: set[bytes] = set()
    for layer in stacked.image.layers:
        entries = {} if layer.scan is None else layer.scan.entries
        for path, member in entries.items():
            if path not in seen:
                seen.add(path)
                yield path, (_pattern_text(path, directory=member.type == "dir"), layer.index)


def _pattern_text(path: bytes, *, directory: bool) -> str:
    """The path as a pattern sees it, without line breaks: the spec's regular expressions would end at one."""
    text = path.decode("utf-8", "surrogateescape").replace("\n", "\N{SYMBOL FOR NEWLINE}")
    return text + "/" if directory else text


def _forbidden_cause(stacked: MeasuredImage, path: bytes, layer: int) -> Cause:
    removal = "" if path in stacked.tree else "; not in the final filesystem, but still in the archive"
    return Cause(sentence="stored in layer {layer}{removal}", arguments={"layer": layer, "removal": removal}, path=path)
