"""Which archives paths, folders, patterns and lists mean."""

from __future__ import annotations

import bz2
import gzip
import os
from pathlib import Path

import pytest

from imgtar.errors import InputError, UsageError
from imgtar.fleet.inputs import archives_of
from tests.builders import good, oci_layout, write_directory

ARCHIVES = ("a.tar", "empty.tar", "sub/b.tar", "sub/deep/c.tar", "sub/layout")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with archives at two depths, a layout, a root filesystem and files that are no archives."""
    for name in ("a.tar", "sub/b.tar", "sub/deep/c.tar", "root/etc/d.tar"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(good())
    write_directory(oci_layout([]).members(), tmp_path / "sub" / "layout")
    (tmp_path / "sub" / "notes.txt").write_text("no archive")
    (tmp_path / "empty.tar").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe.tar")
    return tmp_path


def found(*given: str | Path, without: str | Path = "out") -> list[str]:
    return sorted(os.fsdecode(one.path) for one in archives_of(map(str, given), without=str(without)))


def below(folder: Path, *names: str) -> list[str]:
    return sorted(str(folder / name) for name in names)


def test_a_folder_stands_for_the_archives_below_it(folder: Path) -> None:
    assert found(folder) == below(folder, *ARCHIVES)


def test_a_folder_that_is_an_archive_or_a_root_filesystem_is_one(folder: Path) -> None:
    assert found(folder / "sub" / "layout") == below(folder, "sub/layout")
    assert found(folder / "root") == below(folder, "root")


def test_links_to_folders_are_not_followed_and_links_to_files_are(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "sub" / "up").symlink_to("..")
    (folder / "link.tar").symlink_to("a.tar")
    (folder / "nowhere.tar").symlink_to("nowhere")
    assert found(folder) == below(folder, *ARCHIVES, "link.tar", "nowhere.tar")


def test_the_results_are_left_out(folder: Path) -> None:
    there = below(folder, "a.tar", "empty.tar", "sub/b.tar", "sub/layout")
    assert found(folder, without=folder / "sub" / "deep") == there


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.tar", ("a.tar", "empty.tar", "pipe.tar")),
        ("sub/*.tar", ("sub/b.tar",)),
        ("**/c.tar", ("sub/deep/c.tar",)),
        ("sub/*", ("sub/b.tar", "sub/deep/c.tar", "sub/layout", "sub/notes.txt")),
    ],
)
def test_a_pattern_means_what_gitignore_says(pattern: str, names: tuple[str, ...], folder: Path) -> None:
    """What it names is asked for, whatever it is; a folder that it names stands for its archives."""
    assert found(folder / pattern) == below(folder, *names)


@pytest.mark.parametrize("name", ["none.tar", "none/", "[bc].tar", "none/**/*.tar"])
def test_what_is_not_there_is_refused(name: str, folder: Path) -> None:
    """A folder that is not mounted is no fleet without archives."""
    with pytest.raises(InputError, match=r"no such file|nothing matches"):
        found(folder / name)


def test_a_pattern_runs_in_no_circles(folder: Path) -> None:
    (folder / "sub" / "up").symlink_to("..")
    assert found(folder / "**/b.tar") == below(folder, "sub/b.tar")


def test_a_file_that_exists_is_no_pattern(folder: Path) -> None:
    (folder / "x[1].tar").write_bytes(good())
    assert found(folder / "x[1].tar") == below(folder, "x[1].tar")


def test_a_broken_pattern_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="not a valid pattern"):
        found(folder / "x[.tar")


@pytest.mark.parametrize("end", [b"\n", b"\0"])
def test_a_list_names_archives(end: bytes, tmp_path: Path) -> None:
    names = [b"/a.tar", b"/with space.tar", b"/\xff.tar", b"docker-archive:/b.tar:x"]
    names += [b"/new\nline.tar"] if end == b"\0" else []
    (tmp_path / "list").write_bytes(end.join(names) + end + end)
    assert found(f"@{tmp_path / 'list'}") == sorted(map(os.fsdecode, names))


def test_a_list_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    """A million lines: the first archive is there before the second piece of the list is read."""
    (tmp_path / "list").write_bytes(b"".join(b"/archives/%d.tar\n" % number for number in range(1_000_000)))
    archives = archives_of([f"@{tmp_path / 'list'}"], without="out")
    assert next(archives).path == b"/archives/0.tar"
    os.truncate(tmp_path / "list", 1 << 18)
    assert sum(1 for _ in archives) < 20_000


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        found(f"@{tmp_path / 'none'}")
    (tmp_path / "list").write_bytes(b"x" * 200_000)
    with pytest.raises(UsageError, match="more than 64 KiB"):
        found(f"@{tmp_path / 'list'}")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (good(), "is an archive, not a list; leave out the @"),
        (gzip.compress(good()), "is an archive, not a list; leave out the @"),
        (bz2.compress(good()), "is an archive, not a list; leave out the @"),
        (bytes(10240), "is an archive, not a list; leave out the @"),
        (b"MZ\x90\0\x03\0", "is a Windows program, not a list; give a list of paths"),
        ("a.tar\r\nb.tar".encode("utf-16"), "is text in UTF-16, which paths are not; write the list as UTF-8"),
        (b"/a.tar\n" * 10_000 + b"/b.tar\0", "a line has a NUL byte, which no path has; end every path"),
    ],
)
def test_what_is_no_list_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(UsageError, match=words):
        found(f"@{tmp_path / 'list'}")


@pytest.mark.parametrize("name", ["MZ.tar", "BZh91.tar", "070701/a.tar", "/annex/objects/a.tar", "#!.tar", "a\tb.tar"])
def test_a_path_may_begin_like_a_format(name: str, tmp_path: Path) -> None:
    for end in ("\n", "\0"):
        (tmp_path / "list").write_text(end.join((name, "b", "c")) + end)
        assert found(f"@{tmp_path / 'list'}") == sorted((name, "b", "c"))


def test_standard_input_is_no_archive_here() -> None:
    with pytest.raises(UsageError, match="fleet reads files"):
        found("-")


def test_size_and_time_tell_whether_an_archive_changed(folder: Path) -> None:
    def archive(name: str) -> object:
        [one] = archives_of([str(folder / name)], without="out")
        return one

    file, layout = archive("a.tar"), archive("sub/layout")
    os.utime(folder / "a.tar", ns=(1, 1))
    os.utime(folder / "sub" / "layout" / "index.json", ns=(1 << 62, 1 << 62))
    assert archive("a.tar") != file
    assert archive("sub/layout") != layout


def test_what_a_list_names_has_its_row_wherever_it_is(folder: Path) -> None:
    (folder / "list").write_text(f"{folder / 'none.tar'}\n")
    [one] = archives_of([f"@{folder / 'list'}"], without="out")
    assert (one.path, one.size, one.mtime_ns) == (os.fsencode(folder / "none.tar"), None, None)
