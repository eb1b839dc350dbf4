"""Modules of Go programs by Go itself: `go build` from a proxy in a folder, and `go version -m` lists them."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.packages.managers.layered import Built, LayeredFolder, Told, row, run

PROGRAMS = ("go",)
AS_ROOT = False
TYPE = "go"
_PROGRAM = "usr/bin/app"


def build(work: Path) -> Built:
    """The program needs a module of the proxy, one that another module replaces, and one that a folder replaces."""
    image = LayeredFolder(work / "root")
    for name, version in (("lib", "v1.0.0"), ("lib", "v1.1.0"), ("new", "v0.1.0-alpha.1")):
        _publish(work, name, version)
    told = [_build(image, work, "v1.0.0")]
    told.append(_build(image, work, "v1.1.0"))
    (image.root / _PROGRAM).unlink()
    image.step()
    told.append(frozenset())
    [go] = {version for name, version in told[0] if name == "stdlib"}
    sizes = [image.stored(index, _PROGRAM) for index in (0, 1)]
    rows = {
        row("example.org/app", "(devel)", "0 removed 2", dict(enumerate(sizes))),
        row("example.org/lib", "v1.0.0", "0 upgraded 1", {}),
        row("example.org/lib", "v1.1.0", "1 removed 2", {}, "v1.0.0"),
        row("example.org/new", "v0.1.0-alpha.1", "0 removed 2", {}),
        row("example.org/local", "(devel)", "0 removed 2", {}),
        row("stdlib", go, "0 removed 2", {}),
    }
    return Built(image.layers, told, frozenset(rows))


def _publish(work: Path, name: str, version: str) -> None:
    """A version of a module in the proxy."""
    module = f"example.org/{name}"
    folder = work / "proxy" / module / "@v"
    folder.mkdir(parents=True, exist_ok=True)
    described = f"module {module}\n\ngo 1.18\n"
    (folder / f"{version}.info").write_text(f'{{"Version":"{version}"}}')
    (folder / f"{version}.mod").write_text(described)
    with zipfile.ZipFile(folder / f"{version}.zip", "w") as archive:
        archive.writestr(f"{module}@{version}/go.mod", described)
        archive.writestr(f"{module}@{version}/{name}.go", f'package {name}\n\nconst Text = "{version}"\n')


def _build(image: LayeredFolder, work: Path, version: str) -> Told:
    """Builds the program with this version of `example.org/lib`, and asks it what it is made of."""
    files = {
        "local/go.mod": "module example.org/local\n\ngo 1.18\n",
        "local/local.go": 'package local\n\nconst Text = "local"\n',
        "app/go.mod": _MODULE.format(version=version),
        "app/main.go": _MAIN,
    }
    for path, content in files.items():
        (work / path).parent.mkdir(exist_ok=True)
        (work / path).write_text(content)
    program = image.root / _PROGRAM
    run("go", "build", "-buildvcs=false", "-o", program, ".", cwd=work / "app", **_environment(work))
    image.step()
    return _told(run("go", "version", "-m", program))


def _environment(work: Path) -> dict[str, str]:
    settings = {"GOFLAGS": "-mod=mod -modcacherw", "GOPROXY": f"file://{work}/proxy", "GOSUMDB": "off"}
    return {**settings, "GOMODCACHE": f"{work}/modules", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off"}


def _told(lines: str) -> Told:
    """A module that a folder replaces keeps its name."""
    head, *rest = lines.splitlines()
    found = [("stdlib", head.rpartition(" go")[2])]
    for line in rest:
        kind, *words = line.strip().split("\t")
        if kind in ("mod", "dep"):
            found.append((words[0], words[1]))
        elif kind == "=>":
            replaced = found.pop()[0]
            found.append((replaced if words[0].startswith(".") else words[0], words[1]))
    return frozenset(found)


_MODULE = """module example.org/app

go 1.18

require (
	example.org/lib {version}
	example.org/local v1.0.0
	example.org/old v1.0.0
)

replace (
	example.org/local => ../local
	example.org/old v1.0.0 => example.org/new v0.1.0-alpha.1
)
"""
_MAIN = """package main

import (
	"example.org/lib"
	"example.org/local"
	"example.org/old"
)

func main() { println(lib.Text, local.Text, new.Text) }
"""
