"""Makes docs/api-reference.md from the signatures and docstrings of the public names; `scripts/docs.py` writes it."""

from __future__ import annotations

import enum
import functools
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import imgtar
from imgtar import api
from imgtar.archive.input.file_object import BinaryFile

ROOT = Path(__file__).parent.parent
HEAD = """\
# API reference

Every public name, from its signature and docstring; [api.md](api.md) has examples. `imgtar.api` has a function for each
command that reports. The fields of the documents are the keys of the JSON ([contract.md](contract.md)).
"""


def page() -> str:
    """docs/api-reference.md: the public names of `imgtar.api` and `imgtar`."""
    parts = [HEAD, "## imgtar.api\n", f"{prose(api)}\n"]
    parts += (described(name, getattr(api, name)) for name in api.__all__)
    parts.append("## imgtar\n")
    parts += (described(name, getattr(imgtar, name)) for name in imgtar.__all__ if name not in api.__all__)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).replace(f"{BinaryFile.__module__}.", "")


def described(name: str, value: Any) -> str:
    """The section of one public name."""
    if not isinstance(value, type):
        code = f"{name}{signature(value)}" if inspect.isroutine(value) else f"{name} = {value}"
        return f"### {name}\n\n{fenced([code])}{prose(value) if inspect.isroutine(value) else ALIASES[name]}\n"
    lines = list(fields(value))
    section = f"### {name}\n\n{prose(value)}\n"
    if lines:
        section += f"\n{fenced(lines)}"
    for member, text, function in methods(value):
        section += f"\n#### {name}.{member}\n\n{fenced([text])}{prose(function)}\n"
    return section


# What a name means that is no function and no class.
ALIASES = {"Input": "What every function takes as a source: a path, `-`, or a file object that gives bytes."}


def fields(kind: type) -> Iterator[str]:
    """The fields of a value with their types and defaults, the members of an enumeration."""
    if issubclass(kind, enum.Enum):
        yield from (f"{member.name} = {shown_default(member.value)}" for member in kind)
    elif issubclass(kind, msgspec.Struct):
        stated = {
            name: text
            for base in reversed(kind.__mro__)
            for name, text in vars(base).get("__annotations__", {}).items()
        }
        names, defaults = kind.__struct_fields__, kind.__struct_defaults__  # those of the last fields
        for name, default in zip(names, (msgspec.NODEFAULT,) * (len(names) - len(defaults)) + defaults, strict=True):
            yield f"{name}: {stated[name]}{'' if default is msgspec.NODEFAULT else f' = {shown_default(default)}'}"


def methods(kind: type) -> Iterator[tuple[str, str, Any]]:
    """The public methods and properties of a class: name, signature, function.

    Those that it has of a class with a section of its own, or of another package, are left out.
    """
    public = {getattr(imgtar, name) for name in imgtar.__all__ if isinstance(getattr(imgtar, name), type)}
    bases = [base for base in reversed(kind.__mro__) if base.__module__.startswith("imgtar") and base not in public]
    found = {name: value for base in (*bases, kind) for name, value in vars(base).items()}
    for name, value in found.items():
        if name.startswith("_"):
            continue
        if isinstance(value, property | functools.cached_property):
            function = value.fget if isinstance(value, property) else value.func
            yield name, f"{name}: {inspect.signature(function).return_annotation}", function
        elif isinstance(value, classmethod | staticmethod) or inspect.isfunction(value):
            function = getattr(kind, name)
            yield name, f"{name}{signature(function)}", function


def signature(function: Any) -> str:
    """The signature with the types as they are written, one parameter on each line where it is long."""
    parameters, keyword_only = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            parameters.append("*")
        default = "" if parameter.default is parameter.empty else f" = {shown_default(parameter.default)}"
        parameters.append(f"{parameter.name}: {parameter.annotation}{default}")
    ending = f") -> {inspect.signature(function).return_annotation}"
    line = f"({', '.join(parameters)}{ending}"
    return line if len(line) < 100 else "(\n" + "".join(f"    {one},\n" for one in parameters) + ending


def shown_default(value: object) -> str:
    """The default as a program would write it."""
    if isinstance(value, msgspec.Struct):
        return f"{type(value).__name__}()"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def fenced(lines: list[str]) -> str:
    """Lines of code."""
    return "```python\n" + "".join(f"{line}\n" for line in lines) + "```\n\n"


def prose(value: Any) -> str:
    """The docstring."""
    return inspect.cleandoc(value.__doc__ or "")


def pages() -> dict[Path, str]:
    """The page, as it should be."""
    return {ROOT / "docs/api-reference.md": page()}
