"""Long lists of findings: rules of the user come before the cut at 100 of a code and layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.answers.filters import Filter, Filtered
from imgtar.answers.options import InspectOptions
from imgtar.api import inspect
from tests import builders
from tests.builders import docker_save, file, layer

CONTROL = "layer.control-char"  # found while a layer is read
SETUID = "layer.setuid"  # found by the audit
PARENT = "layer.parent-not-dir"  # found while layers are stacked


def found(archive: bytes, folder: Path, *globs: str, codes: tuple[str, ...] = ()) -> Filtered:
    """What an audit of the archive finds with these patterns of `--ignore-path` and codes of `--ignore`."""
    (folder / "image.tar").write_bytes(archive)
    ignores = Filter.of(None, codes, globs)
    session = inspect(folder / "image.tar", InspectOptions(audit=True, ignores=ignores)).session
    return ignores.apply(session.findings)


def listed(filtered: Filtered, code: str) -> tuple[int, int]:
    """How many findings of the code are listed one by one, and how many are only counted."""
    rows = [row for row in filtered.shown if row.code == code]
    return sum(row.count == 1 for row in rows), sum(row.count for row in rows if row.count > 1)


def image(code: str) -> bytes:
    """131 findings of the code: 100 in the directory `a`, 31 in `b`."""
    paths = [f"{'a' if number < 100 else 'b'}/{number:03}" for number in range(131)]
    if code == CONTROL:
        return docker_save([layer(*(file(f"{path}\x01") for path in paths))])
    if code == SETUID:
        return docker_save([layer(*(file(path, b"x", mode=0o4755) for path in paths))])
    return docker_save([layer(*map(file, paths)), layer(*(file(f"{path}/below") for path in paths))])


@pytest.mark.parametrize("code", [CONTROL, SETUID, PARENT])
def test_an_ignored_hundred_shows_the_others(code: str, tmp_path: Path) -> None:
    archive = image(code)
    assert listed(found(archive, tmp_path), code) == (100, 31)
    filtered = found(archive, tmp_path, "/a/")
    assert listed(filtered, code) == (31, 0)
    assert filtered.by_rule == [100]
    assert all((row.where.path or "").startswith("/b/") for row in filtered.shown if row.code == code)


@pytest.mark.parametrize("code", [CONTROL, SETUID, PARENT])
def test_all_that_a_rule_takes_are_counted(code: str, tmp_path: Path) -> None:
    filtered = found(image(code), tmp_path, "*")
    assert listed(filtered, code) == (0, 0)
    assert filtered.by_rule == [131]
    filtered = found(image(code), tmp_path, "/b/", codes=(code,))
    assert listed(filtered, code) == (0, 0)
    assert filtered.by_rule == [131, 0]


def test_each_layer_lists_a_hundred(tmp_path: Path) -> None:
    layers = [layer(*(file(f"{name}{number}", b"x", mode=0o4755) for number in range(131))) for name in "ab"]
    assert listed(found(docker_save(layers), tmp_path), SETUID) == (200, 62)


def test_what_is_told_once_per_image_is_told_of_what_is_not_ignored(tmp_path: Path) -> None:
    absolute = [file(f"/{name}/{number}") for name in "ab" for number in range(3)]
    code = "layer.absolute-name"
    rows = [row for row in found(docker_save([layer(*absolute)]), tmp_path, "/a/").shown if row.code == code]
    assert [row.where.path for row in rows] == ["/b/0"]
    assert "2 more" in rows[0].message


def test_secrets_are_all_listed_unless_they_are_ignored(tmp_path: Path) -> None:
    secrets = [
        file(f"{name}/{number:03}.env", b"password=Tr0ub4dor&3-%03d" % number) for name in "ab" for number in range(250)
    ]
    archive = docker_save([layer(*secrets), layer(builders.whiteout("a"))])
    everything = found(archive, tmp_path)
    assert listed(everything, "secret.generic") == (500, 0)
    assert listed(everything, "secret.in-lower-layer") == (250, 0)
    filtered = found(archive, tmp_path, "/a/")
    assert listed(filtered, "secret.generic") == (250, 0)


def test_secrets_of_the_configuration_are_all_listed(tmp_path: Path) -> None:
    layers = [layer(file("a"))]
    config = builders.image_config(layers, execution={"Env": [f"A{n}_PASSWORD=Tr0ub4dor&3-{n:03}" for n in range(131)]})
    assert listed(found(docker_save(layers, config=config), tmp_path), "config.secret") == (131, 0)
