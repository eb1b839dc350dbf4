"""The sentences about files with equal contents that several text formats share."""

from __future__ import annotations

from imgtar.contract.duplicates import DuplicateGroup, DuplicatesReport
from imgtar.report.words.diff import failure_words
from imgtar.report.words.image import counted, percent
from imgtar.text import human_size


def headline(document: DuplicatesReport) -> str:
    """`43.9 kB in 3 groups could be saved (2.9 % of the final filesystem)`."""
    totals = document.totals
    read = "" if document.complete else "Of what was read: "
    if not totals.groups:
        least = f" of at least {human_size(document.min_size)}" if document.min_size > 1 else ""
        return f"{read}{'no' if read else 'No'} two files{least} have the same content"
    whole, what = totals.final_bytes, "the final filesystem"
    if document.all_layers:
        whole, what = totals.stored_bytes, "what the layers store"
    share = f" ({percent(totals.bytes / whole)} of {what})" if whole else ""
    return f"{read}{human_size(totals.bytes)} in {counted(totals.groups, 'group')} could be saved{share}"


def copies_words(group: DuplicateGroup, times: str) -> str:
    """`2 × 42.4 kB`; `times` is the sign between both."""
    return f"{len(group.paths):,} {times} {human_size(group.size)}"


def verdict_words(document: DuplicatesReport) -> str:
    """`verdict: ok`, or `verdict: failed duplicates 43.9 kB > 10 kB`."""
    failed = [failure_words(rule) for rule in document.rules if not rule.passed]
    return f"verdict: failed {'; '.join(failed)}" if failed else "verdict: ok"
