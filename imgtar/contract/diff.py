"""The JSON document of `diff` (contract.md section 5), and what its renderers get.

The rules of `imgtar.contract.inspect` hold here too. Of each pair [a, b] and of each `a` and `b`, the first is IMAGE,
which was before, and the second OTHER, which is after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec

from imgtar.contract.block import Block, Row
from imgtar.contract.content import Explanations
from imgtar.contract.envelope import SCHEMA_VERSION, FindingRow, Generator, Integrity, Source
from imgtar.contract.inspect import FileType, Platform
from imgtar.contract.judgements import CheckRule

Level = Literal["default", "content", "strict"]
LayerStatus = Literal["same", "recompressed", "rebuilt", "changed", "moved", "added", "removed"]
Reason = Literal["order", "format", "mtime", "owner", "mode", "xattrs", "content", "paths"]
FileKind = Literal["added", "modified", "deleted", "moved"]
FileReason = Literal["content", "mode", "owner", "mtime", "xattrs", "link", "type", "device"]
Pair = Annotated[list[int | None], msgspec.Meta(min_length=2, max_length=2)]


class DiffSide(Block, frozen=True, kw_only=True):
    """One of the two: its archive, and which image of it. `paths` and `layers` count those of the image."""

    source: Source
    image: str | None
    names: list[str]
    platform: Platform
    complete: bool
    integrity: Integrity
    paths: int
    layers: int


class Pull(Block, frozen=True, kw_only=True):
    """The blobs of OTHER's layers that IMAGE does not have: what a host that has IMAGE transfers.

    `needless` are those of rebuilt and recompressed layers, `layers` counts the blobs; `total` has all bytes of OTHER's
    layers, each blob once. `by`: compared by the digests
    of the blobs, or, where an archive does not state them, by diffID, and then the bytes are those of the uncompressed
    layers. `exact` is false where the size of a layer is unknown: then there are at least so many bytes.
    """

    bytes: int
    needless: int
    layers: int
    total: int
    by: Literal["digest", "diff_id"]
    exact: bool


class Growth(Block, frozen=True, kw_only=True):
    """How much larger OTHER is, by `content_size`. `percent` of IMAGE; null where IMAGE is empty.

    `exact` is false where a layer was not read, and then the sums are those of the others.
    """

    bytes: int
    percent: float | None
    content_size: Pair
    final_bytes: Pair
    exact: bool


class ConfigRow(Block, frozen=True, kw_only=True):
    """A difference of the configurations: `env.NAME`, `labels.KEY`, `cmd`, `user`, …; null where it is not set."""

    key: str
    a: Any
    b: Any


class LargestRow(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A path with which two layers differ, and the bytes that the later one stores there."""

    path: str
    kind: FileKind
    bytes: int
    path_b64: str | None = None


class DiffLayer(Block, frozen=True, kw_only=True):
    """Two layers that are aligned, or one that has no counterpart. `a` and `b` are their indexes.

    `bytes` are their `content_size`; `pull_bytes` those of OTHER's blob where IMAGE does not have it. `largest` has
    of a changed layer the paths that differ, at most ten, with the most bytes first.
    """

    status: LayerStatus
    a: int | None
    b: int | None
    why: list[Reason]
    bytes: Pair
    pull_bytes: int
    instruction: str | None
    text: str | None
    largest: list[LargestRow]


class LeftOut(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A path that does not count: whatever made the filesystem puts it there. `time`: its time alone is left out."""

    path: str
    reason: str
    time: bool = False
    path_b64: str | None = None


class FileState(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A path in one of the filesystems. The keys that `Entry` has too mean the same."""

    type: FileType
    size: int
    mode: str
    uid: int
    gid: int
    mtime: int | None = None
    mtime_ns: int | None = None
    link: str | None = None
    layer: int
    implied: bool = False
    device: list[int] | None = None
    link_b64: str | None = None


class DiffFile(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A path that differs. `moved`: the content at `path` was at `moved_from`; `why` has what else differs."""

    path: str
    kind: FileKind
    why: list[FileReason] | None = None
    moved_from: str | None = None
    a: FileState | None = None
    b: FileState | None = None
    path_b64: str | None = None
    moved_from_b64: str | None = None

    @property
    def state(self) -> FileState:
        """What is at the path afterwards, where nothing is, what was there before."""
        state = self.b or self.a
        assert state is not None
        return state


class FileCounts(Block, frozen=True, kw_only=True):
    """How many paths differ."""

    added: int
    modified: int
    deleted: int
    moved: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.added + self.modified + self.deleted + self.moved


class UnifiedDiff(Row, frozen=True, kw_only=True, omit_defaults=True):
    """The lines in which a text file differs, with `@@` lines before each hunk as `diff -u` writes them.

    `lines` is empty where nothing differs; left out, with a `note` that says why, where there is no text to compare.
    """

    path: str
    in_a: bool = False
    in_b: bool = False
    lines: list[str] | None = None
    note: str | None = None
    path_b64: str | None = None


class DiffReport(Block, frozen=True, kw_only=True):
    """What differs between two images. `equal` is null where it cannot be known, `passed` where no gate was given.

    `pull` is null, and `layers` and `config` are empty, where OTHER is a filesystem without layers. `files` is absent
    with `--layers`, `unified` without `--unified`, `base_layers` (how many of the lowest layers of each are left out)
    without `--own`. `times_only` counts the paths that differ in their time alone, where times do not count.
    """

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    a: DiffSide
    b: DiffSide
    level: Level
    base_layers: Pair | msgspec.UnsetType = msgspec.UNSET
    equal: bool | None
    pull: Pull | None
    growth: Growth
    config: list[ConfigRow]
    layers: list[DiffLayer]
    counts: FileCounts
    times_only: int
    left_out: list[LeftOut]
    files: list[DiffFile] | msgspec.UnsetType = msgspec.UNSET
    unified: list[UnifiedDiff] | msgspec.UnsetType = msgspec.UNSET
    rules: list[CheckRule]
    passed: bool | None
    findings: list[FindingRow]
    ignored: int = 0


class DiffReports(Block, frozen=True, kw_only=True):
    """Several pairs of images: the document of each. `equal` and `passed` hold for all of them."""

    schema_version: int = SCHEMA_VERSION
    generator: Generator
    equal: bool | None
    passed: bool | None
    reports: list[DiffReport]


FileSource = Callable[[], Iterable[DiffFile]]


class ComparedPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two images. `document` has no `files`; `files()` gives them, sorted by path, as often as asked.

    `layers_only`: the report is about the layers alone. `volumes` are the volumes that IMAGE declares.
    """

    document: DiffReport
    files: FileSource
    layers_only: bool = False
    volumes: Sequence[str] = ()

    @property
    def texts(self) -> Sequence[UnifiedDiff]:
        """The rows of `unified`; none where no text was asked for."""
        return () if self.document.unified is msgspec.UNSET else self.document.unified


class DiffContent(msgspec.Struct, frozen=True, kw_only=True):
    """The pairs of images that were compared, nearly always one; `explanations` are those of their findings."""

    pairs: Sequence[ComparedPair]
    explanations: Explanations

    def several(self) -> DiffReports:
        """The document about all pairs, without their own documents."""
        documents = [pair.document for pair in self.pairs]
        equal, passed = {document.equal for document in documents}, {document.passed for document in documents}
        return DiffReports(
            generator=documents[0].generator,
            equal=False if False in equal else None if None in equal else True,
            passed=None if None in passed else False not in passed,
            reports=[],
        )
