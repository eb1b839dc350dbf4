"""`imgtar explore`: the image in a terminal, to look around."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, declared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgtar.answers.options import InspectOptions
    from imgtar.answers.session import Session
    from imgtar.answers.view import View
    from imgtar.explore.model.explored import Explored
    from imgtar.limits import Limits


@declared(
    Command(
        name="explore",
        summary="Look around in an image in the terminal.",
        examples=(
            Example("imgtar explore app.tar", "Show layers, files and what each layer did to a file"),
            Example("imgtar explore app.tar --start /etc/passwd", "Begin at a file, with what each layer did to it"),
            Example("imgtar explore app.tar --platform linux/arm64", "The same of one platform of several"),
        ),
    )
)
@options.image_argument
@click.option("--start", metavar="PATH", help="Select this path at first.")
@options.base_image_options
@options.choice_options
@options.reading_options
@options.common_options
def command(
    image: str,
    start: str | None,
    base: str | None,
    base_image: tuple[str, ...],
    reference: str | None,
    platform: str | None,
    allow_missing: bool,
    limits: tuple[str, ...],
    timeout: float | None,
    jobs: int | None,
    cache: str | None,
    quiet: bool,
    color: str,
    no_color: bool,
    **_unused: object,
) -> int:
    """Show the layers of an image, their files, and what is known of each, in the terminal; ? lists the keys.

    Every screen names the command line that prints the same. The extra imgtar[explore] has what this command needs.
    """
    from imgtar.answers.options import InspectOptions
    from imgtar.cli.caching import cache_of
    from imgtar.cli.errors import errors_name
    from imgtar.cli.request import base_layers_of, limits_of
    from imgtar.cli.spooling import spooling
    from imgtar.filesystem.given_paths import parse_path

    with errors_name(image):
        _check_terminal(image)
        _set_colour("never" if no_color else color)
        reading = InspectOptions(
            limits=limits_of(limits),
            timeout=timeout,
            image=reference,
            platform=platform,
            allow_missing=allow_missing,
            jobs=jobs,
            base=base_layers_of(base, base_image),
            base_images=base_image,
            cache=cache_of(cache),
            spool=spooling(image, quiet=quiet),
        )
        selected = b"" if start is None else parse_path(start)
        return _explore(image, reading, _base_options(base, base_image), selected, quiet=quiet)


def _base_options(base: str | None, base_image: Sequence[str]) -> list[str]:
    """The options about the base image as they stand in the command lines that the screens name."""
    images = [word for archive in base_image for word in ("--base-image", archive)]
    return images if base is None else [*images, "--base", base]


def _check_terminal(image: str) -> None:
    """Raises UsageError without a terminal, where standard input is the archive, or without the extra."""
    from importlib.util import find_spec

    from imgtar.archive.input.input_name import parse_input
    from imgtar.errors import UsageError

    is_piped = parse_input(image).path in ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
    if is_piped and sys.stdout is not None and sys.stdout.isatty():
        what = "the archive cannot come from standard input, because the keys do"
        raise UsageError("usage.terminal", what, "save it to a file first")
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError(
            "usage.terminal", "explore needs a terminal", "`imgtar inspect` and `imgtar ls` print the same"
        )
    if find_spec("textual") is None:
        raise UsageError("usage.extra", "explore needs textual", "pip install 'imgtar[explore]'")


def _set_colour(wanted: str) -> None:
    """Sets NO_COLOR as `--color` says: textual reads that variable."""
    import os

    if wanted == "never":
        os.environ["NO_COLOR"] = "1"
    elif wanted == "always":
        os.environ.pop("NO_COLOR", None)


def _explore(image: str, reading: InspectOptions, base_options: Sequence[str], start: bytes, *, quiet: bool) -> int:
    """Reads the image and shows it until the person ends; returns the exit code. Raises as reading does."""
    from imgtar.cli.errors import print_message
    from imgtar.cli.request import shows_unicode
    from imgtar.cli.run_command import harm_words
    from imgtar.cli.signals import undone_by
    from imgtar.cli.terminal import restorer
    from imgtar.exit_codes import exit_code
    from imgtar.explore.model.explored import explored

    session = _read(image, reading, quiet=quiet)
    unicode = shows_unicode(getattr(sys.stdout, "encoding", None))
    findings = session.findings
    session.end_deadline()
    shown = explored(session, unicode=unicode, base_options=base_options)
    if shown is not None:
        from imgtar.explore.app import Explorer
        from imgtar.explore.model.compare_page import compared
        from imgtar.runtime import collecting

        _check_start(shown, start)
        extract = _extractor(session, reading.limits)
        explorer = Explorer(shown, extract, partial(compared, session, image, reading=reading), start)
        with undone_by(restorer()), collecting():
            explorer.run()
        if explorer.failure is not None:
            raise explorer.failure
    harm = harm_words(findings)
    if harm and not quiet:
        left = "" if shown is not None else "; no image is left to show; `imgtar verify IMAGE` says what is there"
        print_message(f"{harm}{left}", image)
    return exit_code({finding.effect for finding in findings})


def _check_start(shown: Explored, start: bytes) -> None:
    """Raises UsageError for a path that no layer has."""
    from imgtar.errors import UsageError

    if start and start not in shown.stacked.tree and not shown.history.layers_of(start)[0]:
        message = f"--start {shown.path(start)}: not found in any layer"
        raise UsageError("usage.path", message, "`imgtar ls` lists the paths")


def _read(image: str, reading: InspectOptions, *, quiet: bool) -> Session:
    """Reads all layers of the image. Raises UsageError where there are several, and InputError."""
    import contextlib

    import msgspec

    from imgtar.answers.one_image import only_image
    from imgtar.answers.opening import open_session
    from imgtar.answers.options import EVERYTHING
    from imgtar.cli.progress_bar import progress_for

    bar = progress_for(quiet=quiet)
    with contextlib.ExitStack() as stack:
        if bar is not None:
            stack.callback(bar.finish)
        session = open_session(image, msgspec.structs.replace(reading, progress=bar))
        only_image(session)
        session.read(EVERYTHING)
        return session


def _extractor(session: Session, limits: Limits) -> Callable[[str, str, View], str]:
    """Writes what is at and below a path of a view to a new directory, with links that lead inside it.

    The function that it returns says what was written, and raises ImgtarError.
    """
    from imgtar.answers.extract import Extraction, plan_extraction
    from imgtar.cli.extraction_output import metadata_rules, to_directory
    from imgtar.report.words.image import counted

    rules = metadata_rules(exact=False, owner=False, xattrs=False, private=False)

    def extract(path: str, directory: str, view: View) -> str:
        extraction = Extraction(output=directory, is_tar=False, paths=(path,), view=view, links="inside")
        planned = plan_extraction(session, extraction, limits)
        if not planned.is_written:
            return "nothing was written" if planned.reached is None else "a limit is reached; nothing was written"
        written = to_directory(session, planned, directory, rules)
        if written.stopped:
            return "a limit is reached; nothing was written"
        skipped = f", {len(written.skipped):,} not" if written.skipped else ""
        return f"{counted(len(written.items), 'path')} written to {directory}{skipped}"

    return extract
