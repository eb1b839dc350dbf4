"""`diff --unified PATH`: the lines in which a text file of two images differs."""

from __future__ import annotations

from imgtar.analysis.comparison.unified import unified_lines
from imgtar.answers.session import Session
from imgtar.contract.diff import UnifiedDiff
from imgtar.filesystem.given_paths import parse_path, resolve
from imgtar.filesystem.tree import FileEntry
from imgtar.findings import Finding
from imgtar.limits import MIB
from imgtar.text import json_text

_MOST = MIB  # bytes of a file


class _NoText(Exception):
    """Why a file has no lines to compare."""


def unified(name: str, a: tuple[Session, int], b: tuple[Session, int]) -> tuple[UnifiedDiff, list[Finding]]:
    """How the file `name` of image `a` differs from that of `b`, and why a content is not whole.

    Links are followed in the root of each image. Raises UsageError for what is not a path, InputError where an archive
    cannot be read.
    """
    path, findings = parse_path(name), list[Finding]()
    shown, shown_b64 = json_text(b"/" + path)
    there = [_entry(side, path) for side in (a, b)]
    lines: list[str] | None = None
    note = None if any(there) else "in neither of the two"
    if note is None:
        try:
            before, after = (
                _text(side, entry, letter, findings)
                for side, entry, letter in zip((a, b), there, ("A", "B"), strict=True)
            )
            lines = unified_lines(before, after)
        except _NoText as reason:
            note = str(reason)
    row = UnifiedDiff(
        path=shown, path_b64=shown_b64, in_a=there[0] is not None, in_b=there[1] is not None, lines=lines, note=note
    )
    return row, findings


def _entry(side: tuple[Session, int], path: bytes) -> FileEntry | None:
    session, image = side
    tree = session.tree(image)
    way = resolve(tree, path)
    return tree.entry(way.path) if way.exists and way.path in tree else None


def _text(side: tuple[Session, int], entry: FileEntry | None, letter: str, findings: list[Finding]) -> str:
    """The content as text; nothing where the file is not there. Raises _NoText."""
    if entry is None:
        return ""
    if entry.broken or entry.member.type != "file":
        raise _NoText(f"no regular file in {letter}")
    if entry.member.size > _MOST:
        raise _NoText(f"larger than 1 MiB in {letter}")
    session, image = side
    content = b""
    for body in session.bodies(image, [(entry.scan_layer, entry.member)]):
        content = b"".join(body.chunks())
        if body.finding is not None:
            findings.append(body.finding.within(image=image).of_input("a" if letter == "A" else "b"))
            raise _NoText(f"not whole in {letter}")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _NoText(f"not UTF-8 text in {letter}") from None
    if "\0" in text:
        raise _NoText(f"not text in {letter}")
    return text
