"""The JSON document of `dockerfile`, and what its renderer gets. The rules of `imgtar.contract.inspect` hold here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from imgtar.contract.block import Block
from imgtar.contract.envelope import Envelope, FindingRow
from imgtar.contract.files import SkippedEntry

Origin = Literal["history", "provenance", "layers"]


class DockerfileLine(Block, frozen=True, kw_only=True):
    """One instruction, which may have several lines, or a comment for a step that no instruction can say.

    `step` is the index of its row in the history, `layer` the layer that it makes, `line` its first line, from 1, in
    the Dockerfile of the provenance; null where there is none. `notes` say what is lost, one comment each. `certain` is
    false where the text may differ from the Dockerfile's.
    """

    text: str
    step: int | None
    layer: int | None
    line: int | None
    certain: bool
    notes: list[str]


class DockerfileProvenance(Block, frozen=True, kw_only=True):
    """The attestation that the text comes from: digest of its statement, type of its predicate, name of the file.

    Nobody checked a signature.
    """

    digest: str
    predicate_type: str
    filename: str


class ContextLayer(Block, frozen=True, kw_only=True):
    """What a build context has of a layer: a tar or directory, its regular files and their bytes."""

    layer: int
    name: str
    files: int
    bytes: int


class DockerfileContext(Block, frozen=True, kw_only=True):
    """A build context that was written; `skipped` are paths that are not in it."""

    directory: str
    layers: list[ContextLayer]
    skipped: list[SkippedEntry]


class DockerfileReport(Envelope, frozen=True, kw_only=True):
    image: str | None
    origin: Origin
    provenance: DockerfileProvenance | None
    context: DockerfileContext | None
    lines: list[DockerfileLine]
    findings: list[FindingRow]
    ignored: int = 0


class DockerfileText(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the file: `head` and `tail` are the comments around the lines, `directive` the line above all."""

    lines: list[DockerfileLine]
    head: Sequence[str]
    tail: Sequence[str] = ()
    directive: str | None = None


class DockerfileContent(msgspec.Struct, frozen=True, kw_only=True):
    """`refused`: a file system did not take some of the files of a context."""

    document: DockerfileReport
    text: DockerfileText
    refused: bool = False
