"""Folders that are packages, by the marks that must stand in a layer."""

from __future__ import annotations

import pytest

from imgtar.packages.folders import PackageFolder, package_folders
from tests.growth import assert_linear


@pytest.mark.parametrize(
    ("path", "type_", "marks"),
    [
        ("app/node_modules/a/lib/x.js", "npm", ["app/node_modules/a/package.json"]),
        ("node_modules/@s/a/x", "npm", ["node_modules/@s/a/package.json"]),
        ("node_modules/a/node_modules/b/x", "npm", ["node_modules/a/node_modules/b/package.json"]),
        ("usr/lib/ruby/gems/3.2.0/gems/rake-13.0.6/x", "gem",
         ["usr/lib/ruby/gems/3.2.0/specifications/rake-13.0.6.gemspec"]),
        ("usr/local/go/src/crypto/x", "go", ["usr/local/go/VERSION", "usr/local/go/bin/go"]),
        ("go/pkg/mod/example.org/a@v1.0.0/x", "go",
         ["go/pkg/mod/cache/download/example.org/a/@v/v1.0.0.ziphash"]),
        ("go/pkg/mod/cache/download/example.org/a/@v/v1.0.0.zip", "go",
         ["go/pkg/mod/cache/download/example.org/a/@v/v1.0.0.ziphash"]),
        ("usr/local/rustup/toolchains/1.80/share/x", "rust",
         ["usr/local/rustup/toolchains/1.80/lib/rustlib/components"]),
        ("usr/local/lib/rustlib/src/x", "rust", ["usr/local/lib/rustlib/components"]),
        ("root/.cargo/registry/src/index-1/a-1.0/x", "rust",
         ["root/.cargo/registry/src/index-1/a-1.0/.cargo-ok", "root/.cargo/registry/src/index-1/a-1.0/Cargo.toml"]),
        ("opt/java/conf/security/x", "java", ["opt/java/release", "opt/java/lib/modules"]),
    ],
)  # fmt: skip
def test_folder(path: str, type_: str, marks: list[str]) -> None:
    assert PackageFolder(type_, tuple(mark.encode() for mark in marks)) in package_folders(path.encode())


@pytest.mark.parametrize(
    "path",
    [
        "app/node_modules/x.js",  # not in a package
        "app/node_modules/.cache/a/x",
        "app/node_modules/@s/x",
        "app/old_node_modules/a/x",
        "gems/x",
        "registry/sources/x",
        "toolchains/x",
        "mirror/example.org/a/@v/v1.0.0.zip",
        "example.org/a/@v/v1.0.0.zip.lock",
    ],
)
def test_no_folder(path: str) -> None:
    assert list(package_folders(path.encode())) == []


def test_packages_nested_too_deep_are_none() -> None:
    nested = b"node_modules/a/"
    assert len(list(package_folders(nested * 32 + b"x"))) == 32
    assert list(package_folders(nested * 33 + b"x")) == []
    assert list(package_folders(nested * 1000 + b"x")) == []
    assert list(package_folders(b"node_modules/a/" + b"b" * 4096)) == []


def test_a_deep_path_costs_little() -> None:
    assert_linear(lambda size: lambda: list(package_folders(b"node_modules/a/src/" * size)), 50)
