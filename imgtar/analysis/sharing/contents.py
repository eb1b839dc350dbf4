"""Contents that images store in layers which they do not share: what a common base would store once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.analysis.sharing.store import Store

_EXAMPLES = 3


class CommonFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Contents that the same `layers` store, each numbered by its first place in the store.

    `files` counts different contents, `one_copy` are the bytes of one copy of each, `saves` those of the other copies.
    `paths` are those of the largest contents, raw. `whole`: the layers have no other contents.
    """

    layers: tuple[int, ...]
    files: int
    one_copy: int
    saves: int
    paths: tuple[bytes, ...]
    whole: bool


class _Group:
    def __init__(self) -> None:
        self.files = 0
        self.bytes = 0
        self.largest: list[tuple[int, bytes]] = []

    def add(self, size: int, path: bytes) -> None:
        self.files += 1
        self.bytes += size
        self.largest = sorted([*self.largest, (-size, path)])[:_EXAMPLES]


def common_files(store: Store) -> list[CommonFiles]:
    """The contents by the set of layers that store them, what saves most first.

    A layer at several places counts once; that it is stored several times is another matter (`same_content`). Copies
    count where no image has two of them: what one image stores twice is its own waste.
    """
    layers, needed = _distinct(store)
    holders: dict[bytes, list[int]] = {}
    facts: dict[bytes, tuple[int, bytes]] = {}
    contents: dict[int, int] = {}
    for number in layers:
        found = {content.digest: content for content in reversed(store.layers[number].contents)}
        contents[number] = len(found)
        for digest, content in found.items():
            holders.setdefault(digest, []).append(number)
            facts.setdefault(digest, (content.size, content.path))
    groups: dict[tuple[int, ...], _Group] = {}
    for digest, held in holders.items():
        if len(held) > 1:
            groups.setdefault(tuple(held), _Group()).add(*facts[digest])
    rows = [_row(held, group, _copies(held, needed), contents) for held, group in groups.items()]
    return sorted((row for row in rows if row.saves), key=lambda row: (-row.saves, row.layers))


def _distinct(store: Store) -> tuple[list[int], dict[int, int]]:
    """The first place of each layer, and for it the images that need the layer somewhere, as bits."""
    first: dict[object, int] = {}
    needed: dict[int, int] = {}
    for number, layer in enumerate(store.layers):
        place = first.setdefault(layer.facts.identity, number)
        needed[place] = needed.get(place, 0) | sum(1 << image for image in layer.images)
    return list(first.values()), needed


def _copies(layers: Sequence[int], needed: dict[int, int]) -> int:
    """How many of these layers, lowest first, have no image in common with one that was counted before."""
    seen = count = 0
    for number in layers:
        if not needed[number] & seen:
            seen |= needed[number]
            count += 1
    return count


def _row(layers: tuple[int, ...], group: _Group, copies: int, contents: dict[int, int]) -> CommonFiles:
    return CommonFiles(
        layers=layers,
        files=group.files,
        one_copy=group.bytes,
        saves=group.bytes * (copies - 1),
        paths=tuple(path for _, path in group.largest),
        whole=all(contents[number] == group.files for number in layers),
    )
