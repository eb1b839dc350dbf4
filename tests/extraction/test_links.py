"""Where links lead once they are written: the judgement equals what the kernel does with the directory."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imgtar.extraction.links import LinkTree
from tests.builders import directory, docker_save, layer, symlink
from tests.extraction.extracting import extract
from tests.growth import assert_linear

FOLDERS = [b"", b"a", b"a/b", b"a/b/c", b"d"]
NAMES = st.sampled_from([b"a", b"b", b"c", b"d", b"x", b"y", b"z", b"..", b".", b"", b"missing"])
TARGETS = st.builds(
    lambda root, names: root + b"/".join(names), st.sampled_from([b"", b"/"]), st.lists(NAMES, max_size=7)
)
LINKS = st.dictionaries(st.sampled_from([b"x", b"a/x", b"a/b/y", b"a/b/c/z", b"d/y"]), TARGETS.filter(bool), max_size=5)


def judged(targets: dict[bytes, bytes], *, rerooted: bool = False) -> dict[bytes, bool]:
    tree = LinkTree(FOLDERS, targets, dict.fromkeys(targets, 0), rerooted=rerooted)
    return {link: tree.leaves(link) for link in targets}


def is_loop(path: bytes) -> bool:
    """Does the link lead to itself? What `realpath` says of a loop is no path that anybody can open."""
    try:
        os.stat(path)
    except OSError as problem:
        return problem.errno == errno.ELOOP
    return False


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=LINKS)
@example(links={b"x": b"x//a"})
@example(links={b"x": b"a/a/../x", b"a/x": b"x//a"})
def test_no_link_that_inside_keeps_leads_out(
    links: dict[bytes, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("links")
    members = [directory(name) for name in FOLDERS if name] + [symlink(name, links[name]) for name in links]
    assert extract(docker_save([layer(*members)]), folder, "--links", "inside") == 0
    out = os.fsencode(folder / "out")
    written = [path for path in (os.path.join(out, link) for link in links) if os.path.lexists(path)]
    loops = {path for path in written if is_loop(path)}
    for path in written:
        if path not in loops and (
            not loops or os.path.exists(path)
        ):  # `realpath` may pass a loop behind what is missing
            end = os.path.realpath(path)
            assert end == out or end.startswith(out + b"/"), (links, path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=LINKS)
def test_a_link_that_the_kernel_follows_out_is_counted(
    links: dict[bytes, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = os.fsencode(tmp_path_factory.mktemp("links"))
    for name in FOLDERS[1:]:
        os.mkdir(os.path.join(root, name))
    for name, target in links.items():
        os.symlink(target, os.path.join(root, name))
    for name, leaves in judged(links).items():
        try:
            os.stat(os.path.join(root, name))
        except OSError:
            continue  # it leads nowhere
        end = os.path.realpath(os.path.join(root, name))
        if not (end == root or end.startswith(root + b"/")):
            assert leaves, (links, name)


@pytest.mark.parametrize(
    ("target", "leaves"),
    [
        (b"b", False),
        (b"../..", False),
        (b"../../..", True),
        (b"missing/../../../..", True),
        (b"/etc", True),
        (b"", False),
        (b"y", False),  # to itself
    ],
)
def test_one_link(target: bytes, leaves: bool) -> None:
    assert judged({b"a/b/y": target}) == {b"a/b/y": leaves}


def test_a_link_through_one_that_leaves_leaves_too() -> None:
    assert judged({b"x": b"/etc", b"a/x": b"../x/passwd"}) == {b"x": True, b"a/x": True}
    assert judged({b"a/x": b"../..", b"d/y": b"../a/x/b"})[b"d/y"]
    assert judged({b"x": b"/d", b"a/x": b"../x/.."}, rerooted=True) == {b"x": False, b"a/x": False}


@pytest.mark.parametrize("target", [b"l%d", b"l%d/..", b"l%d/l%d"])
def test_long_chains_are_followed_once(target: bytes) -> None:
    """A chain of n links costs n steps, in whatever order they are asked for."""

    def prepare(count: int) -> Callable[[], object]:
        links = {b"l%d" % number: target.replace(b"%d", b"%d" % (number + 1)) for number in range(count)}
        tree = LinkTree([b""], links, dict.fromkeys(links, 0), rerooted=False)
        return lambda: [tree.leaves(link) for link in links]

    assert_linear(prepare, 500)
