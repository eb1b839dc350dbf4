"""Markdown for a pull-request comment or a job summary: headline, steps, waste, findings, at most 60 kB.

Text of the image stands in code spans: there nothing is a link, a mention or markup, on no platform.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from imgtar.contract.content import InspectContent, View
from imgtar.contract.inspect import FindingRow, Image, InspectReport, Layer
from imgtar.report.markdown.fit import Section, fit, table_head, table_row
from imgtar.report.words.condition import condition, place, source_name
from imgtar.report.words.image import (
    Step,
    counted,
    created_words,
    percent,
    platform_words,
    severity_counts,
    short,
    step_text,
    steps,
)
from imgtar.text import cut, cut_middle, escape, escape_lines, escape_stored, human_size, markdown_code
from imgtar.text import markdown as markdown_text

LIMIT = 60_000  # bytes
_IMAGES = 20  # with sections of their own; the others have a row in the table of images
_NAMES = 8
_STEP_COLUMNS, _PATH_COLUMNS, _NAME_COLUMNS = 120, 160, 120
_FINDINGS = 50
_BAR = 10
# A message in prose: no character of it starts markup, a link, a mention or a reference on any platform.
_PROSE = re.compile(r"(?!.*(?:www\.|://|\bGH-))[A-Za-z0-9 .,;:()'/…→×−%+-]*\Z", re.IGNORECASE | re.ASCII)


def inspect(content: InspectContent, view: View) -> Iterator[bytes]:
    """The summary of `inspect`; `view.top` rows of waste (0: as many as fit)."""
    document = content.document
    several = len(document.images) > 1
    sections = [_head(document)]
    if several:
        sections.append(_overview(document))
    for index in range(min(len(document.images), _IMAGES)):
        sections.extend(_image(content, index, view))
    sections.append(findings_table(document.findings, document.ignored, view, several=several))
    sections.append(foot(document))
    yield ("\n".join(fit(sections, LIMIT - 1000)).rstrip("\n") + "\n").encode("utf-8", "backslashreplace")


def code_span(text: str, columns: int) -> str:
    """A stored text of one or more lines as a code span, at most `columns` wide."""
    return markdown_code(cut(escape_lines(text), columns), escaped=True)


def prose(message: str) -> str:
    """A sentence of escaped text: as prose where nothing in it could be taken for more than text."""
    return markdown_text(message, escaped=True) if _PROSE.match(message) else markdown_code(message, escaped=True)


def _head(document: InspectReport) -> Section:
    return Section(before=[*condition_band(document), f"# Image report: {archive_name(document)}"])


def condition_band(document: InspectReport) -> list[str]:
    """What stands above all else where the archive is damaged; nothing where it is whole."""
    state = condition(document)
    if not state.damaged:
        return []
    band = [f"> **{state.title}.** {state.text}"]
    for cause in state.causes[:3]:
        band += [">", f"> - {prose(cause.message)}"]
    if len(state.causes) > 3:
        band += [">", f"> - … {counted(len(state.causes) - 3, 'more finding')} below"]
    return [*band, ""]


def archive_name(document: InspectReport) -> str:
    """The archive's name as a code span."""
    return markdown_code(cut_middle(source_name(document.source), _NAME_COLUMNS), escaped=True)


def image_title(image: Image) -> str:
    """The image's first name."""
    return code_span(image.names[0], _NAME_COLUMNS) if image.names else "untagged image"


def _overview(document: InspectReport) -> Section:
    rows = [
        table_row(
            [
                str(index),
                image_title(image),
                f"`{short(image.id) or 'none'}`",
                code_span(platform_words(image), 40),
                human_size(image.totals.content_size),
                str(image.totals.layers),
                human_size(image.totals.wasted_bytes),
            ]
        )
        for index, image in enumerate(document.images)
    ]
    head = table_head("&#64;", "Image", "ID", "Platform", ">Size", ">Layers", ">Wasted")
    more = len(document.images) - _IMAGES
    note = [f"The first {_IMAGES} follow in full; `imgtar inspect --image @N` shows any other."] if more > 0 else []
    return Section(before=[f"## {counted(len(document.images), 'image')}"], head=head, rows=rows, after=note)


def _image(content: InspectContent, index: int, view: View) -> list[Section]:
    image = content.document.images[index]
    number = f" ({index})" if len(content.document.images) > 1 else ""
    facts = _facts(image, content.layer_sentences[index])
    sections = [Section(before=[f"## {image_title(image)}{number}"], head=table_head("", ""), rows=facts)]
    if image.layers or image.history:
        sections.append(_steps(image))
    if image.totals.wasted_bytes:
        sections.append(_waste(image, view, summary=content.summary))
    return sections


