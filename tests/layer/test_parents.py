"""Directories lie where going component by component leads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imgtar.layer.parents import follow

_PART = st.sampled_from([b"a", b"b", b"c"])
_PATH = st.lists(_PART, min_size=1, max_size=5).map(b"/".join)
_TARGET = st.tuples(
    st.sampled_from([b"", b"/"]),
    st.lists(st.one_of(_PART, st.sampled_from([b"..", b".", b""])), max_size=5).map(b"/".join),
).map(b"".join)


def stepwise(directory: bytes, links: dict[bytes, bytes]) -> bytes | None:
    """The same, one component after the other."""
    waiting = directory.split(b"/")[::-1]
    reached: list[bytes] = []
    hops = 0
    while waiting:
        part = waiting.pop()
        if part == b"..":
            del reached[-1:]
        elif part not in (b"", b"."):
            reached.append(part)
            target = links.get(b"/".join(reached))
            if target is not None:
                hops += 1
                if hops > 255:
                    return None
                reached = [] if target.startswith(b"/") else reached[:-1]
                waiting.extend(target.split(b"/")[::-1])
    return b"/".join(reached)


@given(st.lists(_PATH, max_size=6), st.dictionaries(_PATH, _TARGET, max_size=6), _PATH)
def test_links_are_followed_as_step_by_step(stored: list[bytes], links: dict[bytes, bytes], wanted: bytes) -> None:
    placed: dict[bytes, bytes] = {}
    for link, target in links.items():
        if not any(link.startswith(above + b"/") or above.startswith(link + b"/") for above in placed):
            placed[link] = target
    directories = {b""}
    for path in [*stored, *(link.rpartition(b"/")[0] for link in placed)]:
        parts = path.split(b"/")
        for end in range(1, len(parts) + 1):
            if b"/".join(parts[:end]) in placed:
                break
            directories.add(b"/".join(parts[:end]))
    assert follow(wanted, directories.__contains__, placed.get) == stepwise(wanted, placed)


def test_what_leads_too_far_is_no_directory() -> None:
    links = {b"l": b"d/" * 40_000, b"m": b"x" * 70_000}
    assert follow(b"l", set().__contains__, links.get) is None
    assert follow(b"m", set().__contains__, links.get) is None
    turns = {b"l": b"a/../" * 100_000 + b"b"}
    assert follow(b"l", set().__contains__, turns.get) == b"b"
    there = b"x" * 1000
    assert follow(there + b"/l", {there}.__contains__, {there + b"/l": turns[b"l"]}.get) is None
