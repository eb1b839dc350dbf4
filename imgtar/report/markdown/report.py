"""Markdown of `report`, for a pull-request comment or a job summary: each image, the findings, the gates, the bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import NamedStep, ReportContent, TextSettings
from imgtar.contract.inspect import Image, Layer
from imgtar.contract.packages import PackageRow
from imgtar.contract.report import PackageSummary
from imgtar.report.markdown.check import cause_sections, rule_sections
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import (
    NAME_COLUMNS,
    archive_facts,
    archive_span,
    code_span,
    condition_band,
    escaped_span,
    findings_table,
    foot,
    image_title,
    path_span,
    prose,
)
from imgtar.report.markdown.verification import checks_section, kinds_section, outside_sections
from imgtar.report.markdown.waste import waste_sections
from imgtar.report.words.base import base_facts, base_name
from imgtar.report.words.condition import condition
from imgtar.report.words.image import (
    created_words,
    final_words,
    layer_problem,
    least_words,
    platform_words,
    severity_words,
    short,
)
from imgtar.report.words.report import gates_words, packages_words, unread_packages, waste_words
from imgtar.report.words.verification import digests_words
from imgtar.text import human_size

_IMAGES = 20
_NAMES = 8
_COLUMNS = 120


def report(content: ReportContent, settings: TextSettings) -> Iterator[bytes]:
    """The whole report; `settings.top` rows of each list (0: as many as fit)."""
    inspected = content.inspected
    sections = [_head(content)]
    for index in range(min(len(inspected.images), _IMAGES)):
        sections.extend(_image(content, index, settings))
    if len(inspected.images) > _IMAGES:
        more = len(inspected.images) - _IMAGES
        sections.append(Section(before=[f"… {more:,} more images; `imgtar report --image @N` shows any of them"]))
    sections.append(findings_table(inspected, content.explanations, settings))
    if content.check is not None:
        sections += rule_sections(content.check)
        sections += cause_sections(content.check, content.explanations, settings)
    sections += [kinds_section(content.document.bytes, content.document.source), *outside_sections(content.outside)]
    end = f"; dates compared with {content.document.audit.judged_on}; `imgtar report -o html=FILE` writes the page"
    sections.append(foot(inspected, settings, f"{archive_facts(inspected)}.", end))
    return encoded(sections)


def _head(content: ReportContent) -> Section:
    document, inspected = content.document, content.inspected
    verdicts = [
        ("Archive", condition(inspected).title),
        ("Digests", digests_words(image.verification for image in document.images)),
        ("Findings", severity_words(inspected)),
        ("Gates", escaped_span(gates_words(content), NAME_COLUMNS) if document.config else gates_words(content)),
    ]
    return Section(
        before=[*condition_band(inspected), f"# Report: {archive_span(inspected)}"],
        head=table_head("", ""),
        rows=[table_row([f"**{name}**", value]) for name, value in verdicts],
    )


def _image(content: ReportContent, index: int, settings: TextSettings) -> Iterator[Section]:
    image, row = content.inspected.images[index], content.document.images[index]
    number = f" ({index})" if len(content.inspected.images) > 1 else ""
    facts = [table_row([f"**{name}**", value]) for name, value in _facts(image, content.layer_sentences[index])]
    yield Section(before=[f"## {image_title(image)}{number}"], head=table_head("", ""), rows=facts)
    yield _layers(image, content.steps[index])
    if image.totals.wasted_bytes:
        yield from waste_sections(image, settings, summary=False)
    yield _packages(row.packages, image, settings)
    yield checks_section("### Verification", row.verification)


def _facts(image: Image, layer_sentence: str) -> Iterator[tuple[str, str]]:
    totals = image.totals
    yield "ID", f"`{short(image.id) or 'none'}`"
    yield "Platform", code_span(platform_words(image), 60)
    for name in image.names[1:_NAMES]:
        yield "Also named", code_span(name, NAME_COLUMNS)
    if created := created_words(image.created):
        yield "Created", code_span(created, 40)
    yield "Size", f"{least_words(image)}**{human_size(totals.content_size)}** in {layer_sentence}"
    yield "Final filesystem", final_words(image)
    yield "Wasted", waste_words(image)
    if (base := image.base) is not None:
        name = base_name(base)
        yield "Base", " ".join([*([code_span(name, NAME_COLUMNS)] if name else []), base_facts(image, base)])


def _layers(image: Image, steps: Sequence[NamedStep]) -> Section:
    rows = [table_row(_layer(image.layers[step.layer], step)) for step in steps]
    head = table_head(">#", ">Size", ">added", ">modified", ">deleted", "Step")
    return Section(before=["### Layers"], head=head, rows=rows, rest="… {:,} more layers".format)


def _layer(layer: Layer, step: NamedStep) -> list[str]:
    line = code_span(f"{step.instruction} {step.text}".strip(), _COLUMNS)
    problem = layer_problem(layer)
    shown = f"**{path_span(problem)}** {line}" if problem else line
    counts = [f"{tally.count:,}" if tally.count else "·" for tally in (layer.added, layer.modified, layer.deleted)]
    return [str(layer.index), _size(layer), *counts, shown]


def _size(layer: Layer) -> str:
    if layer.content_size is None:
        return "—"
    return human_size(layer.content_size) if layer.complete else f"{human_size(layer.content_size)} (cut)"


def _packages(summary: PackageSummary, image: Image, settings: TextSettings) -> Section:
    listed = summary.largest if settings.top == 0 else summary.largest[: settings.top]
    notes = [f"- {escaped_span(note, _COLUMNS)}" for note in unread_packages(summary)]
    return Section(
        before=["### Packages", "", f"{prose(packages_words(summary, image))}."],
        head=table_head(">Bytes", "Type", "Package", "Version", ">Layer"),
        rows=[table_row(_package(row)) for row in listed],
        after=notes,
    )


def _package(row: PackageRow) -> list[str]:
    name, version = (code_span(text, 80) for text in (row.name, row.version))
    return [human_size(row.bytes.owned), row.type, name, version, str(row.installed_in)]
