"""imgtar reads a container image from a file and reports what is in it, offline.

    >>> import imgtar
    >>> report = imgtar.inspect("mysql.tar")
    >>> report.document.images[0].totals.layers
    10

`imgtar.api` has the other commands.
Names are imported when they are first used, so that `import imgtar` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imgtar.answers.opening import open_session
    from imgtar.answers.options import InspectOptions
    from imgtar.answers.session import Session
    from imgtar.api.commands import inspect
    from imgtar.api.reports import InspectedReport, Report
    from imgtar.archive.input.file_object import BinaryFile
    from imgtar.archive.input.input_name import Input
    from imgtar.errors import ImgtarError, InputError, OutputError, UsageError
    from imgtar.filesystem.tree import FileTree
    from imgtar.findings import Effect, Finding, Severity
    from imgtar.formats.digest import Digest
    from imgtar.image.image import Image, ImageLayer, ImageOutline, LayerOutline
    from imgtar.image.opening import open_image
    from imgtar.layer.scan import LayerScan
    from imgtar.limits import Limits
    from imgtar.runtime import tuned
    from imgtar.version import __version__ as __version__

__all__ = [
    "inspect",
    "open_session",
    "open_image",
    "tuned",
    "Input",
    "BinaryFile",
    "InspectOptions",
    "Report",
    "InspectedReport",
    "Session",
    "Image",
    "ImageLayer",
    "ImageOutline",
    "LayerOutline",
    "LayerScan",
    "FileTree",
    "Digest",
    "Finding",
    "Severity",
    "Effect",
    "Limits",
    "ImgtarError",
    "InputError",
    "OutputError",
    "UsageError",
]

_HOME = {
    "inspect": "imgtar.api.commands",
    "open_session": "imgtar.answers.opening",
    "open_image": "imgtar.image.opening",
    "Input": "imgtar.archive.input.input_name",
    "BinaryFile": "imgtar.archive.input.file_object",
    "Report": "imgtar.api.reports",
    "InspectedReport": "imgtar.api.reports",
    "InspectOptions": "imgtar.answers.options",
    "Session": "imgtar.answers.session",
    "tuned": "imgtar.runtime",
    "Image": "imgtar.image.image",
    "ImageLayer": "imgtar.image.image",
    "ImageOutline": "imgtar.image.image",
    "LayerOutline": "imgtar.image.image",
    "LayerScan": "imgtar.layer.scan",
    "FileTree": "imgtar.filesystem.tree",
    "Digest": "imgtar.formats.digest",
    "Finding": "imgtar.findings",
    "Severity": "imgtar.findings",
    "Effect": "imgtar.findings",
    "Limits": "imgtar.limits",
    "ImgtarError": "imgtar.errors",
    "InputError": "imgtar.errors",
    "OutputError": "imgtar.errors",
    "UsageError": "imgtar.errors",
    "__version__": "imgtar.version",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'imgtar' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
