"""The HTML report: one file that opens from disk, asks nothing of any network and is readable without its script.

The page is rendered by an autoescaping template; its long lists follow as JSON, image by image, for the script that
draws the map and the file table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.content import InspectContent, TextSettings
from imgtar.contract.documents import IdsImage
from imgtar.contract.inspect import Image
from imgtar.report.html.findings import Group, finding_groups
from imgtar.report.html.page import EXPLORER, NAME, Assets, Escaped, frame, line, rendered
from imgtar.report.html.rows import ImageRows
from imgtar.report.html.sections import (
    Line,
    Setting,
    container_settings,
    digests,
    file_lines,
)
from imgtar.report.html.stack import Folded, Segment, StepRow, Tones, folded_steps, layer_words, segments, step_rows
from imgtar.report.html.survey import Survey, survey
from imgtar.report.html.waste import AdviceLine, WasteKind, advice_lines, group_lines, waste_kinds, waste_lines
from imgtar.report.words.base import above_words, base_facts, base_name, folded_layers, own_words
from imgtar.report.words.image import (
    created_words,
    first_name,
    percent,
    platform_words,
    short,
    split_steps,
    unread_words,
)
from imgtar.report.words.reading import waste_command
from imgtar.text import human_size

_IMAGES = 40  # with a tab of their own in a page that is not full
_MANY = 10_000
_encode = msgspec.json.Encoder().encode


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One image as the template shows it."""

    index: int
    image: Image
    name: Escaped
    short_id: str
    platform: Escaped
    created: Escaped
    sentence: str
    base: Escaped
    own: str
    above: str
    wasted_share: str
    unread: str
    dive: str
    tones: list[int]
    keywords: list[str]
    segments: list[Segment]
    folded: Folded | None
    steps: list[StepRow]
    more_steps: int
    many: bool  # some step changes so many paths that their numbers need room
    largest: list[Line]
    waste_kinds: list[WasteKind]
    waste_groups: list[Line]
    more_groups: int
    advice: list[AdviceLine]
    waste: list[Line]
    more_waste: int
    waste_command: Escaped
    findings: list[Group]
    digests: list[tuple[str, str, str]]
    ids: IdsImage | None
    settings: list[Setting]


def inspect(content: InspectContent, settings: TextSettings) -> Iterator[bytes]:
    """The page; `settings.full` keeps every file in it."""
    assets = Assets.load(EXPLORER)
    sizes = survey(content, full=settings.full)
    pages = _pages(content, sizes, settings)
    yield _body(content, pages, assets, settings)
    yield b'<script type="application/json" id="rows">['
    allowance = sizes.allowance
    for page in pages:
        rows = ImageRows(sizes, allowance)
        rows.collect(content, page.index)
        allowance = rows.allowance
        yield b",\n" if page.index else b"\n"
        # Nothing in the data can end the script element or open another one.
        yield _encode(_image_data(page, rows)).replace(b"<", b"\\u003c")
    yield b"]</script>\n" + assets.end


def _image_data(page: Page, rows: ImageRows) -> dict[str, object]:
    layers = [
        {"tone": tone, "keyword": str(line(keyword, 40)), "words": words}
        for tone, keyword, words in zip(page.tones, page.keywords, layer_words(page.image), strict=True)
    ]
    return {"layers": layers, **rows.encoded()}


def _body(content: InspectContent, pages: Sequence[Page], assets: Assets, settings: TextSettings) -> bytes:
    document = content.document
    several = len(document.images) > 1
    about_archive = [finding for finding in document.findings if finding.where.image is None]
    if not several and pages:  # they stand among the findings of the only image
        about_archive = []
    return rendered(
        "page.html.j2",
        **frame(document, assets, pages[0].name if len(pages) == 1 else None, "inspect"),
        pages=pages,
        full=settings.full,
        unlisted=len(document.images) - len(pages),
        findings=finding_groups(about_archive, content.explanations, document, several_images=several),
    )


def _pages(content: InspectContent, sizes: Survey, settings: TextSettings) -> list[Page]:
    document = content.document
    tones, ids = Tones(), content.ids()
    images = document.images if settings.full else document.images[:_IMAGES]
    return [
        _page(index, image, content, tones, ids[index] if ids else None, sizes, settings)
        for index, image in enumerate(images)
    ]


def _page(
    index: int,
    image: Image,
    content: InspectContent,
    tones: Tones,
    ids: IdsImage | None,
    sizes: Survey,
    settings: TextSettings,
) -> Page:
    document, waste_totals = content.document, image.waste_totals
    toned = [tones.of(index, layer) for layer in image.layers]
    several = len(document.images) > 1
    own = [row for row in document.findings if row.where.image == index or (not several and row.where.image is None)]
    waste, groups = waste_lines(image, settings), group_lines(image, settings)
    listed, folded = step_rows(image, toned, full=settings.full), folded_steps(image, toned, full=settings.full)
    return Page(
        index=index,
        image=image,
        name=line(first_name(image), NAME),
        short_id=short(image.id) or "",
        platform=line(platform_words(image), 60),
        created=line(created_words(image.created), 40),
        sentence=content.layer_sentences[index],
        base=_base(image),
        own=own_words(image),
        above=above_words(image),
        wasted_share=percent(waste_totals.wasted_bytes / waste_totals.stored_bytes)
        if waste_totals.stored_bytes
        else "0 %",
        unread=unread_words(image),
        dive=_dive(image),
        tones=toned,
        keywords=[layer.instruction or "" for layer in image.layers],
        segments=segments(image, toned),
        folded=folded,
        steps=listed,
        more_steps=len(split_steps(image, folded_layers(image))[1]) - len(listed),
        many=any(
            (tally.count or 0) >= _MANY for row in listed for tally in (row.added, row.modified, row.deleted) if tally
        ),
        largest=file_lines(sizes.largest[index]),
        waste_kinds=waste_kinds(image),
        waste_groups=groups,
        more_groups=len(image.waste_group_rows) - len(groups),
        advice=advice_lines(image),
        waste=waste,
        more_waste=len(image.waste_rows) - len(waste),
        waste_command=Escaped(waste_command(image.waste_rows, document.source, document.images, index)),
        findings=finding_groups(own, content.explanations, document, several_images=False),
        digests=digests(image, ids),
        ids=ids,
        settings=container_settings(image),
    )


def _base(image: Image) -> Escaped:
    """The base image in one line; empty where nothing tells of one."""
    base = image.base
    if base is None:
        return Escaped("")
    return Escaped(" ".join([line(base_name(base), NAME), base_facts(image, base)]).strip())


def _dive(image: Image) -> str:
    score = image.dive
    if score is None or score.efficiency is None or score.wasted_bytes is None:
        return ""
    return f"By dive's formula: {human_size(score.wasted_bytes)} wasted, efficiency {percent(score.efficiency)}."
