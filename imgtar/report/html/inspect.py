"""The HTML report: one file that opens from disk, asks nothing of any network and is readable without its script.

The page is rendered by an autoescaping template; its long lists follow as JSON, image by image, for the script that
draws the map and the file table.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.content import InspectContent, TextSettings
from imgtar.contract.documents import IdsImage
from imgtar.contract.envelope import FindingRow
from imgtar.contract.files import Entry
from imgtar.contract.inspect import Image, InspectReport
from imgtar.report.html.findings import Flag, Group, finding_groups, flags_of, layer_flags
from imgtar.report.html.page import EXPLORER, NAME, Assets, Escaped, frame, line, rendered
from imgtar.report.html.rows import ImageRows
from imgtar.report.html.sections import Line, Setting, container_settings, digests, file_lines
from imgtar.report.html.stack import Stack, Tones, layer_words, stack_of
from imgtar.report.html.survey import Survey, survey
from imgtar.report.html.waste import Waste, waste_of
from imgtar.report.words.base import base_facts, base_name, own_words
from imgtar.report.words.condition import source_name
from imgtar.report.words.image import created_words, first_name, platform_words, short

_IMAGES = 40  # with a tab of their own in a page that is not full
_encode = msgspec.json.Encoder().encode


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One image as the template shows it. `tones` and `keywords` are the colour and the instruction of each layer.

    `flags` counts the findings about the image; `audit_command` is empty where those of the audit are among them.
    """

    index: int
    image: Image
    name: Escaped
    short_id: str
    platform: Escaped
    created: Escaped
    sentence: str
    base: Escaped
    own: str
    tones: list[int]
    keywords: list[str]
    stack: Stack
    largest: list[Line]
    waste: Waste
    flags: list[Flag]
    findings: list[Group]
    audit_command: Escaped
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
    parts = zip(page.tones, page.keywords, layer_words(page.image), page.image.layers, strict=True)
    layers = [
        {"tone": tone, "keyword": str(line(keyword, 40)), "words": words} | ({} if layer.complete else {"unread": True})
        for tone, keyword, words, layer in parts
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
        **frame(document, assets, pages[0].name if len(pages) == 1 else None, "inspect", settings),
        pages=pages,
        full=settings.full,
        unlisted=len(document.images) - len(pages),
        findings=finding_groups(about_archive, content.explanations, document, several_images=several),
    )


def _pages(content: InspectContent, sizes: Survey, settings: TextSettings) -> list[Page]:
    ramp, ids = Tones(), content.ids()
    images = content.document.images if settings.full else content.document.images[:_IMAGES]
    tones = [[ramp.of(index, layer) for layer in image.layers] for index, image in enumerate(images)]
    return [
        _page(index, content, tones[index], ids[index] if ids else None, sizes.largest[index], settings)
        for index in range(len(images))
    ]


def _page(
    index: int,
    content: InspectContent,
    tones: Sequence[int],
    ids: IdsImage | None,
    largest: Sequence[Entry],
    settings: TextSettings,
) -> Page:
    document = content.document
    image = document.images[index]
    found = _findings_of(document, index)
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
        tones=list(tones),
        keywords=[layer.instruction or "" for layer in image.layers],
        stack=stack_of(image, tones, layer_flags(found), full=settings.full),
        largest=file_lines(largest),
        waste=waste_of(document, index, settings),
        flags=flags_of(found),
        findings=finding_groups(found, content.explanations, document, several_images=False, marks_files=True),
        audit_command=Escaped("") if content.audited else _audit_command(document),
        digests=digests(image, ids),
        ids=ids,
        settings=container_settings(image),
    )


def _findings_of(document: InspectReport, image: int) -> list[FindingRow]:
    """The findings about an image, with those about the archive where it is the only one."""
    alone = len(document.images) == 1
    return [row for row in document.findings if row.where.image == image or (alone and row.where.image is None)]


def _audit_command(document: InspectReport) -> Escaped:
    """The command that writes the page with what the audit finds; empty where no command can name the archive."""
    name = document.source.path
    named = name != "-" and source_name(document.source) == name
    return Escaped(f"imgtar inspect --audit {shlex.quote(name)} -o html=report.html" if named else "")


def _base(image: Image) -> Escaped:
    """The base image in one line; empty where nothing tells of one."""
    base = image.base
    if base is None:
        return Escaped("")
    return Escaped(" ".join([line(base_name(base), NAME), base_facts(image, base)]).strip())
