"""The JSON document of `duplicates` (contract.md section 5), and what its renderers get.

The rules of `imgtar.contract.inspect` hold here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from imgtar.contract.block import Block, Row
from imgtar.contract.envelope import Envelope, FindingRow
from imgtar.contract.judgements import CheckRule


class DuplicateCopy(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One file with the content of its group. `layer` stores its bytes, `names` counts its hard links and itself.

    `gone`: the final filesystem does not have it.
    """

    path: str
    layer: int
    names: int = 1
    gone: bool = False
    path_b64: str | None = None


class DuplicateGroup(Row, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Files with one content of `size` bytes; all but one of them take `bytes`."""

    sha256: str
    size: int
    bytes: int
    paths: list[DuplicateCopy]


class DuplicateTotals(Block, frozen=True, kw_only=True):
    """How many `groups` there are, how many `files` in them, and how many bytes could be saved.

    `final_bytes` and `stored_bytes` are those of the image.
    """

    groups: int
    files: int
    bytes: int
    final_bytes: int
    stored_bytes: int


class DuplicatesReport(Envelope, frozen=True, kw_only=True):
    """The equal contents of an image. `min_size` and `within` say which files are compared.

    `passed` is null without a gate; else `rules` has the one gate.
    """

    image: str | None
    all_layers: bool
    min_size: int
    within: list[str]
    passed: bool | None
    rules: list[CheckRule]
    totals: DuplicateTotals
    groups: list[DuplicateGroup]
    findings: list[FindingRow]
    ignored: int = 0


GroupSource = Callable[[], Iterable[DuplicateGroup]]


class DuplicatesContent(msgspec.Struct, frozen=True, kw_only=True):
    """`document` has no `groups`; `groups()` gives them, the largest first, as often as asked.

    `instructions` has the one of each layer of the image, empty where it is unknown.
    """

    document: DuplicatesReport
    groups: GroupSource
    instructions: Sequence[str]
