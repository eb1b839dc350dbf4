"""The text of `dockerfile`: the Dockerfile itself, with what is lost in comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.dockerfile import DockerfileContent, DockerfileText
from imgtar.report.table.drawing import encoded
from imgtar.text import neutralise


def dockerfile(content: DockerfileContent, settings: TextSettings) -> Iterator[bytes]:
    """A Dockerfile that BuildKit reads.

    The first line is a comment of ours, so no line of the image is a parser directive, but for `escape`.
    """
    return encoded(dockerfile_lines(content.text, settings), settings)


def dockerfile_lines(text: DockerfileText, settings: TextSettings) -> Iterator[str]:
    """The lines of the file."""
    if text.directive is not None:
        yield _shown(text.directive, settings)
    yield from _comments(text.head, settings)
    for line in text.lines:
        yield from _comments(line.notes, settings)
        for part in line.text.split("\n"):
            yield _shown(part, settings)
    yield from _comments(text.tail, settings)


def _comments(texts: Iterable[str], settings: TextSettings) -> Iterator[str]:
    for text in texts:
        yield f"# {_shown(text, settings)}"


def _shown(text: str, settings: TextSettings) -> str:
    """One line as it is, tabs too; what a terminal would not show is written as its code."""
    return "\t".join(neutralise(part, ascii_only=not settings.unicode) if part else part for part in text.split("\t"))
