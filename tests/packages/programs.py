"""Programs and archives that say what they are made of, as small as they can be."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable

MODULES = (
    "path\texample.org/app\nmod\texample.org/app\tv1.2.3\th1:x=\ndep\tgolang.org/x/text\tv0.14.0\th1:y=\n"
    "dep\tgithub.com/old/lib\tv1.0.0\n=>\tgithub.com/new/lib\tv1.0.1\th1:z=\nbuild\tGOOS=linux\n"
)
CRATES = [
    {"name": "serde", "version": "1.0.200", "source": "crates.io"},
    {"name": "cc", "version": "1.0.90", "source": "crates.io", "kind": "build"},
    {"name": "app", "version": "0.1.0", "source": "local", "root": True, "dependencies": [0]},
]


def elf(sections: dict[bytes, bytes], *, wide: bool = True, order: str = "<", address: int = 0x400000) -> bytes:
    """An ELF file with these sections, all in one writable segment at `address`."""
    names = b"\0" + b"".join(name + b"\0" for name in (*sections, b".shstrtab"))
    head_size, row = (64, 64) if wide else (52, 40)
    segment = struct.calcsize(order + ("2I6Q" if wide else "8I"))
    body, places = b"", []
    for content in (*sections.values(), names):
        body += bytes(-(head_size + segment + len(body)) % 16)
        places.append((head_size + segment + len(body), len(content)))
        body += content
    rows = [(0,) * 10]
    for name, (offset, size) in zip((*sections, b".shstrtab"), places, strict=True):
        rows.append((names.index(b"\0" + name + b"\0") + 1, 1, 3, address + offset, offset, size, 0, 0, 1, 0))
    total = head_size + segment + len(body)
    layout = order + ("16s2H I3Q I6H" if wide else "16s2H 5I 6H").replace(" ", "")
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]).ljust(12, b"\0")
    end = (0, head_size, segment, 1, row, len(rows), len(rows) - 1)
    head = struct.pack(layout, ident, 2, 62, 1, 0, head_size, total, *end)
    if wide:
        load = struct.pack(order + "2I6Q", 1, 6, 0, address, 0, total, total, 1)
    else:
        load = struct.pack(order + "8I", 1, 0, address, 0, total, total, 6, 1)
    table = b"".join(struct.pack(order + ("2I4Q2I2Q" if wide else "10I"), *one) for one in rows)
    return head + load + body + table


def varint(number: int) -> bytes:
    low = b""
    while number > 0x7F:
        low += bytes([number & 0x7F | 0x80])
        number >>= 7
    return low + bytes([number])


def framed(modules: str) -> bytes:
    """A list of modules between the 16 bytes before and behind it."""
    return b"\x30" * 16 + modules.encode() + b"\xf9" * 16 if modules else b""


def inline(version: str = "go1.22.1", modules: str = MODULES) -> bytes:
    """The section of a program since Go 1.18."""
    texts = (version.encode(), framed(modules))
    head = b"\xff Go buildinf:\x08\x02".ljust(32, b"\0")
    return head + b"".join(varint(len(text)) + text for text in texts)


def go_program(section: bytes | None = None) -> bytes:
    """A Go program whose section is this."""
    return elf({b".text": b"\x90" * 100, b".go.buildinfo": inline() if section is None else section})


def pointed(*, wide: bool = True, order: str = "<") -> bytes:
    """A program before Go 1.18: the head has the addresses of two texts, each an address and a length."""
    letter, size = ("Q", 8) if wide else ("I", 4)
    address, texts = 0x400000, (b"go1.17.13", framed(MODULES))

    def section(at: int) -> bytes:
        pointers = struct.pack(order + 2 * letter, at + 32, at + 32 + 2 * size)
        head = b"\xff Go buildinf:" + bytes([size, order == ">"]) + pointers
        first = at + 32 + 4 * size
        strings = struct.pack(order + 4 * letter, first, len(texts[0]), first + len(texts[0]), len(texts[1]))
        return head.ljust(32, b"\0") + strings + b"".join(texts)

    where = elf({b".go.buildinfo": section(0)}, wide=wide, order=order).index(b"\xff Go buildinf:")
    return elf({b".go.buildinfo": section(address + where)}, wide=wide, order=order)


def rust_program(document: object = None) -> bytes:
    """A program of cargo-auditable."""
    document = {"packages": CRATES} if document is None else document
    text = document if isinstance(document, bytes) else zlib.compress(json.dumps(document).encode())
    return elf({b".text": b"\x90" * 100, b".dep-v0": text})


def jar(files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A Java archive with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def properties(group: str, artifact: str, version: str) -> tuple[str, bytes]:
    """What Maven writes of a library."""
    text = f"#Generated\nversion={version}\ngroupId={group}\nartifactId={artifact}\n"
    return f"META-INF/maven/{group}/{artifact}/pom.properties", text.encode()
