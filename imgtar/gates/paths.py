"""The gates on paths: which paths no layer may hold, and which the final filesystem must have."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.gates.verdict import LISTED, Cause, Verdict, count_verdict
from imgtar.globs import Globs
from imgtar.image.image import ImageLayer


def forbidden_paths(number: int, stacked: MeasuredImage, patterns: Sequence[str], first: int = 0) -> Verdict:
    """The verdict on the paths of every layer from `first` on.

    A file that a later layer deletes can still be read from its layer.
    """
    lowest = _lowest_layers(stacked.image.layers[first:], Globs(patterns))
    found = sorted(lowest)
    causes = tuple(_forbidden_cause(stacked, path, lowest[path]) for path in found[:LISTED])
    return count_verdict("forbid-path", number, len(found), patterns, causes)


def required_paths(number: int, stacked: MeasuredImage, patterns: Sequence[str]) -> Verdict:
    """The verdict on the final filesystem: each pattern must match a path in it."""
    missing = {pattern: Globs([pattern]) for pattern in patterns}
    for path in stacked.tree:
        is_directory = stacked.tree.entry(path).member.type == "dir"
        for pattern in [pattern for pattern, globs in missing.items() if globs.match(path, directory=is_directory)]:
            del missing[pattern]
        if not missing:
            break
    causes = tuple(Cause(sentence="no path matches {pattern}", arguments={"pattern": pattern}) for pattern in missing)
    return count_verdict("require-path", number, len(causes), patterns, causes)


def _lowest_layers(layers: Sequence[ImageLayer], globs: Globs) -> dict[bytes, int]:
    """Each path that matches as a layer holds it, with the lowest such layer."""
    found: dict[bytes, int] = {}
    for layer in layers:
        entries = {} if layer.scan is None else layer.scan.entries
        for path, member in entries.items():
            if path not in found and globs.match(path, directory=member.type == "dir"):
                found[path] = layer.index
    return found


def _forbidden_cause(stacked: MeasuredImage, path: bytes, layer: int) -> Cause:
    removal = "" if path in stacked.tree else "; not in the final filesystem, but still in the archive"
    return Cause(sentence="stored in layer {layer}{removal}", arguments={"layer": layer, "removal": removal}, path=path)
