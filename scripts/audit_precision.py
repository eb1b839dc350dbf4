"""Counts the secrets that `imgtar audit` reports in four trees of published packages, which hold none.

    python scripts/audit_precision.py FOLDER

Makes the trees in FOLDER with pip, npm, the Go toolchain and apt, unless they are there from an earlier run, and one
image of each. Prints a table in Markdown: trees by severity. `--list` also prints each finding above `low`.
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


def _image(tree: Path, archive: Path) -> None:
    """A `docker save` archive whose only layer is the tree."""
    blob = archive.with_suffix(".layer")
    with tarfile.open(blob, "w", format=tarfile.PAX_FORMAT) as layer:
        layer.add(tree, ".")
    with blob.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [f"{tree.name}:1"], "Layers": ["layer.tar"]}]
    with tarfile.open(archive, "w") as image:
        image.add(blob, "layer.tar")
        for name, document in (("config.json", config), ("manifest.json", manifest)):
            raw = json.dumps(document).encode()
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            image.addfile(member, io.BytesIO(raw))
    blob.unlink()


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
        lines.append("| " + " | ".join([TREES[name][0], *(str(counts[severity]) for severity in SEVERITIES)]) + " |")
    lines.append("| all | " + " | ".join(str(total[severity]) for severity in SEVERITIES) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tree", action="append", choices=list(TREES), help="only this tree (repeatable)")
    parser.add_argument("--list", action="store_true", help="also print each finding above low")
    parser.add_argument("--option", action="append", default=[], help="an option for imgtar audit (repeatable)")
    given = parser.parse_args()
    found: dict[str, Rows] = {}
    for name in given.tree or TREES:
        tree, archive = given.folder / name, given.folder / f"{name}.tar"
        if not tree.is_dir():
            TREES[name][1](tree)
        if not archive.is_file():
            _image(tree, archive)
        found[name] = _secrets(archive, given.option)
    print(_table(found))
    if given.list:
        for name, rows in found.items():
            for row in rows:
                if row["severity"] in SEVERITIES[:3]:
                    print(name, row["severity"], row["code"], row["message"])


if __name__ == "__main__":
    main()
