"""Random stacks: the events of each path are the rows of the changes, and a naive model says what they must be."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtar.analysis.search.query import Criteria, Query, parse_patterns
from imgtar.analysis.search.search import Found, Search
from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.find import MatchRows
from imgtar.answers.rows import change_rows, file_rows
from imgtar.contract.files import Match
from imgtar.limits import DEFAULT
from tests.answers.searching import facts
from tests.filesystem import random_layers
from tests.filesystem.stack import Stack
from tests.filesystem.test_overlay_property import ENTRIES, Entry, Tree, layer_tar, naive, parents, usable

pytestmark = pytest.mark.slow


def found(stack: Stack, *patterns: str, **asked: object) -> Found:
    """What a search finds in a stack; nothing of a body is read."""
    stacked = StackedImage(image=None, tree=stack.tree, changes=tuple(stack.changes), findings=())  # type: ignore[arg-type]
    return Search(Query(patterns=parse_patterns(patterns), **asked), DEFAULT).of(stacked, lambda _: iter(()))  # type: ignore[arg-type]


def rows(stack: Stack, *patterns: str, **asked: object) -> dict[str, Match]:
    """The rows of a search by their path."""
    instructions = [None] * len(stack.changes)
    return {match.path: match for match in MatchRows(found(stack, *patterns, **asked), instructions).matches()}


def is_directory(match: Match) -> bool:
    return any(event.type == "dir" for event in match.events)


def assert_events_are_the_rows(stack: Stack) -> None:
    matches = rows(stack, "/**")
    changes = [
        (index, row) for index, scan in enumerate(stack.scans) for row in change_rows(stack.changes[index], scan)
    ]
    by_path: dict[str, list[object]] = {}
    for index, row in changes:
        expected = (index, row.kind, row.why, row.previous_layer, facts(row))
        by_path.setdefault(row.path, []).append(expected)
    events = {
        path: [(event.layer, event.kind, event.why, event.previous_layer, facts(event)) for event in match.events]
        for path, match in matches.items()
    }
    assert events == by_path
    for path, match in matches.items():
        given_back = rows(stack, path)
        assert given_back.pop(path).events == match.events
        below = sum(other.startswith(f"{path}/") for other in matches)
        assert rows(stack, path)[path].below == (below if is_directory(match) else None)
        assert all(other.via or other.state == "loop" for other in given_back.values())  # of a link that is there now


def assert_last_events_are_the_files(stack: Stack) -> None:
    matches = rows(stack, "/**", all_events=True)
    entries = {entry.path: entry for entry in file_rows(stack.tree)}
    assert {path for path, match in matches.items() if match.state == "present"} == set(entries)
    for path, entry in entries.items():
        match = matches[path]
        last = facts(match.events[-1])
        if "hardlink" in (entry.type, last["type"]):  # another name may be the one that is shown as the file by now
            last |= {name: getattr(entry, name) for name in ("type", "link", "link_b64")}
        assert last == facts(entry), path
        assert (match.layer, match.size) == (entry.layer, entry.size)


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_links_devices_and_repeated_paths(seed: int) -> None:
    stack = Stack(*random_layers.tars(random_layers.stack(seed)))
    assert_events_are_the_rows(stack)
    assert_last_events_are_the_files(stack)


def state_of(path: str, entries: list[Entry]) -> str:
    """How a path went in the layer with these entries."""
    markers = {(kind, name) for kind, name, *_ in entries}
    marked = any(("whiteout", name) in markers for name in [*parents(path), path])
    return "deleted" if marked or any(("opaque", name) in markers for name in parents(path)) else "replaced"


@settings(max_examples=300)
@given(st.lists(st.lists(ENTRIES, max_size=7).map(usable), min_size=1, max_size=4))
def test_events_and_states_follow_the_model(layers: list[list[Entry]]) -> None:
    stack = Stack(*map(layer_tar, layers))
    matches = rows(stack, "/**")
    trees: list[Tree] = [{}]
    for entries in layers:
        trees.append(naive(trees[-1], entries))
    for path in {path for tree in trees for path in tree}:
        match = matches.pop(f"/{path}")
        told = {event.layer: event for event in match.events}
        assert list(told) == sorted(told)
        state = "present"
        for index, (before, after) in enumerate(itertools.pairwise(trees)):
            event = told.get(index)
            if path not in before and path in after:
                assert event is not None
                assert event.kind == "added"
                state = "present"
            elif path in before and path not in after:
                assert event is not None
                assert event.kind == "deleted"
                state = state_of(path, layers[index])
            elif path in before and before[path] != after[path]:
                assert event is not None
                assert event.kind == "modified"
            else:
                assert event is None or event.kind == "modified"
        assert match.state == state
    assert matches == {}


@settings(max_examples=100)
@given(st.lists(st.lists(ENTRIES, max_size=7).map(usable), min_size=1, max_size=4), st.integers(0, 3))
def test_one_layer_and_the_layers_up_to_one_are_parts_of_all(layers: list[list[Entry]], number: int) -> None:
    number = min(number, len(layers) - 1)
    tars = [*map(layer_tar, layers)]
    whole = rows(Stack(*tars), "/**")
    upto = Stack(*tars[: number + 1])
    for path, match in rows(Stack(*tars), "/**", layer=number).items():
        assert match.events == [event for event in whole[path].events if event.layer == number]
        assert match.events
    alone = rows(upto, "/**", layer=number)
    lower = rows(upto, "/**", upto=number)
    for path, match in lower.items():
        assert match.events == [event for event in whole[path].events if event.layer <= number]
        assert (path in alone) == any(event.layer == number for event in match.events)


@settings(max_examples=100)
@given(st.lists(st.lists(ENTRIES, max_size=7).map(usable), min_size=1, max_size=3), st.integers(0, 10**9))
def test_filters_take_what_a_plain_look_takes(layers: list[list[Entry]], seed: int) -> None:
    chance = random.Random(seed)
    stack = Stack(*map(layer_tar, layers))
    whole = rows(stack, "/**")
    kind = chance.choice(["file", "dir", "symlink"])
    criteria = Criteria(
        types=frozenset({kind}), mode=("-", chance.choice([0o600, 0o044])), owner=(chance.choice([0, 5]), None)
    )
    expected = {
        path
        for path, match in whole.items()
        if any(
            event.type == kind
            and int(event.mode, 8) & criteria.mode[1] == criteria.mode[1]  # type: ignore[index]
            and event.uid == criteria.owner[0]  # type: ignore[index]
            for event in match.events
        )
    }
    assert set(rows(stack, "/**", criteria=criteria)) == expected
    present = {path for path, match in whole.items() if match.state == "present"}
    assert set(rows(stack, "/**", standing="present")) == present
    assert set(rows(stack, "/**", standing="deleted")) == set(whole) - present
