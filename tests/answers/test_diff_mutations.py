"""`diff`: more pairs of images that differ in one thing (`test_diff.py`), and the forms of recorded images."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.answers.comparing import FileRow, LayerRow, compared, content_of_two, file_rows, layer_rows
from tests.answers.test_diff import APP, BIG, SAME, STACK, TOP, Layers, app_rows, image, replaced, with_app
from tests.builders import device, directory, fifo, file, hardlink, symlink, whiteout
from tests.paths import FIXTURES

LINKED = "/app/conf", "/app/same"

# (case, the layers after, what happens to the layers, which files differ)
MUTATED: list[tuple[str, Layers, list[LayerRow], list[FileRow]]] = [
    (
        "sticky-directory",
        replaced(0, directory("app/", mode=0o1755)),
        app_rows("changed", "mode"),
        [("modified", "/app", ("mode",))],
    ),
    (
        "chown-directory",
        replaced(0, directory("app/", uid=5)),
        app_rows("changed", "owner"),
        [("modified", "/app", ("owner",))],
    ),
    (
        "chown-link",
        replaced(3, symlink("app/link", "conf", uid=5)),
        app_rows("changed", "owner"),
        [("modified", "/app/link", ("owner",))],
    ),
    (
        "chown-and-chmod",
        replaced(1, file("app/big", BIG, uid=5, mode=0o600)),
        app_rows("changed", "owner", "mode"),
        [("modified", "/app/big", ("mode", "owner"))],
    ),
    (
        "chown-linked",
        with_app(
            APP[0], APP[1], file("app/conf", b"conf", gid=5), APP[3], hardlink("app/same", "app/conf", gid=5), APP[5]
        ),
        app_rows("changed", "owner"),
        [("modified", path, ("owner",)) for path in LINKED],
    ),
    (
        "content-and-mode",
        replaced(1, file("app/big", BIG[:-1] + b"x", mode=0o600)),
        app_rows("changed", "mode", "content"),
        [("modified", "/app/big", ("content", "mode"))],
    ),
    (
        "emptied",
        replaced(1, file("app/big", b"")),
        app_rows("changed", "content"),
        [("modified", "/app/big", ("content",))],
    ),
    (
        "longer",
        replaced(1, file("app/big", BIG + b"x")),
        app_rows("changed", "content"),
        [("modified", "/app/big", ("content",))],
    ),
    (
        "file-becomes-directory",
        replaced(1, directory("app/big/")),
        app_rows("changed", "format", "content"),
        [("modified", "/app/big", ("type",))],
    ),
    (
        "device-becomes-fifo",
        replaced(5, fifo("app/null")),
        app_rows("changed", "content"),
        [("modified", "/app/null", ("type",))],
    ),
    (
        "device-becomes-block",
        replaced(5, device("app/null", 1, 3, typeflag=b"4")),
        app_rows("changed", "content"),
        [("modified", "/app/null", ("type",))],
    ),
    ("new-directory", with_app(*APP, directory("app/d/")), app_rows("changed", "paths"), [("added", "/app/d", ())]),
    (
        "new-hard-link",
        with_app(*APP, hardlink("app/third", "app/conf")),
        app_rows("changed", "paths"),
        [("added", "/app/third", ())],
    ),
    (
        "link-dropped",
        with_app(*APP[:3], *APP[4:]),
        app_rows("changed", "paths"),
        [("deleted", "/app/link", ())],
    ),
    ("useless-whiteout", with_app(*APP, whiteout("app/nothing")), app_rows("rebuilt", "format"), []),
    (
        "copied-up",
        with_app(*APP, file("etc/passwd", b"root:x:0:0")),
        app_rows("changed", "paths"),
        [],
    ),
    (
        "changed-below",
        with_app(*APP, file("etc/passwd", b"root:x:0:1")),
        app_rows("changed", "paths"),
        [("modified", "/etc/passwd", ("content",))],
    ),
    (
        "base-and-top-alone",
        [STACK[0], TOP],
        [SAME[0], ("removed", 1, None, ()), ("same", 2, 1, ())],
        [("deleted", f"/app/{name}", ()) for name in ("big", "conf", "link", "null", "same")],
    ),
]
"""One change each, and what is said of it at the default level."""

# Archives of one image each, in several forms, as real programs wrote them.
FORMS = [
    ("mysql.tar", "d20-classic-mysqlish.tar.gz"),
    ("mysql.tar", "d20-classic-mysqlish.tar.zst"),
    ("mysql.tar", "d20-by-id.tar"),
    ("mysql.tar", "s5-oci"),
    ("mysql.tar", "d26-buildkit-mysqlish.tar"),
    ("s5-oci", "s5-oci-dotslash.tar.gz"),
    ("p5-docker-archive.tar", "p5-oci-archive.tar"),
    ("d26c-mysqlish.tar", "d26c-buildx-oci-zstd.tar"),
]


@pytest.mark.parametrize(
    ("layers", "expected", "files"), [case[1:] for case in MUTATED], ids=[case[0] for case in MUTATED]
)
def test_one_change_is_said_as_it_is(
    layers: Layers, expected: list[LayerRow], files: list[FileRow], tmp_path: Path
) -> None:
    pair = compared(image(STACK), image(layers), tmp_path)
    assert layer_rows(pair) == expected
    assert sorted(file_rows(pair)) == sorted(files)
    assert pair.document.equal is (not files)


@pytest.mark.parametrize(("before", "after"), FORMS, ids=" ".join)
def test_forms_of_one_image_are_equal(before: str, after: str) -> None:
    [pair] = content_of_two(FIXTURES / before, FIXTURES / after).pairs
    assert pair.document.equal is True
    assert list(pair.files()) == []
    assert {row.status for row in pair.document.layers} <= {"same", "recompressed", "rebuilt"}
