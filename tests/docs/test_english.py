"""The pages are plain English: sentences that readers stumbled over do not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.paths import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
# Each was replaced by a plainer sentence.
REPLACED = (
    "stored in vain",
    "tell the truth about",
    "say of every byte",
    "may it ship",
    "are no damage",
    "is no damage",
    "other twelve digits",
    "belong into",
    "made it dead",
    "stands behind a name",
    "yours to say",
    "for ever",
    "read is the first",
    "what is one's own",
    "beyond every limit",
    "is but a name",
    "in silence",
    "reporting a hole",
    "counts as a hole",
    "it ran as it came",
    "mend",
    "was told of",
    "may vanish or do harm",
    "lower floors know",
    "runs nothing by itself",
    "other metadata only",
    "stored again identical",
    "dive says",
    "are attributed",
    "judged on 2",
    "can be reached by no path",
    "that is none",
    "is told once",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_replaced_sentences_are_gone(page: Path) -> None:
    text = " ".join(page.read_text().lower().split())
    assert [words for words in REPLACED if re.search(rf"\b{re.escape(words)}\b", text)] == []
