"""A run over several archives: what became of each, and the JSON of one that has no report (contract.md section 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from imgtar.contract.block import Block
from imgtar.contract.content import TextSettings
from imgtar.contract.envelope import SCHEMA_VERSION, ErrorBody, Generator


class UnreadSource(Block, frozen=True, kw_only=True):
    path: str
    path_b64: str | msgspec.UnsetType = msgspec.UNSET


class UnreadReport(Block, frozen=True, kw_only=True):
    """The item of `reports` for an archive that could not be used."""

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    source: UnreadSource
    error: ErrorBody


class ArchiveOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one archive of a run. `number` counts from 0; `name` is what was given, escaped.

    `image` is the number of the image where the report is about one of several; `name` ends in it (`app.tar @1`).
    `words` say in one line what was found, and `note` what the end of a text explains once for all of them; both are
    escaped. `unread` is the JSON of an archive without a report, else None.
    """

    number: int
    name: str
    exit_code: int
    words: str
    note: str = ""
    image: int | None = None
    unread: UnreadReport | None = None


class SeveralArchives(msgspec.Struct, frozen=True, kw_only=True):
    """A run over `count` archives, by this version of imgtar."""

    count: int
    generator: Generator


def count_archives(outcomes: Iterable[ArchiveOutcome]) -> int:
    """How many archives these are; one may have an outcome for each of its images."""
    return len({outcome.number for outcome in outcomes})


class Joiner(Protocol):
    """Makes one text of the reports about several archives, in the order in which they are read."""

    def report(self, archive: ArchiveOutcome, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """One archive: the pieces of its report, which are empty where it could not be read."""
        ...

    def end(self, archives: Sequence[ArchiveOutcome]) -> Iterator[bytes]:
        """What follows the last archive."""
        ...


JoinerType = Callable[[TextSettings, SeveralArchives], Joiner]
