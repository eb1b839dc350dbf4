"""Which files a package brought: dpkg's lists and apk's database, of the final filesystem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imgtar.layer.probes import DocumentProbe, Topic

_DPKG_LIST = b"var/lib/dpkg/info/"
_DPKG_STATUS = b"var/lib/dpkg/status.d/"
APK = b"lib/apk/db/installed"
PACKAGE_LISTS: Topic[bytes] = Topic("package-lists")
_BUDGET = 64 << 20  # bytes of all package lists; a large distribution has some 20 MiB


def is_database(path: bytes) -> bool:
    """Does the file list what packages brought?"""
    if path == APK:
        return True
    return (path.startswith(_DPKG_LIST) and path.endswith(b".list")) or (
        path.startswith(_DPKG_STATUS) and path.endswith(b".md5sums")
    )


def package_list_probe() -> DocumentProbe:
    """Keeps every package list."""
    return DocumentProbe(PACKAGE_LISTS, is_database, _BUDGET)


def owned(path: bytes, content: bytes) -> Iterator[bytes]:
    """The paths that a database names."""
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
