"""The recorded images with planted secrets, setuid files, capabilities and devices: found, placed, never in clear."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from imgtar.cli.registry import report_types
from scripts.token_makers import HEX, pick
from tests.audit.audited import audited, of
from tests.builders import docker_save, file, layer
from tests.cli.command import imgtar
from tests.paths import FIXTURES

# The same Dockerfile, saved by different engines, and saved compressed.
FORMS = ["mysql.tar", "d20-classic-mysqlish.tar.gz", "d20-classic-mysqlish.tar.zst", "d26c-mysqlish.tar",
         "d26-buildkit-mysqlish.tar"]  # fmt: skip


def planted() -> list[bytes]:
    """The secrets as they lie in the layers, read by Python's tarfile."""
    found: list[bytes] = []
    with tarfile.open(FIXTURES / "mysql.tar") as archive:
        for member in archive:
            if member.name.endswith("layer.tar") and member.isfile():
                body = archive.extractfile(member)
                assert body is not None
                with tarfile.open(fileobj=io.BytesIO(body.read())) as content:
                    for name in ("opt/secret.env", "root/.ssh/id_rsa"):
                        if name in content.getnames():
                            secret = content.extractfile(name)
                            assert secret is not None
                            found.append(secret.read())
    assert len(found) == 2
    return found


@pytest.mark.parametrize("name", FORMS)
def test_planted_risks_are_in_their_layers(name: str) -> None:
    rows = audited(FIXTURES / name)
    [base] = {row.where.layer for row in of(rows, "secret.private-key")}
    assert base is not None
    places = {
        (row.code, row.where.path, row.where.layer - base, row.where.removed_in) for row in rows if row.where.layer
    }
    for code, path, added_in, removed_in in (
        ("secret.private-key", "/root/.ssh/id_rsa", 0, base + 1),
        ("secret.generic", "/opt/secret.env", 0, base + 1),
        ("secret.in-lower-layer", "/root/.ssh/id_rsa", 0, base + 1),
        ("secret.in-lower-layer", "/opt/secret.env", 0, base + 1),
        ("layer.sensitive-file", "/opt/secret.env", 0, base + 1),
        ("layer.device", "/opt/blk", 0, None),
        ("layer.device", "/opt/null", 0, None),
        ("layer.setuid", "/usr/local/bin/gosu", -1, None),
        ("layer.setuid", "/usr/bin/sgid", -1, None),
        ("layer.capabilities", "/usr/bin/bindlow", -1, None),
        ("layer.odd-owner", "/opt/biguid", 4, None),
    ):
        assert (code, path, added_in, removed_in) in places
    assert base == 3


@pytest.mark.parametrize("name", FORMS[:2])
@pytest.mark.parametrize("command", ["audit", "check"])
def test_no_output_shows_a_secret(command: str, name: str, tmp_path: Path) -> None:
    """X38: every format, standard error, `--debug`."""
    variable, key = planted()
    values = [variable.strip().partition(b"=")[2], *(line for line in key.split(b"\n") if line and line[:1] != b"-")]
    assert len(values) == 2
    outputs = [word for form in report_types()[command].renderers for word in ("-o", f"{form}={tmp_path / form}")]
    gates = ("--max-severity", "info", "--max-layers", "1", "--max-size", "1", "--forbid-path", "*.env")
    arguments = gates if command == "check" else ()
    run = imgtar(command, FIXTURES / name, "--debug", "--no-trunc", "--top", "0", *arguments, *outputs)
    assert run.returncode == (1 if command == "check" else 0), run.stderr
    shown = run.stdout + run.stderr + b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(shown) > 10_000
    for value in values:
        assert value not in shown
        assert value[:8] not in shown


def test_the_bytes_are_those_of_the_final_report() -> None:
    """What is found by offset is what is found as it passes."""
    plain, packed = (imgtar("audit", FIXTURES / name, "--format", "json") for name in FORMS[:2])
    rows = [json.loads(run.stdout)["findings"] for run in (plain, packed)]
    assert rows[0] == rows[1]


TOKEN = "do" + "p_v1_" + pick(HEX, 64)


def _everything(command: str, folder: Path, raw: bytes, *options: str) -> bytes:
    path = folder / "image.tar"
    path.write_bytes(raw)
    names = list(report_types()[command].renderers)
    outputs = [word for name in names for word in ("-o", f"{name}={folder / name}")]
    run = imgtar(command, path, "--debug", "--no-trunc", *options, *outputs)
    assert run.returncode != 70
    return run.stdout + run.stderr + b"".join((folder / name).read_bytes() for name in names)


@pytest.mark.parametrize("command", ["audit", "check"])
@pytest.mark.parametrize(
    "options",
    [
        {"architecture": TOKEN},
        {"os": TOKEN},
        {"variant": TOKEN},
        {"created": TOKEN},
        {"author": TOKEN},
        {"config_name": f"{TOKEN}.json", "created": "x"},
        {"layer_names": [f"{TOKEN}/layer.tar"]},
        {"rootfs": {"type": "layers", "diff_ids": [TOKEN]}},
    ],
    ids=lambda options: next(iter(options)),
)
def test_no_part_of_a_document_shows_a_secret(command: str, options: dict[str, Any], tmp_path: Path) -> None:
    """Platform, author, time, members of the archive, and the warning about a digest that is not one."""
    raw = docker_save([layer(file("etc/a\n", b"x"))], **options)
    shown = _everything(command, tmp_path, raw, *(("--max-layers", "0") if command == "check" else ()))
    assert len(shown) > 5_000
    assert TOKEN.encode() not in shown


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("tag", [TOKEN, f"password={TOKEN[-20:]}"], ids=["by its form", "by its name"])
def test_an_error_shows_no_secret(tag: str, form: str, tmp_path: Path) -> None:
    """The names to choose from stand in the error, on standard error and in its JSON."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([layer(file("a", b"x"))], names=(f"app:{tag}",)))
    run = imgtar("audit", path, "--image", "other", "--format", form)
    assert run.returncode == 3
    assert tag[:4].encode() in run.stderr
    assert tag[-20:].encode() not in run.stdout + run.stderr
    assert tag.encode() in imgtar("inspect", path, "--image", "other").stderr
