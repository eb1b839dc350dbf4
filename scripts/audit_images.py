"""Clean images in the shapes of official ones, for `audit_precision.py`: its trees, with the databases of packages.

A shape is a list of layers, each a tar. What a shape needs and this machine lacks skips the shape, and says so.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

SUITE = "bookworm"
GO_MODULES = "github.com/aws/aws-sdk-go@v1.55.5 k8s.io/client-go@v0.31.0 github.com/gin-gonic/gin@v1.10.0"
SPEC = """
Name: everything
Version: 1
Release: 1
Summary: The files of the Debian tree
License: several
AutoReqProv: no
%description
The files of the Debian tree.
%install
cp -a {tree}/. %{{buildroot}}
%files
/*
"""


class Shape(NamedTuple):
    """An image: its words, the programs that make it, and its layers from the folder with the trees."""

    words: str
    needs: tuple[str, ...]
    layers: Callable[[Path], list[Path]]

    def missing(self) -> list[str]:
        """The programs that this machine lacks."""
        return [program for program in self.needs if shutil.which(program) is None]


def layer(tree: Path, blob: Path, prefix: str = ".") -> Path:
    """The tree as a layer."""
    if not blob.is_file():
        with tarfile.open(blob, "w", format=tarfile.PAX_FORMAT) as tar:
            tar.add(tree.resolve(), prefix)
    return blob


def _bootstrapped(folder: Path, name: str, packages: str = "") -> Path:
    """A minimal Debian with these packages, its database included, as a layer."""
    blob = folder / f"{name}.layer"
    if not blob.is_file():
        include = [f"--include={','.join(packages.split())}"] if packages else []
        recommends = ['--aptopt=APT::Install-Recommends "false"']
        # Installing openssh-server makes keys, which the audit rightly reports.
        clean = ['--customize-hook=rm -f "$1"/etc/ssh/ssh_host_*']
        command = ["mmdebstrap", "--quiet", "--variant=minbase", *recommends, *include, *clean, SUITE, f"{blob}.tar"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        Path(f"{blob}.tar").rename(blob)
    return blob


def _minimal(folder: Path) -> Path:
    return _bootstrapped(folder, "minbase")


def _python_image(folder: Path) -> list[Path]:
    """Python below /usr/local without its tests, as in python:slim, and the packages in a layer of their own."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    interpreter = folder / "python-interpreter"
    if not interpreter.is_dir():
        unwanted = shutil.ignore_patterns("test", "tests", "idle_test", "__pycache__", "site-packages")
        shutil.copytree(
            Path(sys.base_prefix) / "lib" / version, interpreter / "usr/local/lib" / version, ignore=unwanted
        )
        site = interpreter / "usr/local/lib" / version / "site-packages"
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--target",
            str(site),
            "pip",
            "setuptools",
            "wheel",
        ]
        subprocess.run(command, check=True)
    return [
        _minimal(folder),
        layer(interpreter, folder / "python-interpreter.layer"),
        layer(folder / "python", folder / "python.layer"),
    ]


def _node_image(folder: Path) -> list[Path]:
    """Node's own npm, corepack and yarn below /usr/local, as in node:slim, and the application."""
    tools = folder / "node-tools"
    if not tools.is_dir():
        command = ["npm", "install", "--global", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([*command, f"--prefix={tools / 'usr/local'}", "npm", "corepack", "yarn"], check=True)
    return [_minimal(folder), layer(tools, folder / "node-tools.layer"), layer(folder / "npm", folder / "npm.layer")]


def _golang_image(folder: Path) -> list[Path]:
    """The toolchain, and modules in the module cache, as `go mod download` leaves them in golang."""
    modules = folder / "go-modules"
    if not modules.is_dir():
        cache = modules / "go/pkg/mod"
        cache.mkdir(parents=True)
        command = ["env", f"GOMODCACHE={cache}", "GOFLAGS=-mod=mod -modcacherw", "go", "mod", "download"]
        subprocess.run([*command, *GO_MODULES.split()], check=True, cwd=modules)
    return [_minimal(folder), layer(folder / "go", folder / "go.layer"), layer(modules, folder / "go-modules.layer")]


def _ubi_image(folder: Path) -> list[Path]:
    """The files of the Debian tree, packed by rpmbuild and installed by rpm, so with a real database."""
    root, build = folder / "ubi", folder / "ubi-build"
    if not root.is_dir():
        build.mkdir(exist_ok=True)
        spec = build / "everything.spec"
        spec.write_text(SPEC.format(tree=folder / "debian"))
        plain = ["--define", "__os_install_post %{nil}", "--define", "_build_id_links none"]
        subprocess.run(["rpmbuild", "--quiet", "-bb", "--define", f"_topdir {build}", *plain, str(spec)], check=True)
        root.mkdir()
        packages = [str(package) for package in build.glob("RPMS/*/*.rpm")]
        options = ["--nodeps", "--noscripts", "--force-debian", "--dbpath", "/var/lib/rpm"]
        subprocess.run(["rpm", "--root", str(root.resolve()), *options, "-i", *packages], check=True)
    return [layer(root, folder / "ubi.layer")]


