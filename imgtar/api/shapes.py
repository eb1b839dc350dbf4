"""What each report looks like from outside: its command, the writer of its JSON, and the list that tables show."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.contract.content import Renderer
from imgtar.report import json_document as json


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` is the list that `Report.rows` gives unless another is named; a row is called `noun`.

    A notebook shows `columns` of it.
    """

    command: str
    noun: str
    json: Renderer
    rows: str
    columns: Sequence[str]


INSPECT = Shape(
    command="inspect",
    noun="layer",
    json=json.inspect,
    rows="layers",
    columns=(
        "image",
        "index",
        "instruction",
        "blob_size",
        "content_size",
        "added.count",
        "deleted.count",
        "created_by",
    ),
)
VERIFY = Shape(
    command="verify",
    noun="layer",
    json=json.verify,
    rows="layers",
    columns=("image", "index", "present", "complete", "digest"),
)
HISTORY = Shape(
    command="history",
    noun="step",
    json=json.whole,
    rows="history",
    columns=("image", "index", "instruction", "layer", "text"),
)
IDS = Shape(
    command="ids",
    noun="layer",
    json=json.whole,
    rows="layers",
    columns=("image", "index", "short.pull", "short.load", "short.chain"),
)
LS = Shape(
    command="ls",
    noun="path",
    json=json.ls,
    rows="entries",
    columns=("path", "type", "size", "mode", "uid", "gid", "layer"),
)
FIND = Shape(
    command="find", noun="path", json=json.find, rows="matches", columns=("path", "state", "type", "size", "layer")
)
DUPLICATES = Shape(
    command="duplicates", noun="group", json=json.duplicates, rows="groups", columns=("size", "bytes", "sha256")
)
DOCKERFILE = Shape(
    command="dockerfile", noun="line", json=json.whole, rows="lines", columns=("layer", "certain", "text")
)
PACKAGES = Shape(
    command="packages",
    noun="package",
    json=json.whole,
    rows="packages",
    columns=("type", "name", "version", "state", "installed_in", "bytes.owned"),
)
AUDIT = Shape(
    command="audit",
    noun="finding",
    json=json.whole,
    rows="findings",
    columns=("severity", "code", "where.layer", "where.path", "message"),
)
CHECK = Shape(
    command="check", noun="gate", json=json.whole, rows="rules", columns=("rule", "image", "passed", "value", "limit")
)
REPORT = Shape(command="report", noun="finding", json=json.whole, rows="findings", columns=AUDIT.columns)
DIFF = Shape(command="diff", noun="path", json=json.diff, rows="files", columns=("path", "kind", "why"))
SHARED = Shape(
    command="shared",
    noun="image",
    json=json.whole,
    rows="images",
    columns=("names", "id", "size", "shared", "unique", "frees"),
)
