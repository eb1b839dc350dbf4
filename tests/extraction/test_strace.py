"""What the system sees of extract: every path that is made is relative to a descriptor, and no link is followed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.builders import device, directory, docker_save, fifo, file, hardlink, layer, oci_archive, symlink
from tests.cli.command import IMGTAR, environment
from tests.extraction.extracting import stored

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

LAYER = layer(
    directory("etc", mode=0),
    *(file(f"etc/{number}", b"x" * number) for number in range(4)),
    symlink("pwn", "/etc"),
    hardlink("hard", "etc/1"),
    fifo("pipe"),
    device("null", 1, 3),
    file("deep/er/file", b"x"),
    file("n" * 256, b"x"),
)
MAKING = ("mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "rename", "renameat")
MAKING += ("renameat2", "unlink", "unlinkat", "rmdir", "chmod", "fchmodat", "chown", "lchown", "fchownat", "utimensat")
MAKING += ("creat", "truncate", "setxattr", "lsetxattr")
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*?)(?:\) += (.*)| <unfinished \.\.\.>)$")
PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')


def calls(archive: bytes, folder: Path, *options: str) -> list[tuple[str, str]]:
    """The calls that name a file, from the first one that makes something to the last one."""
    trace = folder / "trace"
    command = ["strace", "-f", "-s", "4096", "-e", "trace=%file,fchmod,fchown,setxattr", "-o", str(trace)]
    line = [*command, *IMGTAR, "extract", str(stored(archive, folder)), "--output", str(folder / "out"), *options]
    alone = environment({"PYTHONDONTWRITEBYTECODE": "1"})  # the interpreter writes nothing of its own
    ran = subprocess.run(line, env=alone, capture_output=True, text=True, check=False)
    if "ptrace" in ran.stderr.lower() and not trace.stat().st_size:
        pytest.skip(f"strace may not trace here: {ran.stderr.strip()[:100]}")
    assert ran.returncode == 6, ran.stderr  # a name of 256 bytes
    found = [(match[1], match[2]) for row in trace.read_text().splitlines() if (match := CALL.match(row))]
    making = [place for place, (name, _) in enumerate(found) if name in MAKING]
    return found[making[0] : making[-1] + 1]


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("options", [(), ("--exact", "--special", "--xattrs"), ("--all-layers", "--links", "inside")])
def test_paths_are_relative_to_descriptors(options: tuple[str, ...], compressed: bool, tmp_path: Path) -> None:
    archive = oci_archive([LAYER], compression="gzip") if compressed else docker_save([LAYER])
    found = calls(archive, tmp_path, *options)
    made = [(name, arguments) for name, arguments in found if name in MAKING]
    assert {name for name, _ in made} >= {"mkdirat", "linkat", "symlinkat", "renameat", "utimensat"}
    for name, arguments in made:
        if name == "utimensat" and re.match(r"\d+, NULL", arguments):
            continue  # through the descriptor of the file itself
        assert name.endswith(("at", "at2")), (name, arguments)
        named = arguments.partition(", ")[2] if name == "symlinkat" else arguments  # its first text is no path
        assert "AT_FDCWD" not in arguments, (name, arguments)
        assert all("/" not in path for path in PATH.findall(named)), (name, arguments)
        assert "AT_SYMLINK_FOLLOW" not in arguments, (name, arguments)


def test_every_open_of_the_output_refuses_links(tmp_path: Path) -> None:
    found = calls(docker_save([LAYER]), tmp_path, "--special")
    opened = [arguments for name, arguments in found if name in ("open", "openat", "openat2")]
    modules = re.compile(r'AT_FDCWD, "(?!' + re.escape(str(tmp_path)) + ")")  # what the interpreter loads meanwhile
    opened = [arguments for arguments in opened if not modules.match(arguments)]
    assert len(opened) >= 6
    for arguments in opened:
        assert "O_NOFOLLOW" in arguments, arguments
        assert "/" not in PATH.findall(arguments)[0], arguments
        assert "O_DIRECTORY" in arguments or "O_EXCL" in arguments, arguments


def test_a_row_of_strace_is_read() -> None:
    """The pattern of a call reads what strace writes, also with a process number and an error."""
    row = '123  openat(4, "a\\"b", O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW, 0600) = -1 EEXIST (File exists)'
    match = CALL.match(row)
    assert match is not None
    assert (match[1], PATH.findall(match[2])) == ("openat", ['a\\"b'])
