"""The lists of a document as rows of plain values, for data frames and loops."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import get_args, get_origin, get_type_hints

import msgspec

# A row says in which of these it is: the list, and the column with the index in it.
_NESTED = {"reports": "report", "images": "image", "layers": "layer", "matches": "match", "groups": "group"}

Place = Mapping[str, int]  # the index by column


def rows_of(document: msgspec.Struct, name: str) -> Iterator[tuple[Place, msgspec.Struct]]:
    """The rows of the lists called `name`, each with its place. Raises ValueError where the document has none."""
    found, names = _lists(document, name)
    if not found:
        raise ValueError(f"the report has no list {name!r}; it has {', '.join(sorted(names))}")
    return ((place, row) for place, rows in found for row in rows)


def table(rows: Iterable[tuple[Place, msgspec.Struct]]) -> list[dict[str, object]]:
    """The rows as they are in JSON, all with the same keys: of an object in a row `added.count`, None where none is.

    Lists of objects are left out, since each has rows of its own.
    """
    flat = [{**place, **_flat(msgspec.to_builtins(row))} for place, row in rows]
    left_out = {key for row in flat for key, value in row.items() if _is_list_of_objects(value)}
    keys = dict.fromkeys(key for row in flat for key in row if key not in left_out)
    return [{key: row.get(key) for key in keys} for row in flat]


def _lists(
    document: msgspec.Struct, name: str
) -> tuple[list[tuple[dict[str, int], Iterable[msgspec.Struct]]], set[str]]:
    """The lists of that name, each with its place, and the names of all lists of objects."""
    found: list[tuple[dict[str, int], Iterable[msgspec.Struct]]] = []
    names: set[str] = set()
    waiting: list[tuple[dict[str, int], msgspec.Struct]] = [({}, document)]
    for place, block in waiting:
        waiting += ((place, value) for value in _values(block) if isinstance(value, msgspec.Struct))
        for field in _object_lists(type(block)):
            rows = getattr(block, field)
            if not isinstance(rows, list):  # null or absent
                continue
            names.add(field)
            if field == name:
                found.append((place, rows))
            elif field in _NESTED:
                waiting += (({**place, _NESTED[field]: number}, row) for number, row in enumerate(rows))
    return found, names


def _values(block: msgspec.Struct) -> Iterator[object]:
    return (getattr(block, field) for field in block.__struct_fields__)


@functools.cache
def _object_lists(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields that are lists of objects, or may be."""
    return tuple(field for field, hint in get_type_hints(kind).items() if _lists_objects(hint))


def _lists_objects(hint: object) -> bool:
    if get_origin(hint) is list:
        return all(isinstance(row, type) and issubclass(row, msgspec.Struct) for row in get_args(hint))
    return any(map(_lists_objects, get_args(hint)))


def _flat(row: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value[:1])
