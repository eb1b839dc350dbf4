"""The text of `inspect`: images, layers, waste and findings; no line is longer than the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import InspectContent, TextSettings
from imgtar.contract.envelope import Source
from imgtar.contract.inspect import Config, Image, Other
from imgtar.report.table.drawing import Cell, Column, draw, encoded, marks, paint, shown, unlisted, wrapped
from imgtar.report.table.layers import layer_table, shared_layers
from imgtar.report.table.sections import findings_section, head, heading
from imgtar.report.table.waste import waste_section
from imgtar.report.words.base import base_facts, base_name, own_words
from imgtar.report.words.image import (
    UNTAGGED,
    content_words,
    counted,
    final_words,
    least_words,
    platform_words,
    short,
    unread_words,
)
from imgtar.report.words.reading import archive_word
from imgtar.text import human_size, width


def inspect(content: InspectContent, settings: TextSettings) -> Iterator[bytes]:
    """The report for a person at a terminal."""
    return encoded(_lines(content, settings), settings)


def _lines(content: InspectContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    images = document.images
    yield from head(document, document.findings, settings, images)
    yield from _absent_platforms(document.other, settings)
    if len(images) > 1:
        yield ""
        yield from _overview(images, settings)
    for index, image in enumerate(images):
        yield ""
        yield heading(image, index if len(images) > 1 else None, settings)
        yield from _image(images, index, content.layer_sentences[index], settings)
        yield ""
        yield from waste_section(document, index, settings, summary=content.summary)
    if document.other:
        yield ""
        yield from _others(document.other, settings)
    yield ""
    yield from findings_section(document, content.explanations, settings)
    yield ""
    yield from _hint(document.source, images, settings, audited=content.audited)


def _absent_platforms(others: Sequence[Other], settings: TextSettings) -> Iterator[str]:
    """A line that names the platforms of the index whose content is not here."""
    names = [other.platform or short(other.digest) or "" for other in others if other.kind == "absent-platform"]
    if names:
        listed = ", ".join(shown(name, settings) for name in dict.fromkeys(names))
        yield from wrapped(f"named but not in the archive: {listed}".split(" "), settings)


def _overview(images: Sequence[Image], settings: TextSettings) -> Iterator[str]:
    """One line for each image, before their reports."""
    rows = []
    for index, image in enumerate(images):
        shared = shared_layers(images, index)
        rows.append(
            [
                Cell(f"@{index}"),
                Cell(shown(", ".join(image.names) or UNTAGGED, settings), "bold"),
                Cell(short(image.id) or marks(settings).none),
                Cell(shown(platform_words(image), settings)),
                Cell(human_size(image.totals.content_size)),
                Cell(f"{image.totals.layers:,}"),
                Cell("" if shared is None else f"{shared.layers} of @{shared.image}", "dim"),
            ]
        )
    columns = [
        Column("#"),
        Column(counted(len(images), "image").upper(), shrink="end"),
        Column("ID"),
        Column("PLATFORM"),
        Column("SIZE", right=True),
        Column("LAYERS", right=True),
        Column("SHARED"),
    ]
    yield from draw(columns, rows, settings)


def _image(images: Sequence[Image], index: int, sentence: str, settings: TextSettings) -> Iterator[str]:
    image = images[index]
    totals = image.totals
    unread = bool(unread_words(image))
    size = f"{least_words(image)}{human_size(totals.content_size)}"
    line = f"  {size} in {sentence}"
    # The sentence is never broken: people and scripts search for it.
    yield from [line] if width(line) <= settings.width else [f"  {size} in", f"  {sentence}"]
    final = f"final filesystem{',' if unread else ''} {final_words(image)}"
    yield from wrapped(final.split(" "), settings)
    yield from wrapped(shown(_runs(image.config), settings).split(" "), settings)
    yield from _base(image, settings)
    if settings.whole:
        yield from _env_and_labels(image.config, settings)
    if image.layers or image.history:
        yield ""
        yield from layer_table(image, shared_layers(images, index), settings)


def _base(image: Image, settings: TextSettings) -> Iterator[str]:
    """The line of the base image, where something tells of one, and of what `--own` leaves out."""
    base = image.base
    if base is not None:
        name = base_name(base)
        comma = "," if name and base.layers is not None else ""
        words = [f"{shown(name, settings)}{comma}"] if name else []
        yield from wrapped(["base", "", *words, *base_facts(image, base).split(" ")], settings)
    if image.own is not None:
        yield from wrapped(["own", "", "", *own_words(image).split(" ")], settings)


def _runs(config: Config) -> str:
    """How a container of the image runs."""
    command = " ".join(_quoted(word) for word in (*config.entrypoint, *config.cmd))
    user = config.user or "root"
    if command:
        parts = [f"runs {command} as {user}{f' in {config.working_dir}' if config.working_dir else ''}"]
    else:
        parts = ["no default command", f"user {user}"]
        parts += [f"directory {config.working_dir}"] if config.working_dir else []
    if config.exposed_ports:
        parts.append(f"port{'s' * (len(config.exposed_ports) > 1)} {' '.join(config.exposed_ports)}")
    if config.volumes:
        parts.append(f"volume{'s' * (len(config.volumes) > 1)} {' '.join(config.volumes)}")
    if config.healthcheck:
        parts.append("a health check")
    if config.stop_signal:
        parts.append(f"stops on {config.stop_signal}")
    counts = [
        counted(number, noun)
        for number, noun in ((len(config.env), "variable"), (len(config.labels), "label"))
        if number
    ]
    if counts:
        parts.append(f"{', '.join(counts)} (--no-trunc lists them)")
    return "; ".join(parts)


def _quoted(word: str) -> str:
    return f"'{word}'" if not word or any(char in word for char in " \t\n;&|<>'\"$") else word


def _env_and_labels(config: Config, settings: TextSettings) -> Iterator[str]:
    for kind, texts in (("env", config.env), ("label", [f"{key}={value}" for key, value in config.labels.items()])):
        yield from (f"  {kind:<6} {shown(text, settings)}" for text in texts)


def _others(others: Sequence[Other], settings: TextSettings) -> Iterator[str]:
    """The archive's other content: attestations, platforms without content, blobs that no document names."""
    yield f"  {paint('Also in the archive', 'bold', settings)}"
    listed = others if settings.top == 0 else others[: settings.top]
    rows = []
    for other in listed:
        facts = [content_words(other), other.platform, other.artifact_type, other.media_type, other.member]
        if other.refers_to:
            facts.append(f"of {short(other.refers_to)}")
        if other.size is not None:
            facts.append(human_size(other.size))
        words = ", ".join(shown(fact, settings) for fact in facts if fact)
        absent = "" if other.present else "absent"
        rows.append([Cell(other.kind), Cell(short(other.digest) or ""), Cell(absent, "dim"), Cell(words)])
    yield from draw([Column(""), Column(""), Column(""), Column("", shrink="end")], rows, settings)
    if len(others) > len(listed):
        yield unlisted(len(others) - len(listed), settings)


