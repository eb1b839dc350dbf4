"""What is raced of the search for secrets: the audit and two rivals on real text, the Python files of this machine."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

from bench_contenders import imgtar
from bench_run import Contender

# A program that searches the files of a folder with Kingfisher and does nothing else.
KINGFISHER = """
import os, sys
import kingfisher_sdk as kingfisher
scanner = kingfisher.Scanner(kingfisher.Rules(cache=False), policy=kingfisher.DetectionPolicy())
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        with open(path, "rb") as body:
            scanner.scan_input(kingfisher.ScanInput(data=body.read(), path=path))
"""


def python_tree(cache: Path) -> tuple[Path, Path, int]:
    """The Python files of this interpreter and its packages in a folder, the same as an image, and how many bytes."""
    folder, image = cache / "python-tree", cache / "python-tree.tar"
    if not image.exists():  # made by a process of its own: a new process starts with this one's peak of memory
        subprocess.run([sys.executable, __file__, str(folder), str(image)], check=True)
    return folder, image, sum(path.stat().st_size for path in folder.rglob("*.py"))


def _copy(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for number, name in enumerate(("stdlib", "purelib")):
        source = Path(sysconfig.get_path(name))
        for path in sorted(source.rglob("*.py")):
            if name == "purelib" or "site-packages" not in path.parts:
                target = folder / str(number) / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)


def _image(folder: Path) -> bytes:
    layer = _tar({str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.py"))})
    root = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": root, "history": []}
    manifest = [{"Config": "config.json", "RepoTags": ["python:tree"], "Layers": ["layer.tar"]}]
    documents = {"config.json": config, "manifest.json": manifest}
    return _tar({"layer.tar": layer, **{name: json.dumps(value).encode() for name, value in documents.items()}})


def _tar(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return stream.getvalue()


def searches(folder: Path, image: Path, output: Path) -> list[Contender]:
    """The audit, with and without compiled code, and the rivals that are installed."""
    found = [
        imgtar("imgtar audit", "audit", "--format", "json", image.name),
        imgtar("imgtar audit, no compiled code", "audit", "--format", "json", image.name, compiled="no"),
    ]
    if shutil.which("gitleaks"):
        options = [
            "--no-banner",
            "--exit-code",
            "0",
            "--log-level",
            "error",
            "-f",
            "json",
            "-r",
            str(output / "gitleaks.json"),
        ]
        found.append(Contender("gitleaks dir", ["gitleaks", "dir", *options, str(folder)]))
    if importlib.util.find_spec("kingfisher_sdk") is not None:
        found.append(Contender("Kingfisher", [sys.executable, "-c", KINGFISHER, str(folder)]))
    return found


if __name__ == "__main__":
    _copy(Path(sys.argv[1]))
    Path(sys.argv[2]).write_bytes(_image(Path(sys.argv[1])))