def _conda_image(folder: Path) -> list[Path]:
    """The Python packages without their RECORD, and the files of conda-meta, made here as conda writes them."""
    prefix = folder / "conda/opt/conda"
    if not prefix.is_dir():
        site = "lib/python3.11/site-packages"
        shutil.copytree(folder / "python/usr/local/lib/python3/site-packages", prefix / site)
        (prefix / "conda-meta").mkdir()
        for record in sorted((prefix / site).glob("*.dist-info/RECORD")):
            names = [line.rsplit(",", 2)[0] for line in record.read_text().splitlines()]
            record.unlink()
            files = [prefix / site / name for name in names if (prefix / site / name).is_file() and ".." not in name]
            paths = [
                {
                    "_path": str(file.relative_to(prefix)),
                    "path_type": "hardlink",
                    "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                    "size_in_bytes": file.stat().st_size,
                }
                for file in files
            ]
            document = {"name": record.parent.stem, "paths_data": {"paths": paths, "paths_version": 1}}
            (prefix / "conda-meta" / f"{record.parent.stem}.json").write_text(json.dumps(document))
    return [_minimal(folder), layer(folder / "conda", folder / "conda.layer")]


def _rust_image(folder: Path) -> list[Path]:
    """The toolchain where rustup keeps it in the image `rust`."""
    root = subprocess.run(["rustc", "--print", "sysroot"], check=True, capture_output=True, text=True).stdout.strip()
    prefix = "usr/local/rustup/toolchains/stable"
    return [_minimal(folder), layer(Path(root), folder / "rust.layer", prefix)]


def _java_image(folder: Path) -> list[Path]:
    """The development kit below /opt/java, as in eclipse-temurin."""
    home = Path(shutil.which("javac") or "").resolve().parent.parent
    return [_minimal(folder), layer(home, folder / "java.layer", "opt/java/openjdk")]


def shapes(debian: str) -> dict[str, Shape]:
    """All shapes by their names; `debian` are the packages of the Debian tree."""
    base = "mmdebstrap"
    return {
        "debian-image": Shape(
            "debian with its packages", (base,), lambda folder: [_bootstrapped(folder, "debian-packages", debian)]
        ),
        "python-image": Shape("python:slim with its packages", (base,), _python_image),
        "node-image": Shape("node:slim with its packages", (base, "npm"), _node_image),
        "golang-image": Shape("golang with modules", (base, "go"), _golang_image),
        "ubi-image": Shape("ubi", ("rpm", "rpmbuild"), _ubi_image),
        "conda-image": Shape("conda with its packages", (base,), _conda_image),
        "rust-image": Shape("rust", (base, "rustc"), _rust_image),
        "java-image": Shape("eclipse-temurin", (base, "javac"), _java_image),
    }
