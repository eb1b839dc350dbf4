"""Hostile images for extract: each tries to write, link or read outside the directory, or to stop the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.builders import (
    device,
    directory,
    docker_save,
    fifo,
    file,
    hardlink,
    layer,
    member,
    opaque,
    pax,
    sparse_1_0,
    symlink,
    whiteout,
)

TIB = 1 << 40
Build = Callable[[bytes], bytes]


@dataclass(frozen=True)
class HostileImage:
    """`build` gets the path of a directory outside, without its leading slash; `exits` are the codes allowed."""

    id: str
    build: Build
    exits: tuple[int, ...] = (0,)


def image(*layers: bytes) -> bytes:
    return docker_save([layer(*[one]) for one in layers])


def _through(link: bytes, outside: bytes, target: bytes) -> bytes:
    return image(symlink(link, target) + file(link + b"/escaped", b"x"))


_LONG = "n" * 255
CASES = [
    HostileImage("link-then-file-through-it", lambda out: _through(b"pwn", out, b"/" + out)),
    HostileImage(
        "link-and-file-in-two-layers", lambda out: image(symlink("pwn", b"/" + out), file("pwn/escaped", b"x"))
    ),
    HostileImage(
        "chain-of-three-links",
        lambda out: image(
            symlink("a", "b") + symlink("b", "c") + symlink("c", b"/" + out) + file("a/escaped", b"x"),
            file("b/escaped", b"y"),
        ),
    ),
    HostileImage("relative-link-climbs", lambda out: _through(b"d", out, b"../" * 20 + out)),
    HostileImage(
        "link-through-link-climbs",
        lambda out: image(
            directory("x/y/z")
            + symlink("x/y/z/up", "../../..")
            + symlink("m", b"x/y/z/up/.." + b"/.." * 20 + b"/" + out),
            file("m/escaped", b"x"),
        ),
    ),
    HostileImage(
        "hard-link-to-symlink",
        lambda out: image(
            symlink("s", b"/" + out + b"/secret") + hardlink("h", "s") + file("h", b"overwritten"),
            file("s", b"overwritten"),
        ),
    ),
    HostileImage("hard-link-outside", lambda out: image(hardlink("h", b"/" + out + b"/secret"))),
    HostileImage("hard-link-climbs", lambda out: image(hardlink("h", b"../" * 20 + out + b"/secret"))),
    HostileImage(
        "hard-link-through-link",
        lambda out: image(symlink("d", b"/" + out) + hardlink("h", "d/secret"), file("h", b"overwritten")),
    ),
    HostileImage("hard-link-before-its-target", lambda out: image(hardlink("h", "later") + file("later", b"x"))),
    HostileImage(
        "file-over-directory-over-link",
        lambda out: image(
            symlink("p", b"/" + out), directory("p") + file("p/f", b"x"), file("p", b"file"), symlink("p", b"/" + out)
        ),
    ),
    HostileImage("empty-link-names", lambda out: image(symlink("empty", "") + hardlink("h", "")), (6,)),
    HostileImage(
        "names-of-dots",
        lambda out: image(
            file(".", b"x")
            + file("..", b"x")
            + file("/", b"x")
            + file("a/../../b", b"x")
            + file(b"../" * 20 + out + b"/c", b"x")
        ),
    ),
    HostileImage("absolute-name", lambda out: image(file(b"/" + out + b"/secret", b"overwritten"))),
    HostileImage("deep-4000", lambda out: image(file("d/" * 4000 + "f", b"x")), (6,)),
    HostileImage("deep-700", lambda out: image(file("d/" * 700 + "f", b"x"))),
    HostileImage("name-of-255-bytes", lambda out: image(file(_LONG, b"x"))),
    HostileImage("name-of-256-bytes", lambda out: image(file(_LONG + "n", b"x") + file("other", b"x")), (6,)),
    HostileImage("case-pair", lambda out: image(file("Passwd", b"1") + file("passwd", b"2"))),
    HostileImage("normalised-pair", lambda out: image(file("caf\u00e9", b"1") + file("cafe\u0301", b"2"))),
    HostileImage("names-for-windows", lambda out: image(file("a:b", b"") + file("CON", b"") + file("dot.", b"x"))),
    HostileImage("control-names", lambda out: image(file("\x1b[31m", b"") + file("a\nb", b"") + file("-rf", b""))),
    HostileImage("sparse-of-1-tib", lambda out: image(sparse_1_0("big", TIB, [(TIB - 4, b"tail")])), (5,)),
    HostileImage("many-empty-files", lambda out: image(b"".join(file(f"e/{number}") for number in range(3000)))),
    HostileImage(
        "many-hard-links",
        lambda out: image(file("one", b"x") + b"".join(hardlink(f"l/{number}", "one") for number in range(3000))),
    ),
    HostileImage(
        "device-named-like-directory",
        lambda out: image(directory("d") + device("d", 1, 3) + file("e/f", b"x") + fifo("e"), file("d/below", b"x")),
    ),
    HostileImage("device-with-huge-numbers", lambda out: image(device("d", 0o7777777, 0o7777777)), (0, 6)),
    HostileImage("setuid-file", lambda out: image(file("su", b"x", mode=0o6755) + directory("t", mode=0o1777))),
    HostileImage(
        "closed-directory-with-content",
        lambda out: image(
            directory("closed", mode=0) + directory("closed/in", mode=0) + file("closed/in/f", b"x", mode=0)
        ),
    ),
    HostileImage(
        "time-2-to-the-63",
        lambda out: image(
            file("late", b"x", mtime=2**63 - 1)
            + file("early", b"x", mtime=-(2**63))
            + symlink("l", "late", mtime=2**63 - 1)
            + directory("d", mtime=-(2**63))
        ),
    ),
    HostileImage(
        "attributes",
        lambda out: image(
            file("big", b"x", xattrs={"user.big": b"v" * (64 << 10)})
            + file("cap", b"x", xattrs={"security.capability": b"\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0"})
            + file("odd", b"x", xattrs={"nonsense": b"v", "user.": b"v"})
        ),
    ),
    HostileImage(
        "whiteout-of-a-folded-name",
        lambda out: image(file("Etc/f", b"1"), whiteout("etc") + opaque("ETC") + file("etc/f", b"2")),
    ),
    HostileImage(
        "global-path", lambda out: image(pax({"path": b"../../" + out + b"/secret"}, typeflag=b"g") + file("f", b"x"))
    ),
    HostileImage("unknown-type", lambda out: image(member("u", b"x", typeflag=b"Z"))),
    HostileImage("link-loop", lambda out: image(symlink("a", "b") + symlink("b", "a") + symlink("c", "a/x/../.."))),
]