def _facts(image: Image, layer_sentence: str) -> list[str]:
    totals = image.totals
    size = f"**{human_size(totals.content_size)}** in {layer_sentence}"
    files = ", ".join(
        (
            counted(totals.files, "file"),
            counted(totals.directories, "directory", "directories"),
            counted(totals.symlinks, "symlink"),
        )
    )
    final = f"{human_size(totals.final_bytes)}: {files}"
    share = percent(totals.wasted_bytes / totals.stored_bytes) if totals.stored_bytes else "0 %"
    rows = [("ID", f"`{short(image.id) or 'none'}`"), ("Platform", code_span(platform_words(image), 60))]
    rows += [("Also named", code_span(name, _NAME_COLUMNS)) for name in image.names[1:_NAMES]]
    if len(image.names) > _NAMES:
        rows.append(("", f"… {counted(len(image.names) - _NAMES, 'more name')}"))
    if created := created_words(image.created):
        rows.append(("Created", code_span(created, 40)))
    command = " ".join((*image.config.entrypoint, *image.config.cmd))
    runs = code_span(command, _STEP_COLUMNS) if command else "nothing by itself"
    rows.append(("Runs", f"{runs} as {code_span(image.config.user or 'root', 40)}"))
    rows += [("Size", size), ("Final filesystem", final)]
    rows.append(("Wasted", f"**{human_size(totals.wasted_bytes)}** of {human_size(totals.stored_bytes)} ({share})"))
    return [table_row([f"**{name}**" if name else "", value]) for name, value in rows]


def _steps(image: Image) -> Section:
    largest = max((layer.content_size or 0 for layer in image.layers), default=0)
    rows = [table_row(_step(step, largest)) for step in steps(image)]
    head = table_head(">#", ">Size", "", ">added", ">modified", ">deleted", "Step")
    return Section(before=["### Steps"], head=head, rows=rows, rest="… {:,} more steps".format)


def _step(step: Step, largest: int) -> list[str]:
    keyword, text = step_text(step, whole=False)
    line = code_span(f"{keyword} {text}".strip(), _STEP_COLUMNS)
    layer = step.layer
    if layer is None:
        return ["·", "", "", "", "", "", line]
    if layer.content_size is None:
        return [str(layer.index), _unread(layer), "", "", "", "", line]
    cells = [_number(tally.count) for tally in (layer.added, layer.modified, layer.deleted)]
    bar = "█" * round(_BAR * layer.content_size / largest) if largest else ""
    size = human_size(layer.content_size) if layer.complete else f"{human_size(layer.content_size)} (cut)"
    return [str(layer.index), size, bar, *cells, line]


def _unread(layer: Layer) -> str:
    return "unreadable" if layer.present else "absent"


def _number(count: int | None) -> str:
    return f"{count:,}" if count else "·"


def _waste(image: Image, view: View, *, summary: bool) -> Section:
    totals = image.totals
    listed = [] if summary else image.waste if view.top == 0 else image.waste[: view.top]
    total = len(image.waste)
    rows = [
        table_row(
            [
                human_size(row.bytes),
                row.kind,
                str(row.added_in),
                str(row.removed_in),
                markdown_code(cut_middle(escape_stored(row.path, row.path_b64), _PATH_COLUMNS), escaped=True),
            ]
        )
        for row in listed
    ]
    hidden = total - len(listed)
    after = [f"… {hidden:,} smaller ones"] if hidden and not summary else []
    return Section(
        before=[f"### Waste: {human_size(totals.wasted_bytes)} of {human_size(totals.stored_bytes)} stored"],
        head=table_head(">Bytes", "What happened", ">added in", ">gone in", "Path"),
        rows=rows,
        after=after,
        rest="… {:,} more".format,
    )


def findings_table(findings: Sequence[FindingRow], ignored: int, view: View, *, several: bool) -> Section:
    counts = ", ".join(f"{count:,} {severity}" for severity, count in severity_counts(findings).items())
    hidden = f" ({ignored:,} ignored)" if ignored else ""
    listed = findings if view.top == 0 else findings[:_FINDINGS]
    rows = []
    for row in listed:
        where = cut_middle(place(row, several_images=several), _PATH_COLUMNS)
        shown = markdown_code(where, escaped=True) if where else ""
        times = f" ×{row.count:,}" if row.count > 1 else ""
        references = f" {', '.join(row.references)}" if row.references else ""
        rows.append(table_row([row.severity, f"`{escape(row.code)}`{times}{references}", prose(row.message), shown]))
    rest = len(findings) - len(listed)
    return Section(
        before=[f"## Findings: {counts or 'none'}{hidden}"],
        head=table_head("Severity", "Code", "What was found", "Where"),
        rows=rows,
        after=[f"… {counted(rest, 'more finding')}"] if rest else [],
        rest="… {:,} more findings".format,
    )


def foot(document: InspectReport, made: str = "Made by", command: str = "inspect") -> Section:
    """The last line: which archive it was, and what made this."""
    source = document.source
    size = "" if source.size is None else f", {human_size(source.size)}"
    state = condition(document)
    version = markdown_text(document.generator.version)
    archive = f"{archive_name(document)} ({source.form}{size}). {state.title}."
    return Section(before=["---", "", f"{archive} {made} imgtar {version}; `imgtar {command}` shows all of it."])
