"""Compares the packages that imgtar finds with those that other scanners find, type by type.

    python scripts/compare_packages.py --syft PROGRAM --scalibr PROGRAM IMAGE...

An IMAGE is an archive, or a folder, which becomes an image of one layer. A package is what its purl says without
qualifiers: type, name and version. Each table counts the distinct packages that imgtar and the other program both
list, those for which they name another namespace (the group of a Java library, the vendor of an rpm), and those that
one of the two lists alone; `--names` prints all but the first. A program that cannot read an image is named.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

Packages = frozenset[str]


def main() -> int:
    """Compares each image with each rival that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument("--syft", metavar="PROGRAM")
    parser.add_argument("--scalibr", metavar="PROGRAM")
    parser.add_argument("--names", action="store_true", help="print the packages of one side")
    settings = parser.parse_args()
    rivals: dict[str, tuple[str, Callable[[str, Path, Path], Packages]]] = {
        name: (program, function)
        for name, program, function in (("syft", settings.syft, _syft), ("scalibr", settings.scalibr, _scalibr))
        if program
    }
    for image in settings.images:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            archive = _as_image(image, work / "image.tar") if _is_root(image) else image
            for name, (program, function) in rivals.items():
                title = f"{image.name}: imgtar and {name}"
                try:
                    _print(title, _imgtar(archive), function(program, archive, work), settings.names)
                except subprocess.CalledProcessError as error:
                    sys.stdout.write(f"\n{title}: {' '.join(error.cmd)} ends with code {error.returncode}\n")
    return 0


def _is_root(image: Path) -> bool:
    return image.is_dir() and not (image / "oci-layout").exists() and not (image / "manifest.json").exists()


def _as_image(root: Path, archive: Path) -> Path:
    """The folder as a `docker save` archive with one layer."""
    layer = archive.with_name("layer.tar")
    with tarfile.open(layer, "w") as written:
        written.add(root, arcname=".")
    with layer.open("rb") as stream:
        diff_id = hashlib.file_digest(stream, "sha256").hexdigest()
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{diff_id}"]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["compared:1"], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(archive, "w") as written:
        written.add(layer, arcname="layer.tar")
        for name, content in (("config.json", config), ("manifest.json", manifest)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            written.addfile(member, io.BytesIO(content))
    layer.unlink()
    return archive


def _imgtar(archive: Path) -> Packages:
    command = [sys.executable, "-m", "imgtar", "packages", str(archive), "--format", "json"]
    done = subprocess.run(command, capture_output=True, check=False)
    if not done.stdout:
        raise subprocess.CalledProcessError(done.returncode, command)
    packages: list[dict[str, Any]] = json.loads(done.stdout)["packages"]
    return frozenset(_named(one["purl"]) for one in packages if one["state"] in ("installed", "database-deleted"))


def _syft(program: str, archive: Path, _work: Path) -> Packages:
    command = [program, "--quiet", "--output", "json", str(archive)]
    done = subprocess.run(command, capture_output=True, check=True)
    return frozenset(_named(one["purl"]) for one in json.loads(done.stdout)["artifacts"] if one.get("purl"))


def _scalibr(program: str, archive: Path, work: Path) -> Packages:
    result = work / "scalibr.json"
    command = [program, "scan", "--offline", f"--image-tarball={archive}", "-o", f"cdx-json={result}"]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)
    found: list[dict[str, Any]] = json.loads(result.read_bytes()).get("components") or []
    return frozenset(_named(one["purl"]) for one in found if one.get("purl"))


def _named(purl: str) -> str:
    """`TYPE NAME VERSION`. A subpath is a part of the name: one tool writes the module `x/v2` as `x#v2`."""
    whole, _, subpath = purl.partition("#")
    kind, _, rest = whole.partition("?")[0].removeprefix("pkg:").partition("/")
    name, _, version = rest.rpartition("@") if "@" in rest else (rest, "", "")
    if subpath:
        name = f"{name}/{subpath}"
    version = unquote(version).removeprefix("v") if kind == "golang" else unquote(version)
    return f"{kind} {unquote(name).lower()} {version.removeprefix('go')}"


def _print(title: str, own: Packages, other: Packages, with_names: bool) -> None:
    bare = {_bare(one) for one in own - other} & {_bare(one) for one in other - own}
    sides = {
        "both": own & other,
        "another namespace": frozenset(one for one in own - other if _bare(one) in bare),
        "only imgtar": frozenset(one for one in own - other if _bare(one) not in bare),
        "only the other": frozenset(one for one in other - own if _bare(one) not in bare),
    }
    counts = {side: Counter(one.partition(" ")[0] for one in found) for side, found in sides.items()}
    sys.stdout.write(f"\n{title}\n| type | {' | '.join(sides)} |\n|---|---:|---:|---:|---:|\n")
    for kind in sorted({kind for count in counts.values() for kind in count}):
        sys.stdout.write(f"| {kind} | {' | '.join(str(count[kind]) for count in counts.values())} |\n")
    if with_names:
        for side, found in list(sides.items())[1:]:
            sys.stdout.writelines(f"{side}: {one}\n" for one in sorted(found))


def _bare(package: str) -> str:
    """A Java library or an rpm without its namespace; any other package as it is."""
    kind, _, name = package.partition(" ")
    return f"{kind} {name.rpartition('/')[2]}" if kind in ("maven", "rpm") else package


if __name__ == "__main__":
    sys.exit(main())
