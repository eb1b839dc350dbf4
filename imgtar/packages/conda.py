"""The files of conda packages: `conda-meta/*.json` of an environment, and `info/paths.json` of the package cache.

Conda stores a file with its own prefix filled in, and then states that content's digest as `sha256_in_prefix`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.packages.package_file import PackageFile, hexadecimal, inside

_META = b"conda-meta"
_CACHED = b"info/paths.json"


class _Path(msgspec.Struct, gc=False):
    path: str = msgspec.field(default="", name="_path")
    sha256: str | None = None
    sha256_in_prefix: str | None = None


class _Paths(msgspec.Struct):
    paths: list[_Path] = []


class _Meta(msgspec.Struct):
    paths_data: _Paths = msgspec.field(default_factory=_Paths)


def is_database(path: bytes) -> bool:
    """Is this what conda keeps of a package?"""
    folder = path.rpartition(b"/")[0]
    return path.endswith(b".json") and (folder == _META or folder.endswith(b"/" + _META) or _is_cached(path))


def _is_cached(path: bytes) -> bool:
    """`pkgs/NAME/info/paths.json`."""
    parts = path.rsplit(b"/", 4)
    return path.endswith(b"/" + _CACHED) and len(parts) > 3 and parts[-4] == b"pkgs"


def package_files(path: bytes, content: bytes) -> Iterator[PackageFile]:
    """The files of the package that have a digest."""
    try:
        if path.endswith(b"/" + _CACHED):
            paths = msgspec.json.decode(content, type=_Paths).paths
            folder = path[: -len(_CACHED) - 1]
        else:
            paths = msgspec.json.decode(content, type=_Meta).paths_data.paths
            folder = path.rpartition(b"/")[0][: -len(_META)].rstrip(b"/")
    except (ValueError, RecursionError):
        return
    for file in paths:
        digest = hexadecimal(file.sha256_in_prefix or file.sha256 or "")
        name = inside(folder, file.path.encode("utf-8", "surrogatepass"))
        if digest and name is not None and name.startswith(folder + b"/" if folder else b""):
            yield PackageFile(name, digest)
