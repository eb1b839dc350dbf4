"""Asks sessions questions without a command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from imgtar.answers.filters import Filter, Filtered
from imgtar.answers.options import CATALOG, EVERYTHING
from imgtar.answers.session import Session
from imgtar.archive.input.input_name import parse_input
from imgtar.cli.registry import report_types
from imgtar.image.opening import open_images
from imgtar.image.read_options import ReadOptions
from imgtar.limits import Meter

Content = TypeVar("Content")


def opened(path: Path, *, verify: bool = False) -> tuple[Session, Meter]:
    """A session that has read nothing but the catalog, and the meter that counts what it reads."""
    meter = Meter()
    return Session(open_images(parse_input(str(path)), meter, ReadOptions(verify=verify))), meter


def all_findings(session: Session) -> Filtered:
    """The findings of what was read, none hidden."""
    return Filter().apply(session.findings)


def content_of(question: Callable[..., Content], archive: bytes, folder: Path, **arguments: Any) -> Content:
    """What the content function `question` says of an archive, which is read as far as its report type says.

    `arguments` are those that the command gives to `run`.
    """
    path = folder / "image.tar"
    path.write_bytes(archive)
    session, meter = opened(path)
    [reads] = {report.reads for report in report_types().values() if report.content_function() is question}
    session.read(CATALOG if reads == "catalog" else EVERYTHING)
    content = question(session, all_findings(session), **arguments)
    assert reads != "catalog" or meter.entries == 0, 'a layer is read: leave out reads="catalog" in the ReportType'
    return content
