"""The text of `packages`: by layer, package, type and directory, and what is said where nothing is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.answers.inventories import dpkg, listed
from tests.builders import docker_save, file, layer, whiteout

LAYERS = [
    layer(dpkg("bash=5.1", "zlib=1"), listed("bash", "usr/bin/bash"), file("usr/bin/bash", b"b" * 2000),
          file("etc/os-release", b'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\n')),
    layer(file("opt/data", b"d" * 500)),
    layer(dpkg("bash=5.2"), file("usr/bin/bash", b"B" * 3000), file("var/cache/apt/a/b", b"x" * 100),
          file("var/cache/apt/c", b"x" * 50)),
]  # fmt: skip


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "app.tar").write_bytes(docker_save(LAYERS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return "app.tar"


def printed(capture: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[str]:
    assert run(["packages", *arguments]) == code
    return capture.readouterr().out.splitlines()


def test_layers(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, image)
    assert lines[0].startswith("1 package (deb) of Debian GNU/Linux 12 owns 5 kB of ")
    assert [line.split()[:3] for line in lines if line.startswith(("  0", "  2"))] == [
        ["0", "2.21", "kB"], ["2", "3.23", "kB"],
    ]  # fmt: skip
    assert any("bash 3 kB, 1 upgraded, 1 removed; unowned: /var/cache/apt 150 B" in line for line in lines)
    assert lines[-1] == "1 layer changes no package (--all-layers lists them)"
    assert "/opt/data 500 B" in "\n".join(printed(capsys, image, "--all-layers"))


def test_packages_types_and_directories(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    by_package = printed(capsys, image, "--by", "package")
    assert [line.split()[:3] for line in by_package[5:]] == [
        ["TYPE", "NAME", "VERSION"], ["deb", "bash", "5.2"], ["deb", "bash", "5.1"], ["deb", "zlib", "1"],
    ]  # fmt: skip
    assert "installed, was 5.1" in by_package[6]
    assert len(printed(capsys, image, "--by", "package", "--top", "1")) == 8
    deleted = "\n".join(printed(capsys, image, "--deleted"))
    assert "upgraded in 2" in deleted
    assert "removed in 2" in deleted
    assert any("deb" in line and "/var/lib/dpkg/status" in line for line in printed(capsys, image, "--by", "type"))
    unowned = printed(capsys, image, "--unowned")
    assert any(line.startswith("  500 B  layer 1   /opt/data") for line in unowned)
    assert any("/var/cache/apt/  2 files" in line or "/var/cache/apt" in line for line in unowned)
    assert unowned == printed(capsys, image, "--by", "directory")


def test_the_base_and_what_lies_above_it(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, image, "--base", "2")
    assert lines[2:4] == ["base layers 0-1 (given): 2 packages, 2 upgraded or removed, 2 kB of 2.71 kB", ""]
    assert any("base, upgraded in 2" in line for line in printed(capsys, image, "--base", "2", "--by", "package"))
    own = printed(capsys, image, "--base", "2", "--own")
    assert own[0].startswith("1 package (deb) of Debian GNU/Linux 12 above the base owns 3 kB of 3.23")
    assert own[2:4] == ["base layers 0-1 (given): left out", ""]
    assert [line.split()[0] for line in own[5:] if line.startswith("  2")] == ["2"]
    assert not any(line.startswith(("  0", "  1")) for line in own)
    assert printed(capsys, image, "--base", "3", "--own")[-1] == "no layer lies above the base"
    none = printed(capsys, image, "--base", "none", "--own")
    assert none[2] == "no layer is known to be the base's, so nothing is left out"
    found = printed(capsys, image, "--base", "auto", "--layer", "2")
    assert found[2] == "base layer 0 (guessed from the history)"


def test_bytes_that_own_layers_store_for_packages_of_the_base(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.tar"
    again = layer(file("usr/bin/bash", b"B" * 4000), file("opt/x", b"x" * 10))
    path.write_bytes(docker_save([LAYERS[0], again]))
    text = " ".join(printed(capsys, str(path), "--base", "1", "--own"))
    assert "above the base own 0 B of 4.01 kB; 10 B belong to no package, 4 kB to packages of the base" in text


def test_nothing_known_and_a_deleted_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(docker_save([layer(file("a", b"1"))]))
    lines = printed(capsys, str(path))
    assert lines[0] == "0 packages own 0 B of 1 B; 1 B belong to no package"
    assert lines[1].startswith("no database of packages found; looked for deb, apk, rpm")
    path.write_bytes(docker_save([*LAYERS, layer(whiteout("var/lib/dpkg/status"))]))
    text = " ".join(printed(capsys, str(path)))
    assert "deb: the database /var/lib/dpkg/status is deleted; 1 package from the layer below" in text


def test_a_damaged_database_is_exit_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(docker_save([layer(file("var/lib/dpkg/status", b"nothing"))]))
    lines = printed(capsys, str(path), code=4)
    assert "deb: the database /var/lib/dpkg/status cannot be read whole" in " ".join(lines)


def test_an_unknown_type_is_refused(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["packages", image, "--type", "deb,nix"]) == 2
    assert "--type nix: not a type of packages; types are deb, apk, rpm" in capsys.readouterr().err


def test_hostile_names_stay_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "\x1b[31mevil\u202e%0a::error::"
    path = tmp_path / "a.tar"
    content = f"Package: {name}\nStatus: install ok installed\nVersion: 1\x07\n".encode()
    path.write_bytes(docker_save([layer(file("var/lib/dpkg/status", content), file("o\x1b[2J", b"1"))]))
    for options in ([], ["--by", "package"], ["--unowned"], ["--all-layers"], ["--format", "csv"]):
        text = "\n".join(printed(capsys, str(path), *options))
        assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_what_holds_for_several_archives_is_said_once(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (Path(image).parent / f"{name}.tar").write_bytes(docker_save([layer(file("a", name.encode()))]))
    lines = printed(capsys, "one.tar", image, "two.tar")
    assert lines[:4] == [
        "==> one.tar (1 of 3) <==",
        "0 packages own 0 B of 3 B; 3 B belong to no package",
        "",
        "==> app.tar (2 of 3) <==",
    ]
    assert lines[-8:-3] == [
        "",
        "in 2 archives: no database of packages found; looked for deb, apk, rpm, python,",
        "npm, java, go, rust",
        "",
        "==> 3 archives <==",
    ]
    text = "\n".join(lines)
    assert (text.count("no database of packages"), text.count("no layer changes a package")) == (1, 0)
    assert "layer 0   /a" in "\n".join(printed(capsys, "one.tar", "two.tar", "--unowned"))
    assert "looked for" not in "\n".join(printed(capsys, image, image))
