"""What became of many archives, in one line."""

from __future__ import annotations

from collections.abc import Mapping

from imgtar.report.words.image import counted

_WORDS = {0: "ok", 1: "failed", 4: "damaged", 5: "stopped by a limit", 2: "not chosen", 3: "not read", 70: "unanswered"}


def outcome_words(exit_codes: Mapping[int, int]) -> str:
    """`200 archives: 197 ok, 2 damaged, 1 not read`, from the number of archives with each exit code."""
    found = [f"{exit_codes[code]:,} {words}" for code, words in _WORDS.items() if exit_codes.get(code)]
    return f"{counted(sum(exit_codes.values()), 'archive')}: {', '.join(found)}"
