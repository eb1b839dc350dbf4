"""Help for a first argument that is neither a command nor a file: the nearest command, or how to save an image."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from imgtar.cli.near import did_you_mean
from imgtar.cli.registry import EXAMPLES, NAMES

# Names as registries have them (distribution: reference grammar); nothing in them needs quoting in a shell.
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]+)?"
_REFERENCE = re.compile(
    rf"(?:{_HOST}/)?(?:{_PART}/)*(?P<last>{_PART})(?P<tag>:\w[\w.-]{{0,127}})?(?P<digest>@sha256:[0-9a-f]{{64}})?",
    re.ASCII,
)


_TRANSPORTS = ("docker://", "docker-daemon:", "containers-storage:")


class NotAnImage(click.UsageError):
    """There is no first argument, or it is neither a command nor a file; `lines` are commands that help."""

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.lines = lines


def nothing_given() -> NotAnImage:
    """The error where no argument is given, with three lines to begin with."""
    longest = max(len(example.line) for example in EXAMPLES)
    lines = [f"{example.line:<{longest}}  # {example.purpose}" for example in EXAMPLES]
    return NotAnImage(
        "give an image: imgtar [COMMAND] IMAGE [OPTIONS] (imgtar --help shows the commands); for example", lines
    )


def not_an_image(word: str) -> NotAnImage:
    """The error for a first argument that is neither a command nor a file, and does not look like a file."""
    what = f"{word}: neither a command nor a file"
    near = did_you_mean(word, NAMES)
    if near:
        return NotAnImage(f"{what}{near}")
    lines = saving_lines(word)
    if lines:
        return NotAnImage(f"{what}; an image of a registry must be saved to a file first, by one of", lines)
    return NotAnImage(f"{what}; commands are {', '.join(NAMES)}")


def without_transport(word: str) -> str:
    """The name of an image without what skopeo puts before one that is in no file."""
    return next((word.removeprefix(one) for one in _TRANSPORTS if word.startswith(one)), word)


def is_registry_name(word: str) -> bool:
    """Is it a name in a registry beyond doubt: with a transport, a tag, a digest or a host in front, and of no tar?"""
    if word.startswith(_TRANSPORTS):
        return True
    found = _REFERENCE.fullmatch(word)
    host = word.partition("/")[0]
    hosted = "/" in word and ("." in host or ":" in host or host == "localhost")
    return found is not None and ".tar" not in word and bool(found["tag"] or found["digest"] or hosted)


def saving_lines(word: str) -> list[str]:
    """The commands that make an archive of the image `word` of a registry; none where it cannot be such a name."""
    word = without_transport(word)
    found = _REFERENCE.fullmatch(word)
    if found is None:
        return []
    file = f"{found['last']}.tar"
    named = "" if found["digest"] else f":{word}"
    return [f"docker save {word} -o {file}", f"skopeo copy docker://{word} docker-archive:{file}{named}"]
