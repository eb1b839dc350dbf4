"""The functions about several archives; the docstring of `imgtar.api` has what they share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from imgtar.answers.options import DEFAULT_OPTIONS, FILES, InspectOptions
from imgtar.answers.session import Session
from imgtar.api import shapes
from imgtar.api.asking import read
from imgtar.api.reports import Report
from imgtar.archive.input.archive_folder import archives_in
from imgtar.archive.input.input_name import Input, input_name, parse_input
from imgtar.contract.diff import ComparedPair, DiffReport, DiffReports
from imgtar.contract.shared import SharedReport
from imgtar.errors import InputError, errors_about
from imgtar.image.twins import Twins


def diff(
    source: Input,
    other: Input,
    *,
    level: Literal["default", "content", "strict"] = "default",
    exclude: Iterable[str] = (),
    only: Iterable[str] = (),
    unified: Iterable[str] = (),
    options: InspectOptions = DEFAULT_OPTIONS,
) -> Report[DiffReport | DiffReports]:
    """The report of `imgtar diff`: how the image `other` differs from `source`, which was before.

    `exclude` and `only` are globs of the paths that count; of the text files `unified` the lines are compared. `other`
    may be a root filesystem, too. Where several images pair by platform, the document is a DiffReports.
    """
    from imgtar.answers.diff import DiffSettings, diff_content

    settings = DiffSettings(
        level=level, exclude=tuple(exclude), only=tuple(only), unified=tuple(unified), own=options.own
    )
    limits = options.limits.within(options.timeout)  # the time of both archives together
    options = msgspec.structs.replace(options, limits=limits, timeout=None)
    first = _side(source, options, Twins(), root_filesystem=False)
    twins = Twins(layer for image in first.images for layer in image.layers)
    second = _side(other, options, twins, root_filesystem=True)
    with errors_about(f"{input_name(source)} and {input_name(other)}"):
        content, _ = diff_content(first, second, settings, limits)
        documents = [_with_files(pair) for pair in content.pairs]
    if len(documents) == 1:
        return Report(shapes.DIFF, documents[0], content, None)
    return Report(shapes.DIFF, msgspec.structs.replace(content.several(), reports=documents), content, None)


def _side(source: Input, options: InspectOptions, twins: Twins, *, root_filesystem: bool) -> Session:
    """One of the two; a reference that the source states replaces the one of the options."""
    image = parse_input(source).reference or options.image
    with errors_about(input_name(source)):
        return read(source, options, FILES, image=image, twins=twins, root_filesystem=root_filesystem)


def _with_files(pair: ComparedPair) -> DiffReport:
    return msgspec.structs.replace(pair.document, files=list(pair.files()))


def shared(
    sources: Iterable[Input],
    *,
    remove: Iterable[str] = (),
    files: bool = False,
    options: InspectOptions = DEFAULT_OPTIONS,
) -> Report[SharedReport]:
    """The report of `imgtar shared`: which layers images have in common, and what removing some of them frees.

    `remove` are references of images to remove; with `files` equal files in layers that are not shared are found. A
    folder of archives stands for the archives in it. A source that cannot be used does not stop the others:
    `document.sources` has its error. Raises InputError where none can be used.
    """
    from imgtar.answers.reading import ArchiveReader, ReadArchive, UnreadArchive
    from imgtar.answers.shared import SharedQuestion, shared_content

    given = [archive for source in sources for archive in _archives(source)]
    reader = ArchiveReader(options, several=len(given) > 1, contents=files)
    archives: list[ReadArchive | UnreadArchive] = []
    for number, source in enumerate(given, 1):
        try:
            with errors_about(input_name(source)):
                archives.append(reader.read(source))
        except InputError as problem:
            if number == len(given) and all(isinstance(one, UnreadArchive) for one in archives):
                raise
            archives.append(UnreadArchive(input_name(source), problem))
    content = shared_content(archives, SharedQuestion(rm=tuple(remove), files=files))
    return Report(shapes.SHARED, content.document, content, None)


def _archives(source: Input) -> Sequence[Input]:
    """The archives in a folder of archives, else the source."""
    return (archives_in(os.fsdecode(source)) if isinstance(source, str | os.PathLike) else []) or [source]
