"""Packages without a list of files: what lies in their folder is theirs, where the marks of the package stand.

npm has `node_modules/NAME/package.json`, RubyGems `specifications/NAME.gemspec` beside `gems/NAME/`; a Go or Rust
toolchain, a Java development kit, a module and a crate have files of their own that nothing else has together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

# A path beyond these is not taken for a package's: a tar can state one of 64 KiB with thousands of folders.
_LONGEST = 4096  # bytes, PATH_MAX of Linux
_DEEPEST = 32  # folders of packages in each other


class PackageFolder(msgspec.Struct, frozen=True):
    """A folder that is a package of `type` in a layer that has all of `marks`, which are paths of files."""

    type: str
    marks: tuple[bytes, ...]


class _Shape(msgspec.Struct, frozen=True):
    """`folder` matches what ends before the slash behind the folder of a package.

    `marks` gives the marks of a match: all of one of the tuples must be there.
    """

    type: str
    folder: re.Pattern[bytes]
    marks: Callable[[bytes, re.Match[bytes]], tuple[tuple[bytes, ...], ...]]


def _npm(root: bytes, _match: re.Match[bytes]) -> tuple[tuple[bytes, ...], ...]:
    return ((root + b"/package.json",),)


def _gem(_root: bytes, match: re.Match[bytes]) -> tuple[tuple[bytes, ...], ...]:
    specifications = match.string[: match.start(1)] + b"specifications/"
    return tuple((specifications + kind + match[2] + b".gemspec",) for kind in (b"", b"default/"))


def _go(root: bytes, _match: re.Match[bytes]) -> tuple[tuple[bytes, ...], ...]:
    return ((root + b"/VERSION", root + b"/bin/go"),)


def _go_module(_root: bytes, match: re.Match[bytes]) -> tuple[tuple[bytes, ...], ...]:
    cache = match.string[: match.start(1)] + b"cache/download/"
    return ((cache + match[1] + b"/@v/" + match[2] + b".ziphash",),)


def _go_download(root: bytes, match: re.Match[bytes]) -> tuple[tuple[bytes, ...], ...]:
    return ((root + b"/" + match[1] + b".ziphash",),) if _GO_CACHE in root else ()


def _rust(root: bytes, _match: re.Match[bytes]) -> tuple[tuple[bytes, ...], ...]:
    return ((root + b"/lib/rustlib/components",),)


def _crate(root: bytes, _match: re.Match[bytes]) -> tuple[tuple[bytes, ...], ...]:
    return ((root + b"/.cargo-ok", root + b"/Cargo.toml"),)


def _java(root: bytes, _match: re.Match[bytes]) -> tuple[tuple[bytes, ...], ...]:
    runtimes = (b"/lib/modules", b"/lib/jrt-fs.jar", b"/lib/rt.jar", b"/jre/lib/rt.jar")
    return tuple((root + b"/release", root + runtime) for runtime in runtimes)


_GO_CACHE = b"pkg/mod/cache/download/"
_SHAPES = (
    _Shape("npm", re.compile(rb"(?<![^/])node_modules/(?:@[^/]+/)?[^/@._][^/]*(?=/)"), _npm),
    _Shape("gem", re.compile(rb"(?<![^/])(gems/)([^/]+)(?=/)"), _gem),
    _Shape("go", re.compile(rb"(?=/(?:src|pkg|lib|misc|test|api|doc|bin)/)"), _go),
    _Shape("go", re.compile(rb"(?<=/pkg/mod/)((?!cache/)[^@]+)@([^/]+)(?=/)"), _go_module),
    _Shape("go", re.compile(rb"/@v(?=/([^/]+)\.zip\Z)"), _go_download),
    _Shape("rust", re.compile(rb"(?=/lib/rustlib/)|(?<![^/])toolchains/[^/]+(?=/)"), _rust),
    _Shape("rust", re.compile(rb"(?<![^/])registry/src/[^/]+/[^/]+(?=/)"), _crate),
    _Shape("java", re.compile(rb"(?=/(?:lib|conf|jmods|legal|include|bin|demo|sample|man|jre)/)"), _java),
)


def package_folders(path: bytes) -> Iterator[PackageFolder]:
    """The packages in whose folder the file at `path` would lie if their marks are there; of one type the innermost
    first.
    """
    if len(path) > _LONGEST:
        return
    for shape in _SHAPES:
        matches = list(islice(shape.folder.finditer(path), _DEEPEST + 1))
        if len(matches) > _DEEPEST:
            continue
        for match in reversed(matches):
            for marks in shape.marks(path[: match.end()], match):
                yield PackageFolder(shape.type, marks)
