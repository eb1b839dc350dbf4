"""Markdown of `duplicates`, for a pull-request comment or a job summary: what could be saved."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from imgtar.contract.content import TextSettings
from imgtar.contract.duplicates import DuplicateGroup, DuplicatesContent
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import path_span, prose
from imgtar.report.words.condition import condition
from imgtar.report.words.duplicates import copies_words, headline, verdict_words
from imgtar.report.words.image import counted
from imgtar.text import escape_stored, human_size

_COPIES, _GROUPS = 4, 100


def duplicates(content: DuplicatesContent, settings: TextSettings) -> Iterator[bytes]:
    """The verdict of the gate, one sentence, and a table of the groups."""
    document = content.document
    state = condition(document)
    before = [f"> **{state.title}.** {state.text}"] if state.damaged else []
    for finding in state.causes[:3]:
        before += [">", f"> - {prose(finding.message)}"]
    before += [""] if before else []
    if document.passed is not None:
        before += [f"**{prose(verdict_words(document))}**", ""]
    before += ["# Duplicates", "", f"{headline(document)}."]
    listed = list(islice(content.groups(), min(settings.top or _GROUPS, _GROUPS)))
    more = document.totals.groups - len(listed)
    return encoded(
        [
            Section(
                before=before,
                head=table_head(">Bytes", "Copies", "Files"),
                rows=[table_row(_group(group)) for group in listed],
                after=[f"… {counted(more, 'more group')}"] if more else (),
            )
        ]
    )


def _group(group: DuplicateGroup) -> list[str]:
    listed = group.paths[:_COPIES]
    paths = [path_span(escape_stored(copy.path, copy.path_b64)) + (" (gone)" if copy.gone else "") for copy in listed]
    more = len(group.paths) - len(listed)
    paths += [f"… {more:,} more"] if more else []
    return [human_size(group.bytes), copies_words(group, "×"), "<br>".join(paths)]
