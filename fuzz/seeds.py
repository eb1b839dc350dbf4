"""Writes a seed corpus for each target into a folder: `python fuzz/seeds.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.builders import (
    bzip2,
    docker_oci,
    docker_save,
    file,
    gzip,
    gzip_members,
    hardlink,
    oci_archive,
    opaque,
    pax,
    sparse_1_0,
    symlink,
    tar,
    whiteout,
    xz,
    zstd,
    zstd_skippable,
)

LAYER = tar(file("a", b"abc"), symlink("l", "a"), hardlink("h", "a"), file("d/e", b"x"))
UPPER = tar(whiteout("a"), opaque("d"), pax({"path": "long/name", "mtime": "1.5"}) + file("x", b"y"))
SEEDS = {
    "tar_walk": [b"\1" + LAYER, b"\1" + UPPER, b"\1" + tar(sparse_1_0("s", 2000, [(1000, b"data")]))],
    "compression": [
        gzip(LAYER), gzip_members(LAYER, 3), zstd(LAYER), zstd_skippable(b"x") + zstd(LAYER), xz(LAYER), bzip2(LAYER),
    ],
    "documents": [b'[{"Config":"c.json","RepoTags":["a:1"],"Layers":["l.tar"]}]', b'{"history":[{}]}'],
    "archive": [
        b"\0" + docker_save([LAYER, UPPER]), b"\0" + oci_archive([LAYER, UPPER], compression="gzip"),
        b"\0" + docker_oci([LAYER]), b"\0" + gzip(docker_save([LAYER])),
    ],
}  # fmt: skip

if __name__ == "__main__":
    for target, seeds in SEEDS.items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folder / f"seed-{number}").write_bytes(seed)
