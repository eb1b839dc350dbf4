"""Why a path leads to no file, and what to do."""

from __future__ import annotations

import os

from imgtar.errors import InputError


def missing(path: str, remedy: str = "check the path; save an image of a registry to a file first") -> InputError:
    """The error about a path that leads to no file; `remedy` is for one that has nothing else odd."""
    if os.path.islink(path):
        target = os.readlink(path)
        if os.path.lexists(os.path.join(os.path.dirname(path), target)):
            target = os.path.realpath(path)  # that is a link as well
        message = f"a symbolic link to {target}, which does not exist"
        return InputError("input.missing", message, "correct the link, or give the file itself")
    if path[:1] in ("'", '"'):
        message = "no such file: the quotation marks are taken as a part of the name"
        return InputError("input.missing", message, "leave them out; a line of a list is a path as it is")
    if path.endswith("\r"):
        message = "no such file: the line ends with \\r, as on Windows"
        return InputError("input.missing", message, "convert the list: dos2unix LIST, or tr -d '\\r'")
    return InputError("input.missing", "no such file", remedy)
