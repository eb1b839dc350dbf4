"""The waste of an image in Markdown: groups of wasted files, what to change, and the largest files."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.inspect import Image
from imgtar.report.markdown.fit import Section, table_head, table_row
from imgtar.report.markdown.sections import path_span, prose
from imgtar.report.words.base import above_words
from imgtar.text import escape_stored, human_size


def waste_sections(image: Image, settings: TextSettings, *, summary: bool) -> Iterator[Section]:
    """The sections about the waste of an image that has some; a `summary` has only the first heading."""
    totals = image.waste_totals
    title = (
        f"### Waste: {human_size(totals.wasted_bytes)} of {human_size(totals.stored_bytes)} stored{above_words(image)}"
    )
    if summary or not image.waste_group_rows:
        yield _files(image, settings, title, summary=summary)
    else:
        yield _groups(image, settings, title)
        yield _files(image, settings, "### The largest wasted files", summary=summary)
    if image.advice_rows:
        yield _advice(image)


def _groups(image: Image, settings: TextSettings, title: str) -> Section:
    groups = image.waste_group_rows
    listed = groups if settings.top == 0 else groups[: settings.top]
    rows = [
        table_row(
            [
                human_size(group.bytes),
                f"{group.files:,}",
                group.kind,
                str(group.added_in),
                str(group.removed_in),
                path_span(escape_stored(group.path, group.path_b64)),
            ]
        )
        for group in listed
    ]
    hidden = len(groups) - len(listed)
    return Section(
        before=[title],
        head=table_head(">Bytes", ">Files", "What happened", ">added in", ">removed in", "Below"),
        rows=rows,
        after=[f"… {hidden:,} smaller groups"] if hidden else [],
        rest="… {:,} more".format,
    )


def _advice(image: Image) -> Section:
    rows = [table_row([human_size(one.bytes), prose(one.message), prose(one.remedy)]) for one in image.advice_rows]
    return Section(
        before=["### To waste less"],
        head=table_head(">Saves", "What happens", "What to do"),
        rows=rows,
        rest="… {:,} more".format,
    )


def _files(image: Image, settings: TextSettings, title: str, *, summary: bool) -> Section:
    listed = [] if summary else image.waste_rows if settings.top == 0 else image.waste_rows[: settings.top]
    total = len(image.waste_rows)
    rows = [
        table_row(
            [
                human_size(row.bytes),
                row.kind,
                str(row.added_in),
                str(row.removed_in),
                path_span(escape_stored(row.path, row.path_b64)),
            ]
        )
        for row in listed
    ]
    hidden = total - len(listed)
    after = [f"… {hidden:,} smaller files"] if hidden and not summary else []
    return Section(
        before=[title],
        head=table_head(">Bytes", "What happened", ">added in", ">removed in", "Path"),
        rows=rows,
        after=after,
        rest="… {:,} more".format,
    )
