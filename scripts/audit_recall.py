"""Counts the secrets that `imgtar audit`, gitleaks and Kingfisher find: kinds of secrets by places.

    python scripts/audit_recall.py

Makes a secret of every kind of scripts/issued_tokens.py, and puts each into a small image at every place. Prints a
table in Markdown; `--list` also prints the kinds that imgtar misses at each place, and by whom they are found.

gitleaks is looked for on the path, and where `--gitleaks` says. It is built by

    go install github.com/zricethezav/gitleaks/v8@latest

Kingfisher is the Python package of the extra `kingfisher`. Neither reads an image: they get the files of the layers,
and the configuration of the image as a file. A column of a program that is not there is left out.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import io
import json
import marshal
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))
from imgtar import InspectOptions, inspect
from scripts.issued_tokens import ISSUED, made

_PYC_HEADER = bytes(16)  # magic number, flags, time and size, which no reader needs here
Found = set[str]  # kinds
Secrets = dict[str, str]  # kind to secret


class PlaceOf(NamedTuple):
    """A place: the name of the file and what stands in it, by the secret. `is_config`: in the image's configuration."""

    name: str
    file: str
    content: Callable[[str], bytes]
    deleted: bool = False
    is_config: bool = False


def _text(secret: str) -> bytes:
    return f'first line\nvalue = "{secret}"\nlast line\n'.encode()


def _escaped(secret: str) -> str:
    return json.dumps(secret.replace("\\n", "\n"))


def _zipped(secret: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", _text(secret))
    return packed.getvalue()


def _compiled(secret: str) -> bytes:
    code = compile(f"value = {_escaped(secret)}\n", "notes.py", "exec")
    return importlib.util.MAGIC_NUMBER + _PYC_HEADER[4:] + marshal.dumps(code)


PLACES = (
    PlaceOf("a text, without a telling name", "notes.txt", _text),
    PlaceOf("a variable in a `.env` file", ".env", lambda secret: f"SERVICE_TOKEN='{secret}'\n".encode()),
    PlaceOf("a key in YAML", "config.yaml", lambda secret: f"service:\n  auth_token: {_escaped(secret)}\n".encode()),
    PlaceOf("a key in JSON", "config.json", lambda secret: f'{{"main": {{"apiKey": {_escaped(secret)}}}}}\n'.encode()),
    PlaceOf("a literal in Python", "app.py", lambda secret: f"password = {_escaped(secret)}\n".encode()),
    PlaceOf("a deleted file", "notes.txt", _text, deleted=True),
    PlaceOf("gzip", "notes.txt.gz", lambda secret: gzip.compress(_text(secret), mtime=0)),
    PlaceOf("zip", "notes.zip", _zipped),
    PlaceOf("a compiled Python module", "notes.pyc", _compiled),
    PlaceOf("UTF-16", "notes.txt", lambda secret: _text(secret).decode().encode("utf-16")),
    PlaceOf("a variable of the image", "", _text, is_config=True),
)  # fmt: skip


def _name(secret_number: int, place: PlaceOf) -> str:
    return f"srv/{secret_number:03}/{place.file}"


def _tar(files: Iterable[tuple[str, bytes]]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def _configuration(variable: str, layers: list[bytes]) -> bytes:
    diff_ids = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    return json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": [f"SERVICE_TOKEN={variable}"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        }
    ).encode()


def _image(layers: list[bytes], variable: str, path: Path) -> None:
    config = _configuration(variable, layers)
    names = [f"{number}.tar" for number in range(len(layers))]
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["a:1"], "Layers": names}]).encode()
    documents = [("config.json", config), ("manifest.json", manifest)]
    path.write_bytes(_tar([*zip(names, layers, strict=True), *documents]))


