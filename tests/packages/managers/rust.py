"""Crates of Rust programs by cargo itself: `cargo auditable build`, and `rust-audit-info` says what is in them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.packages.managers.layered import Built, LayeredFolder, Told, row, run

PROGRAMS = ("cargo", "cargo-auditable", "rust-audit-info")
AS_ROOT = False
TYPE = "rust"
_PROGRAM = "usr/bin/app"
_MAIN = 'fn main() { println!("{}{}", dependency::TEXT, local::TEXT); }\n'


def build(work: Path) -> Built:
    """The program needs a crate of a registry, a crate in a folder, and one for its build only, which is not in it."""
    image = LayeredFolder(work / "root")
    for version in ("1.0.0", "1.1.0"):
        _crate(work / f"vendor/dependency-{version}", "dependency", version, f'pub const TEXT: &str = "{version}";\n')
    _crate(work / "vendor/builder", "builder", "0.5.0", "")
    _crate(work / "local", "local", "0.1.0", 'pub const TEXT: &str = "local";\n')
    told = [_build(image, work, "1.0.0"), _build(image, work, "1.1.0")]
    (image.root / _PROGRAM).unlink()
    image.step()
    rows = {
        row("app", "0.3.0", "0 removed 2", {index: image.stored(index, _PROGRAM) for index in (0, 1)}),
        row("dependency", "1.0.0", "0 upgraded 1", {}),
        row("dependency", "1.1.0", "1 removed 2", {}, "1.0.0"),
        row("local", "0.1.0", "0 removed 2", {}),
    }
    return Built(image.layers, [*told, frozenset()], frozenset(rows))


def _crate(folder: Path, name: str, version: str, source: str) -> None:
    """A crate as a folder of vendored crates has it."""
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2018"\n')
    (folder / "src/lib.rs").write_text(source)
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "Cargo.toml", folder / "src/lib.rs")
    }
    (folder / ".cargo-checksum.json").write_text(json.dumps({"files": files, "package": "0" * 64}))


def _build(image: LayeredFolder, work: Path, version: str) -> Told:
    """Builds the program with this version of the dependency, and asks it what it is made of."""
    app = work / "app"
    files = {
        ".cargo/config.toml": f'[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "{work}/vendor"\n',
        "Cargo.toml": '[package]\nname = "app"\nversion = "0.3.0"\nedition = "2018"\n'
        f'[dependencies]\ndependency = "={version}"\nlocal = {{ path = "../local" }}\n'
        '[build-dependencies]\nbuilder = "0.5.0"\n',
        "build.rs": "fn main() {}\n",
        "src/main.rs": _MAIN,
    }
    for path, content in files.items():
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        (app / path).write_text(content)
    run("cargo", "auditable", "build", "--offline", "--quiet", cwd=app, CARGO_TARGET_DIR=f"{work}/target")
    program = work / "target/debug/app"
    image.write(_PROGRAM, program.read_bytes())
    image.step()
    crates = json.loads(run("rust-audit-info", program))["packages"]
    return frozenset((one["name"], one["version"]) for one in crates if one.get("kind", "runtime") == "runtime")
