"""The parts that the Markdown of several commands shares: code spans, the band of a damaged archive, findings, the end.

Text of the image is in code spans, where no platform finds a link, a mention or markup.
"""

from __future__ import annotations

import re

from imgtar.contract.content import Explanations, TextSettings
from imgtar.contract.envelope import FindingRow, Generator
from imgtar.contract.inspect import Image, InspectReport
from imgtar.contract.judgements import AuditImage, AuditReport
from imgtar.report.markdown.fit import Section, table_head, table_row
from imgtar.report.words.condition import condition, place, source_name
from imgtar.report.words.image import counted, first_name, severity_words
from imgtar.text import cut, cut_middle, escape, escape_lines, human_size, markdown_code

NAME_COLUMNS, PATH_COLUMNS = 120, 160
_FINDINGS = 50
_OPTIONS = 400  # columns
# A message in prose: nothing in it is a link, a mention, a reference or an emoji on any platform (GitHub and GitLab
# look for these in the text behind the markup, where no backslash helps), and only its start can be markup.
_PROSE = re.compile(
    r"(?!.*(?:www\.|://|\bGH-|%\w|:(?!\d\d:)[\w+-]+:|(?<![a-z0-9])_|_(?![a-z0-9])))[A-Za-z0-9.,;:()'/…→×−%+-]"
    r"[A-Za-z0-9 .,;:()'/…→×−%+_-]*\Z",
    re.IGNORECASE | re.ASCII,
)
_BEFORE_MARKUP = re.compile(r"\d{1,9}(?=[.)](?: |\Z))|(?=[-+:](?: |\Z)|-[- ]*\Z)")  # lists, rules, definitions


def code_span(text: str, columns: int) -> str:
    """A stored text of one or more lines as a code span, at most `columns` wide."""
    return escaped_span(escape_lines(text), columns)


def escaped_span(escaped: str, columns: int) -> str:
    """An escaped text as a code span, at most `columns` wide."""
    return markdown_code(cut(escaped, columns), escaped=True)


def path_span(escaped: str) -> str:
    """An escaped path or place as a code span; the middle of a long one is left out."""
    return markdown_code(cut_middle(escaped, PATH_COLUMNS), escaped=True)


def archive_span(document: InspectReport) -> str:
    """The archive's name as a code span."""
    return markdown_code(cut_middle(source_name(document.source), NAME_COLUMNS), escaped=True)


def image_title(image: Image | AuditImage) -> str:
    """The image's first name as a code span, for a place that shows its ID too."""
    return code_span(first_name(image), NAME_COLUMNS)


def archive_facts(document: InspectReport) -> str:
    """Name, form and size of the archive: `` `app.tar` (oci-archive, 1.2 MB)``."""
    source = document.source
    size = "" if source.size is None else f", {human_size(source.size)}"
    return f"{archive_span(document)} ({source.form}{size})"


def prose(message: str) -> str:
    """A sentence of escaped text: as prose where nothing in it could be taken for more than text."""
    if not _PROSE.match(message):
        return markdown_code(message, escaped=True)
    before = _BEFORE_MARKUP.match(message)
    return message if before is None else f"{before[0]}\\{message[before.end() :]}"


def condition_band(document: InspectReport) -> list[str]:
    """The lines above all others where the archive is damaged; none where it is whole."""
    state = condition(document)
    if not state.damaged:
        return []
    band = [f"> **{state.title}.** {state.text}"]
    for cause in state.causes[:3]:
        band += [">", f"> - {prose(cause.message)}"]
    if len(state.causes) > 3:
        band += [">", f"> - … {counted(len(state.causes) - 3, 'more finding')} below"]
    return [*band, ""]


def findings_table(
    document: InspectReport | AuditReport, explanations: Explanations, settings: TextSettings
) -> Section:
    """The findings, worst first: the first 50 and those that are always listed, all where `settings.top` is 0."""
    findings, several_images = document.findings, len(document.images) > 1
    rows: list[str] = []
    kept: set[int] = set()
    for number, row in enumerate(findings):
        if explanations[row.code].always_listed:
            kept.add(len(rows))
        elif settings.top != 0 and number >= _FINDINGS:
            continue
        rows.append(_finding_row(row, several_images=several_images))
    rest = len(findings) - len(rows)
    return Section(
        before=[f"## Findings: {severity_words(document)}"],
        head=table_head("Severity", "Code", "What was found", "Where"),
        rows=rows,
        kept=kept,
        after=[f"… {counted(rest, 'more finding')}"] if rest else [],
        rest="… {:,} more findings".format,
    )


def _finding_row(row: FindingRow, *, several_images: bool) -> str:
    where = place(row, several_images=several_images)
    shown = path_span(where) if where else ""
    times = f" ×{row.count:,}" if row.count > 1 else ""
    references = f" {', '.join(row.references)}" if row.references else ""
    return table_row([row.severity, f"`{escape(row.code)}`{times}{references}", prose(row.message), shown])


def foot(document: InspectReport, settings: TextSettings, before: str, after: str = "") -> Section:
    """The last line: the words `before`, the archive's condition, what made the document, and the words `after`."""
    made = made_by(document.generator, settings)
    return Section(before=["---", "", f"{before} {condition(document).title}. {made}{after}."])


def made_by(generator: Generator, settings: TextSettings) -> str:
    """``Made by imgtar 1.2 with `--summary` ``: the options that shape the document, if there are any."""
    options = f" with {escaped_span(settings.options, _OPTIONS)}" if settings.options else ""
    return f"Made by imgtar {prose(generator.version)}{options}"
