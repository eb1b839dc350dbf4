"""The input of the renderers of `ls`, `find` and `extract`: documents about files, with their long lists as sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from imgtar.contract.files import (
    DirectoryRow,
    DuReport,
    Entry,
    ExtractedEntry,
    ExtractReport,
    FindReport,
    LsReport,
    Match,
)
from imgtar.contract.inspect import ChangeKind

DirectorySource = Callable[[], Iterable[DirectoryRow]]
EntrySource = Callable[[], Iterable[Entry]]
MatchSource = Callable[[], Iterable[Match]]
ExtractedSource = Callable[[], Iterable[ExtractedEntry]]


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A layer that adds, modifies or deletes a path."""

    layer: int
    kind: ChangeKind


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Where PATH is or was. `leads_to` is the path, escaped, that its links lead to; `loops`: they lead in circles.

    `sightings` is None where something is listed, else it has the layers, base first, in whose changes the path is.
    """

    leads_to: str | None = None
    loops: bool = False
    sightings: Sequence[Sighting] | None = None


class Absent(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the view lacks: as a person named it, and where links lead it, if elsewhere.

    `is_pattern`: it is a pattern that matches no file. `deleted_by` is the layer that removed it last, with its
    instruction, and `stored_by` the last layer that stores a file there; both among the layers that the view depends
    on. `why` replaces both where the name is there, but without content.
    """

    name: str
    leads_to: str | None = None
    is_pattern: bool = False
    deleted_by: int | None = None
    instruction: str | None = None
    stored_by: int | None = None
    why: str = ""


class LsContent(msgspec.Struct, frozen=True, kw_only=True):
    """`document` has no `entries`; `entries()` gives them, sorted. `long`: the text has a column for each fact.
    `all_layers`: the entries are those of each layer, one layer after the other. `whereabouts` is None without PATH.
    """

    document: LsReport
    entries: EntrySource
    long: bool = False
    all_layers: bool = False
    whereabouts: Whereabouts | None = None


class DuContent(msgspec.Struct, frozen=True, kw_only=True):
    """`document` has no `directories`; `directories()` gives them, largest first. `long`: the text has exact numbers.

    `whereabouts` is None without PATH.
    """

    document: DuReport
    directories: DirectorySource
    long: bool = False
    whereabouts: Whereabouts | None = None


class FindContent(msgspec.Struct, frozen=True, kw_only=True):
    """`document` has no `matches`; `matches()` gives them, sorted, as often as asked.

    `paths` is how many there are without those that lead nowhere, `layers` how many layers did something to them.
    `instructions` has the one of each layer of the image, empty where it is unknown. `choice` is what `--image` needs
    to choose the image: empty where there is no other, None where it cannot be chosen.
    """

    document: FindReport
    matches: MatchSource
    paths: int
    layers: int
    instructions: Sequence[str]
    choice: str | None = ""


class AbsentPath(msgspec.Struct, frozen=True, kw_only=True):
    """A path that was asked for and is not there, as it was given; `sightings` are the layers that change it."""

    path: str
    sightings: Sequence[Sighting]


class ExtractContent(msgspec.Struct, frozen=True, kw_only=True):
    """`document` has no `entries`; `entries()` gives what was written, sorted. `listing`: the report lists it.

    `steps` has the instruction of each layer where only deleted files were asked for, else None. `links_out` counts
    the symbolic links that lead out of the directory, `absent` are paths that are not there. `refused`: the file system
    did not take some files.
    """

    document: ExtractReport
    entries: ExtractedSource
    listing: bool
    steps: Sequence[str] | None = None
    links_out: int = 0
    absent: Sequence[AbsentPath] = ()
    refused: bool = False
