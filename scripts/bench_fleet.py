"""Measures `imgtar fleet` on archives that are made of a few images, and counts what a hundred thousand would take.

    python scripts/bench_fleet.py FOLDER [--archives 1000] [--scale 1]

FOLDER gets twelve images on three base images, and the archives: every other one a hard link to an image, the rest the
image under a name of its own. An archive has 5 MB, or `--scale` times as much. The bound that the table names is 1.2
times the processor time of scanning every distinct layer once, and 5 ms for each archive.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench_images import Archive, gzipped, image_config, layer_tar, pool
from bench_layers import POOL_SIZE, Body, Entry

from imgtar.archive.input.blobs import InlineBlob
from imgtar.layer.scan import scan_layer
from imgtar.limits import Meter
from imgtar.runtime import tuned

BASES, PER_BASE = 3, 4
FILES = {"base": 1500, "dependencies": 400, "application": 60}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Layer(NamedTuple):
    """A layer as it is stored, and its diffID."""

    blob: bytes
    diff_id: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.blob).hexdigest()


def layer(seed: str, files: int, contents: memoryview) -> Layer:
    """A layer of so many files, of sizes as files have them."""
    chance = random.Random(seed)
    entries = []
    for number in range(files):
        size = min(int(chance.lognormvariate(8, 1.4)), 1 << 20)  # half of them have less than 3 kB
        body = Body(chance.randrange(POOL_SIZE - size), size)
        entries.append(Entry(f"usr/lib/{seed}/{number % 40}/file-{number}", body=body))
    plain = b"".join(layer_tar(entries, contents, 1_700_000_000))
    return Layer(b"".join(gzipped([plain])), hashlib.sha256(plain).hexdigest())


def write_image(path: Path, layers: list[Layer], name: str) -> None:
    """An OCI archive of one image."""
    config = image_config([one.diff_id for one in layers])
    blobs = {one.digest: one.blob for one in layers} | {hashlib.sha256(config).hexdigest(): config}

    def descriptor(kind: str, content: bytes) -> dict[str, object]:
        return {"mediaType": kind, "digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}

    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", one.blob) for one in layers],
    }).encode()  # fmt: skip
    blobs[hashlib.sha256(manifest).hexdigest()] = manifest
    index = {**descriptor(MANIFEST, manifest), "annotations": {"org.opencontainers.image.ref.name": name}}
    with path.open("wb") as output:
        archive = Archive(output)
        archive.member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        archive.member("index.json", json.dumps({"schemaVersion": 2, "manifests": [index]}).encode())
        for digest, blob in blobs.items():
            archive.member(f"blobs/sha256/{digest}", blob)
        archive.close()


def images(scale: int) -> list[list[Layer]]:
    """The layers of twelve images, of which four each have a base in common."""
    contents = pool()
    found = []
    for base in range(BASES):
        lowest = layer(f"base-{base}", scale * FILES["base"], contents)
        for image in range(PER_BASE):
            names = ("dependencies", "application")
            own = [layer(f"{name}-{base}-{image}", scale * FILES[name], contents) for name in names]
            found.append([lowest, *own])
    return found


def build(folder: Path, count: int, found: list[list[Layer]]) -> None:
    """The archives."""
    folder.mkdir(parents=True)
    for number in range(count):
        image, path = number % len(found), folder / f"app-{number:06}.tar"
        if number % 2 and number >= len(found):
            os.link(folder / f"app-{image:06}.tar", path)
        else:
            write_image(path, found[image], f"registry.example/team/app-{number}:1")


def scan_time(found: list[list[Layer]]) -> float:
    """Seconds of one processor to scan every distinct layer once."""
    blobs = {one.digest: one.blob for layers in found for one in layers}
    started = time.process_time()
    with tuned():
        for blob in blobs.values():
            scan_layer(InlineBlob(blob), Meter(), threads=False)
    return time.process_time() - started


class Run(NamedTuple):
    """Seconds on the clock, and of all processors."""

    wall: float
    processor: float


def adopt_orphans() -> None:
    """Lets this process wait for what the command leaves behind: the process that forks its workers."""
    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def fleet(folder: Path, out: Path, *options: str) -> Run:
    """One run of the command, with the time of its workers."""
    if "--resume" not in options:
        shutil.rmtree(out, ignore_errors=True)
    line = [sys.executable, "-m", "imgtar", "fleet", str(folder), "--out", str(out), "--quiet", *options]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(line, check=True)
    wall = time.monotonic() - started
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Run(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def report(archives: int, scan: float, runs: dict[str, Run], rows: int, cache: int) -> Iterator[str]:
    """The table of docs/fleet.md."""
    bound = 1.2 * scan + 0.005 * archives
    yield f"{archives:,} archives; every distinct layer once: {scan:.2f} s; bound: {bound:.2f} s of one processor"
    yield f"rows: {rows / archives:,.0f} bytes an archive; cache: {cache:,} bytes"
    yield "| run | s | processor s | ms an archive |"
    yield "|---|---:|---:|---:|"
    for name, run in runs.items():
        yield f"| {name} | {run.wall:.1f} | {run.processor:.1f} | {1000 * run.processor / archives:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--archives", type=int, default=1000)
    parser.add_argument("--scale", type=int, default=1)
    arguments = parser.parse_args()
    place, found = arguments.folder / "archives", images(arguments.scale)
    if not place.exists():
        build(place, arguments.archives, found)
    adopt_orphans()
    out, cache = arguments.folder / "results", arguments.folder / "cache"
    runs = {}
    for actions in ("audit", "packages", "inspect"):
        shutil.rmtree(cache, ignore_errors=True)
        asked = ("--do", actions, "--cache", str(cache), "--workers", "1", "--keep-going")
        runs[f"{actions}, cold"] = fleet(place, out, *asked)
        runs[f"{actions}, warm"] = fleet(place, out, *asked)
    runs["inspect, nothing changed"] = fleet(place, out, "--resume", *asked)
    runs["inspect, warm, two workers"] = fleet(place, out, "--cache", str(cache), "--workers", "2")
    shutil.rmtree(cache)
    runs["inspect, cold, two workers"] = fleet(place, out, "--cache", str(cache), "--workers", "2")
    rows = sum(part.stat().st_size for part in out.glob("part-*"))
    size = sum(file.stat().st_size for file in cache.iterdir())
    print("\n".join(report(arguments.archives, scan_time(found), runs, rows, size)))


if __name__ == "__main__":
    main()
