"""What `duplicates` says of an image: which files have equal contents, in every form, and what is no duplicate."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import imgtar.layer.bodies
from imgtar.analysis.duplicates import DuplicatesQuery, find_duplicates
from imgtar.analysis.search.holders import Content, Stored
from imgtar.answers.opening import open_session
from imgtar.answers.options import InspectOptions
from imgtar.errors import UsageError
from imgtar.limits import DEFAULT, MIB
from tests.answers.duplicating import listed, raw_path, report
from tests.builders import (
    docker_save,
    file,
    gzip,
    hardlink,
    oci_archive,
    sparse_1_0,
    symlink,
    tar,
    whiteout,
)
from tests.extraction.extracting import extract
from tests.filesystem.random_layers import stack, tars
from tests.growth import assert_linear
from tests.paths import FIXTURES

MYSQL = [
    ["/bin/setx 0", "/usr/sbin/mysqld 6"],
    ["/etc/mysql/copy-of-lower.txt 8", "/usr/share/doc/base/file20.txt 0"],
    ["/opt/lower/hl-a 6 2 names", "/opt/lower/hl-c 0"],
]
ARCHIVES = sorted(path.name for path in FIXTURES.iterdir() if ".tar" in path.name and path.name != "d20-export.tar")


def same(number: int, size: int = 100) -> bytes:
    return bytes([number]) * size


@pytest.mark.parametrize(
    "name", ["mysql.tar", "d20-classic-mysqlish.tar.gz", "d20-classic-mysqlish.tar.zst", "d26-buildkit-mysqlish.tar"]
)
def test_the_recorded_image_in_every_form(name: str, tmp_path: Path) -> None:
    found = report(FIXTURES / name, tmp_path)
    assert (found.totals.groups, found.totals.files, found.totals.bytes) == (3, 6, 43_879)
    assert [group.bytes for group in found.groups] == [42_384, 1492, 3]
    assert listed(FIXTURES / name, tmp_path) == MYSQL
    assert found.complete


def test_names_of_one_file_and_empty_files_are_no_duplicates(tmp_path: Path) -> None:
    layer = tar(
        *(file("a", same(1)), hardlink("b", "a"), hardlink("c", "b")),
        *(file("empty"), file("void"), symlink("l", "a"), symlink("m", "a")),
    )
    assert listed(docker_save([layer]), tmp_path) == []


def test_a_file_of_many_names_is_one_copy(tmp_path: Path) -> None:
    layer = tar(file("z", same(1)), hardlink("b", "z"), hardlink("c", "b"), file("a", same(1)), file("d", same(1)))
    found = report(docker_save([layer]), tmp_path)
    assert [group.bytes for group in found.groups] == [200]
    assert listed(docker_save([layer]), tmp_path) == [["/a 0", "/d 0", "/z 0 3 names"]]


def test_files_that_differ_in_one_byte_or_in_size_are_apart(tmp_path: Path) -> None:
    layer = tar(file("a", same(1)), file("b", same(1)[:-1] + b"!"), file("c", same(1) + b"\1"), file("d", same(1)))
    assert listed(docker_save([layer]), tmp_path) == [["/a 0", "/d 0"]]


def test_the_largest_saving_comes_first_then_the_first_path(tmp_path: Path) -> None:
    pairs = [file(f"{name}{number}", same(ord(name))) for name in "cab" for number in (2, 1)]
    more = [file(f"x{number}", same(9, 40)) for number in range(5)]
    found = listed(docker_save([tar(*pairs, *more)]), tmp_path)
    assert [group[0] for group in found] == ["/x0 0", "/a1 0", "/b1 0", "/c1 0"]


def test_small_files_are_left_out(tmp_path: Path) -> None:
    layer = tar(*(file(f"{size}-{number}", same(size % 200, size)) for size in (999, 1000, 1001) for number in (1, 2)))
    assert listed(docker_save([layer]), tmp_path, min_size=1000) == [
        ["/1001-1 0", "/1001-2 0"],
        ["/1000-1 0", "/1000-2 0"],
    ]


def test_within_means_names_and_shows_one_that_it_means(tmp_path: Path) -> None:
    layer = tar(
        *(file("app/a", same(1)), hardlink("usr/a", "app/a"), hardlink("usr/b", "app/a")),
        *(file("app/c", same(1)), file("usr/d", same(1))),
    )
    archive = docker_save([layer])
    assert listed(archive, tmp_path) == [["/app/a 0 3 names", "/app/c 0", "/usr/d 0"]]
    assert listed(archive, tmp_path, within=("/usr/**",)) == [["/usr/a 0 3 names", "/usr/d 0"]]
    assert listed(archive, tmp_path, within=("/app", "!/app/a")) == []
    assert report(archive, tmp_path, within=("/usr/**",)).within == ["/usr/**"]


def test_a_sparse_file_is_what_it_reads(tmp_path: Path) -> None:
    content = b"begin" + bytes(90_000) + b"end"
    holed = sparse_1_0("holed", len(content), [(0, b"begin"), (len(content) - 3, b"end")])
    layers = [tar(holed, sparse_1_0("zeros", 5000, [])), tar(file("whole", content), file("nul", bytes(5000)))]
    wanted = [["/holed 0", "/whole 1"], ["/nul 1", "/zeros 0"]]
    assert listed(docker_save(layers), tmp_path) == wanted
    assert listed(oci_archive(layers, compression="gzip"), tmp_path) == wanted
    assert listed(docker_save(list(map(gzip, layers)), config=None), tmp_path) == wanted
    (tmp_path / "whole.tar.gz").write_bytes(gzip(docker_save(layers)))
    assert listed(tmp_path / "whole.tar.gz", tmp_path) == wanted


def test_too_many_zeros_are_a_finding_and_no_group(tmp_path: Path) -> None:
    huge = [sparse_1_0(name, 1 << 50, [(0, b"x")]) for name in ("a", "b")]
    layer = tar(*huge, file("c", same(1)), file("d", same(1)))
    limits = msgspec.structs.replace(DEFAULT, hole_bytes=MIB)
    found = report(docker_save([layer]), tmp_path, limits=limits, most=1 << 60)
    assert listed(docker_save([layer]), tmp_path, limits=limits) == [["/c 0", "/d 0"]]
    assert [finding.code for finding in found.findings] == ["limit.hole-bytes"]
    assert (found.complete, found.passed) == (False, False)


@pytest.mark.parametrize("compress", [bytes, gzip])
def test_a_body_that_ends_early_is_in_no_group(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    whole = tar(file("a", same(1, 5000)), file("b", same(1, 5000)), file("c", same(1, 5000)))
    cut = whole[: whole.rindex(same(1, 5000)) + 1000]
    found = report(docker_save([compress(cut)]), tmp_path, most=1 << 60)
    assert [[copy.path for copy in group.paths] for group in found.groups] == [["/a", "/b"]]
    assert not found.complete
    assert found.passed is False
    assert found.rules[0].causes


def test_a_layer_that_is_absent_leaves_the_others(tmp_path: Path) -> None:
    layers = [tar(file("a", same(1)), file("b", same(1))), tar(file("c", same(1)))]
    assert listed(docker_save(layers, layer_names=["0.tar", "1.tar"]), tmp_path) == [["/a 0", "/b 0", "/c 1"]]
    found = report(docker_save(layers[:1], layer_names=["0.tar", "gone.tar"]), tmp_path)
    assert [[copy.path for copy in group.paths] for group in found.groups] == [["/a", "/b"]]
    assert not found.complete


LAYERS = [
    tar(
        *(file("moved-from", same(1)), file("again", same(2)), file("chmod", same(3)), file("deleted", same(4))),
        *(file("linked", same(5)), hardlink("other", "linked"), file("changed", same(6))),
    ),
    tar(
        *(
            whiteout("moved-from"),
            file("moved-to", same(1)),
            file("again", same(2)),
            file("chmod", same(3), mode=0o755),
        ),
        *(whiteout("deleted"), file("linked", same(5)), file("changed", same(7))),
    ),
    tar(file("deleted", same(4)), file("changed", same(6))),
]


@pytest.mark.parametrize("form", ["docker", "oci", "piped"])
def test_all_layers_have_what_is_gone_but_not_what_waste_counts(form: str, tmp_path: Path) -> None:
    archive = oci_archive(LAYERS, compression="zstd") if form == "oci" else docker_save(LAYERS)
    if form == "piped":
        archive = gzip(archive)
    assert listed(archive, tmp_path) == [["/linked 1", "/other 0"]]
    assert listed(archive, tmp_path, all_layers=True) == [
        ["/changed 0 gone", "/changed 2"],
        ["/deleted 0 gone", "/deleted 2"],
        ["/linked 1", "/other 0"],
        ["/moved-from 0 gone", "/moved-to 1"],
    ]


def test_what_a_layer_stores_over_itself_is_no_copy(tmp_path: Path) -> None:
    layer = tar(file("a", same(1)), file("a", same(1)), file("b", same(2)))
    assert listed(docker_save([layer]), tmp_path, all_layers=True) == []


def test_the_same_layer_twice_is_waste_and_no_duplicate(tmp_path: Path) -> None:
    layer = tar(file("a", same(1)))
    assert listed(docker_save([layer, layer]), tmp_path, all_layers=True) == []


def test_the_gate_is_on_the_bytes_that_could_be_saved(tmp_path: Path) -> None:
    archive = docker_save([tar(file("a", same(1)), file("b", same(1)))])
    at, above = report(archive, tmp_path, most=100), report(archive, tmp_path, most=99)
    assert (at.passed, above.passed, report(archive, tmp_path).passed) == (True, False, None)
    [rule] = above.rules
    assert (rule.rule, rule.value, rule.limit, rule.unit, rule.causes) == ("max-duplicates", 100, 99, "bytes", [])


def test_several_images_need_a_choice(tmp_path: Path) -> None:
    path = FIXTURES / "d20-two-images-shared.tar"
    with pytest.raises(UsageError, match="2 images"):
        report(path, tmp_path)
    assert listed(path, tmp_path, image="@0") == MYSQL


def test_only_contents_of_repeated_sizes_are_hashed(tmp_path: Path) -> None:
    layers = [
        tar(file("a", same(1)), file("b", same(2)), file("alone", same(3, 77)), hardlink("alone2", "alone")),
        tar(file("small", same(1, 5)), file("tiny", same(1, 5)), file("outside", same(1))),
    ]
    (tmp_path / "x.tar").write_bytes(docker_save(layers))
    asked: list[bytes] = []

    def take(stored: Stored) -> tuple[Content, bytes]:
        layer, member = stored
        asked.append(member.name)
        return (layer, member.offset), b"equal"

    stacked = open_session(tmp_path / "x.tar").stacked(0)
    query = DuplicatesQuery(min_size=50, within=("/*a*", "/b"))
    find_duplicates(stacked, query, lambda wanted: dict(map(take, wanted)))
    assert sorted(asked) == [b"a", b"b"]


def test_a_compressed_layer_is_decompressed_once_more_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    made = imgtar.layer.bodies.PassingBodies.__init__

    def counting(self: imgtar.layer.bodies.PassingBodies, *arguments: object) -> None:
        opened.append(self)
        made(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(imgtar.layer.bodies.PassingBodies, "__init__", counting)
    layers = [tar(*(file(f"{layer}-{number}", same(number)) for number in range(50))) for layer in range(3)]
    found = report(oci_archive(layers, compression="gzip"), tmp_path)
    assert found.totals.groups == 50
    assert len(opened) <= 3
    opened.clear()
    (tmp_path / "piped.tar.gz").write_bytes(gzip(docker_save(layers)))
    assert report(tmp_path / "piped.tar.gz", tmp_path).totals.groups == 50
    assert not opened


def test_names_with_escapes_and_deep_paths_are_kept(tmp_path: Path) -> None:
    deep = b"/".join([b"d" * 60] * 200)
    names = [b"latin1-\xe9", b"esc-\x1b[31m", b"line\nbreak", deep + b"/f"]
    layer = tar(*(file(name, same(1)) for name in names))
    [group] = report(docker_save([layer]), tmp_path).groups
    assert sorted(map(raw_path, group.paths)) == sorted(names)


@pytest.mark.parametrize("all_layers", [False, True])
def test_work_is_linear_in_files_of_one_size_and_in_names(all_layers: bool, tmp_path: Path) -> None:
    def prepare(count: int) -> Callable[[], object]:
        files = [file(f"a/{number}", same(number % 7, 20)) for number in range(count)]
        links = [hardlink(f"b/{number}", "a/0") for number in range(count)]
        again = [file(f"a/{number}", same(number % 5, 20)) for number in range(count)]
        path = tmp_path / f"{count}.tar"
        path.write_bytes(docker_save([tar(*files, *links), tar(*again)]))
        session = open_session(path, InspectOptions(digests=True))
        stacked = session.stacked(0)
        query = DuplicatesQuery(all_layers=all_layers, within=("/a/**", "/b/*1"))

        def take(wanted: object) -> dict[Content, bytes]:
            return {(layer, member.offset): b"%d" % (member.offset % 3) for layer, member in wanted}  # type: ignore[attr-defined]

        return lambda: find_duplicates(stacked, query, take)

    assert_linear(prepare, 200)


def walked(root: Path) -> set[tuple[int, frozenset[int]]]:
    """The groups of equal contents below a directory: their size, and the inodes of the files."""
    found: defaultdict[tuple[int, bytes], set[int]] = defaultdict(set)
    for path in root.rglob("*"):
        facts = path.lstat()
        if path.is_file() and not path.is_symlink() and facts.st_size:
            content = path.read_bytes()
            found[len(content), hashlib.sha256(content).digest()].add(facts.st_ino)
    return {(size, frozenset(inodes)) for (size, _), inodes in found.items() if len(inodes) > 1}


def reported(
    archive: bytes | Path, folder: Path, root: Path, image: str | None = None
) -> set[tuple[int, frozenset[int]]]:
    """The groups of the report, by the inodes that the paths have below the directory."""
    found = report(archive, folder, image=image)
    assert found.complete
    groups = set()
    for group in found.groups:
        inodes = [(root / raw_path(copy).decode("utf-8", "surrogateescape")).lstat().st_ino for copy in group.paths]
        assert len(set(inodes)) == len(inodes)
        groups.add((group.size, frozenset(inodes)))
    return groups


@pytest.mark.parametrize("first", range(0, 400, 20))
def test_generated_stacks_have_the_groups_of_a_walk(first: int, tmp_path: Path) -> None:
    """The walk reads the files that `extract` wrote, and knows inodes, not layers."""
    for seed in range(first, first + 20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        archive = docker_save(tars(stack(seed)))
        assert extract(archive, folder) in (0, 1), seed
        assert reported(archive, folder, folder / "out") == walked(folder / "out"), seed


def test_generated_stacks_do_have_groups(tmp_path: Path) -> None:
    groups = [report(docker_save(tars(stack(seed))), tmp_path).totals.groups for seed in range(100)]
    assert sum(map(bool, groups)) > 10


RDFIND = re.compile(r"(DUPTYPE_\w+) (-?\d+) \d+ (\d+) \d+ (\d+) ")


@pytest.mark.skipif(shutil.which("rdfind") is None, reason="needs rdfind")
@pytest.mark.parametrize("name", ARCHIVES)
def test_rdfind_finds_the_same_groups(name: str, tmp_path: Path) -> None:
    """`rdfind` on what `extract` writes of each image."""
    for number in range(len(open_session(FIXTURES / name).outlines)):
        image = f"@{number}"
        out = tmp_path / image
        assert extract(FIXTURES / name, tmp_path, "--image", image, output=image) == 0
        results = tmp_path / "results.txt"
        subprocess.run(["rdfind", "-outputname", str(results), str(out)], check=True, capture_output=True)
        found: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for line in results.read_text("utf-8", "surrogateescape").splitlines():
            if row := RDFIND.match(line):
                found[abs(int(row[2]))].add((int(row[3]), int(row[4])))
        groups = {(min(size for size, _ in group), frozenset(inode for _, inode in group)) for group in found.values()}
        assert reported(FIXTURES / name, tmp_path, out, image) == groups
