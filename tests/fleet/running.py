"""Runs a fleet in tests: in this process, by an executor of threads, so that a test takes no process to start."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from imgtar.contract.fleet import FleetRow
from imgtar.fleet.engine import Engine, Given
from imgtar.fleet.run import FleetResult, FleetRun, run_fleet
from imgtar.fleet.settings import FleetSettings
from imgtar.fleet.worker import Outcome
from tests.builders import docker_save, file, layer, oci_archive

BASE = layer(file("etc/os-release", b"ID=debian\n"), file("usr/bin/tool", bytes(range(256)) * 40))


def images(folder: Path, count: int) -> list[Path]:
    """So many archives in two forms, each with a layer of its own above a common base."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number in range(count):
        own = layer(file(f"opt/app-{number}", f"{number}\n".encode() * 100))
        path = folder / f"app-{number:03}.tar"
        path.write_bytes(oci_archive([BASE, own], compression="gzip") if number % 2 else docker_save([BASE, own]))
        paths.append(path)
    return paths


def fleet(
    *inputs: str | Path, out: Path, settings: FleetSettings | None = None, engine: Engine | None = None, **more: Any
) -> FleetResult:
    """Runs a fleet over these inputs."""
    run = FleetRun(inputs=tuple(map(str, inputs)), out=str(out), settings=settings or FleetSettings(), **more)
    if engine is not None:
        return run_fleet(run, engine)
    with ThreadPoolExecutor(2) as executor:
        return run_fleet(run, Given(executor, 2))


def told(*inputs: str | Path, out: Path, engine: Engine, **more: Any) -> list[tuple[bytes, Outcome]]:
    """Runs a fleet; what it tells of archives that failed."""
    heard: list[tuple[bytes, Outcome]] = []
    run = FleetRun(inputs=tuple(map(str, inputs)), out=str(out), **more)
    run_fleet(run, engine, tell=lambda path, outcome: heard.append((path, outcome)))
    return heard


def files(out: Path) -> dict[str, bytes]:
    """What a run wrote into its folder, by name."""
    return {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}


def rows(out: Path) -> list[dict[str, Any]]:
    """The rows of a folder or of a file; each is one of the contract."""
    parts = sorted(out.glob("part-*.jsonl")) if out.is_dir() else [out]
    lines = [line for part in parts for line in part.read_bytes().splitlines()]
    for line in lines:
        msgspec.json.decode(line, type=FleetRow)
    return [json.loads(line) for line in lines]
