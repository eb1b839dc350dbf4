"""An image with packages of two types, an upgrade, files of no package, and duplicates."""

from __future__ import annotations

from pathlib import Path

from tests.answers.inventories import dpkg, listed
from tests.builders import docker_save, file, tar, whiteout

LIBRARY = b"\x7fELF" + bytes(range(256)) * 40
METADATA = b"Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n"
LAYERS = [
    tar(
        dpkg("curl=7.88", "libc6=2.36"),
        listed("curl", "usr/bin/curl", "usr/share/doc/curl"),
        listed("libc6", "lib/libc.so"),
        file("usr/bin/curl", b"first" * 1000),
        file("usr/share/doc/curl", b"The manual of curl\n"),
        file("lib/libc.so", LIBRARY),
    ),
    tar(dpkg("curl=8.5", "libc6=2.36"), file("usr/bin/curl", b"again" * 1200), file("srv/libc.so", LIBRARY)),
    tar(
        file("opt/lib/site-packages/requests-2.31.0.dist-info/METADATA", METADATA),
        file("srv/copy/libc.so", LIBRARY),
        file("srv/log", b"line\n" * 2000),
        whiteout("usr/share/doc/curl"),
    ),
]
HISTORY = [{"created_by": f"RUN step {number}"} for number in range(len(LAYERS))]


def packaged(path: Path) -> Path:
    """Writes the image to `path`."""
    path.write_bytes(docker_save(LAYERS, names=["shop:1"], history=HISTORY))
    return path
