"""The JSON document of `dockerfile`, and what its renderer gets. The rules of `imgtar.contract.inspect` hold here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from imgtar.contract.block import Block
from imgtar.contract.envelope import Envelope, FindingRow


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


class DockerfileReport(Envelope, frozen=True, kw_only=True):
    image: str | None
    origin: Literal["history", "provenance"]
    provenance: DockerfileProvenance | None
    lines: list[DockerfileLine]
    findings: list[FindingRow]
    ignored: int = 0


class DockerfileContent(msgspec.Struct, frozen=True, kw_only=True):
    """`head` and `tail` are the comments of the text above and below the lines, `directive` the line above all."""

    document: DockerfileReport
    head: Sequence[str]
    tail: Sequence[str] = ()
    directive: str | None = None
