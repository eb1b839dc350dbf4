"""The compiled walker: it takes what tools write, and changes nothing of what the exact walker reads."""

from __future__ import annotations

import copy
import io
import os
import pickle
import random
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.seeds import SEEDS, damaged
from fuzz.targets import repaired, scanned
from imgtar.formats.tar import PAGE, ContentDigest, ExactMember, RegionCursor, TarMember, TarWalk
from imgtar.formats.tar.ordinary import LARGEST_NUMBER, LARGEST_SIZE, compiled
from imgtar.layer.paths import CHARACTERS
from imgtar.limits import Meter

required = pytest.mark.skipif(compiled is None, reason="needs the compiled walker")
pytestmark = required

FORMATS = {"gnu": tarfile.GNU_FORMAT, "ustar": tarfile.USTAR_FORMAT, "pax": tarfile.PAX_FORMAT}
NAMES = {
    "plain": "usr/bin/tool",
    "upper case": "usr/Lib/README",
    "a prefix or a long name": "usr/" + "share/" * 12 + "n" * 60,
    "a long last part": "d/" + "name" * 40,
    "of 100 bytes": "d/" + "n" * 98,
}


def written(form: int, *members: tarfile.TarInfo) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as layer:
        for member in members:
            layer.addfile(member, io.BytesIO(b"x" * member.size))
    return stream.getvalue()


def info(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, **fields: int | str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.mtime = kind, size, 1_700_000_000
    for field, value in fields.items():
        setattr(member, field, value)
    return member


def walked(raw: bytes) -> list[TarMember]:
    return list(TarWalk(RegionCursor(lambda at, size: raw[at : at + size], len(raw), smallest=PAGE), Meter()))


def is_compiled(member: TarMember) -> bool:
    return not isinstance(member, ExactMember)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_what_tools_write_is_ordinary(form: str, name: str) -> None:
    if form == "ustar" and name == "a long last part":
        pytest.skip("ustar has no room for it")
    members = walked(
        written(
            FORMATS[form],
            info(NAMES[name], size=700, mode=0o4755, uid=1000, gid=50),
            info(NAMES[name] + "-dir", tarfile.DIRTYPE),
            info(NAMES[name][:90] + "-link", tarfile.SYMTYPE, linkname="../target"),
            info(NAMES[name][:90] + "-hard", tarfile.LNKTYPE, linkname="usr/bin/tool"),
        )
    )
    assert [is_compiled(member) for member in members] == [True] * 4
    first = members[0]
    assert (first.name, first.type, first.size) == (NAMES[name].encode(), "file", 700)
    assert (first.mode & 0o7777, first.uid, first.gid, first.mtime) == (0o4755, 1000, 50, 1_700_000_000)
    assert [member.type for member in members] == ["file", "dir", "symlink", "hardlink"]
    assert members[2].link == b"../target"


ODD = {
    "a time with a fraction": (tarfile.PAX_FORMAT, info("a", mtime=1.5)),  # type: ignore[arg-type]
    "a time before 1970": (tarfile.GNU_FORMAT, info("a", mtime=-1)),
    "a large owner": (tarfile.GNU_FORMAT, info("a", uid=1 << 24)),
    "a device": (tarfile.USTAR_FORMAT, info("a", tarfile.CHRTYPE)),
    "a long link": (tarfile.GNU_FORMAT, info("a", tarfile.SYMTYPE, linkname="l" * 120)),
    "a name that is not ASCII": (tarfile.PAX_FORMAT, info("ü")),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_is_read_by_the_exact_walker_alone(odd: str) -> None:
    form, member = ODD[odd]
    members = walked(written(form, info("before"), member, info("behind")))
    kept = odd == "a name that is not ASCII"  # its header carries a path alone
    assert [is_compiled(found) for found in members] == [True, kept, True]


def test_a_member_is_the_exact_one_in_all_but_size() -> None:
    (member,) = walked(written(tarfile.GNU_FORMAT, info("a/b", size=9, mode=0o644, uid=7)))
    exact = member.exact()
    assert is_compiled(member)
    assert isinstance(exact, ExactMember)
    fields = (*ExactMember.__struct_fields__, "header_offset", "stored_size", "digest")
    assert [getattr(member, name) for name in fields] == [getattr(exact, name) for name in fields]
    assert member == exact
    assert exact == member
    assert hash(member) == hash(exact)
    assert repr(member) == repr(exact)
    assert pickle.loads(pickle.dumps(member)) == member == copy.deepcopy(member)
    assert member != walked(written(tarfile.GNU_FORMAT, info("a/c", size=9)))[0]
    assert member != "a/b"
    for digest in (ContentDigest(b"1" * 32), ContentDigest(None, b"2" * 32), ContentDigest()):
        assert member.with_digest(digest) == exact.with_digest(digest)
        assert member.with_digest(digest).digest == digest


def test_nothing_is_read_outside_the_window() -> None:
    assert compiled is not None
    raw = written(tarfile.GNU_FORMAT, info("a", size=600), info("d/" + "long" * 40), info("z"))
    whole, end, headers = compiled.read(raw, 0, 0)
    assert (len(whole), end, headers) == (3, 512 * 7, 4)
    for size in range(len(raw)):
        members, offset, headers = compiled.read(raw[:size], 0, 10_000)
        assert [member.name for member in members] == [member.name for member in whole[: len(members)]]
        assert 10_000 <= offset <= 10_000 + end
        assert headers <= size // 512
    for first in (-1, -512, len(raw), len(raw) + 1, 1 << 62):
        assert compiled.read(raw, first, 0)[0] == []


@st.composite
def layers(draw: st.DrawFn) -> bytes:
    """A layer as tools write it, with some bytes of its headers changed and their checksums mostly right."""
    parts = st.sampled_from(["a", "b", "Ab", "AB", ".wh.a", ".wh..wh..opq", "..", ".", "", "n" * 60, "é", "x y"])
    kinds = st.sampled_from([tarfile.REGTYPE, tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE])
    members = draw(
        st.lists(st.tuples(st.lists(parts, min_size=1, max_size=5), kinds, st.integers(0, 1500)), max_size=12)
    )
    made = [
        info("/".join(path), kind, size if kind == tarfile.REGTYPE else 0, linkname="a/b")
        for path, kind, size in members
    ]
    raw = bytearray(written(draw(st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])), *made))
    for at, value in draw(st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), max_size=4)):
        raw[at // 512 * 512 + at % 512] = value
    return repaired(draw(st.sampled_from([b"\0", b"\1"])) + bytes(raw))


@settings(max_examples=int(os.environ.get("IMGTAR_EXAMPLES", "400")), deadline=None)
@given(layers())
def test_it_changes_nothing(raw: bytes) -> None:
    assert scanned(raw) == scanned(raw, compiled=None)


def test_it_changes_nothing_of_damaged_layers() -> None:
    chance = random.Random(19)
    for seed in SEEDS["walkers"]:
        for _ in range(300):
            raw = repaired(damaged(seed, chance))
            assert scanned(raw) == scanned(raw, compiled=None)


def test_ordinary_members_are_placed_together() -> None:
    assert compiled is not None
    names = ("usr/", "usr/bin/tool", "./usr/bin/dotted", "usr/bin/Upper", "made/here/and/there", "usr/lib/x.so.1")
    members = walked(
        written(
            tarfile.GNU_FORMAT,
            *(
                info(name, tarfile.DIRTYPE if name == "usr/" else tarfile.REGTYPE, 2 * (name != "usr/"))
                for name in names
            ),
        )
    )
    entries: dict[bytes, TarMember] = {}
    implied: set[bytes] = set()
    directories, folded = {b"": b""}, list[bytes]()
    placed, counted, made, made_names, files, links = compiled.place(
        members, 0, entries, implied, directories, folded, CHARACTERS, 255
    )
    assert placed == len(members)
    assert set(entries) == {name.strip("./").encode() for name in names}
    assert implied == {b"usr/bin", b"usr/lib", b"made", b"made/here", b"made/here/and"}
    assert (made, files, links, folded) == (5, 10, 0, [b"usr/bin/Upper"])
    assert made_names == sum(map(len, implied))
    assert counted == sum(map(len, names)) - len("usr/") + len("usr")


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../b", "a//b", "/a", "a/./b", "a/.hidden", ".wh.a", ".wh..wh.x/a", "b/c\n", "é", "n" * 256, "f/a"],
)
def test_what_needs_a_second_look_is_not_placed(name: str) -> None:
    """Also a name below what is no directory; the exact placing takes over from there."""
    assert compiled is not None
    raw = written(tarfile.GNU_FORMAT, info("f"), info(name), info("z"))
    members = walked(raw)
    placed = compiled.place(members, 0, {}, set(), {b"": b""}, [], CHARACTERS, 255)[0]
    assert placed == 1