def _hint(source: Source, images: Sequence[Image], settings: TextSettings, *, audited: bool) -> Iterator[str]:
    """The next commands to run, as many as one line holds; none that would find nothing to show.

    No command is cut. Where no line holds the first with its words, these follow on a second line; `IMAGE` stands for
    a name that takes more than a line, or that cannot be printed.
    """
    hints = []
    if source.container != "stream":
        name = archive_word(source, ascii_only=not settings.unicode) or "IMAGE"
        hints = list(_commands(name, source, images, audited=audited))
        if hints and width(hints[0][0]) > settings.width and not settings.whole:
            hints = list(_commands("IMAGE", source, images, audited=audited))
    first, *others = [*hints, ("-o json=FILE", "saves all")]
    line = " ".join(first)
    if width(line) > settings.width and not settings.whole:
        yield paint(first[0], "dim", settings)
        line = f"  {first[1]}"
    for command, words in others:
        more = f"; {command} {words}"
        if width(line) + width(more) <= settings.width:
            line += more
    yield paint(line, "dim", settings)


def _commands(name: str, source: Source, images: Sequence[Image], *, audited: bool) -> Iterator[tuple[str, str]]:
    """Commands about the archive, each with what it does."""
    choice = " --image @0" if len(images) > 1 else ""
    layers = [layer for layer in images[0].layers if layer.content_size] if images else []
    if not audited and any(layer.content_size is not None for image in images for layer in image.layers):
        yield f"imgtar audit {name}", "looks for secrets and risks"
    if layers:
        largest = max(layers, key=lambda layer: layer.content_size or 0).index
        yield f"imgtar ls {name} --layer {largest}{choice}", "lists the largest layer"
    if any(image.layers or image.id for image in images):
        yield f"imgtar ids {name}", "shows docker's IDs"
    if not images and source.size is not None:
        yield f"imgtar verify {name}", "says what every byte is"
