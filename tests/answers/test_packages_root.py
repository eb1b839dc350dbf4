"""`packages` of a root filesystem: what docker export and podman export write, a bare tar, a directory, a pipe."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from imgtar.contract.packages import PackagesReport
from imgtar.errors import InputError
from tests.answers.inventories import asked, lives, owned, status
from tests.builders import docker_save, file, gzip, layer, tar
from tests.cli.command import imgtar, one_line
from tests.packages.programs import go_program

FILES = {
    ".dockerenv": b"",
    "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
    "usr/bin/a": b"a" * 10,
    "usr/bin/.wh.a": b"a file of this name",
    "var/lib/dpkg/info/a.list": b"/usr/bin/a\n",
    "var/lib/dpkg/status": status("a=1"),
    "usr/local/bin/tool": go_program() + bytes(70_000),
}
FORMS = ("tar", "gzip", "directory", "bare")


def root(form: str, folder: Path) -> Path:
    path = folder / "root"
    if form == "directory":
        for name, content in FILES.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
        return path
    whole = tar(*(file(name, content) for name, content in FILES.items() if form != "bare" or name != ".dockerenv"))
    path.write_bytes(gzip(whole) if form == "gzip" else whole)
    return path


def of_root(path: Path, folder: Path, **choice: object) -> PackagesReport:
    return asked(path, folder, root_filesystem=True, **choice)


@pytest.mark.parametrize("form", FORMS)
def test_a_root_filesystem_is_one_layer(form: str, tmp_path: Path) -> None:
    document = of_root(root(form, tmp_path), tmp_path)
    assert document.source.form == "rootfs"
    assert (document.image, document.base, document.complete) == (None, None, True)
    assert lives(document)[0] == ("a", "1", "installed", 0, None)
    assert {row.type for row in document.packages} == {"deb", "go"}
    assert owned(document)["a 1"] == {"0": 10}
    assert not any(row.base for row in document.packages)
    assert document.os is not None
    assert document.os.id == "debian"
    [only] = document.layers
    assert only.stored_bytes == sum(map(len, FILES.values())), "a name such as .wh.a is that of a file"
    assert {row.type: row.state for row in document.coverage} == {
        "deb": "read", "apk": "absent", "rpm": "absent", "python": "absent", "npm": "absent", "java": "absent",
        "go": "read", "rust": "absent",
    }  # fmt: skip


def test_its_layers_are_none_of_a_base(tmp_path: Path) -> None:
    own = of_root(root("tar", tmp_path), tmp_path, own=True)
    assert own.base_layers == 0
    assert [row.name for row in own.packages if row.type == "deb"] == ["a"]


def test_it_has_no_images_to_choose_from(tmp_path: Path) -> None:
    for choice in ({"image": "@0"}, {"platform": "linux/amd64"}):
        with pytest.raises(InputError, match="a root filesystem has no images"):
            of_root(root("tar", tmp_path), tmp_path, **choice)


def test_an_image_is_read_as_one(tmp_path: Path) -> None:
    """An archive whose layers look like roots is an archive of images all the same."""
    document = asked(docker_save([layer(file("usr/bin/a"))]), tmp_path, root_filesystem=True)
    assert document.source.form == "docker-archive"


def test_a_cut_root_filesystem_is_incomplete(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as whole:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            whole.addfile(member, io.BytesIO(content))
    path = tmp_path / "cut.tar"
    path.write_bytes(packed.getvalue()[:5000])
    document = of_root(path, tmp_path)
    assert not document.complete
    assert [finding.effect for finding in document.findings] == ["incomplete"]


def test_a_pipe_is_read_as_it_passes(tmp_path: Path) -> None:
    content = root("tar", tmp_path).read_bytes()
    for name, stdin in (("-", content), ("rootfs:-", gzip(content))):
        run = imgtar("packages", name, "--by", "package", stdin=stdin)
        assert (run.returncode, run.stderr) == (0, b"")
        assert b"deb   a " in run.stdout


def test_the_hints_where_it_is_no_root_or_an_image_is_needed(tmp_path: Path) -> None:
    path = root("tar", tmp_path)
    assert "`imgtar packages EXPORT` its packages" in one_line(imgtar("inspect", path))
    assert "`imgtar packages` lists its packages" in one_line(imgtar("inspect", f"rootfs:{path}"))
    assert "does not accept" in one_line(imgtar("packages", f"oci:{path}"))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a").write_bytes(b"x")
    refused = imgtar("packages", tmp_path / "notes")
    assert refused.returncode == 3
    assert "if it is a root filesystem, write rootfs: before its path" in one_line(refused)
    taken = imgtar("packages", f"rootfs:{tmp_path / 'notes'}")
    assert taken.returncode == 0
    assert b"1 B belong to no package\nno database of packages found" in taken.stdout
