"""The modules of a Go program: what the linker writes for `go version -m`, as Go's debug/buildinfo reads it.

The section `.go.buildinfo` begins with a head of 32 bytes. Since Go 1.18 two texts with their lengths follow it;
before, the head has pointers to them.
"""

from __future__ import annotations

from typing import Literal

from imgtar.packages.binaries.elf import Elf
from imgtar.packages.installed import Installed, InstalledPackages, counted_problem, fact

_MARK = b"\xff Go buildinf:"
_ALIGNED, _HEAD = 16, 32
_FLAGS = 15  # the byte of flags in the head, behind the size of a pointer
_INLINE, _BIG_ENDIAN = 2, 1  # bits of the byte of flags
_SEARCHED = 1 << 20  # bytes at the begin of the data where the mark may lie
_FRAME = 16  # bytes around the list of modules
_LONGEST = 16 << 20  # bytes of a list of modules
_LONGEST_PAIR = 2 * _LONGEST  # bytes of the two texts of a program
_MOST = 100_000  # modules of one program
_FOLDERS = (b"./", b"../", b"/")  # how a replacement begins that is a folder, and so no name of a module


def installed(elf: Elf) -> InstalledPackages:
    """The main module, then those that it depends on, as they were replaced, and Go's own library as `stdlib`.

    A module that a folder replaces keeps its name; its version is `(devel)`, as that of a main module without one. A
    program that is not one of Go has none.
    """
    section = elf.section(b".go.buildinfo")
    places = [section] if section is not None else list(elf.segments())[:1]
    searched = elf.read(places[0].offset, min(places[0].size, _SEARCHED)) if places else b""
    at = _mark(searched)
    if at is None:
        return InstalledPackages((), "its section .go.buildinfo is damaged" if section is not None else "")
    start = places[0].offset + at
    if searched[at + _FLAGS] & _INLINE:
        version, listed = _inline(elf.read(start + _HEAD, min(places[0].size - at - _HEAD, _LONGEST_PAIR)))
    else:
        version, listed = _pointed(elf, start)
    if not version.startswith((b"go", b"devel")):
        return InstalledPackages((), "its section .go.buildinfo is damaged")
    modules = listed[_FRAME:-_FRAME] if len(listed) > 2 * _FRAME and listed[-_FRAME - 1 : -_FRAME] == b"\n" else b""
    return _modules(modules, version.partition(b" ")[0].removeprefix(b"go"))


def _mark(data: bytes) -> int | None:
    """Where the mark lies, at a multiple of 16 from the begin of the data."""
    at = data.find(_MARK)
    while at >= 0 and at % _ALIGNED:
        at = data.find(_MARK, at + 1)
    return at if at >= 0 and at + _HEAD <= len(data) else None


def _inline(texts: bytes) -> tuple[bytes, bytes]:
    """The two texts behind the head, each with its length before it."""
    version, at = _text(texts, 0)
    return version, _text(texts, at)[0]


def _text(content: bytes, at: int) -> tuple[bytes, int]:
    end = len(content)
    length = shift = 0
    while shift < 64 and at < end:
        byte = content[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    is_whole = length <= min(_LONGEST, end - at)
    return (content[at : at + length], at + length) if is_whole else (b"", end)


def _pointed(elf: Elf, start: int) -> tuple[bytes, bytes]:
    """The texts to which the two pointers in the head lead: each to an address and a length."""
    head = elf.read(start, _HEAD)
    order: Literal["big", "little"] = "big" if head[_FLAGS] & _BIG_ENDIAN else "little"
    size = head[_FLAGS - 1]
    if size not in (4, 8):
        return b"", b""
    segments = list(elf.segments())

    def at_address(address: int, length: int) -> bytes:
        inside = (one for one in segments if one.address <= address and address + length <= one.address + one.size)
        found = next(inside, None)
        return b"" if found is None else elf.read(found.offset + address - found.address, length)

    def text(pointer: bytes) -> bytes:
        pair = at_address(int.from_bytes(pointer, order), 2 * size)
        address, length = (int.from_bytes(number, order) for number in (pair[:size], pair[size:]))
        return at_address(address, length) if length <= _LONGEST else b""

    return text(head[16 : 16 + size]), text(head[16 + size : 16 + 2 * size])


def _modules(listed: bytes, version: bytes) -> InstalledPackages:
    modules: list[Installed] = []
    broken = 0
    lines = listed.split(b"\n", _MOST)
    for line in lines[:_MOST]:
        kind, *words = line.split(b"\t")
        if kind in (b"mod", b"dep", b"=>"):
            if len(words) < 2 or not words[0]:
                broken += 1
                continue
            name = fact(words[0])
            if kind == b"=>" and modules:
                replaced = modules.pop().name
                name = replaced if words[0].startswith(_FOLDERS) else name
            modules.append(Installed(name, fact(words[1]) or "(devel)"))
    modules.append(Installed("stdlib", fact(version)))
    return InstalledPackages(tuple(modules), counted_problem(broken, "modules without a name"))
