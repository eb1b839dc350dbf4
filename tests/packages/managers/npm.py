"""Packages of npm by npm itself: `npm install` of local packages, and `npm ls --all` says what is there."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.packages.managers.layered import Built, LayeredFolder, Row, Told, row, run, text

PROGRAMS = ("npm",)
AS_ROOT = False
TYPE = "npm"
_APP = "srv/app"
_MODULES = f"{_APP}/node_modules"
_WORKSPACE = f"{_APP}/packages/own"


def build(work: Path) -> Built:
    """`@scope/first` brings `bundled` in its own folder; `second` is there under another name too, as an alias, and in
    another version below the workspace `own`, which is a link to code of the application.
    """
    image = LayeredFolder(work / "root")
    image.write(f"{_APP}/package.json", b'{"name":"app","version":"1.0.0","workspaces":["packages/*"]}')
    inner = {
        "node_modules/bundled/package.json": _manifest("bundled", "3.0.0"),
        "node_modules/bundled/b.js": text(9, "b"),
    }
    first = _package(work, "@scope/first", "1.0.0", {"lib/a.js": text(3000, "a"), **inner}, bundled="3.0.0")
    second = _package(work, "second", "1.0.0-rc.1+build", {"index.js": text(5000, "s")})
    older = _package(work, "second", "0.9.0", {"index.js": text(400, "o")})
    needs = {"name": "own", "version": "0.1.0", "dependencies": {"second": f"file:{older}"}}
    image.write(f"{_WORKSPACE}/package.json", json.dumps(needs).encode())
    _npm(image, "install", first, second, f"alias@file:{second}")
    told = [_step(image)]
    _npm(image, "install", _package(work, "second", "2.0.0", {"index.js": text(6000, "t")}))
    told.append(_step(image))
    _npm(image, "uninstall", "@scope/first")
    told.append(_step(image))
    (image.root / _MODULES / "second/package.json").unlink()
    told.append(_step(image))
    rows = {
        _row(image, "@scope/first", "1.0.0", "0 removed 2", "@scope/first/lib", "@scope/first/package.json"),
        _row(image, "bundled", "3.0.0", "0 removed 2", "@scope/first/node_modules/bundled"),
        _row(image, "second", "1.0.0-rc.1+build", "0 installed", "alias"),
        _row(image, "second", "1.0.0-rc.1+build", "0 upgraded 1", "second"),
        _row(image, "second", "2.0.0", "1 removed 3", "second"),
        row("second", "0.9.0", "0 installed", {0: image.stored(0, f"{_WORKSPACE}/node_modules/second")}),
    }
    return Built(image.layers, told, frozenset(rows))


def _row(image: LayeredFolder, name: str, version: str, life: str, *folders: str) -> Row:
    first = int(life[0])
    owned = image.stored(first, *(f"{_MODULES}/{folder}" for folder in folders))
    return row(name, version, life, {first: owned}, "1.0.0-rc.1+build" if first else None)


def _manifest(name: str, version: str, **bundled: str) -> bytes:
    more = {"dependencies": bundled, "bundleDependencies": list(bundled)} if bundled else {}
    return json.dumps({"name": name, "version": version, "license": "MIT", **more}).encode()


def _package(work: Path, name: str, version: str, files: Mapping[str, bytes], **bundled: str) -> Path:
    package = work / f"{name.rpartition('/')[2]}-{version}.tgz"
    with tarfile.open(package, "w:gz") as archive:
        for path, content in {"package.json": _manifest(name, version, **bundled), **files}.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return package


def _npm(image: LayeredFolder, *arguments: str | Path) -> str:
    options = ("--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    cache = image.root.parent / "npm-cache"
    return run("npm", *arguments, *options, f"--cache={cache}", cwd=image.root / _APP)


def _step(image: LayeredFolder) -> Told:
    """A folder without a manifest is one that npm misses, and then it ends with an error. A workspace is a link."""
    image.step()
    listed = json.loads(run("npm", "ls", "--json", "--all", "--long", "--offline", cwd=image.root / _APP, codes=(0, 1)))
    return frozenset(_below(listed))


def _below(listed: dict[str, Any]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for one in listed.get("dependencies", {}).values():
        if "version" in one:
            brought = set() if Path(one["path"]).is_symlink() else {(one["name"], one["version"])}
            found |= brought | _below(one)
    return found
