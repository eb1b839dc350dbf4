"""`dockerfile --freeze`: what it writes rebuilds the image, as `imgtar diff` sees it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.dockerfile.building import built, context_of, is_equal, stored
from tests.builders import (
    directory,
    docker_save,
    file,
    hardlink,
    layer,
    oci_archive,
    opaque,
    symlink,
    whiteout,
)
from tests.filesystem.random_layers import stack, tars
from tests.paths import FIXTURES

ARCHIVES = [
    "mysql.tar",
    "b5-oci-archive-zstd-chunked.tar",
    "crane-pull-tarball.tar",
    "d20-commit.tar",
    "d20-duplayers.tar",
    "d20-emptylayers.tar",
    "d26c-buildx-oci-dir",
    "d26c-metaonly.tar",
    "p5-docker-dir",
    "p5-nolayers-oci.tar",
]


def frozen(archive: Path, folder: Path) -> Path:
    return context_of(archive, folder, "--freeze")


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_real_image_is_rebuilt(name: str, tmp_path: Path) -> None:
    """The configuration comes back too: also with times, but for what has no place in a Dockerfile."""
    archive = FIXTURES / name
    context = frozen(archive, tmp_path)
    rebuilt = built(context)
    assert is_equal(archive, rebuilt, tmp_path)
    assert not is_equal(archive, built(context, architecture="s390x"), tmp_path)


@pytest.mark.parametrize("first", range(0, 400, 20))
def test_generated_stacks_are_rebuilt(first: int, tmp_path: Path) -> None:
    """Equal but for broken hard links, which no engine makes, and the attribute that makes a directory opaque."""
    for seed in range(first, first + 20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        layers = stack(seed)
        archive = stored(docker_save(tars(layers)), folder)
        context = frozen(archive, folder)
        skipped = json.loads((folder / "x.json").read_bytes())["context"]["skipped"]
        excluded = [f"--exclude={one['path']}" for one in skipped]
        marked = any(entry.kind == "overlay opaque" for entries in layers for entry in entries)
        assert is_equal(archive, built(context), folder, *excluded, *(["--content"] if marked else [])), seed


def test_what_a_later_layer_removes_is_in_no_tar(tmp_path: Path) -> None:
    layers = [
        layer(directory("d", mode=0o700, uid=7), file("d/a", b"a"), file("d/b", b"b"), file("e/x", b"x")),
        layer(whiteout("d/a"), opaque("e"), file("e/y", b"y"), file("d/c", b"c")),
        layer(file("d/b", b"changed"), hardlink("d/l", "d/b"), symlink("s", "d")),
    ]
    context = frozen(stored(docker_save(layers), tmp_path), tmp_path)
    members = {path.name: _members(path) for path in sorted(context.glob("*.tar"))}
    assert members == {
        "layer-00.tar": ["drwx------ 7/0 d/", "drwxr-xr-x 0/0 e/"],
        "layer-01.tar": ["drwx------ 7/0 d/", "-rw-r--r-- 0/0 d/c", "drwxr-xr-x 0/0 e/", "-rw-r--r-- 0/0 e/y"],
        "layer-02.tar": ["drwx------ 7/0 d/", "-rw-r--r-- 0/0 d/b", "hrw-r--r-- 0/0 d/l", "lrwxrwxrwx 0/0 s"],
    }


def _members(path: Path) -> list[str]:
    import tarfile

    kinds = {tarfile.DIRTYPE: "d", tarfile.LNKTYPE: "h", tarfile.SYMTYPE: "l"}
    found = []
    with tarfile.open(path) as tar:
        for one in tar:
            mode = "".join(char if one.mode >> 8 - place & 1 else "-" for place, char in enumerate("rwxrwxrwx"))
            name = one.name + ("/" if one.isdir() else "")
            found.append(f"{kinds.get(one.type, '-')}{mode} {one.uid}/{one.gid} {name}")
    return found


def test_a_layer_of_which_nothing_is_left_has_a_comment(tmp_path: Path) -> None:
    layers = [layer(file("a", b"a")), layer(file("b", b"b")), layer(whiteout("a"))]
    context = frozen(stored(docker_save(layers), tmp_path), tmp_path)
    text = (context / "Dockerfile").read_text().splitlines()
    assert "# the final filesystem has nothing of layer 0: ADD file:0 in /" in text
    assert "# the final filesystem has nothing of layer 2: RUN make layer2" in text
    assert sorted(path.name for path in context.iterdir()) == ["Dockerfile", "layer-01.tar"]


EXECUTION = {
    "User": "a$b",
    "WorkingDir": r"C:\app dir",
    "Env": ["PATH=/bin", 'A=a "b" $c \\ \' d', "B=", "C= x ", "D=#x", "GREETING=hello world"],
    "Labels": {"a b": "c=d", "x.y": '"', "é": "日本", "k$": "$v"},
    "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
    "Volumes": {"/a b": {}, "/c": {}},
    "Entrypoint": ["/bin/sh", "-c", 'echo "$@"'],
    "Cmd": ["a b", "", "\\"],
    "Shell": ["/bin/bash", "-o", "pipefail", "-c"],
    "StopSignal": "SIGQUIT",
    "OnBuild": ["RUN make", "COPY . /app"],
    "Healthcheck": {"Test": ["CMD-SHELL", "curl -f x || exit 1"], "Interval": 90 * 10**9, "Timeout": 1500 * 10**6,
                    "Retries": 3},
}  # fmt: skip


@pytest.mark.parametrize("key", [None, *EXECUTION])
def test_the_configuration_comes_back(key: str | None, tmp_path: Path) -> None:
    execution = EXECUTION if key is None else {key: EXECUTION[key]}
    archive = stored(oci_archive([layer(file("a", b"a"))], execution=execution), tmp_path)
    assert is_equal(archive, built(frozen(archive, tmp_path)), tmp_path)


IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "line break in a variable": {"Env": ["A=b\nRUN evil"]},
    "variable without a value": {"Env": ["A"]},
    "name with a quote": {"Env": ['A"=b']},
    "line break in a label": {"Labels": {"a": "b\nc"}},
    "line break in the user": {"User": "a\nUSER root"},
    "blank at an end": {"User": "a "},
    "health check of no kind": {"Healthcheck": {"Test": ["x"]}},
    "interval in microseconds": {"Healthcheck": {"Test": ["CMD", "x"], "Interval": 1000}},
    "trigger of a trigger": {"OnBuild": ["ONBUILD RUN x"]},
}


@pytest.mark.parametrize("execution", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_a_dockerfile_cannot_say_is_a_comment(execution: dict[str, Any], tmp_path: Path) -> None:
    archive = stored(docker_save([layer(file("a", b"a"))], execution=execution), tmp_path)
    lines = (frozen(archive, tmp_path) / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["FROM scratch", "ADD layer-00.tar /"]
    assert len(lines) > 6


def test_a_working_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    archive = stored(docker_save([layer(file("a/b", b""))], execution={"WorkingDir": "/a"}), tmp_path)
    assert "build makes it" not in (frozen(archive, tmp_path) / "Dockerfile").read_text()
    archive = stored(docker_save([layer(file("a/b", b""))], execution={"WorkingDir": "/b"}), tmp_path)
    shutil.rmtree(tmp_path / "context")
    text = (frozen(archive, tmp_path) / "Dockerfile").read_text()
    assert "# the image has no such directory; the build makes it\nWORKDIR /b\n" in text


@pytest.mark.skipif(shutil.which("buildah") is None or os.geteuid() != 0, reason="needs buildah, as root")
@pytest.mark.parametrize("name", ["mysql.tar", "d20-emptylayers.tar", "d26c-buildx-oci-dir", "d26c-metaonly.tar"])
def test_buildah_rebuilds_an_equal_image(name: str, tmp_path: Path) -> None:
    archive = FIXTURES / name
    context = frozen(archive, tmp_path)
    storage = ["--root", str(tmp_path / "s"), "--runroot", str(tmp_path / "r"), "--storage-driver", "vfs"]
    build = ["bud", "--isolation", "chroot", "--format", "docker", "--identity-label=false", "-t", "x:1", str(context)]
    subprocess.run(["buildah", *storage, *build], check=True, capture_output=True, timeout=120)
    out = f"docker-archive:{tmp_path / 'buildah.tar'}:x:1"
    subprocess.run(["buildah", *storage, "push", "-q", "x:1", out], check=True, capture_output=True, timeout=120)
    assert is_equal(archive, (tmp_path / "buildah.tar").read_bytes(), tmp_path)
