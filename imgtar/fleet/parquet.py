"""A part of the results as a Parquet file beside it, for databases; the extra `parquet` has what writes it.

Each document is a column of JSON text, which a database reads only where it is asked for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any

import msgspec

from imgtar.contract.fleet import ACTIONS
from imgtar.errors import UsageError
from imgtar.fleet.row import output_errors

_PLAIN = ("path", "path_b64", "size", "mtime_ns", "exit_code")
_GROUP = 16 << 20  # bytes of lines that are in memory at once


class _Failure(msgspec.Struct, frozen=True):
    code: str
    message: str


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line, of which the documents stay as they are."""

    path: str
    path_b64: str | None = None
    size: int | None
    mtime_ns: int | None
    exit_code: int
    failure: _Failure | None
    inspect: msgspec.Raw = msgspec.Raw()
    verify: msgspec.Raw = msgspec.Raw()
    audit: msgspec.Raw = msgspec.Raw()
    packages: msgspec.Raw = msgspec.Raw()


def check_parquet() -> None:
    """Raises UsageError where the extra is not installed."""
    if find_spec("pyarrow") is None:
        raise UsageError("usage.extra", "--format parquet needs pyarrow", "pip install 'imgtar[parquet]'")


def write_parquet(part: str, temporary: str) -> str:
    """Writes the file beside a part, whole or not at all; returns its name. Raises OutputError."""
    import pyarrow
    from pyarrow import parquet

    texts = [pyarrow.field(name, pyarrow.string()) for name in ("failure_code", "failure_message", *ACTIONS)]
    schema = pyarrow.schema([
        pyarrow.field("path", pyarrow.string()),
        pyarrow.field("path_b64", pyarrow.string()),
        pyarrow.field("size", pyarrow.int64()),
        pyarrow.field("mtime_ns", pyarrow.int64()),
        pyarrow.field("exit_code", pyarrow.int32()),
        *texts,
    ])  # fmt: skip
    name = f"{part.removesuffix('.jsonl')}.parquet"
    with output_errors(name):
        with open(part, "rb") as lines, parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for rows in _groups(lines):
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
        os.replace(temporary, name)
    return name


def _groups(lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    size = 0
    for line in lines:
        rows.append(_row(msgspec.json.decode(line, type=_Line)))
        size += len(line)
        if size >= _GROUP:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _row(line: _Line) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(line, name) for name in _PLAIN}
    found["failure_code"] = None if line.failure is None else line.failure.code
    found["failure_message"] = None if line.failure is None else line.failure.message
    for action in ACTIONS:
        found[action] = bytes(getattr(line, action)).decode() or None
    return found
