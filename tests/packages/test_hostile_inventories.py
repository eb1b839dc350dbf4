"""Databases and archives made to cost much or to break a reader."""

from __future__ import annotations

import struct

from imgtar.analysis.inventory.probe import InventoryProbe
from imgtar.limits import DEFAULT
from imgtar.packages.binaries.elf import MAGIC
from imgtar.packages.installed import joined
from imgtar.packages.inventories import TYPES, inventory_format
from tests.packages.programs import jar

PROGRAM = 1 << 20  # bytes


def test_an_archive_whose_entry_lies_beyond_all_numbers_is_unreadable() -> None:
    content = bytearray(jar([("META-INF/MANIFEST.MF", b"Implementation-Title: a\nImplementation-Version: 1\n")]))
    entry = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    extra = struct.pack("<HHQ", 1, 8, 1 << 63)  # APPNOTE 4.5.3: the offset of the entry in 64 bits
    name = struct.unpack_from("<H", content, entry + 28)[0]
    struct.pack_into("<H", content, entry + 30, len(extra))
    struct.pack_into("<I", content, entry + 42, 0xFFFFFFFF)
    size = struct.unpack_from("<I", content, end + 12)[0]
    struct.pack_into("<I", content, end + 12, size + len(extra))
    content[entry + 46 + name : entry + 46 + name] = extra
    known = inventory_format(b"a.jar")
    assert known is not None
    assert known.installed(b"a.jar", bytes(content)).problem == "an archive that cannot be read"


def test_a_path_that_leads_out_of_the_root_is_left_out() -> None:
    assert joined([b"a", None, b"b", None]) == b"a\0b\0"


def test_a_program_is_known_however_its_first_bytes_come() -> None:
    probe = InventoryProbe(DEFAULT, TYPES)
    for pieces, goes_on in (
        ([MAGIC[:1], MAGIC[1:] + b"x"], [True, True]),
        ([MAGIC[:3], b"x"], [True, False]),
        ([b"#!/bin/sh"], [False]),
    ):
        watcher = probe.watch(b"usr/bin/x", PROGRAM)
        assert watcher is not None
        assert [watcher.feed(piece) for piece in pieces] == goes_on
