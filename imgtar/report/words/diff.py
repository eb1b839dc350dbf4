"""The words about a difference of two images that several formats share; every one is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from imgtar.contract.diff import ComparedPair, DiffFile, DiffReport, DiffSide
from imgtar.contract.judgements import CheckRule
from imgtar.report.words.amounts import number_words, signed_size
from imgtar.report.words.image import counted
from imgtar.text import escape, human_size

_NAMES = {"max-growth": "growth", "max-pull": "pull", "max-duplicates": "duplicates"}


def passes(document: DiffReport) -> bool:
    """Is the exit code 0, as far as the differences decide it? Without a gate only where both are equal."""
    return document.equal is True if document.passed is None else document.passed


def verdict_words(documents: Sequence[DiffReport]) -> str:
    """`verdict: ok`, `verdict: failed growth 5.4 % > 3 %`; without a gate `verdict: equal`, `different`, `unknown`."""
    failed = list(dict.fromkeys(words for document in documents for words in _failures(document)))
    if failed:
        return f"verdict: failed {'; '.join(failed)}"
    if any(document.passed is not None for document in documents):
        return "verdict: ok"
    states = {document.equal for document in documents}
    return f"verdict: {'different' if False in states else 'unknown' if None in states else 'equal'}"


def _failures(document: DiffReport) -> Iterator[str]:
    for rule in document.rules:
        if not rule.passed:
            yield failure_words(rule)


def failure_words(rule: CheckRule) -> str:
    """`growth 5.4 % > 3 %`: what a gate that failed says."""
    if rule.rule == "allow":
        assert isinstance(rule.value, int)
        return f"{counted(rule.value, 'difference')} outside --allow" if rule.value else "allow: not all was read"
    name = _NAMES[rule.rule]
    if not isinstance(rule.value, (int, float)) or not isinstance(rule.limit, (int, float)):
        return f"{name} not known" if rule.causes else f"{name} of nothing"
    if rule.value <= rule.limit:
        return f"{name} at least {number_words(rule.value, rule)}: not all was read"
    return f"{name} {number_words(rule.value, rule)} > {number_words(rule.limit, rule)}"


def size_words(document: DiffReport) -> str:
    """`+44.1 MB (5.4 %); pull 634 MB in 8 of 18 layers, 586 MB of it for nothing`."""
    unread = _unread(document)
    if unread:
        return f"nothing was compared: no image could be read in {' and '.join(unread)}"
    growth, pull = document.growth, document.pull
    share = "" if growth.percent is None else f" ({growth.percent:+,.1f} %)"
    least = "" if growth.exact else "of what was read: "
    words = f"{least}{signed_size(growth.bytes, '+')}{share}" if growth.bytes else f"{least}the same size"
    if pull is None:
        return words
    if not pull.layers:
        return f"{words}; nothing to pull"
    least = "" if pull.exact else "at least "
    plain = " uncompressed" if pull.by == "diff_id" else ""
    words += (
        f"; pull {least}{human_size(pull.bytes)}{plain} in {pull.layers:,} of {counted(document.b.layers, 'layer')}"
    )
    return f"{words}, {human_size(pull.needless)} of it for nothing" if pull.needless else words


def count_words(document: DiffReport) -> str:
    """`1 added, 0 modified, 0 deleted, 0 moved; 1 path differs in time only`."""
    if _unread(document):
        return "paths were not compared"
    count = document.counts
    words = f"{count.added:,} added, {count.modified:,} modified, {count.deleted:,} deleted, {count.moved:,} moved"
    if not count.total:
        words = "no path differs"
    if document.times_only:
        verb = "differs" if document.times_only == 1 else "differ"
        words += f"; {counted(document.times_only, 'path')} {verb} in time only"
    return words


def same_words(document: DiffReport) -> str:
    """What makes layers the same where some are; empty where every digest was recomputed."""
    if document.b.integrity != "not-checked" or all(layer.status != "same" for layer in document.layers):
        return ""
    return "The same layers have one diffID, as both archives state it; --verify reads them in B too."


def _unread(document: DiffReport) -> list[str]:
    """The letters of the sides in which damage hides every image."""
    sides = zip("AB", (document.a, document.b), strict=True)
    return [letter for letter, side in sides if side.image is None and not side.layers and not side.complete]


def file_bytes(row: DiffFile) -> int:
    """The bytes of a path, afterwards where it is still there; of a hard link none."""
    return 0 if row.state.type == "hardlink" else row.state.size


def has_bytes(row: DiffFile) -> bool:
    """Is it a file, whose size says something?"""
    return row.state.type in ("file", "hardlink")


def what_words(row: DiffFile) -> str:
    """What differs at a path, or what is there."""
    return ", ".join(row.why) if row.why else row.state.type


def value_text(value: object) -> str:
    """A value of the configuration as text that is not escaped yet."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def own_words(document: DiffReport) -> list[str]:
    """What `--own` leaves out of each side; nothing without it."""
    if not document.base_layers:
        return []
    sides = zip("AB", document.base_layers, strict=True)
    return [
        f"{letter}: what lies in the {counted(number, 'layer')} of the base is left out"
        if number
        else f"{letter}: no layer is known to be the base's, so nothing is left out"
        for letter, number in sides
    ]


_LISTED = 5  # volumes in a sentence


def side_words(side: DiffSide) -> str:
    """`192 paths, 10 layers`; of a root filesystem what it is."""
    if side.source.form != "rootfs":
        return f"{counted(side.paths, 'path')}, {counted(side.layers, 'layer')}"
    return f"{counted(side.paths, 'path')}, a root filesystem without layers"


def left_out_words(document: DiffReport) -> str:
    """`8 paths and 2 times that docker gives every container are left out (--strict shows them)`; "" for none."""
    rows = document.left_out
    times = sum(row.time for row in rows)
    if not rows:
        return ""
    engine = rows[0].reason.partition("-")[0]
    parts = [counted(number, what) for number, what in ((len(rows) - times, "path"), (times, "time")) if number]
    verb = "is" if len(rows) == 1 else "are"
    return f"{' and '.join(parts)} that {engine} gives every container {verb} left out (--strict shows them)"


def volume_words(pair: ComparedPair) -> list[str]:
    """That an export lacks what was written to the volumes of the image; nothing where OTHER has layers."""
    if pair.document.b.source.form != "rootfs" or not pair.volumes:
        return []
    listed = ", ".join(escape(volume) for volume in pair.volumes[:_LISTED])
    more = f" and {len(pair.volumes) - _LISTED} more" if len(pair.volumes) > _LISTED else ""
    if len(pair.volumes) == 1:
        return [f"{listed} is a volume: what was written there is not in an export."]
    return [f"{listed}{more} are volumes: what was written there is not in an export."]