def test_a_member_made_of_its_values_is_the_member() -> None:
    assert compiled is not None
    kinds = ("file", "hardlink", "symlink", "dir")
    for member in walked(
        written(
            tarfile.PAX_FORMAT,
            info("usr/bin/tool", size=700, mode=0o4755, uid=1000, gid=50),
            info("usr", tarfile.DIRTYPE),
            info("usr/link", tarfile.SYMTYPE, linkname="../target"),
            info("usr/hard", tarfile.LNKTYPE, linkname="usr/bin/tool"),
        )
    ):
        numbers = (kinds.index(member.type), member.size, member.mode, member.uid, member.gid, member.mtime)
        made = compiled.member(member.name, *numbers, member.link, member.offset, None)
        assert is_compiled(made)
        assert (made, made.digest.sha256) == (member, None)
        hashed = compiled.member(member.name, *numbers, member.link, member.offset, b"d" * 32)
        assert hashed == member.with_digest(ContentDigest(b"d" * 32))


def test_no_member_has_numbers_that_no_ordinary_header_states() -> None:
    """What the walker never makes would be read wrongly where its bounds are relied on."""
    assert compiled is not None
    largest = (3, LARGEST_SIZE, LARGEST_NUMBER, LARGEST_NUMBER, LARGEST_NUMBER, LARGEST_SIZE)
    made = compiled.member(b"n", 0, *largest[1:], b"", 2**63 - 1, None)
    assert (made.size, made.mode, made.uid, made.gid, made.mtime, made.offset) == (*largest[1:], 2**63 - 1)
    good = [b"n", 0, 0, 0, 0, 0, 0, b"", 0, None]
    for place in (1, 2, 3, 4, 5, 6, 8):
        most = largest[place - 1] if place < 8 else 2**63 - 1
        for number in (-1, most + 1, 2**70, -(2**70)):
            with pytest.raises(ValueError, match="ordinary header"):
                compiled.member(*good[:place], number, *good[place + 1 :])
    with pytest.raises(ValueError, match="ordinary header"):
        compiled.member(b"n", 3, 1, *good[3:])  # a directory with a body
    for place, value in ((0, "n"), (1, "0"), (2, None), (7, None), (9, "d"), (0, bytearray(b"n"))):
        with pytest.raises(TypeError):
            compiled.member(*good[:place], value, *good[place + 1 :])
    with pytest.raises(TypeError):
        compiled.member(*good[:9])
