"""Projects of Python by pip itself: wheels into a virtual environment, and `pip list --path` says what is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.packages.managers.layered import Built, LayeredFolder, Row, Told, row, run, text

PROGRAMS = (sys.executable,)
AS_ROOT = False
TYPE = "python"
_PIP = (sys.executable, "-m", "pip")
_QUIET = {
    **dict.fromkeys(("PIP_NO_INDEX", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR"), "1"),
    "PIP_CONFIG_FILE": os.devnull,
}


def build(work: Path) -> Built:
    """`First.Project_x` has a name that is normalised and a script beside its folder; `second` a name with a dot;
    `editable` is installed as a folder of the image (`pip install --editable`), so only a path to it is its file.
    """
    image = LayeredFolder(work / "root")
    run(sys.executable, "-m", "venv", "--without-pip", image.root / "venv")
    [site] = (path.relative_to(image.root) for path in (image.root / "venv/lib").glob("python*/site-packages"))
    scripts = {"entry_points.txt": b"[console_scripts]\nfirst = first:main\n"}
    first = _wheel(work, "First.Project_x", "1.0", {"first.py": text(3000, "a")}, scripts)
    _pip(image, "install", first, _wheel(work, "se.cond", "1.0", {"second/__init__.py": text(5000, "b")}))
    told = [_step(image, site)]
    second = _wheel(work, "se.cond", "1.1rc1", {"second/__init__.py": text(6000, "c"), "second/more.py": text(70, "d")})
    _pip(image, "install", second, _wheel(work, "third", "2!1.0+local.1", {"third.py": text(80, "e")}))
    for path, content in _EDITABLE.items():
        image.write(f"srv/editable/{path}", content.encode())
    _pip(image, "install", "--no-build-isolation", "--editable", image.root / "srv/editable")
    told.append(_step(image, site))
    _pip(image, "uninstall", "--yes", "first-project-x")
    told.append(_step(image, site))
    for path in (image.root / site).glob("se.cond-*"):
        shutil.rmtree(path)
    told.append(_step(image, site))
    rows = {
        _row(image, "first-project-x", "1.0", "0 removed 2",
             "venv/bin/first", f"{site}/first.py", f"{site}/First.Project_x-1.0.dist-info"),
        _row(image, "se-cond", "1.0", "0 upgraded 1", f"{site}/second", f"{site}/se.cond-1.0.dist-info"),
        _row(image, "se-cond", "1.1rc1", "1 removed 3", f"{site}/second", f"{site}/se.cond-1.1rc1.dist-info"),
        _row(image, "third", "2!1.0+local.1", "1 installed",
             f"{site}/third.py", f"{site}/third-2!1.0+local.1.dist-info"),
        _row(image, "editable", "0.1", "1 installed", f"{site}/editable.pth", f"{site}/editable-0.1.dist-info"),
    }  # fmt: skip
    return Built(image.layers, told, frozenset(rows))


# A project with a build backend of its own, which needs nothing that pip would have to fetch.
_EDITABLE = {
    "editable.py": "ANSWER = 42\n",
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    "backend.py": """import os
import zipfile

META = "editable-0.1.dist-info"
FILES = {
    "editable.pth": os.path.dirname(os.path.abspath(__file__)),
    f"{META}/METADATA": "Metadata-Version: 2.1\\nName: Editable\\nVersion: 0.1\\n",
    f"{META}/WHEEL": "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}


def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "editable-0.1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, content in FILES.items():
            archive.writestr(path, content)
        archive.writestr(f"{META}/RECORD", "".join(f"{path},,\\n" for path in (*FILES, f"{META}/RECORD")))
    return name
""",
}


def _row(image: LayeredFolder, name: str, version: str, life: str, *paths: str) -> Row:
    """The row of a project with all that the layer which installs it has at these paths."""
    first = int(life[0])
    before = "1.0" if first and name == "se-cond" else None
    return row(name, version, life, {first: image.stored(first, *paths)}, before)


def _wheel(work: Path, name: str, version: str, files: Mapping[str, bytes], extra: Mapping[str, bytes] = {}) -> Path:
    meta = f"{name}-{version}.dist-info"
    described = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT\n".encode(),
        "WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **extra,
    }
    contents = {**files, **{f"{meta}/{path}": content for path, content in described.items()}}
    record = "".join(f"{path},,\n" for path in (*contents, f"{meta}/RECORD"))
    wheel = work / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in {**contents, f"{meta}/RECORD": record.encode()}.items():
            archive.writestr(path, content)
    return wheel


def _pip(image: LayeredFolder, action: str, *arguments: str | Path) -> None:
    """Without compiled files, whose size depends on the interpreter; without checking what depends on what."""
    more = ("--no-compile", "--no-deps", "--upgrade") if action == "install" else ()
    run(*_PIP, "--python", image.root / "venv/bin/python", action, *more, *arguments, **_QUIET)


def _step(image: LayeredFolder, site: Path) -> Told:
    image.step()
    listed = json.loads(run(*_PIP, "list", "--path", image.root / site, "--format", "json", **_QUIET))
    return frozenset((re.sub("[-_.]+", "-", one["name"]).lower(), one["version"]) for one in listed)
