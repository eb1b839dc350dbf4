"""The lines of layers whose files a build context has: what goes first, then COPY or ADD."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.analysis.dockerfile.syntax import LONGEST_LINE, Draft, json_list

_RM = ("rm", "-rf", "--")


class Supplied(msgspec.Struct, frozen=True):
    """How a build context has the files of a layer: `text` is the line that takes them, a comment where there are none.

    `removed` are the paths that the layer removes from those below, base first.
    """

    text: str
    removed: Sequence[bytes] = ()


def removals(removed: Sequence[bytes], layer: int) -> Iterator[Draft]:
    """What removes the paths: neither COPY nor ADD can. A path that is not UTF-8 has no spelling in a Dockerfile."""
    note = f"layer {layer} removes this; the image needs rm"
    named: list[str] = []
    length = 0
    for raw in removed:
        try:
            path = "/" + raw.decode()
        except UnicodeDecodeError:
            yield Draft(f"# rm /{raw.decode('utf-8', 'backslashreplace')}", False, ("this path is not UTF-8",))
            continue
        size = len(json_list([path]).encode()) + 2
        if named and length + size > LONGEST_LINE // 2:
            yield _removal(named, note)
            named, length = [], 0
        named.append(path)
        length += size
    if named:
        yield _removal(named, note)


def _removal(paths: Sequence[str], note: str) -> Draft:
    return Draft(f"RUN {json_list([*_RM, *paths])}", False, (note,))
