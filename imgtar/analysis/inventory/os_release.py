"""Which system an image is: the file os-release(5), as far as a report names it."""

from __future__ import annotations

import re

import msgspec

from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.given_paths import resolve
from imgtar.layer.probes import DocumentProbe, Interest, Topic

_PATHS = (b"etc/os-release", b"usr/lib/os-release")  # the first that is there counts
_LARGEST = 1 << 20  # bytes of those of all layers; a real one has 400
_FIELD = re.compile(rb"^(ID|VERSION_ID|PRETTY_NAME)=[\"']?([^\"'\r\n]{0,200})", re.MULTILINE)
OS_RELEASE: Topic[bytes] = Topic("os-release")


class System(msgspec.Struct, frozen=True):
    """`ID`, `VERSION_ID` and `PRETTY_NAME`, empty where they are not stated."""

    id: str = ""
    version_id: str = ""
    pretty_name: str = ""


def system_probe() -> DocumentProbe:
    """Keeps the files that say which system an image is."""
    return DocumentProbe(OS_RELEASE, frozenset(_PATHS).__contains__, _LARGEST, Interest((b"os-release",)))


def system_of(stacked: StackedImage) -> System:
    """The system of the filesystem."""
    tree = stacked.tree
    for path in (resolve(tree, name).path for name in _PATHS):
        entry = tree.entry(path) if path in tree else None
        scan = None if entry is None else tree.scans[entry.scan_layer]
        if entry is not None and scan is not None:
            text = scan.answers.of(OS_RELEASE).by_offset.get(entry.member.offset)
            if text is not None:
                stated = {name: value.decode("utf-8", "backslashreplace") for name, value in _FIELD.findall(text)}
                return System(*(stated.get(name, "") for name in (b"ID", b"VERSION_ID", b"PRETTY_NAME")))
    return System()
