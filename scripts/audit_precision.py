"""Counts the secrets that `imgtar audit` reports in four trees of published packages, which hold none.

    python scripts/audit_precision.py FOLDER
    python scripts/audit_precision.py FOLDER --images

Makes the trees in FOLDER with pip, npm, the Go toolchain and apt, unless they are there from an earlier run, and one
image of each; `--images` makes clean images in the shapes of official ones from the trees (`audit_images.py`). Prints
a table in Markdown: trees by severity. `--list` also prints each finding above `low`.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from audit_images import layer, shapes

PYTHON = """
requests urllib3 boto3 numpy pandas flask django fastapi sqlalchemy cryptography pyjwt oauthlib ansible-core
scikit-learn pillow aiohttp httpx pydantic celery redis paramiko google-auth azure-identity kubernetes docker msal
"""
NPM = """
express react react-dom lodash axios webpack typescript eslint jest next vue mongoose sequelize passport
jsonwebtoken aws-sdk @azure/identity firebase socket.io nodemailer stripe twilio googleapis node-forge bcrypt
winston
"""
DEBIAN = """
openssl libssl3 curl git openssh-client openssh-server python3.11-minimal libpython3.11-stdlib
perl-modules-5.36 mariadb-client nginx-common postgresql-client-15 gnupg ca-certificates vim-runtime npm ruby3.1
php-common apache2-bin mysql-common
"""
SEVERITIES = ("critical", "high", "medium", "low", "info")
Rows = list[dict[str, object]]


def _python(tree: Path) -> None:
    target = tree / "usr/local/lib/python3/site-packages"
    options = ["--quiet", "--no-compile", "--only-binary", ":all:", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, *PYTHON.split()], check=True)


def _npm(tree: Path) -> None:
    folder = tree / "app"
    folder.mkdir(parents=True)
    subprocess.run(["npm", "init", "-y"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *NPM.split()], cwd=folder, check=True
    )


def _go(tree: Path) -> None:
    root = subprocess.run(["go", "env", "GOROOT"], check=True, capture_output=True, text=True).stdout.strip()
    shutil.copytree(root, tree / "usr/local/go", symlinks=True)


def _debian(tree: Path) -> None:
    """The files of the packages without the lists of dpkg."""
    tree.mkdir(parents=True)
    packages = tree.parent / "debian-packages"
    packages.mkdir(exist_ok=True)
    subprocess.run(["apt-get", "download", *DEBIAN.split()], cwd=packages, check=True)
    for package in sorted(packages.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(tree)], check=True)


TREES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "python": (f"{len(PYTHON.split())} Python packages", _python),
    "npm": (f"{len(NPM.split())} npm packages", _npm),
    "go": ("the Go toolchain", _go),
    "debian": (f"{len(DEBIAN.split())} Debian packages, without dpkg's lists", _debian),
}


SHAPES = shapes(DEBIAN)
WORDS = {name: words for name, (words, _) in TREES.items()} | {name: shape.words for name, shape in SHAPES.items()}


def _image(name: str, blobs: list[Path], archive: Path) -> None:
    """A `docker save` archive of these layers."""
    digests = []
    for blob in blobs:
        with blob.open("rb") as stream:
            digests.append("sha256:" + hashlib.file_digest(stream, "sha256").hexdigest())
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": digests},
    }
    members = [f"{number}.tar" for number in range(len(blobs))]
    manifest = [{"Config": "config.json", "RepoTags": [f"{name}:1"], "Layers": members}]
    with tarfile.open(archive, "w") as image:
        for blob, member in zip(blobs, members, strict=True):
            image.add(blob, member)
        for document_name, document in (("config.json", config), ("manifest.json", manifest)):
            raw = json.dumps(document).encode()
            entry = tarfile.TarInfo(document_name)
            entry.size = len(raw)
            image.addfile(entry, io.BytesIO(raw))


def _archive(name: str, folder: Path) -> Path | None:
    """The image of a tree or of a shape, made unless it is there; None where a program for it is missing."""
    archive = folder / f"{name}.tar"
    if not archive.is_file():
        for tree in (name,) if name in TREES else TREES:  # shapes are made from the trees
            if not (folder / tree).is_dir():
                TREES[tree][1](folder / tree)
        if name in TREES:
            blobs = [layer(folder / name, folder / f"{name}.layer")]
        else:
            if missing := SHAPES[name].missing():
                print(f"skipped {name}: {', '.join(missing)} not found", file=sys.stderr)
                return None
            blobs = SHAPES[name].layers(folder)
        _image(name, blobs, archive)
    return archive


def _secrets(archive: Path, options: list[str]) -> Rows:
    command = [sys.executable, "-m", "imgtar", "audit", str(archive), "--format", "json", "--quiet"]
    run = subprocess.run([*command, "--limit", "secret-time=3600", *options], check=True, stdout=subprocess.PIPE)
    return [row for row in json.loads(run.stdout)["findings"] if row["code"].startswith("secret.")]


def _table(found: dict[str, Rows]) -> str:
    lines = ["| tree | " + " | ".join(SEVERITIES) + " |", "|---" * (len(SEVERITIES) + 1) + "|"]
    total: Counter[object] = Counter()
    for name, rows in found.items():
        counts: Counter[object] = Counter()
        for row in rows:
            counts[row["severity"]] += int(str(row["count"]))
        total += counts
        lines.append("| " + " | ".join([WORDS[name], *(str(counts[severity]) for severity in SEVERITIES)]) + " |")
    lines.append("| all | " + " | ".join(str(total[severity]) for severity in SEVERITIES) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tree", action="append", choices=list(WORDS), help="only this tree or image (repeatable)")
    parser.add_argument("--images", action="store_true", help="the images in the shapes of official ones")
    parser.add_argument("--list", action="store_true", help="also print each finding above low")
    parser.add_argument("--option", action="append", default=[], help="an option for imgtar audit (repeatable)")
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    found: dict[str, Rows] = {}
    for name in given.tree or (SHAPES if given.images else TREES):
        archive = _archive(name, given.folder.resolve())
        if archive is not None:
            found[name] = _secrets(archive, given.option)
    print(_table(found))
    if given.list:
        for name, rows in found.items():
            for row in rows:
                if row["severity"] in SEVERITIES[:3]:
                    print(name, row["severity"], row["code"], row["message"])


if __name__ == "__main__":
    main()
