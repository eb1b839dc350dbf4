"""`imgtar cat`: the contents of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imgtar.answers.cat import Chosen, Contents
    from imgtar.answers.options import InspectOptions
    from imgtar.answers.session import Session
    from imgtar.answers.view import View
    from imgtar.archive.index.spooled_index import Announce
    from imgtar.findings import Finding
    from imgtar.limits import Limits


@declared(
    Command(
        name="cat",
        summary="Write the contents of files, also of deleted ones.",
        examples=(
            Example("imgtar cat app.tar /etc/os-release", "Print a file of the final filesystem"),
            Example(
                "imgtar cat app.tar /root/.ssh/id_rsa --layer 3", "Print a file of layer 3 that a later layer deletes"
            ),
            Example("imgtar cat app.tar '/etc/*-release'", "Print every file that a pattern matches"),
        ),
    )
)
@options.image_argument
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.UNPROCESSED)
@options.view_options
@click.option("--head", metavar="BYTES", help="Write only the first bytes of each file, such as 512 or 4KiB.")
@click.option("--raw", is_flag=True, help="Escape nothing, also on a terminal.")
@click.option("--verify", is_flag=True, help="Check the digests of a layer before anything of it is written.")
@options.choice_options
@options.reading_options
@options.common_options
def command(
    image: str,
    paths: tuple[str, ...],
    layer: int | None,
    upto: int | None,
    head: str | None,
    raw: bool,
    verify: bool,
    quiet: bool,
    **given: Any,
) -> int:
    """Write the contents of files to standard output, one after the other and nothing else.

    Symbolic links are followed inside the image. PATH may be a pattern as in .gitignore. On a terminal control
    characters are escaped. An archive from a pipe, or one that is compressed as a whole, goes to a temporary file
    without a name first.
    """
    from imgtar.answers.view import View
    from imgtar.cli.errors import errors_name
    from imgtar.cli.spooling import spooling

    view = View(layer=layer, upto=upto)
    with errors_name(image):
        reading = _reading(spooling(image, quiet=quiet), **given)
        size = None if head is None else _size(head)
        session, chosen = _read(image, reading, view, paths, quiet=quiet)
        if verify:
            _refuse_unverified(session, chosen)
        return _write(image, session, chosen, view, head=size, raw=raw, quiet=quiet)


def _reading(
    spool: Announce,
    *,
    limits: tuple[str, ...],
    timeout: float | None,
    reference: str | None,
    platform: str | None,
    allow_missing: bool,
    jobs: int | None,
    cache: str | None,
    **_unused: object,
) -> InspectOptions:
    """How to read the archive. Raises as its parts do."""
    from imgtar.answers.options import InspectOptions
    from imgtar.cli.caching import cache_of

    return InspectOptions(
        limits=_limits(limits),
        timeout=timeout,
        image=reference,
        platform=platform,
        allow_missing=allow_missing,
        jobs=jobs,
        cache=cache_of(cache),
        spool=spool,
    )


def _limits(stated: tuple[str, ...]) -> Limits:
    """The limits. What reads them takes as long to import as a small archive to be read, so it comes when needed."""
    from imgtar.limits import DEFAULT

    if not stated:
        return DEFAULT
    from imgtar.cli.request import limits_of

    return limits_of(stated)


def _size(text: str) -> int:
    from imgtar.amounts import size

    try:
        return size(text)
    except ValueError:
        raise click.UsageError(f"--head {text}: give a whole number of bytes, or a size such as 4KiB") from None


def _read(
    image: str, reading: InspectOptions, view: View, paths: Sequence[str], *, quiet: bool
) -> tuple[Session, Chosen]:
    """Reads the layers that the view depends on, and looks up the paths. Raises UsageError and InputError."""
    import contextlib

    import msgspec

    from imgtar.answers.cat import Chosen, choose
    from imgtar.answers.one_image import only_image
    from imgtar.answers.opening import open_session
    from imgtar.cli.progress_bar import progress_for

    bar = progress_for(quiet=quiet)
    with contextlib.ExitStack() as stack:
        if bar is not None:
            stack.callback(bar.finish)
        session = open_session(image, msgspec.structs.replace(reading, progress=bar))
        outline = only_image(session)
        if outline is None:
            return session, Chosen((), ())
        view.check(outline)
        session.read(view.needs)
        return session, choose(session, view, paths)


def _refuse_unverified(session: Session, chosen: Chosen) -> None:
    """Raises DamageError where a layer whose files were chosen is not what the image says, LimitError at a limit."""
    from imgtar.cli.run_command import harm_words
    from imgtar.errors import DamageError, LimitError
    from imgtar.findings import Effect

    found = session.verify_layers(0, sorted({entry.scan_layer for entry in chosen.files}))
    harm = harm_words(found)
    if harm:
        limited = all(finding.effect in (Effect.LIMIT, Effect.NONE) for finding in found)
        error = LimitError if limited else DamageError
        raise error("cat.unverified", f"{harm}; nothing was written", "`imgtar verify` lists everything")


def _write(
    image: str, session: Session, chosen: Chosen, view: View, *, head: int | None, raw: bool, quiet: bool
) -> int:
    """Writes the files, then a line for each one that is not there and one for damage; returns the exit code."""
    import sys

    from imgtar.answers.cat import Contents
    from imgtar.cli.outputs import write_stdout
    from imgtar.exit_codes import exit_code

    contents = Contents(session, chosen.files, head)
    on_terminal = not raw and sys.stdout is not None and sys.stdout.isatty()
    write_stdout(_escaped(contents) if on_terminal else contents.chunks())
    findings = [*session.findings, *contents.findings]
    effects = {finding.effect for finding in findings}
    if not quiet and (chosen.absent or exit_code(effects)):
        _tell(image, chosen, view, findings)
    return exit_code(effects, gate_failed=bool(chosen.absent))


def _tell(image: str, chosen: Chosen, view: View, findings: Sequence[Finding]) -> None:
    """Prints a line for each file that is not there, and one for damage."""
    from imgtar.cli.errors import print_message
    from imgtar.cli.run_command import harm_words
    from imgtar.report.words.absence import unread_words

    harm = harm_words(findings)
    for absent in chosen.absent:
        print_message(unread_words(absent, view.layer, view.upto, complete=not harm), image)
    if harm:
        written = "what can be read was written" if chosen.files else "nothing was written"
        print_message(f"{harm}; {written}", image)


def _escaped(contents: Contents) -> Iterator[bytes]:
    """What a terminal shows of the contents."""
    import sys

    from imgtar.cli.request import shows_unicode
    from imgtar.text import escape_content

    assert sys.stdout is not None
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    shown: Iterable[str] = escape_content(contents.chunks(), ascii_only=not shows_unicode(encoding))
    return (text.encode(encoding, "backslashreplace") for text in shown)
