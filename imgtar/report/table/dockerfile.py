"""The text of `dockerfile`: the Dockerfile itself, with what is lost in comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.dockerfile import DockerfileContent
from imgtar.report.table.drawing import encoded
from imgtar.text import neutralise


def dockerfile(content: DockerfileContent, settings: TextSettings) -> Iterator[bytes]:
    """A Dockerfile that BuildKit reads.

    The first line is a comment of ours, so no line of the image is a parser directive, but for `escape`.
    """
    return encoded(_lines(content, settings), settings)


def _lines(content: DockerfileContent, settings: TextSettings) -> Iterator[str]:
    if content.directive is not None:
        yield _shown(content.directive, settings)
    yield from _comments(content.head, settings)
    for line in content.document.lines:
        yield from _comments(line.notes, settings)
        for text in line.text.split("\n"):
            yield _shown(text, settings)
    yield from _comments(content.tail, settings)


def _comments(texts: Iterable[str], settings: TextSettings) -> Iterator[str]:
    for text in texts:
        yield f"# {_shown(text, settings)}"


def _shown(text: str, settings: TextSettings) -> str:
    """One line as it is, tabs too; what a terminal would not show is written as its code."""
    return "\t".join(neutralise(part, ascii_only=not settings.unicode) if part else part for part in text.split("\t"))
