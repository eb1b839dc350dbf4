"""COPY and ADD lines, and the line of a layer whose instruction is not known: its files under the layer's name."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile

import msgspec

from imgtar.analysis.dockerfile.syntax import Draft, ends_open, has_controls, json_list, literal
from imgtar.image.history.instruction import Instruction
from imgtar.text import escape, human_size

_LOST = re.compile(r"(?P<source>(?:file|dir|multi):[0-9a-f]{64}) in (?P<target>\S(?:.*\S)?)", re.DOTALL)
_NAME = re.compile(r"[\w./@%+=,~:-]+")
_BOOLEAN = r"(?:=(?:true|false))?"
_TEXT = r"=[\w./:,@*+%-]+"
_COPY = rf"--(?:chown{_TEXT}|chmod{_TEXT}|from{_TEXT}|exclude{_TEXT}|link{_BOOLEAN}|parents{_BOOLEAN})"
_ADD = (
    rf"--(?:chown{_TEXT}|chmod{_TEXT}|checksum{_TEXT}|exclude{_TEXT}|link{_BOOLEAN}|keep-git-dir{_BOOLEAN}"
    rf"|unpack{_BOOLEAN})"
)
_FLAGS = {"COPY": re.compile(_COPY), "ADD": re.compile(_ADD)}


class Made(msgspec.Struct, frozen=True):
    """The regular files that a layer stores: their number and bytes, and the path of the first one."""

    files: int = 0
    size: int = 0
    path: bytes = b""


MadeFiles = Callable[[int], Made]  # by the index of the layer


def layer_line(layer: int, reason: str) -> Draft:
    """All of a layer from its tar, which `imgtar extract --layer N --tar layer-NN.tar` writes."""
    return Draft(f"ADD layer-{layer:02d}.tar /", False, (f"layer {layer}: {reason}",))


def file_line(instruction: Instruction, layer: int | None, made: MadeFiles) -> Draft:
    """The line of COPY or ADD."""
    keyword, text = instruction.keyword or "", instruction.text or ""
    value = text[len(keyword) :].strip()
    lost = _LOST.fullmatch(value)
    if lost is not None and not has_controls(value):
        return _lost(instruction, lost["source"], lost["target"], layer, made)
    kept = _known(keyword, value, written=instruction.written)
    if kept is not None:
        return kept
    if layer is None:
        return Draft(f"# {escape(text)}", False, ("a Dockerfile cannot say this as the history has it",))
    return layer_line(layer, f"its line cannot be written as the history has it: {escape(text)}")


def _known(keyword: str, value: str, *, written: bool) -> Draft | None:
    """The names are in the history; None where BuildKit would read something else."""
    if has_controls(value) or "<<" in value or ends_open(value) or value.startswith("["):
        return None
    words = value.split()
    flags = list(takewhile(lambda word: word.startswith("--"), words))
    listed = words[len(flags) :]
    names = [flag.partition("=")[0] for flag in flags]
    single = [name for name in names if name != "--exclude"]
    if len(listed) < 2 or len(set(single)) != len(single):
        return None
    if not all(_FLAGS[keyword].fullmatch(flag) for flag in flags):
        return None
    text = " ".join([keyword, *flags, *(word if written else literal(word) for word in listed)])
    if "--from" in names:
        return Draft(text, False, ("the history does not have the stage that --from names",))
    return Draft(text)


def _lost(instruction: Instruction, source: str, target: str, layer: int | None, made_files: MadeFiles) -> Draft:
    """The classic builder and buildah keep a checksum in place of the names."""
    note = f"source name lost: {source}"
    if layer is None:
        return Draft(f"# {escape(instruction.text or '')}", False, (note,))
    if instruction.fills_root and instruction.keyword == "ADD":
        return Draft(f"ADD layer-{layer:02d}.tar /", False, (f"layer {layer}: {note}",))
    folder = f"layer-{layer:02d}/"
    made = made_files(layer)
    if made.files == 1:
        note = f"{note}; it made /{escape(made.path)} ({human_size(made.size)})"
        name = made.path.decode("utf-8", "replace")
        if _NAME.fullmatch(name) and _NAME.fullmatch(target):
            return Draft(f"COPY {folder}{name} {target}", False, (note,))
        return Draft(f"COPY {json_list([folder, '/'])}", False, (note, f"the target was {escape(target)}"))
    note = f"{note}; it made {made.files:,} files, {human_size(made.size)}"
    return Draft(f"COPY {folder} /", False, (note, f"the target was {escape(target)}"))
