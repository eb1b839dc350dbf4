"""Counts what a fleet would take, from costs that are measured here, and really runs what one process does for all.

    python scripts/simulate_fleet.py FOLDER [--archives 100000]

FOLDER is that of `scripts/bench_fleet.py`, with its archives. Their rows tell the costs of a worker. The coordinator
runs over as many names as are asked for, with workers that copy a row instead of reading an archive.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, NamedTuple

from imgtar.analysis.stacked_image import measure, stack_layers
from imgtar.cache.scan_row import Cost, packed, unpacked
from imgtar.contract.envelope import ErrorBody
from imgtar.fleet.engine import Given
from imgtar.fleet.inputs import ArchiveFile
from imgtar.fleet.layer_claim import LayerClaim
from imgtar.fleet.layer_tasks import CatalogTask, claimed_layers
from imgtar.fleet.plan import Plan
from imgtar.fleet.run import FleetRun, run_fleet
from imgtar.fleet.settings import FleetSettings
from imgtar.fleet.worker import Outcome, Task, write_row
from imgtar.formats.digest import Digest
from imgtar.image.opening import open_image
from imgtar.layer.scan import scan_layer
from imgtar.limits import MIB, Meter
from imgtar.runtime import tuned

SAMPLE = 100  # archives
GOOD = Outcome(exit_code=0, failure=None)
BAD = Outcome(exit_code=3, failure=ErrorBody(code="input.unreadable", message="cannot be read: no such file"))
ANY = Digest("sha256", 64 * "0")
SIZE, FILES = 300 * 10**6, 50_000  # of an archive of the fleet that is counted


class Costs(NamedTuple):
    """Seconds of one processor: for an archive, for each of its files, for each byte; and bytes for each file."""

    catalog: float
    row: float
    coordinator: float
    file: float
    hashing: float
    scanning: float
    cache: float


class Run(NamedTuple):
    """Seconds of one processor, and the most memory in bytes, of a process of its own."""

    seconds: float
    memory: int


def spent(work: Callable[[], object]) -> float:
    """Seconds of the processor for the work: the least of three, because others use the machine, too."""

    def once() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return min(once() for _ in range(3))


def of_a_worker(folder: Path) -> Costs:
    """The costs of a worker, from archives of the benchmark; the coordinator's is 0."""
    paths = sorted(path for path in (folder / "archives").iterdir() if path.stat().st_nlink == 1)[:SAMPLE]
    files = [ArchiveFile(bytes(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    settings = FleetSettings(cache=str(folder / "cache"))
    written = folder / "rows"
    written.mkdir(exist_ok=True)
    tasks = [Task(archive=file, row=str(written / str(n)), settings=settings) for n, file in enumerate(files)]

    def rows() -> None:
        for path in written.iterdir():
            path.unlink()
        for task in tasks:
            assert write_row(task).exit_code == 0

    rows()  # from here on the digests, the scans and the stacks are in memory
    catalogs = [CatalogTask(archive=file, settings=settings) for file in files]
    size = sum(file.size or 0 for file in files)
    image = open_image(str(paths[0]))
    blobs = [layer.ref.blob for layer in image.layers if layer.ref.blob is not None]
    scans = [scan_layer(blob, Meter(), threads=False) for blob in blobs]
    kept = [packed(scan, Cost(0, 0, 0, 0)) or b"" for scan in scans]
    entries = sum(len(scan.entries) for scan in scans)
    with tuned():
        decoding = spent(lambda: [unpacked(body, ANY) for body in kept])
        stacking = spent(lambda: measure(stack_layers(image, Meter())))
        scanning = spent(lambda: [scan_layer(blob, Meter(), threads=False) for blob in blobs])
    return Costs(
        catalog=spent(lambda: [claimed_layers(task) for task in catalogs]) / SAMPLE,
        row=spent(rows) / SAMPLE,
        coordinator=0.0,
        file=(decoding + stacking) / entries,
        hashing=spent(lambda: [hash_file(path) for path in paths]) / size,
        scanning=scanning / sum(blob.size for blob in blobs),
        cache=sum(map(len, kept)) / entries,
    )


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Copyists(Executor):
    """Workers that read nothing: each archive claims two layers of a few thousand, and gets the same row."""

    def __init__(self, row: Path) -> None:
        self._row = row.read_bytes()

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:  # noqa: ARG002
        work, tasks = arguments
        future: Future[Any] = Future()
        future.set_result([self._answer(work, task) for task in tasks])
        return future

    def _answer(self, work: Any, task: Any) -> Any:
        if work is claimed_layers:
            number = int(task.archive.path[-10:-4])
            return [LayerClaim(f"sha256:{number % count:064x}", MIB) for count in (50, 5000)]
        if work is write_row:
            Path(task.row).write_bytes(self._row)
            return GOOD
        return None


def coordinate(folder: Path, archives: int) -> None:
    """What the coordinator does for so many archives, and what the copyists write."""
    run = FleetRun(inputs=(f"@{folder / 'names'}",), out=str(folder / "simulated"), summary=True)
    assert run_fleet(run, Given(Copyists(folder / "rows" / "0"), 2)).archives == archives


def plan_alone(_folder: Path, archives: int) -> None:
    """A plan of so many archives, of which one in a hundred fails, from the first to the list of failures."""
    plan = Plan()
    for number in range(archives):
        path = name(number).encode()
        assert plan.first_name(path, path) == path
        plan.add(ArchiveFile(path, SIZE, number), number % 16)
    for number, archive in enumerate(plan.waiting()):
        outcome = GOOD if number % 100 else BAD
        plan.set_state(archive.path, 2)
        plan.set_outcome(archive.path, outcome.exit_code, outcome.failure)
    assert sum(1 for _ in plan.failures()) == archives // 100
    plan.close()


def name(number: int) -> str:
    return f"/srv/archives/{number % 1000:03}/team-{number % 97}/app-{number:06}.tar"


def alone(work: Callable[[Path, int], None], folder: Path, archives: int) -> Run:
    """The work in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(sender, work, folder, archives))
    process.start()
    found: Run = receiver.recv()
    process.join()
    return found


def _measured(sender: Any, work: Callable[[Path, int], None], folder: Path, archives: int) -> None:
    work(folder, archives)
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024
    sender.send(Run(used.ru_utime + used.ru_stime, used.ru_maxrss * unit))


def report(costs: Costs, runs: dict[str, Run], row: int, archives: int) -> Iterator[str]:
    """The tables of docs/fleet.md."""
    yield "| part | cost |"
    yield "|---|---:|"
    yield f"| catalog of an archive | {1000 * costs.catalog:.2f} ms |"
    yield f"| row of an archive whose layers are in memory | {1000 * costs.row:.2f} ms |"
    yield f"| coordinator, an archive | {1000 * costs.coordinator:.2f} ms |"
    yield f"| decode and stack a file | {1e6 * costs.file:.2f} µs |"
    yield f"| SHA-256, a MB | {1e9 * costs.hashing:.2f} ms |"
    yield f"| scan of a compressed layer, a MB | {1e9 * costs.scanning:.2f} ms |"
    yield f"| cache, a file | {costs.cache:.0f} bytes |"
    yield ""
    yield f"| {archives:,} archives of {SIZE / 1e6:.0f} MB and {FILES:,} files | core-hours | cache |"
    yield "|---|---:|---:|"
    every = costs.catalog + costs.row + costs.coordinator + FILES * costs.file + SIZE * costs.hashing
    for label, distinct in (("cold, nothing shared", 1.0), ("cold, 75 % shared", 0.25), ("warm", 0.0)):
        hours = archives * (every + distinct * SIZE * costs.scanning) / 3600
        cache = f"{archives * distinct * FILES * costs.cache / 1e9:.0f} GB" if distinct else ""
        yield f"| {label} | {hours:.1f} | {cache} |"
    yield ""
    yield f"rows: {row:,} bytes each, {archives * row / 1e9:.2f} GB"
    for label, run in runs.items():
        yield f"{label}: {run.seconds:.1f} s of one processor, {run.memory / 1e6:.0f} MB of memory at most"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--archives", type=int, default=100_000)
    arguments = parser.parse_args()
    folder, archives = arguments.folder, arguments.archives
    costs = of_a_worker(folder)
    runs = {}
    for count in (archives // 10, archives):
        (folder / "names").write_text("".join(f"{name(number)}\n" for number in range(count)))
        shutil.rmtree(folder / "simulated", ignore_errors=True)
        runs[f"coordinator, {count:,} archives"] = alone(coordinate, folder, count)
    shutil.rmtree(folder / "simulated")
    for count in (archives, 10 * archives):
        runs[f"plan, {count:,} archives"] = alone(plan_alone, folder, count)
    few, many = (runs[f"coordinator, {count:,} archives"].seconds for count in (archives // 10, archives))
    costs = costs._replace(coordinator=(many - few) / (archives - archives // 10))
    print("\n".join(report(costs, runs, (folder / "rows" / "0").stat().st_size, archives)))


if __name__ == "__main__":
    main()
