"""The text of `find`: each path with its state, and under it a line for what each layer did to it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.file_content import FindContent
from imgtar.contract.files import Event, Match
from imgtar.report.table.drawing import Style, encoded, marks, paint, shown, wrapped
from imgtar.report.table.ls import mode_words, time_words
from imgtar.report.table.sections import LISTED_BY_INSPECT, head
from imgtar.report.words.image import counted
from imgtar.report.words.matches import is_readable, state_words, why_words
from imgtar.report.words.reading import cat_command
from imgtar.text import cut, cut_middle, escape_stored, human_size, width

_NAME = 18  # columns of a short path, so that the states of short paths stand below one another
_UNMATCHED = 10  # patterns without a match that are named
_LEAST_NAME = 12  # columns that a path keeps
_STYLES: dict[str, Style] = {
    "added": "green",
    "modified": "yellow",
    "deleted": "red",
    "unchanged": "dim",
    "hidden": "cyan",
}


def find(content: FindContent, settings: TextSettings) -> Iterator[bytes]:
    """The paths that were found; a long path is cut in its middle unless `settings.whole`."""
    return encoded(_lines(content, settings), settings)


def _lines(content: FindContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    if not document.complete or document.integrity == "failed":
        yield from head(document, document.findings, settings, rest=LISTED_BY_INSPECT)
        yield ""
    readable: Match | None = None
    for match in content.matches():
        yield from match_lines(match, content.instructions, settings)
        if readable is None and is_readable(match):
            readable = match
    if content.paths:
        yield ""
        yield f"{counted(content.paths, 'path')} in {counted(content.layers, 'layer')}"
        for text in document.unmatched[:_UNMATCHED]:
            yield from wrapped(["nothing", "found", "for", shown(text, settings)], settings, 0)
        if len(document.unmatched) > _UNMATCHED:
            yield f"nothing found for {counted(len(document.unmatched) - _UNMATCHED, 'more pattern')}"
    elif not document.complete:
        yield "nothing found in what was read"
    if readable is not None:
        yield from _command(content, readable, settings)


def match_lines(match: Match, instructions: Sequence[str], settings: TextSettings) -> Iterator[str]:
    """A path with its state, and a line for what each layer did to it; `instructions` has that of each layer."""
    numbers = len(str(max(len(instructions) - 1, 0)))
    words = max(map(len, instructions), default=0)
    yield from _match(match, settings)
    for event in match.events:
        yield from _event(event, numbers, words, settings)


def _match(match: Match, settings: TextSettings) -> Iterator[str]:
    state = state_words(match)
    ascii_only = not settings.unicode
    path = escape_stored(match.path, match.path_b64, ascii_only=ascii_only)
    room = settings.width - width(state) - 2
    name = path if settings.whole else cut_middle(path, max(room, _LEAST_NAME), marks(settings).cut)
    blank = " " * (min(_NAME, room) - width(name))
    yield f"{paint(name, 'bold', settings)}{blank}  {paint(state, '' if match.state == 'present' else 'red', settings)}"
    if match.via is not None:
        via = escape_stored(match.via.replace("→", marks(settings).arrow), match.via_b64, ascii_only=ascii_only)
        yield from wrapped(["via", *via.split(" ")], settings, 4)
    if match.below:
        pattern = shlex.quote(f"{path.rstrip('/')}/**")
        yield from wrapped([counted(match.below, "path"), "below", f"(give {pattern})"], settings, 4)


def _event(event: Event, numbers: int, words: int, settings: TextSettings) -> Iterator[str]:
    size = "" if event.kind == "deleted" or event.type not in ("file", "hardlink") else human_size(event.size)
    facts = f"{event.layer:>{numbers}} {event.instruction or '':<{words}}"
    kind = paint(f"{event.kind:<9}", _STYLES[event.kind], settings)
    before = f"  {facts}  "
    after = f"  {size:>7}  {'  '.join(_details(event, settings))}".rstrip()
    if not settings.whole:
        after = cut(after, settings.width - width(before) - 9, marks(settings).cut)
    yield f"{before}{kind}{after}".rstrip()
    if event.sha256 is not None and event.kind != "deleted":
        yield f"{'':{width(before)}}sha256:{event.sha256}"


def _details(event: Event, settings: TextSettings) -> Iterator[str]:
    if event.kind == "deleted":
        return
    arrow = marks(settings).arrow
    mode, time = mode_words(event), time_words(event.mtime).strip()
    link = None if event.link is None else escape_stored(event.link, event.link_b64, ascii_only=not settings.unicode)
    if event.kind == "modified":
        yield ", ".join(why_words(event, mode, time))
    else:
        yield mode
        yield f"{event.uid}:{event.gid}"
        yield "implied" if event.implied else time
    if event.contains:
        yield "has the text"
    if link is not None:
        yield f"{arrow} {link}"


def _command(content: FindContent, match: Match, settings: TextSettings) -> Iterator[str]:
    """The command that prints the first file that is gone; its operands are left out where the line is too short."""
    layer = match.layer or 0
    source = content.document.source
    line = (
        cat_command(source, match.path, match.path_b64, layer, content.choice, ascii_only=not settings.unicode)
        or f"imgtar cat IMAGE PATH --layer {layer}"
    )
    if width(line) > settings.width and not settings.whole:
        line = f"imgtar cat IMAGE PATH --layer {layer}"
    words = "prints the first that is gone"
    joined = f"{line} {words}"
    yield from [joined] if width(joined) <= settings.width else [line, f"  {words}"]
