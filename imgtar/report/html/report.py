"""The page of `report`: one self-contained file, whose script only searches and filters the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.content import NamedStep, ReportContent, TextSettings
from imgtar.contract.inspect import Image, Layer
from imgtar.contract.packages import PackageRow
from imgtar.contract.report import PackageSummary
from imgtar.report.html.check import rule_parts
from imgtar.report.html.findings import finding_groups
from imgtar.report.html.page import FINDINGS, NAME, VERIFICATION_STYLES, Assets, Escaped, frame, line, rendered
from imgtar.report.html.sections import Line
from imgtar.report.html.stack import Segment, Tones, segments
from imgtar.report.html.verification import CheckTable, byte_table, check_table
from imgtar.report.html.waste import AdviceLine, advice_lines, group_lines, waste_lines
from imgtar.report.words.base import base_facts, base_name
from imgtar.report.words.image import (
    created_words,
    first_name,
    layer_problem,
    least_words,
    platform_words,
    severity_counts,
    severity_words,
    short,
)
from imgtar.report.words.report import gates_words, packages_words, unread_packages, waste_words
from imgtar.report.words.verification import digests_words

_IMAGES = 40
_NAMES = 8
_LAYERS = 500  # of one image
_STEP = 400  # characters
_STYLES = (*VERIFICATION_STYLES, "explorer.css", "report.css")


class LayerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A layer with the step that made it; `problem` says what of it was not read."""

    layer: Layer
    tone: int
    instruction: str
    text: Escaped
    problem: Escaped


class PackageTable(msgspec.Struct, frozen=True, kw_only=True):
    """The packages of an image: a sentence, what is missing, the largest ones."""

    sentence: Escaped
    notes: list[Escaped]
    rows: Sequence[PackageRow]
    more: int


class ImagePart(msgspec.Struct, frozen=True, kw_only=True):
    """One image as the template shows it; `tones` and `keywords` are by layer. `least` stands before its sizes."""

    index: int
    image: Image
    name: Escaped
    names: list[Escaped]
    more_names: int
    short_id: str
    platform: Escaped
    created: Escaped
    sentence: str
    least: str
    base: Escaped
    wasted: str
    tones: list[int]
    keywords: list[str]
    segments: list[Segment]
    layers: list[LayerRow]
    more_layers: int
    advice: list[AdviceLine]
    groups: list[Line]
    more_groups: int
    files: list[Line]
    packages: PackageTable
    checks: CheckTable


def report(content: ReportContent, settings: TextSettings) -> Iterator[bytes]:
    """The page."""
    document, inspected = content.document, content.inspected
    assets = Assets.load(FINDINGS, _STYLES)
    several = len(inspected.images) > 1
    tones = Tones()
    parts = [_part(content, index, tones, settings) for index in range(min(len(inspected.images), _IMAGES))]
    yield rendered(
        "report.html.j2",
        **frame(inspected, assets, parts[0].name if len(parts) == 1 else None, "report", settings),
        report=document,
        check=content.check,
        parts=parts,
        unlisted=len(inspected.images) - len(parts),
        digests=digests_words(image.verification for image in document.images),
        gates=Escaped(gates_words(content)),
        rules=[] if content.check is None else list(rule_parts(content.check, settings)),
        bytes=byte_table(document.bytes, document.source, content.outside, whole=False),
        severities=severity_words(inspected),
        tallied=list(severity_counts(inspected.findings).items()),
        groups=finding_groups(inspected.findings, content.explanations, inspected, several_images=several),
    )
    yield assets.end


def _part(content: ReportContent, index: int, known: Tones, settings: TextSettings) -> ImagePart:
    image, row = content.inspected.images[index], content.document.images[index]
    tones = [known.of(index, layer) for layer in image.layers]
    groups, steps = group_lines(image, settings), content.steps[index]
    return ImagePart(
        index=index,
        image=image,
        name=line(first_name(image), NAME),
        names=[line(name, NAME) for name in image.names[1:_NAMES]],
        more_names=max(0, len(image.names) - _NAMES),
        short_id=short(image.id) or "",
        platform=line(platform_words(image), 60),
        created=line(created_words(image.created), 40),
        sentence=content.layer_sentences[index],
        least=least_words(image),
        base=_base(image),
        wasted=waste_words(image),
        tones=tones,
        keywords=[layer.instruction or "" for layer in image.layers],
        segments=segments(image, tones),
        layers=[_layer(image.layers[step.layer], tones, step) for step in steps[:_LAYERS]],
        more_layers=max(0, len(steps) - _LAYERS),
        advice=advice_lines(image),
        groups=groups,
        more_groups=len(image.waste_group_rows) - len(groups),
        files=waste_lines(image, settings),
        packages=_packages(row.packages, image),
        checks=check_table(row.verification),
    )


def _base(image: Image) -> Escaped:
    base = image.base
    if base is None:
        return Escaped("")
    return Escaped(" ".join([line(base_name(base), NAME), base_facts(image, base)]).strip())


def _layer(layer: Layer, tones: Sequence[int], step: NamedStep) -> LayerRow:
    return LayerRow(
        layer=layer,
        tone=tones[layer.index],
        instruction=step.instruction,
        text=line(step.text, _STEP),
        problem=Escaped(layer_problem(layer)),
    )


def _packages(summary: PackageSummary, image: Image) -> PackageTable:
    return PackageTable(
        sentence=Escaped(packages_words(summary, image)),
        notes=[Escaped(note) for note in unread_packages(summary)],
        rows=summary.largest,
        more=max(0, summary.totals.packages - len(summary.largest)),
    )
