"""Tars that real writers make, each in memory under a name that says how."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tests.builders import (
    GNU,
    NOW,
    V7,
    base256,
    device,
    directory,
    fifo,
    file,
    gnu_long,
    hardlink,
    header,
    member,
    padded,
    pax,
    sparse_1_0,
    symlink,
    tar,
)

PAX_NUMBERS = (
    *("4", "+4", "-4", " 4", "4 ", "0x4", "4_0", "٤", "4.0", "4.", ".5", "-0.5", "-.5", "1e3", "nan", "-", "+", "1,5"),
    *("9" * 19, "9" * 40, "9223372036854775807", "9223372036854775808", "-9223372036854775808"),
    *("00000000000000000000004", "1.123456789999", "-1.999999999999", "1.12x", "1.-5"),
)
GNU_FORMATS = ("v7", "oldgnu", "gnu", "ustar", "posix")
SPARSE = {
    "oldgnu": ["--format=oldgnu"],
    "gnu": ["--format=gnu"],
    "0.0": ["--format=posix", "--sparse-version=0.0"],
    "0.1": ["--format=posix", "--sparse-version=0.1"],
    "1.0": ["--format=posix", "--sparse-version=1.0"],
}


def make_tree(root: Path) -> Path:
    """Files of every kind that an ordinary user can make."""
    tree = root / "tree"
    (tree / "d").mkdir(parents=True)
    (tree / "d" / "empty").write_bytes(b"")
    (tree / "d" / "body").write_bytes(b"body\n" * 321)
    (tree / "d" / "block").write_bytes(b"b" * 512)
    (tree / "d" / ("n" * 100)).write_bytes(b"100")
    (tree / "d" / ("n" * 180)).write_bytes(b"180")
    deep = tree / ("p" * 60) / ("q" * 60) / ("r" * 90)
    deep.mkdir(parents=True)
    (deep / ("s" * 100)).write_bytes(b"deep")
    (tree / "d" / "déjà-vu").write_bytes(b"utf-8")
    with open(os.fsencode(tree / "d") + b"/latin1-\xe9", "wb") as odd:
        odd.write(b"latin1")
    (tree / "d" / "new\nline").write_bytes(b"n")
    os.symlink("body", tree / "d" / "sym")
    os.symlink("t" * 150, tree / "d" / "longsym")
    os.link(tree / "d" / "body", tree / "d" / "hard")
    os.mkfifo(tree / "d" / "fifo")
    os.chmod(tree / "d" / "body", 0o4755)
    for where, _, names in os.walk(tree):
        for name in [*names, "."]:
            os.utime(Path(where) / name, (NOW, NOW), follow_symlinks=False)
    os.utime(tree / "d" / "block", ns=(NOW * 10**9 + 123456789, NOW * 10**9 + 123456789))
    return tree


def make_sparse(root: Path) -> Path:
    """Sparse files: a hole in front, at the end, many segments, nothing but a hole."""
    tree = root / "sparse"
    tree.mkdir()
    for name, size, places in (
        ("front", 70_000, [65_536]),
        ("end", 200_000, [0]),
        ("many", 2_000_000, list(range(0, 2_000_000, 65_536))),
        ("hole", 300_000, []),
        ("whole", 100, [0]),
    ):
        with open(tree / name, "wb") as out:
            for at in places:
                out.seek(at)
                out.write(name.encode() * 5)
            out.truncate(size)
    return tree


def _run(command: list[str], where: Path) -> bytes:
    return subprocess.run(command, cwd=where, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def gnu_tar(root: Path) -> Iterator[tuple[str, bytes]]:
    """GNU tar in all its formats, sparse files in all their forms, incremental dumps, labels, odd owners."""
    tree, sparse = make_tree(root), make_sparse(root)
    for form in GNU_FORMATS:
        names = [".", "--exclude=*" + "r" * 90 + "*", "--exclude=longsym", "--exclude=" + "n" * 180]
        skipped = names if form in ("v7", "ustar") else ["."]
        command = ["tar", f"--format={form}", "--sort=name", "--ignore-failed-read", "-cf", "-", *skipped]
        done = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        yield f"gnu-{form}", done.stdout
    for form, options in SPARSE.items():
        yield f"gnu-sparse-{form}", _run(["tar", *options, "--sparse", "--sort=name", "-cf", "-", "."], sparse)
    owner = ["--owner=+3000000", "--group=+4000000"]
    for form in ("gnu", "posix"):
        yield f"gnu-owner-{form}", _run(["tar", f"--format={form}", *owner, "-cf", "-", "d"], tree)
        yield f"gnu-1960-{form}", _run(["tar", f"--format={form}", "--mtime=@-300000000.5", "-cf", "-", "d"], tree)
        yield f"gnu-2514-{form}", _run(["tar", f"--format={form}", "--mtime=@17179869184", "-cf", "-", "d"], tree)
    snapshot = str(root / "snapshot")
    yield "gnu-incremental", _run(["tar", "--format=gnu", "-g", snapshot, "-cf", "-", "d"], tree)
    yield "gnu-label", _run(["tar", "--format=gnu", "-V", "a label", "-cf", "-", "d"], tree)
    yield "gnu-label-posix", _run(["tar", "--format=posix", "-V", "a label", "-cf", "-", "d"], tree)
    yield "gnu-comment", _run(["tar", "--format=posix", "--pax-option=comment=hello", "-cf", "-", "d"], tree)


def bsd_tar(root: Path) -> Iterator[tuple[str, bytes]]:
    """bsdtar in the formats that are tars."""
    for form in ("v7", "ustar", "pax", "gnutar", "paxr"):
        command = ["bsdtar", f"--format={form}", "-cf", "-", "tree"]
        done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        yield f"bsd-{form}", done.stdout
    yield "bsd-sparse", _run(["bsdtar", "--format=pax", "-S", "-cf", "-", "sparse"], root)


def python_tar(root: Path) -> Iterator[tuple[str, bytes]]:
    """Python's tarfile in its three formats."""
    for name, form in (("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form) as writer:
            for path in sorted((root / "tree").rglob("*")):
                try:
                    writer.add(path, arcname=str(path.relative_to(root)), recursive=False)
                except ValueError:
                    continue  # ustar cannot hold it
            odd = tarfile.TarInfo("odd")
            odd.mtime, odd.uid, odd.size = NOW + 0.25 if form == tarfile.PAX_FORMAT else NOW, 2_000_000, 3
            writer.addfile(odd, io.BytesIO(b"odd"))
        yield f"python-{name}", out.getvalue()


def from_bytes() -> Iterator[tuple[str, bytes]]:
    """Corners of the format that no writer at hand makes, built byte by byte."""
    after = file("after", b"after")
    old_gnu = {386: b"%011o\0%011o\0" % (0, 4) + b"%011o\0%011o\0" % (1000, 3), 483: b"%011o\0" % 2000}
    many = b"".join(b"%011o\0%011o\0" % (at * 1000, 1) for at in range(30))
    extension = (many[96:600] + b"\0").ljust(512, b"\0")
    yield "v7", tar(file("v7", b"x", magic=V7), symlink("l", "v7", magic=V7), after)
    yield "nul-version", tar(file("f", b"x", magic=b"ustar\0\0\0"), after)
    yield "odd-version", tar(file("f", b"x", magic=b"ustar\x0099", prefix="p"), after)
    yield "gnu-magic-odd-version", tar(file("f", b"x", magic=b"ustar  x", prefix="p"), after)
    yield (
        "star",
        tar(file("f", b"x", prefix="pre", patches={508: b"tar\0", 476: b"%011o " % 5, 488: b"%011o " % 6}), after),
    )
    yield "star-bad-time", tar(file("f", b"x", patches={508: b"tar\0", 476: b"notanumber"}), after)
    yield "prefix", tar(file("name", b"x", prefix="pre/fix"), after)
    yield "gnu-with-prefix", tar(file("name", b"x", magic=GNU, prefix="old/go/prefix"), after)
    yield "gnu-with-times", tar(file("f", b"x", magic=GNU, patches={345: b"%011o\0%011o\0" % (NOW, NOW)}), after)
    yield "gnu-prefix-not-ascii", tar(file("f", b"x", magic=GNU, prefix=b"\xc3\xa9/x"), after)
    yield "signed-sum", tar(file(b"caf\xe9\xff", b"x", signed=True), after)
    yield "name-100", tar(file("n" * 100, b"x", linkname="l" * 100), after)
    yield "dir-by-slash-nul", tar(file("d/", typeflag=b"\0"), file("d2/", b"data", typeflag=b"\0"), after)
    yield "dir-by-slash-0", tar(file("d/", b"data"), after)
    yield "dir-by-pax-slash", tar(file("d", pax_records={"path": "e/"}, typeflag=b"\0"), after)
    yield "contiguous", tar(file("c", b"data", typeflag=b"7"), after)
    yield "unknown-types", tar(*(file(f"z{flag}", b"data", typeflag=flag.encode()) for flag in "ZDMNVAXI"), after)
    yield "unknown-high-type", tar(file("z", b"data", typeflag=b"\xff"), after)
    for flag in "123456":
        yield f"size-on-type-{flag}", tar(member("f", b"", size=5, typeflag=flag.encode(), linkname="after"), after)
        yield f"negative-on-type-{flag}", tar(member("f", size=base256(-512, 12), typeflag=flag.encode()), after)
    yield "binary-size", tar(file("f", b"12345", size=base256(5, 12)), after)
    yield "negative-size", tar(file("f", size=base256(-512, 12)), after)
    yield "huge-size", tar(file("f", size=base256(2**63 - 1, 12)), after)
    yield "beyond-size", tar(file("f", size=b"\x80" + b"\xff" * 11), after)
    for name, field in {
        "spaces": b"        12 ",
        "nul-in-front": b"\0\0\0\0\0\0\0\0\0\x0012",
        "8": b"00000000018\0",
        "plus": b"+0000000012\0",
        "minus": b"-0000000012\0",
        "underscore": b"0000_000012\0",
        "tab": b"\t0000000012\0",
        "text-after-nul": b"12\0junk here",
        "blank": b"            ",
        "twelve-digits": b"000000000012",
        "two-numbers": b"12 13      \0",
        "arabic": "٣٣".encode().ljust(12, b"\0"),
    }.items():
        yield f"size-{name}", tar(file("f", b"0123456789", size=field), after)
        yield f"mtime-{name}", tar(file("f", b"0123456789", mtime=field), after)
        yield f"mode-{name}", tar(file("f", b"0123456789", mode=field[-8:]), after)
        yield f"device-{name}", tar(file("f", b"0123456789", devmajor=field[-8:]), after)
    for name, value in {
        "int64-max": 2**63 - 1,
        "int64-min": -(2**63),
        "past-int64": 2**63,
        "minus-1": -1,
    }.items():
        yield f"mtime-{name}", tar(file("f", b"x", mtime=base256(value, 12)), after)
    yield "uid-negative", tar(file("f", b"x", uid=base256(-2, 8), gid=base256(-1, 8)), after)
    yield "mode-negative", tar(file("f", b"x", mode=base256(-2, 8)), after)
    yield "mode-7777777", tar(file("f", b"x", mode=b"7777777\0"), after)
    yield from _from_pax(after)
    yield from _from_chains(after)
    yield "sparse-s", tar(file("s", b"datadat", typeflag=b"S", magic=GNU, patches=old_gnu), after)
    yield "sparse-s-ustar", tar(file("s", b"datadat", typeflag=b"S", patches=old_gnu), after)
    extended = {386: many[:96], 482: b"\1", 483: b"%011o\0" % 40000}
    block = header("s", size=30, typeflag=b"S", magic=GNU, patches=extended)
    yield (
        "sparse-s-extension",
        tar(header("s", size=25, typeflag=b"S", magic=GNU, patches=extended) + extension + padded(b"s" * 25), after),
    )
    yield "sparse-s-unreferenced", tar(block + extension + padded(b"s" * 30), after)
    yield "sparse-s-extension-cut", tar(block, end=b"")
    yield "sparse-1.0", tar(sparse_1_0("s", 2000, [(1000, b"data")]), after)
    yield "sparse-1.0-empty", tar(sparse_1_0("s", 2000, []), after)
    yield "sparse-1.0-touching", tar(sparse_1_0("s", 20, [(0, b"ab"), (2, b"cd"), (20, b"")]), after)
    yield from _from_ends(after)


def _from_pax(after: bytes) -> Iterator[tuple[str, bytes]]:
    for name, values in {
        "all": {"path": "p", "linkpath": "l", "uid": "7", "gid": "8", "mtime": "1.5", "uname": "u", "gname": "g"},
        "empty-values": {"path": "", "size": "", "mtime": "", "uid": ""},
        "unknown-keys": {"comment": "c", "VENDOR.key": "v", "atime": "1.25", "ctime": "-3.5"},
        "xattrs": {"SCHILY.xattr.user.a=b": "x=y\n\0z", "SCHILY.xattr.": "nameless", "SCHILY.xattr.e": ""},
        "equals-in-value": {"path": "a=b=c"},
        "newline-in-value": {"path": "a\nb"},
        "nul-in-path": {"path": "a\0b"},
        "nul-in-linkpath": {"linkpath": "a\0b"},
        "nul-in-uname": {"uname": "a\0b"},
        "nul-in-comment": {"comment": "a\0b"},
        "nul-in-key": {"com\0ment": "a"},
        "not-utf8-path": {b"path": b"\xff\xfe"},
        "not-utf8-key": {b"\xff\xfe": b"x"},
        "gnu-sparse-name": {"GNU.sparse.name": "other"},
        "sparse-0.1": {"GNU.sparse.numblocks": "1", "GNU.sparse.map": "1000,4", "GNU.sparse.size": "2000"},
        "sparse-odd": {"GNU.sparse.numblocks": "1", "GNU.sparse.map": "1000,4,5", "GNU.sparse.size": "2000"},
        "sparse-count": {"GNU.sparse.numblocks": "2", "GNU.sparse.map": "1000,4", "GNU.sparse.size": "2000"},
        "sparse-negative": {"GNU.sparse.numblocks": "1", "GNU.sparse.map": "1000,-1", "GNU.sparse.size": "2000"},
        "sparse-past-end": {"GNU.sparse.numblocks": "1", "GNU.sparse.map": "1999,4", "GNU.sparse.size": "2000"},
        "sparse-no-size": {"GNU.sparse.numblocks": "1", "GNU.sparse.map": "1000,4"},
        "sparse-version-2": {"GNU.sparse.major": "2", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "5"},
        "sparse-too-much": {"GNU.sparse.numblocks": "1", "GNU.sparse.map": "0,40", "GNU.sparse.size": "2000"},
    }.items():
        yield f"pax-{name}", tar(file("f", b"body", pax_records=values), after)
    for key in ("size", "mtime", "uid", "atime"):
        for value in PAX_NUMBERS:
            yield f"pax-{key}-{value[:24]}", tar(file("f", b"body", pax_records={key: value}), after)
    for name, body in {
        "no-length": b"path=x\n",
        "length-0": b"0 path=x\n",
        "length-short": b"5 path=x\n",
        "length-long": b"99 path=x\n",
        "length-spaces": b"  9 path=x\n",
        "length-plus": b"+9 path=x\n",
        "length-zeros": b"0000000000011 a=b\n"[:18],
        "no-newline": b"9 path=xy",
        "no-equals": b"7 path\n",
        "no-key": b"6 =xy\n",
        "smallest": b"5 a=\n",
        "below-smallest": b"4 =\n",
        "nul-tail": b"9 path=x\n\0\0\0",
        "digits": b"1" * 1000,
        "empty": b"",
        "two-spaces": b"8  a=bc\n",
        "twice": b"9 path=x\n9 path=y\n",
        "size-3-then-4": b"9 size=3\n9 size=4\n",
    }.items():
        yield f"pax-body-{name}", tar(file("f", b"body", pax_records=body), after)
    yield "pax-size-on-dir", tar(directory("d", pax_records={"size": "512"}), after)
    yield "pax-size-hides", tar(pax({"size": "1024"}) + header("f", size=0) + header("hidden") + bytes(512), after)


def _from_chains(after: bytes) -> Iterator[tuple[str, bytes]]:
    yield "x-x", tar(pax({"path": "first"}), pax({"mtime": "5"}), file("f"), after)
    yield "L-L", tar(gnu_long("first" * 30), gnu_long("second" * 30), file("f"), after)
    yield "L-empty", tar(gnu_long(""), file("f"), after)
    yield "L-nul-inside", tar(gnu_long(b"a\0b"), file("f"), after)
    yield "L-not-nul-ended", tar(header("L", typeflag=b"L", size=3, magic=GNU) + padded(b"abc"), file("f"), after)
    yield "L-and-x", tar(gnu_long("long"), pax({"path": "pax"}), file("f"), after)
    yield "x-and-L", tar(pax({"path": "pax"}), gnu_long("long"), file("f"), after)
    yield "K-and-x", tar(gnu_long("klink", typeflag=b"K"), pax({"linkpath": "pax"}), symlink("s", "h"), after)
    yield "L-with-pax-size", tar(pax({"size": "4"}), gnu_long("long"), file("f", b"body", size=0), after)
    yield "g", tar(pax({"path": "global"}, typeflag=b"g"), file("f"), after)
    yield "g-size", tar(pax({"size": "4"}, typeflag=b"g"), file("f", b"body"), after)
    yield "x-g", tar(pax({"path": "lost"}), pax({"comment": "c"}, typeflag=b"g"), file("f"), after)
    yield "L-g", tar(gnu_long("lost"), pax({"comment": "c"}, typeflag=b"g"), file("f"), after)
    yield "g-x", tar(pax({"comment": "c"}, typeflag=b"g"), pax({"path": "kept"}), file("f"), after)
    yield "g-bad", tar(pax(b"junk", typeflag=b"g"), file("f"), after)
    yield "x-alone", tar(pax({"path": "p"}))
    yield "x-alone-eof", tar(pax({"path": "p"}), end=b"")
    yield "x-end-files", tar(pax({"path": "p"}), bytes(1024), file("f"))
    yield "chain-64", tar(*[pax({"path": "p"})] * 64, file("f"), after)
    yield "chain-65", tar(*[pax({"path": "p"})] * 65, file("f"), after)
    yield "x-negative", tar(header("x", typeflag=b"x", size=base256(-1, 12)), file("f"), after)
    yield "x-1MiB", tar(pax({"comment": "c" * ((1 << 20) - 20)}), file("f"), after)
    yield "x-over-1MiB", tar(pax({"comment": "c" * (1 << 20)}), file("f"), after)
    yield "L-1TiB", tar(header("L", typeflag=b"L", size=1 << 40, magic=GNU), file("f"), after)


def _from_ends(after: bytes) -> Iterator[tuple[str, bytes]]:
    body = file("f", b"x" * 600)
    yield "empty", b""
    yield "zeros", bytes(10240)
    yield "one-zero-block", bytes(512)
    yield "no-end", tar(body, end=b"")
    yield "half-end", tar(body, end=bytes(512))
    yield "end-cut", tar(body, end=bytes(700))
    yield "half-end-then-file", tar(body, end=bytes(512)) + after
    yield "junk-after-end", tar(body) + b"junk"
    yield "tar-after-end", tar(body) + tar(after)
    yield "zeros-after-end", tar(body) + bytes(8192)
    yield "bad-sum", tar(body, header("g", wrong_by=1), after)
    yield "bad-sum-first", tar(header("g", wrong_by=1), after)
    yield "sum-field-blank", tar(body[:148] + b" " * 8 + body[156:], after)
    for cut in (0, 1, 511, 512, 513, 700, 1111, 1112, 1113, 1535, 1536, 1537, 2000):
        yield f"cut-{cut}", (body + after)[:cut]
    yield "cut-in-symlink", symlink("s", "t")[:500]
    yield "types", tar(directory("d/"), fifo("p"), device("c", 1, 3), device("b", 7, 200, typeflag=b"4"), after)
    yield "hardlinks", tar(file("a", b"x"), hardlink("b", "a"), hardlink("c", "missing"), after)


def writers_missing() -> list[str]:
    """The tar writers that are not installed here."""
    return [name for name in ("tar", "bsdtar") if shutil.which(name) is None]
