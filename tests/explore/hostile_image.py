"""An image whose texts try to be markup, escapes and commands."""

from __future__ import annotations

from pathlib import Path

from tests.builders import docker_save, file, symlink, tar

HOSTILE = [
    b"[/red] broken",
    b"[red]x[/]",
    b"\x1b]0;owned\x07",
    b"\x1b[2Jclear",
    b"line\nbreak",
    b"::error::x",
    "\u202eright".encode(),
    b"\xff\xfe",
    b"\x9b31m",
    "広い名前".encode(),
]


def hostile(path: Path) -> Path:
    """Writes the image to `path`."""
    layer = tar(
        *(file(b"d/" + name, b"x\x1b]0;owned\x07\r[/red]\n") for name in HOSTILE),
        *(symlink(b"l/" + name, name) for name in HOSTILE),
    )
    history = [{"created_by": "RUN [/red] \x1b]0;owned\x07", "created": "\x1b[2Jclear"}]
    path.write_bytes(docker_save([layer], names=["[/red]:broken"], history=history))
    return path
