"""Which files belong to a package, by the file lists of dpkg and the database of apk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imgtar.layer.probes import DocumentProbe, Topic
from imgtar.limits import Limits

_DPKG_LIST = b"var/lib/dpkg/info/"
_DPKG_STATUS = b"var/lib/dpkg/status.d/"
APK = b"lib/apk/db/installed"
PACKAGE_LISTS: Topic[bytes] = Topic("package-lists")


def is_package_list(path: bytes) -> bool:
    """Does the file at this path list the files of packages?"""
    if path == APK:
        return True
    return (path.startswith(_DPKG_LIST) and path.endswith(b".list")) or (
        path.startswith(_DPKG_STATUS) and path.endswith(b".md5sums")
    )


def package_list_probe(limits: Limits) -> DocumentProbe:
    """Keeps the content of every package list, up to the limit `package-list-bytes`."""
    return DocumentProbe(PACKAGE_LISTS, is_package_list, limits.package_list_bytes)


def package_files(path: bytes, content: bytes) -> Iterator[bytes]:
    """The paths that a package list names; `path` is where the list is and so tells its format."""
    lines: Iterable[bytes] = content.splitlines()
    if path == APK:
        folder = b""
        for line in lines:
            if line.startswith(b"F:"):
                folder = line[2:]
            elif line.startswith(b"R:"):
                yield (folder + b"/" if folder else b"") + line[2:]
    elif path.endswith(b".list"):
        yield from (line.lstrip(b"/") for line in lines)
    else:
        yield from (line.partition(b"  ")[2].strip() for line in lines)
