"""The argument IMAGE: the file or object it names, what its prefix asserts, and which image (contract.md section 1)."""

from __future__ import annotations

import os
import re
from typing import Literal

import msgspec

from imgtar.archive.input.file_object import BinaryFile, file_name
from imgtar.archive.input.remote_name import public_name

Input = str | os.PathLike[str] | BinaryFile
Container = Literal["tar", "directory", "stream"]
Form = Literal["docker-archive", "docker+oci", "oci-archive", "oci-layout", "docker-dir", "docker-legacy", "rootfs"]

_ASSERTED: dict[str, tuple[Form, ...]] = {
    "docker-archive": ("docker-archive", "docker-legacy", "docker+oci"),
    "oci-archive": ("oci-archive", "docker+oci"),
    "oci": ("oci-layout", "docker+oci"),
    "dir": ("docker-dir",),
    "rootfs": ("rootfs",),
}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,6})")
_ASSERTS_DIRECTORY = "oci"


class InputName(msgspec.Struct, frozen=True):
    """The parts of the argument IMAGE: a path or `-`, a prefix that asserts a form, and the reference of an image.

    With `file` that file object is read, and `path` only says its name.
    """

    path: str
    prefix: str | None = None
    reference: str | None = None
    file: BinaryFile | None = None

    @property
    def asserts_root(self) -> bool:
        """Does the prefix say that this is a root filesystem?"""
        return self.prefix == "rootfs"

    def accepts(self, form: Form, container: Container) -> bool:
        """Does the prefix, if there is one, accept this form? `oci:` asserts a directory."""
        if self.prefix is None:
            return True
        return form in _ASSERTED[self.prefix] and (self.prefix != _ASSERTS_DIRECTORY or container == "directory")


def parse_input(source: Input) -> InputName:
    """Splits `PREFIX:PATH:REF`; a source that exists as it stands is a path, whatever colons it holds.

    A file object has its own name. Raises TypeError for anything else.
    """
    if not isinstance(source, str | bytes | os.PathLike) and hasattr(source, "read"):
        return InputName(file_name(source), file=source)
    argument = os.fsdecode(source)  # type: ignore[arg-type]  # raises TypeError for what is no path either
    prefix, colon, rest = argument.partition(":")
    if prefix not in _ASSERTED or not colon or not rest or os.path.lexists(argument):
        return InputName(argument)
    path = rest
    while not _exists(path) and ":" in path:
        path = path.rpartition(":")[0]
    if not _exists(path):
        return InputName(rest, prefix)
    return InputName(path, prefix, rest[len(path) + 1 :] or None)


def input_name(source: Input) -> str:
    """The name of a source in errors: as it was given, but no secrets of a URL. Raises TypeError as `parse_input`."""
    named = parse_input(source)
    return named.path if named.file is not None else public_name(os.fsdecode(source))  # type: ignore[arg-type]


def descriptor_in(path: str) -> int | None:
    """The number in the name of an open descriptor, as a shell makes one of `<(zcat a.gz)`; None for other paths."""
    named = _DESCRIPTOR.fullmatch(path)
    return None if named is None else int(named[1])


def _exists(path: str) -> bool:
    return path == "-" or os.path.lexists(path)
