"""Markdown for a pull-request comment or a job summary: headline, steps, waste and findings of each image."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import InspectContent, TextSettings
from imgtar.contract.inspect import Image, InspectReport, Layer
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import (
    NAME_COLUMNS,
    archive_facts,
    archive_span,
    code_span,
    condition_band,
    findings_table,
    foot,
    image_title,
)
from imgtar.report.markdown.waste import waste_sections
from imgtar.report.words.base import above_words, base_facts, base_name, folded_layers, layer_range, own_words
from imgtar.report.words.image import (
    BuildStep,
    counted,
    created_words,
    final_words,
    least_words,
    percent,
    platform_words,
    short,
    split_steps,
    step_text,
    unread_words,
)
from imgtar.text import human_size

_IMAGES = 20  # with sections of their own; the table of images has the others too
_NAMES = 8
_STEP_COLUMNS = 120
_BAR = 10


def inspect(content: InspectContent, settings: TextSettings) -> Iterator[bytes]:
    """The summary of `inspect`; `settings.top` rows of waste (0: as many as fit)."""
    document = content.document
    sections = [_head(document)]
    if len(document.images) > 1:
        sections.append(_overview(document))
    for index in range(min(len(document.images), _IMAGES)):
        sections.extend(_image(content, index, settings))
    sections.append(findings_table(document, content.explanations, settings))
    sections.append(foot(document, settings, f"{archive_facts(document)}.", "; `imgtar inspect` shows the full report"))
    return encoded(sections)


def _head(document: InspectReport) -> Section:
    return Section(before=[*condition_band(document), f"# Image report: {archive_span(document)}"])


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
    after = []
    if len(document.images) > _IMAGES:
        after.append(f"The first {_IMAGES} follow in full; `imgtar inspect --image @N` shows any other image.")
    return Section(before=[f"## {counted(len(document.images), 'image')}"], head=head, rows=rows, after=after)


def _image(content: InspectContent, index: int, settings: TextSettings) -> list[Section]:
    image = content.document.images[index]
    number = f" ({index})" if len(content.document.images) > 1 else ""
    facts = _facts(image, content.layer_sentences[index])
    sections = [Section(before=[f"## {image_title(image)}{number}"], head=table_head("", ""), rows=facts)]
    if image.layers or image.history:
        sections.append(_steps(image, settings))
    if image.waste_totals.wasted_bytes:
        sections.extend(waste_sections(image, settings, summary=content.summary))
    return sections


def _facts(image: Image, layer_sentence: str) -> list[str]:
    totals = image.totals
    size = f"{least_words(image)}**{human_size(totals.content_size)}** in {layer_sentence}"
    waste = image.waste_totals
    share = percent(waste.wasted_bytes / waste.stored_bytes) if waste.stored_bytes else "0 %"
    rows = [("ID", f"`{short(image.id) or 'none'}`"), ("Platform", code_span(platform_words(image), 60))]
    rows += [("Also named", code_span(name, NAME_COLUMNS)) for name in image.names[1:_NAMES]]
    if len(image.names) > _NAMES:
        rows.append(("", f"… {counted(len(image.names) - _NAMES, 'more name')}"))
    if created := created_words(image.created):
        rows.append(("Created", code_span(created, 40)))
    command = " ".join((*image.config.entrypoint, *image.config.cmd))
    user = code_span(image.config.user or "root", 40)
    runs = f"{code_span(command, _STEP_COLUMNS)} as {user}" if command else f"no default command; user {user}"
    rows.append(("Runs", runs))
    rows += [("Size", size), ("Final filesystem", final_words(image))]
    rows.append(("Wasted", _wasted(image, share)))
    if (base := image.base) is not None:
        name = base_name(base)
        rows.append(("Base", " ".join([*([code_span(name, NAME_COLUMNS)] if name else []), base_facts(image, base)])))
    if image.own is not None:
        rows.append(("Own", own_words(image)))
    return [table_row([f"**{name}**" if name else "", value]) for name, value in rows]


def _wasted(image: Image, share: str) -> str:
    totals, unread = image.waste_totals, unread_words(image)
    if unread and not totals.wasted_bytes:
        return f"not known: {unread}"
    found = f"**{human_size(totals.wasted_bytes)}** of {human_size(totals.stored_bytes)}{above_words(image)} ({share})"
    return f"at least {found}: {unread}" if unread else found


def _steps(image: Image, settings: TextSettings) -> Section:
    largest = max((layer.content_size or 0 for layer in image.layers), default=0)
    folded = 0 if settings.top == 0 else folded_layers(image)
    rows = [table_row(_base_row(image, folded))] if folded else []
    rows += [table_row(_step(step, largest)) for step in split_steps(image, folded)[1]]
    head = table_head(">#", ">Size", "", ">added", ">modified", ">deleted", "Step")
    return Section(before=["### Steps"], head=head, rows=rows, rest="… {:,} more steps".format)


def _base_row(image: Image, layers: int) -> list[str]:
    size = human_size(sum(layer.content_size or 0 for layer in image.layers[:layers]))
    return [layer_range(layers), size, "", "", "", "", f"base image, {counted(layers, 'layer')}"]


def _step(step: BuildStep, largest: int) -> list[str]:
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
