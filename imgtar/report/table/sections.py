"""The parts that the texts of several commands share: the first line, a heading for each image, findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from imgtar.contract.content import Explanations, TextSettings
from imgtar.contract.envelope import Envelope, FindingRow, Source
from imgtar.contract.inspect import ImageOutline, InspectReport
from imgtar.contract.judgements import AuditReport
from imgtar.report.table.drawing import (
    SEVERITY_STYLES,
    Style,
    marks,
    paint,
    shown,
    unlisted,
    wrapped,
)
from imgtar.report.words.condition import State, condition_of, located_message
from imgtar.report.words.image import (
    UNTAGGED,
    created_words,
    platform_words,
    severity_words,
    short,
)
from imgtar.report.words.reading import secret_command
from imgtar.text import cut, cut_middle, escape_stored, human_size, neutralise, width

_LEAST_NAME = 12  # columns that the name of the archive keeps
_STATE = 2  # columns in front of a state on a line of its own
_INDENT = 12  # columns, of a finding
# How the state of an archive looks, and its words from long to short; the shortest also say what was not checked.
_STATES: dict[State, tuple[Style, tuple[str, ...]]] = {
    "limit": ("alarm", ("STOPPED BY A LIMIT: some parts were not read", "STOPPED BY A LIMIT")),
    "incomplete": ("alarm", ("INCOMPLETE: some parts could not be read", "INCOMPLETE")),
    "inconsistent": ("alarm", ("INCONSISTENT: the archive contradicts itself", "INCONSISTENT")),
    "unstated": ("", ("complete (this form states no digests to check)", "complete (states no digests)")),
    "verified": ("green", ("complete, every digest verified", "verified")),
    "unchecked": ("", ("complete (digests not checked: imgtar verify)", "complete (not verified)")),
}
LISTED_BY_INSPECT = "which imgtar inspect lists"  # where a text has no findings of its own


def head(
    document: Envelope,
    findings: Sequence[FindingRow],
    settings: TextSettings,
    images: Sequence[ImageOutline] = (),
    *,
    rest: str = "under Findings",
) -> Iterator[str]:
    """One line: the archive, its form, size and state; under it the reasons where the archive is damaged.

    A long path is cut in its middle. The state is never cut: where the line has no room for it and the name of the
    file, it stands on a line of its own. Where there are several `images`, a reason names its image with the platform.
    `rest` says where the reasons are that do not fit here.
    """
    source = document.source
    condition = condition_of(document, findings)
    style, states = _STATES[condition.state]
    facts = _facts(source)
    b64 = None if source.path_b64 is msgspec.UNSET else source.path_b64
    name = escape_stored(source.path, b64, ascii_only=not settings.unicode)
    state = _longest(states, settings.width - width(f"{name}  {facts}, "))
    kept = name if settings.whole else _with_last_part(name, settings.width - width(f"  {facts}, {state}"), settings)
    if kept is not None:
        yield f"{paint(kept, 'bold', settings)}  {facts}, {paint(state, style, settings)}"
    else:
        name = cut_middle(name, max(_LEAST_NAME, settings.width - width(f"  {facts}")), marks(settings).cut)
        yield f"{paint(name, 'bold', settings)}  {facts}"
        yield f"{'':{_STATE}}{paint(_longest(states, settings.width - _STATE), style, settings)}"
    yield from _reasons(condition.causes, settings, images, rest)


def _facts(source: Source) -> str:
    facts = source.form if source.compression == "none" else f"{source.form} in {source.compression}"
    if source.container == "stream":
        return f"{facts} {'sent once by a server' if '://' in source.path else 'from a pipe'}"
    return facts if source.size is None else f"{facts}, {human_size(source.size)}"


def _with_last_part(name: str, room: int, settings: TextSettings) -> str | None:
    """The path in at most `room` columns with the whole name of the file; None where there is no room for that."""
    last = name.rstrip("/").rpartition("/")[2]
    kept = cut_middle(name, room, marks(settings).cut)
    if last in kept:
        return kept
    shortest = f"{marks(settings).cut}/{last}"
    return shortest if last != name and width(shortest) <= room else None


def _longest(states: Sequence[str], room: int) -> str:
    """The first of the states, which are from long to short, that takes at most `room` columns; else the last."""
    return next((state for state in states if width(state) <= room), states[-1])


def _reasons(
    harmful: Sequence[FindingRow], settings: TextSettings, images: Sequence[ImageOutline], rest: str, most: int = 3
) -> Iterator[str]:
    for finding in harmful[:most]:
        number = finding.where.image
        place = "" if number is None or len(images) < 2 else f"image @{number}, {platform_words(images[number])}: "
        words = neutralise(f"{place}{located_message(finding)}", ascii_only=not settings.unicode).split(" ")
        yield from (paint(line, "red", settings) for line in wrapped(words, settings))
    if len(harmful) > most:
        yield paint(f"  and {len(harmful) - most} more, {rest}", "red", settings)


def heading(image: ImageOutline, index: int | None, settings: TextSettings) -> str:
    """`mysql:latest  c104df98b3e8  linux/amd64  2026-11-24 03:22 UTC`; with `@N` in front where there are several."""
    parts = [short(image.id) or "no ID", platform_words(image), created_words(image.created)]
    facts = "  ".join(shown(part, settings) for part in parts if part)
    number = "" if index is None else f"@{index}  "
    names = shown(", ".join(image.names) or UNTAGGED, settings)
    if not settings.whole:
        facts = cut(facts, settings.width // 2 + 10, marks(settings).cut)
        names = cut(names, max(_LEAST_NAME, settings.width - len(number) - 2 - width(facts)), marks(settings).cut)
    return f"{number}{paint(names, 'bold', settings)}  {facts}"


def findings_section(
    document: InspectReport | AuditReport, explanations: Explanations, settings: TextSettings
) -> Iterator[str]:
    """The number of findings of each severity, then each code with its places and what to do.

    The command that reads a deleted secret stands below the first finding about its file.
    """
    yield f"  {paint('Findings', 'bold', settings)}  {severity_words(document)}"
    commands: set[str] = {""}
    for _, group in groupby(document.findings, key=lambda finding: (finding.severity, finding.code)):
        yield from _code(list(group), document, explanations, settings, commands)


def _code(
    group: Sequence[FindingRow],
    document: InspectReport | AuditReport,
    explanations: Explanations,
    settings: TextSettings,
    commands: set[str],
) -> Iterator[str]:
    """The findings of one code; `commands` are those that were named so far."""
    first = group[0]
    several_images = len(document.images) > 1
    total = sum(finding.count for finding in group)
    times = f" {marks(settings).times}{total:,}" if total > 1 else ""
    severity = paint(f"{first.severity:<8}", SEVERITY_STYLES[first.severity], settings)
    references = paint("  " + ", ".join(first.references) if first.references else "", "dim", settings)
    yield f"  {severity}  {first.code}{times}{references}"
    explanation = explanations[first.code]
    most = len(group) if settings.top == 0 or explanation.always_listed else max(1, settings.top // 3)
    for finding in group[:most]:
        words = f"{_place(finding, settings, several_images=several_images)}{finding.message}"
        yield from wrapped(neutralise(words, ascii_only=not settings.unicode).split(" "), settings, _INDENT)
        command = secret_command(finding, document.source, document.images, ascii_only=not settings.unicode)
        if command not in commands:
            commands.add(command)
            yield from command_line(command, settings, _INDENT)
    rest = total - sum(finding.count for finding in group[:most])
    if rest:
        yield unlisted(rest, settings, _INDENT)
    if explanation.remedy:
        advice = f"{marks(settings).arrow} {explanation.remedy}"
        yield from (paint(line, "dim", settings) for line in wrapped(advice.split(" "), settings, _INDENT))


def _place(finding: FindingRow, settings: TextSettings, *, several_images: bool) -> str:
    where = finding.where
    parts = [f"image @{where.image}"] if several_images and where.image is not None else []
    if where.layer is not None:
        parts.append(f"layer {where.layer}")
    if where.path is not None:
        path = escape_stored(where.path, where.path_b64, ascii_only=not settings.unicode)
        parts += [] if path.lstrip("/") in finding.message else [path]
    elif where.member is not None and where.layer is None:
        member = escape_stored(where.member, where.member_b64, ascii_only=not settings.unicode)
        parts += [] if member in finding.message else [member]
    if where.offset is not None and f"{where.offset:,}" not in finding.message:
        parts.append(f"at byte {where.offset:,}")
    return f"{' '.join(parts)}: " if parts else ""


def command_line(command: str, settings: TextSettings, indent: int) -> Iterator[str]:
    """The line of a command that a reader may copy; none where the command is empty or does not fit in one line."""
    line = f"{'':{indent}}{command}"
    if command and (settings.whole or width(line) <= settings.width):
        yield paint(line, "dim", settings)