def by_imgtar(secrets: Secrets, place: PlaceOf, folder: Path) -> Found:
    """The kinds of which the audit tells a secret in the file, or in the variable."""
    kinds = list(secrets)
    if place.is_config:
        return {kind for kind in kinds if _told(folder, [], secrets[kind])}
    files = [(_name(number, place), place.content(secrets[kind])) for number, kind in enumerate(kinds)]
    gone = [(name.replace(place.file, f".wh.{place.file}"), b"") for name, _ in files] if place.deleted else []
    paths = _told(folder, [_tar(files), *([_tar(gone)] if gone else [])], "plain")
    return {kind for number, kind in enumerate(kinds) if any(path.startswith(f"/srv/{number:03}/") for path in paths)}


def _told(folder: Path, layers: list[bytes], variable: str) -> set[str]:
    """The paths of the secrets that the audit tells; of a variable without one the code."""
    image = folder / "image.tar"
    _image(layers, variable, image)
    rows = inspect(str(image), InspectOptions(audit=True)).document.findings
    found = (row for row in rows if row.code.startswith("secret.") or row.code == "config.secret")
    return {row.where.path or row.code for row in found}


def _write(secrets: Secrets, place: PlaceOf, folder: Path) -> None:
    """The files of a place, and the configuration of an image as a file, for programs that read no image."""
    for number, secret in enumerate(secrets.values()):
        path = folder / f"{number:03}" / (place.file or "config.json")
        path.parent.mkdir(parents=True)
        path.write_bytes(_configuration(secret, []) if place.is_config else place.content(secret))


def by_gitleaks(program: str, secrets: Secrets, place: PlaceOf, folder: Path) -> Found:
    """The kinds that gitleaks finds, which looks into archives and encoded text too."""
    tree, report = folder / "tree", folder / "report.json"
    shutil.rmtree(tree, ignore_errors=True)
    _write(secrets, place, tree)
    options = ["--max-archive-depth", "3", "--max-decode-depth", "5", "--exit-code", "0", "--log-level", "error"]
    command = [program, "dir", *options, "--no-banner", "-f", "json", "-r", str(report), str(tree)]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    found = {Path(row["File"].partition("!")[0]).parent.name for row in json.loads(report.read_text())}
    return {kind for number, kind in enumerate(secrets) if f"{number:03}" in found}


def by_kingfisher(secrets: Secrets, place: PlaceOf, _folder: Path) -> Found:
    """The kinds that Kingfisher finds, with its own expansion of archives and compiled modules."""
    import kingfisher_sdk as kingfisher

    scanner, found = kingfisher.Scanner(policy=kingfisher.DetectionPolicy()), set()
    for kind, secret in secrets.items():
        content = _configuration(secret, []) if place.is_config else place.content(secret)
        whole = kingfisher.ScanInput(path=f"srv/{place.file or 'config.json'}", data=content)
        inputs = [whole, *kingfisher.expand_archives([whole], depth=2), *kingfisher.expand_content([whole])]
        if any(finding.visible for one in inputs for finding in scanner.scan_input(one)):
            found.add(kind)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gitleaks", default="gitleaks", help="the program")
    parser.add_argument("--list", action="store_true", help="also print what imgtar misses")
    given = parser.parse_args()
    finders: dict[str, Callable[[Secrets, PlaceOf, Path], Found]] = {"imgtar": by_imgtar}
    program = shutil.which(given.gitleaks)
    if program is not None:
        finders["gitleaks"] = lambda *arguments: by_gitleaks(program, *arguments)
    if importlib.util.find_spec("kingfisher_sdk") is not None:
        finders["Kingfisher"] = by_kingfisher
    secrets = {issued.kind: made(issued.template) for issued in ISSUED}
    print(f"| place, {len(secrets)} kinds | " + " | ".join(finders) + " |")
    print("|---" * (len(finders) + 1) + "|")
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for place in PLACES:
            found = {finder: function(secrets, place, Path(name)) for finder, function in finders.items()}
            print(f"| {place.name} | " + " | ".join(str(len(kinds)) for kinds in found.values()) + " |", flush=True)
            for kind in secrets:
                if kind not in found["imgtar"]:
                    others = ", ".join(finder for finder, kinds in found.items() if kind in kinds)
                    missed.append(f"{place.name}: {kind}{f' (found by {others})' if others else ''}")
    if given.list:
        print("\n".join(missed))


if __name__ == "__main__":
    main()
