"""The files of Debian packages: dpkg(1), deb-md5sums(5), and the field `Conffiles` of the status file.

dpkg has a list of paths for each package, the MD5 of most of its files, and the MD5 of its configuration files as
they came. Distroless images have only the second, in `status.d`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.packages.package_file import PackageFile, hexadecimal, inside

_INFO = b"var/lib/dpkg/info/"
_STATUS_FOLDER = b"var/lib/dpkg/status.d/"
_STATUS = b"var/lib/dpkg/status"
_CONFIGURATION = b"etc/"
_CONFFILES = re.compile(rb"^Conffiles:[ \t]*\n((?: [^\n]*\n?)+)", re.MULTILINE)


def is_database(path: bytes) -> bool:
    """Is this where dpkg keeps its lists, checksums or status?"""
    if path.startswith(_INFO):
        return path.endswith((b".list", b".md5sums"))
    return path == _STATUS or (path.startswith(_STATUS_FOLDER) and path.endswith(b".md5sums"))


def package_files(path: bytes, content: bytes) -> Iterator[PackageFile]:
    """The files that the database at `path` names.

    A list has no digests, so it does not say that a configuration file is unchanged: it names no file in `etc/`.
    """
    if path == _STATUS:
        yield from _configuration_files(content)
    elif path.endswith(b".md5sums"):
        for line in content.splitlines():
            digest, _, name = line.partition(b"  ")
            yield from _file(name, hexadecimal(digest), digest)
    else:
        for line in content.splitlines():
            if not line.lstrip(b"/").startswith(_CONFIGURATION):
                yield from _file(line)


def _configuration_files(status: bytes) -> Iterator[PackageFile]:
    """` /etc/name MD5`, behind an obsolete one ` obsolete`, behind one to be removed ` remove-on-upgrade`."""
    for paragraph in _CONFFILES.finditer(status):
        for line in paragraph[1].splitlines():
            words = line.split()
            if len(words) > 1:
                yield from _file(words[0], hexadecimal(words[1]), words[1])


def _file(name: bytes, digest: bytes = b"", stated: bytes = b"") -> Iterator[PackageFile]:
    """The file, unless its name leads nowhere or what states its digest states none."""
    path = inside(b"", name)
    if path is not None and bool(digest) == bool(stated):
        yield PackageFile(path, digest)
