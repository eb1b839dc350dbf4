"""dive's efficiency, wasted bytes and user-wasted percent, by dive's own rules.

dive counts the leaves of each layer's tree per path: the score is the sum of the smallest sizes over the sum of all,
waste is everything of the paths that came more than once. A whiteout counts as the size of the directory that it
removes, one of nothing ends the layer, opaque markers do nothing. `imgtar.analysis.dive.tally` counts so without
trees; what it cannot tell is counted over again with them, in `imgtar.analysis.dive.tree`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.analysis.dive.tally import NeedsTrees, PathCount, Scanned, layer_bytes
from imgtar.analysis.dive.tree import LayerMember, TreeCount
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.path import clean


class DiveScore(msgspec.Struct, frozen=True, kw_only=True):
    """dive's numbers. `user_wasted_percent` is a fraction and, as in dive, NaN or infinite without user bytes."""

    efficiency: float
    wasted_bytes: int
    size_bytes: int
    user_size_bytes: int
    user_wasted_percent: float

    @property
    def finite_percent(self) -> float | None:
        """The percent where it is a number."""
        return self.user_wasted_percent if math.isfinite(self.user_wasted_percent) else None


def dive_score(scans: Sequence[Scanned]) -> DiveScore:
    """The score of an image from the scans of all its layers, base first."""
    sizes = [layer_bytes(scan) for scan in scans]
    least, total, wasted = _sums(scans, sizes)
    user = sum(sizes[1:])
    without_user_bytes = math.inf if wasted else math.nan
    return DiveScore(
        efficiency=least / total if total else 1.0,
        wasted_bytes=wasted,
        size_bytes=sum(sizes),
        user_size_bytes=user,
        user_wasted_percent=wasted / user if user else without_user_bytes,
    )


def _sums(scans: Sequence[Scanned], sizes: Sequence[int]) -> tuple[int, int, int]:
    """The sum of the smallest sizes, of all sizes, and of all sizes of what came more than once."""
    try:
        paths = PathCount(4096 + 4 * sum(len(scan.entries) + len(scan.implied) for scan in scans))
        for scan, size in zip(scans, sizes, strict=True):
            paths.add(scan, size)
    except NeedsTrees:
        trees = TreeCount()
        for scan in scans:
            trees.add(members(scan))
        return trees.sums()
    return paths.sums()


def members(scan: Scanned) -> Iterator[LayerMember]:
    """The layer's members under their own names as dive reads them, each name once, the last of it."""
    last: dict[bytes, TarMember] = {}
    for path, member in scan.entries.items():
        same = member.name == path or member.name[:-1] == path
        _keep(last, path if same else clean(member.name), member)
    for member in scan.strays:
        _keep(last, clean(member.name), member)
    return ((name, member.size, member.type == "dir") for name, member in last.items())


def _keep(last: dict[bytes, TarMember], name: bytes, member: TarMember) -> None:
    if name and (name not in last or last[name].offset < member.offset):
        last[name] = member
