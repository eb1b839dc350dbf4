"""`diff`: pairs of images that differ in one thing, with the rows that say so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from imgtar.errors import UsageError
from imgtar.gates.differences import DifferenceGates
from imgtar.policy.values import growth
from tests.answers.comparing import FileRow, LayerRow, compared, content_of_two, file_rows, layer_rows
from tests.builders import (
    device,
    directory,
    docker_members,
    docker_save,
    file,
    gzip,
    hardlink,
    layer,
    members_tar,
    oci_archive,
    opaque,
    symlink,
    whiteout,
    zstd,
)
from tests.paths import FIXTURES

Layers = list[bytes]
BIG = bytes(range(256)) * 8192  # 2 MiB
BASE = layer(directory("etc/"), file("etc/os", b"os"), file("etc/passwd", b"root:x:0:0"))
APP = (
    directory("app/"),
    file("app/big", BIG),
    file("app/conf", b"conf"),
    symlink("app/link", "conf"),
    hardlink("app/same", "app/conf"),
    device("app/null", 1, 3),
)
TOP = layer(whiteout("etc/os"), file("app/top", b"top"))
STACK: Layers = [BASE, layer(*APP), TOP]
SAME: list[LayerRow] = [("same", 0, 0, ()), ("same", 1, 1, ()), ("same", 2, 2, ())]


def with_app(*members: bytes) -> Layers:
    return [BASE, layer(*members), TOP]


def replaced(index: int, member: bytes) -> Layers:
    return with_app(*APP[:index], member, *APP[index + 1 :])


def app_rows(status: str, *why: str) -> list[LayerRow]:
    return [SAME[0], (status, 1, 1, why), SAME[2]]


# (case, the layers after, what happens to the layers, which files differ, in which times alone)
MUTATED: list[tuple[str, Layers, list[LayerRow], list[FileRow], int]] = [
    ("nothing", STACK, SAME, [], 0),
    ("touch", replaced(1, file("app/big", BIG, mtime=1)), app_rows("rebuilt", "mtime"), [], 1),
    ("touch-linked", replaced(4, hardlink("app/same", "app/conf", mtime=1)), app_rows("rebuilt", "mtime"), [], 2),
    ("time-that-a-link-sets", replaced(2, file("app/conf", b"conf", mtime=1)), app_rows("rebuilt", "format"), [], 0),
    ("touch-directory", replaced(0, directory("app/", mtime=1)), app_rows("rebuilt", "mtime"), [], 1),
    ("touch-link", replaced(3, symlink("app/link", "conf", mtime=1)), app_rows("rebuilt", "mtime"), [], 1),
    (
        "chmod",
        replaced(1, file("app/big", BIG, mode=0o755)),
        app_rows("changed", "mode"),
        [("modified", "/app/big", ("mode",))],
        0,
    ),
    ("file-type-in-mode", replaced(1, file("app/big", BIG, mode=0o100644)), app_rows("rebuilt", "format"), [], 0),
    (
        "setuid",
        replaced(1, file("app/big", BIG, mode=0o4644)),
        app_rows("changed", "mode"),
        [("modified", "/app/big", ("mode",))],
        0,
    ),
    (
        "chmod-directory",
        replaced(0, directory("app/", mode=0o700)),
        app_rows("changed", "mode"),
        [("modified", "/app", ("mode",))],
        0,
    ),
    ("mode-of-a-link", replaced(3, symlink("app/link", "conf", mode=0o755)), app_rows("rebuilt", "format"), [], 0),
    (
        "chown",
        replaced(1, file("app/big", BIG, uid=7)),
        app_rows("changed", "owner"),
        [("modified", "/app/big", ("owner",))],
        0,
    ),
    (
        "chgrp",
        replaced(1, file("app/big", BIG, gid=7)),
        app_rows("changed", "owner"),
        [("modified", "/app/big", ("owner",))],
        0,
    ),
    (
        "setcap",
        replaced(1, file("app/big", BIG, xattrs={"security.capability": b"\1\0\0\2"})),
        app_rows("changed", "format", "xattrs"),
        [("modified", "/app/big", ("xattrs",))],
        0,
    ),
    ("names-of-owners", replaced(1, file("app/big", BIG, uname="x")), app_rows("rebuilt", "format"), [], 0),
    ("order", with_app(APP[0], APP[2], APP[1], *APP[3:]), app_rows("rebuilt", "order"), [], 0),
    ("dot-slash", replaced(2, file("./app/conf", b"conf")), app_rows("rebuilt", "format"), [], 0),
    ("pax", replaced(2, file("app/conf", b"conf", pax_records={"comment": "x"})), app_rows("rebuilt", "format"), [], 0),
    ("lists-etc", with_app(directory("etc/"), *APP), app_rows("rebuilt", "format"), [], 0),
    ("times-of-etc", with_app(directory("etc/", mtime=1), *APP), app_rows("rebuilt", "mtime"), [], 1),
    ("padding", [BASE, layer(*APP, end=bytes(10240)), TOP], app_rows("rebuilt", "format"), [], 0),
    (
        "one-byte",
        replaced(1, file("app/big", BIG[:-1] + b"x")),
        app_rows("changed", "content"),
        [("modified", "/app/big", ("content",))],
        0,
    ),
    (
        "one-byte-and-time",
        replaced(1, file("app/big", b"x" + BIG[1:], mtime=1)),
        app_rows("changed", "mtime", "content"),
        [("modified", "/app/big", ("content",))],
        0,
    ),
    (
        "shorter",
        replaced(1, file("app/big", BIG[:-1])),
        app_rows("changed", "content"),
        [("modified", "/app/big", ("content",))],
        0,
    ),
    (
        "linked-content",
        replaced(2, file("app/conf", b"CONF")),
        app_rows("changed", "content"),
        [("modified", "/app/conf", ("content",)), ("modified", "/app/same", ("content",))],
        0,
    ),
    (
        "link-target",
        replaced(3, symlink("app/link", "big")),
        app_rows("changed", "content"),
        [("modified", "/app/link", ("link",))],
        0,
    ),
    (
        "device-number",
        replaced(5, device("app/null", 1, 5)),
        app_rows("changed", "content"),
        [("modified", "/app/null", ("device",))],
        0,
    ),
    (
        "another-type",
        replaced(3, file("app/link", b"conf")),
        app_rows("changed", "content"),
        [("modified", "/app/link", ("type",))],
        0,
    ),
    ("hard-link-broken-up", replaced(4, file("app/same", b"conf")), app_rows("changed", "paths"), [], 0),
    (
        "renamed",
        replaced(1, file("app/huge", BIG)),
        app_rows("changed", "paths"),
        [("moved", "/app/big → /app/huge", ())],
        0,
    ),
    (
        "renamed-and-chmod",
        replaced(1, file("app/huge", BIG, mode=0o600)),
        app_rows("changed", "paths"),
        [("moved", "/app/big → /app/huge", ("mode",))],
        0,
    ),
    ("file-added", with_app(*APP, file("app/new", b"n")), app_rows("changed", "paths"), [("added", "/app/new", ())], 0),
    ("file-gone", with_app(*APP[:5]), app_rows("changed", "paths"), [("deleted", "/app/null", ())], 0),
    (
        "whiteout-added",
        with_app(*APP, whiteout("etc/passwd")),
        app_rows("changed", "paths"),
        [("deleted", "/etc/passwd", ())],
        0,
    ),
    (
        "opaque-added",
        with_app(*APP, opaque("etc")),
        [SAME[0], ("changed", 1, 1, ("paths",)), SAME[2]],
        [("deleted", "/etc/passwd", ())],
        0,
    ),
    (
        "layer-inserted",
        [BASE, layer(file("new", b"new")), layer(*APP), TOP],
        [SAME[0], ("added", None, 1, ()), ("same", 1, 2, ()), ("same", 2, 3, ())],
        [("added", "/new", ())],
        0,
    ),
    (
        "layer-dropped",
        [BASE, layer(*APP)],
        [*SAME[:2], ("removed", 2, None, ())],
        [("deleted", "/app/top", ()), ("added", "/etc/os", ())],
        0,
    ),
    (
        "base-replaced",
        [layer(directory("etc/"), file("etc/os", b"new"), file("etc/passwd", b"root:x:0:0")), *STACK[1:]],
        [("changed", 0, 0, ("content",)), *SAME[1:]],
        [],
        0,
    ),
    (
        "split",
        [BASE, layer(*APP[:2]), layer(*APP[2:]), TOP],
        [SAME[0], ("changed", 1, 1, ("paths",)), ("added", None, 2, ()), ("same", 2, 3, ())],
        [],
        0,
    ),
    (
        "joined",
        [BASE, layer(*APP, *(whiteout("etc/os"), file("app/top", b"top")))],
        [SAME[0], ("changed", 1, 1, ("paths",)), ("removed", 2, None, ())],
        [],
        0,
    ),
    ("twice", [*STACK, TOP], [*SAME, ("added", None, 3, ())], [], 0),
]
"""One change each, and what is said of it at the default level."""


def image(layers: Sequence[bytes], **options: Any) -> bytes:
    return docker_save(list(layers), **options)


@pytest.mark.parametrize(
    ("layers", "expected", "files", "times"), [case[1:] for case in MUTATED], ids=[case[0] for case in MUTATED]
)
def test_one_change_is_said_as_it_is(
    layers: Layers, expected: list[LayerRow], files: list[FileRow], times: int, tmp_path: Path
) -> None:
    pair = compared(image(STACK), image(layers), tmp_path)
    assert layer_rows(pair) == expected
    assert sorted(file_rows(pair)) == sorted(files)
    assert pair.document.times_only == times
    assert pair.document.equal is (not files)


@pytest.mark.parametrize("layers", [case[1] for case in MUTATED], ids=[case[0] for case in MUTATED])
def test_the_other_way_round_everything_is_mirrored(layers: Layers, tmp_path: Path) -> None:
    there = compared(image(STACK), image(layers), tmp_path)
    back = compared(image(layers), image(STACK), tmp_path)
    turned = {"added": "removed", "removed": "added"}
    mirrored = {(turned.get(status, status), b, a, why) for status, a, b, why in layer_rows(back)}
    assert set(layer_rows(there)) == mirrored
    kinds = {"added": "deleted", "deleted": "added", "modified": "modified", "moved": "moved"}
    rows = {(kinds[row.kind], row.moved_from or row.path, tuple(row.why or ())) for row in back.files()}
    assert {(row.kind, row.path, tuple(row.why or ())) for row in there.files()} == rows
    assert there.document.times_only == back.document.times_only
    assert there.document.growth.bytes == -back.document.growth.bytes


@pytest.mark.parametrize("compress", [gzip, zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("case", ["one-byte", "renamed", "linked-content", "touch", "another-type"])
def test_compressed_layers_are_compared_by_their_digests(compress: Any, case: str, tmp_path: Path) -> None:
    [(_, layers, expected, files, times)] = [row for row in MUTATED if row[0] == case]
    kind = compress.__name__
    for a, b in ((kind, kind), (kind, "none"), ("none", kind)):
        first, second = oci_archive(STACK, compression=a), oci_archive(layers, compression=b)
        pair = compared(first, second, tmp_path)
        recompressed = [("recompressed", *row[1:]) if row[0] == "same" and a != b else row for row in expected]
        assert layer_rows(pair) == recompressed
        assert (file_rows(pair), pair.document.times_only) == (files, times)


def test_swapped_layers_are_moved(tmp_path: Path) -> None:
    first, second = layer(file("one", b"1")), layer(file("two", b"2"))
    pair = compared(image([BASE, first, second]), image([BASE, second, first]), tmp_path)
    assert sorted(row[0] for row in layer_rows(pair)) == ["moved", "same", "same"]
    assert (pair.document.equal, pair.document.pull and pair.document.pull.bytes) == (True, 0)


def test_a_squashed_image_is_equal(tmp_path: Path) -> None:
    squashed = layer(directory("etc/"), file("etc/passwd", b"root:x:0:0"), *APP, file("app/top", b"top"))
    pair = compared(image(STACK), image([squashed]), tmp_path)
    assert pair.document.equal is True
    assert sorted(row[0] for row in layer_rows(pair)) == ["changed", "removed", "removed"]


def test_levels_decide_what_counts(tmp_path: Path) -> None:
    layers = with_app(APP[0], file("app/big", BIG, mode=0o600, mtime=1), *APP[2:])
    rows = {
        level: file_rows(compared(image(STACK), image(layers), tmp_path, level=level))
        for level in ("default", "content", "strict")
    }
    assert rows == {
        "default": [("modified", "/app/big", ("mode",))],
        "content": [],
        "strict": [("modified", "/app/big", ("mode", "mtime"))],
    }


def test_strict_tells_hard_links_from_copies_and_stored_layers(tmp_path: Path) -> None:
    layers = with_app(*APP[:4], file("app/same", b"conf"), APP[5])
    pair = compared(image(STACK), image(layers), tmp_path, level="strict")
    assert file_rows(pair) == [("modified", "/app/same", ("link",))]
    recompressed = compared(oci_archive(STACK), oci_archive(STACK, compression="zstd"), tmp_path, level="strict")
    assert (file_rows(recompressed), recompressed.document.equal) == ([], False)
    assert compared(oci_archive(STACK), oci_archive(STACK), tmp_path, level="strict").document.equal is True


def test_excluded_paths_count_neither_as_files_nor_in_layers(tmp_path: Path) -> None:
    layers = with_app(APP[0], file("app/big", b"x"), *APP[2:])
    pair = compared(image(STACK), image(layers), tmp_path, exclude=("big",))
    assert (file_rows(pair), pair.document.equal) == ([], True)
    assert layer_rows(pair)[1] == ("rebuilt", 1, 1, ("format",))
    only = compared(image(STACK), image(layers), tmp_path, only=("/etc/**",))
    assert (file_rows(only), only.document.equal) == ([], True)


def test_the_configuration_is_compared_part_by_part(tmp_path: Path) -> None:
    before = {"Env": ["A=1", "B=2", "B=3"], "Cmd": ["a"], "Labels": {"x": "1"}, "ExposedPorts": {"1/tcp": {}}}
    after = {"Env": ["B=3", "C=4", "A=2"], "Entrypoint": ["a"], "User": "app", "Labels": {"x": "2"}, "Volumes": {}}
    pair = compared(
        image(STACK, execution=before), image(STACK, execution=after, created="2025-01-01T00:00:00Z"), tmp_path
    )
    assert [(row.key, row.a, row.b) for row in pair.document.config] == [
        ("env.A", "1", "2"),
        ("user", None, "app"),
        ("entrypoint", None, ["a"]),
        ("cmd", ["a"], None),
        ("exposed_ports", ["1/tcp"], None),
        ("labels.x", "1", "2"),
        ("env.C", None, "4"),
    ]
    assert pair.document.equal is False


def test_times_and_history_count_only_with_strict(tmp_path: Path) -> None:
    other = image(STACK, created="2025-01-01T00:00:00Z", names=["other:1"])
    assert compared(image(STACK), other, tmp_path).document.config == []
    strict = compared(image(STACK), other, tmp_path, level="strict")
    assert [row.key for row in strict.document.config] == ["names", "created"]


def test_what_is_pulled_and_what_of_it_for_nothing(tmp_path: Path) -> None:
    touched = with_app(directory("app/", mtime=1), *APP[1:])
    layers = [*touched, layer(file("new", b"new")), layer(file("new", b"new"))]
    pair = compared(oci_archive(STACK, compression="none"), oci_archive(layers, compression="none"), tmp_path)
    pull = pair.document.pull
    assert pull is not None
    assert (pull.by, pull.bytes, pull.needless, pull.layers) == (
        "digest",
        len(touched[1]) + len(layers[3]),
        len(touched[1]),
        2,
    )
    assert [row.pull_bytes for row in pair.document.layers] == [0, len(touched[1]), 0, len(layers[3]), 0]
    unstated = compared(image(STACK), image(layers), tmp_path).document.pull
    assert unstated is not None
    assert (unstated.by, unstated.bytes) == ("diff_id", pull.bytes)


def gated(tmp_path: Path, layers: Layers, **gates: Any) -> list[tuple[str, bool]]:
    pair = compared(image(STACK), image(layers), tmp_path, gates=DifferenceGates(**gates))
    assert pair.document.passed is all(rule.passed for rule in pair.document.rules)
    return [(rule.rule, rule.passed) for rule in pair.document.rules]


def test_gates_judge_growth_pull_and_paths(tmp_path: Path) -> None:
    larger = [*STACK, layer(file("new", bytes(1000)))]
    assert gated(tmp_path, larger, max_growth=growth("1000"), max_pull=growth("1MB")) == [
        ("max-growth", True),
        ("max-pull", True),
    ]
    assert gated(tmp_path, larger, max_growth=growth("999"), max_pull=growth("0.01%")) == [
        ("max-growth", False),
        ("max-pull", False),
    ]
    assert gated(tmp_path, larger, allow=("/new",)) == [("allow", True)]
    assert gated(tmp_path, larger, allow=("/old",)) == [("allow", False)]


def test_a_difference_of_the_configuration_is_allowed_by_its_key(tmp_path: Path) -> None:
    other = image(STACK, execution={"Env": ["PATH=/bin", "VERSION=2"], "Cmd": ["/bin/sh"]})
    for patterns, passed in ((("*",), False), (("config:env.*",), True), (("config:cmd",), False)):
        pair = compared(image(STACK), other, tmp_path, gates=DifferenceGates(allow=patterns))
        assert pair.document.passed is passed


def test_what_was_not_read_leaves_it_open_whether_they_are_equal(tmp_path: Path) -> None:
    whole = image(STACK, manifest_first=True)
    for a, b in [pair for cut in (whole[:-3000], image(STACK)[:-3000]) for pair in ((whole, cut), (cut, whole))]:
        pair = compared(a, b, tmp_path)
        assert pair.document.equal is None
        assert (pair.document.a.complete, pair.document.b.complete) == (a is whole, b is whole)
        assert {row.where.input for row in pair.document.findings} == {"b" if a is whole else "a"}


def test_an_absent_layer_that_both_have_changes_nothing(tmp_path: Path) -> None:
    sparse = members_tar(part for part in docker_members(STACK) if part[1] != BASE)
    (tmp_path / "a.tar").write_bytes(sparse)
    (tmp_path / "b.tar").write_bytes(sparse)
    [pair] = content_of_two(tmp_path / "a.tar", tmp_path / "b.tar", allow_missing=True).pairs
    assert (pair.document.equal, layer_rows(pair)) == (True, SAME)
    one = compared(image(STACK), sparse, tmp_path)
    assert (one.document.equal, one.document.growth.exact) == (None, False)


def test_images_without_a_counterpart_are_listed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"IMAGE has @0 r/mysqlish:bk.*, @1 r/sibling:bk.*; OTHER has @0 app:1"):
        compared(FIXTURES / "d20-two-images-shared.tar", image(STACK), tmp_path)


def test_several_images_are_paired_by_name(tmp_path: Path) -> None:
    both = FIXTURES / "d20-two-images-shared.tar"
    content = content_of_two(both, both)
    assert [pair.document.a.names for pair in content.pairs] == [["r/mysqlish:bk"], ["r/sibling:bk"]]
    assert (content.several().equal, content.several().passed) == (True, None)
    platforms = FIXTURES / "d26c-buildx-oci-multiplatform.tar"
    assert len(content_of_two(platforms, platforms).pairs) > 1


BUILDERS = ["d20-classic-mysqlish.tar.gz", "d26-buildkit-mysqlish.tar"]


def test_builders_of_docker_rebuild_the_same_layers() -> None:
    [pair] = content_of_two(*(FIXTURES / name for name in BUILDERS)).pairs
    assert [row.status for row in pair.document.layers] == ["same"] + ["rebuilt"] * 9
    assert (pair.document.equal, file_rows(pair)) == (True, [])


def test_what_podman_builds_differs_in_what_it_is() -> None:
    [pair] = content_of_two(FIXTURES / BUILDERS[1], FIXTURES / "p5-docker-archive.tar").pairs
    assert [row.status for row in pair.document.layers].count("rebuilt") == 7
    assert file_rows(pair) == [
        ("added", "/etc/hostname", ()),
        ("modified", "/opt/lower/xattr-me", ("xattrs",)),
        ("added", "/run", ()),
    ]


def test_every_form_of_an_image_is_equal_to_every_other(tmp_path: Path) -> None:
    forms = [image(STACK), oci_archive(STACK), oci_archive(STACK, compression="zstd"), gzip(image(STACK))]
    for a in forms:
        for b in forms:
            pair = compared(a, b, tmp_path)
            assert (pair.document.equal, file_rows(pair), pair.document.times_only) == (True, [], 0)
            assert {row.status for row in pair.document.layers} <= {"same", "recompressed"}
