"""The files of Debian packages: dpkg(1), deb-md5sums(5), and the field `Conffiles` of the status file.

dpkg has a list of paths for each package, the MD5 of most of its files, and the MD5 of its configuration files as
they came. Distroless images have only the second, in `status.d`, beside a file with the paragraph of each package.
Paragraphs are those of deb-control(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.packages.installed import (
    MOST_PACKAGES,
    TOO_MANY,
    Installed,
    InstalledPackages,
    counted_problem,
    fact,
    joined,
    number,
    paragraphs,
    plain_lines,
)
from imgtar.packages.package_file import PackageFile, hexadecimal, inside

_INFO = b"var/lib/dpkg/info/"
STATUS_FOLDER = b"var/lib/dpkg/status.d"
_STATUS_FOLDER = STATUS_FOLDER + b"/"
STATUS = b"var/lib/dpkg/status"
_CONFIGURATION = b"etc/"
_SIZE_UNIT = 1024  # bytes, of Installed-Size
_DIVERSIONS = b"var/lib/dpkg/diversions"
# A value that is longer is cut: a field of megabytes costs no copy of itself.
_FIELD = re.compile(rb"^(Package|Status|Version|Architecture|Source|Installed-Size):[ \t]*([^\n]{0,999})", re.MULTILINE)
_INSTALLED = frozenset({b"installed", b"unpacked", b"half-configured", b"triggers-awaited", b"triggers-pending"})
_CONFFILES = re.compile(rb"^Conffiles:[ \t]*\n((?: [^\n]*\n?)+)", re.MULTILINE)


def is_database(path: bytes) -> bool:
    """Is this where dpkg keeps its lists, checksums or status?"""
    if path.startswith(_INFO):
        return path.endswith((b".list", b".md5sums"))
    return path == STATUS or (path.startswith(_STATUS_FOLDER) and path.endswith(b".md5sums"))


def package_files(path: bytes, content: bytes) -> Iterator[PackageFile]:
    """The files that the database at `path` names.

    A list has no digests, so it does not say that a configuration file is unchanged: it names no file in `etc/`.
    """
    if path == STATUS:
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


def is_inventory(path: bytes) -> bool:
    """Is this where dpkg keeps its status, the files of a package, or which files of packages lie elsewhere?"""
    if path.startswith(_INFO):
        return path.endswith(b".list")
    return path in (STATUS, _DIVERSIONS) or (path.startswith(_STATUS_FOLDER) and not path.endswith(b"/"))


def location(path: bytes) -> bytes:
    """The database to which a file of dpkg belongs."""
    return STATUS_FOLDER if path.startswith(_STATUS_FOLDER) else STATUS


def installed(path: bytes, content: bytes) -> InstalledPackages:
    """The packages whose files are there, or without a version the files of one, or those of a diversion.

    A diversion is the package that made it, with the path that it took and the path where the others' file lies now.
    """
    if path == _DIVERSIONS:
        lines = content.splitlines()
        triples = zip(lines[::3], lines[1::3], lines[2::3], strict=False)
        return InstalledPackages(
            tuple(
                Installed(fact(package), files=joined((inside(b"", old), inside(b"", new))))
                for old, new, package in triples
            )
        )
    if path.startswith(_INFO):
        name, _, arch = path[len(_INFO) : -len(b".list")].partition(b":")
        files = plain_lines(content)
        if files is None:
            files = joined(inside(b"", line) for line in content.splitlines())
        return InstalledPackages((Installed(fact(name), arch=fact(arch), files=files),))
    if path.endswith(b".md5sums"):
        name = path[len(_STATUS_FOLDER) : -len(b".md5sums")]
        files = joined(inside(b"", line.partition(b"  ")[2]) for line in content.splitlines())
        return InstalledPackages((Installed(fact(name), files=files),))
    return _paragraphs(content)


def is_diversion(path: bytes) -> bool:
    """Is this the list of the files of packages that lie elsewhere?"""
    return path == _DIVERSIONS


def _paragraphs(status: bytes) -> InstalledPackages:
    packages: list[Installed] = []
    nameless = 0
    for paragraph in paragraphs(status):
        if len(packages) == MOST_PACKAGES:
            return InstalledPackages(tuple(packages), TOO_MANY)
        fields = dict(_FIELD.findall(paragraph))
        if not fields.get(b"Package") or not fields.get(b"Version", fields.get(b"Status")):
            nameless += bool(paragraph.strip())
        elif fields.get(b"Status", b"installed").rpartition(b" ")[2] in _INSTALLED:
            packages.append(
                Installed(
                    fact(fields[b"Package"]),
                    fact(fields.get(b"Version", b"")),
                    fact(fields.get(b"Architecture", b"")),
                    fact(fields.get(b"Source", b"").partition(b" ")[0]),
                    size=number(fields.get(b"Installed-Size", b"")) * _SIZE_UNIT,
                )
            )
    return InstalledPackages(tuple(packages), counted_problem(nameless, "paragraphs without a name or a version"))
