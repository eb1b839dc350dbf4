"""The speed of imgtar against the limits of the bytes and against its rivals, all in one run.

    python scripts/bench.py [--cache DIR] [--rivals DIR]… [--before DIR] [--rounds N] [--only WORK]…
        [--markdown FILE] [--quick]

The images (about 5 GB with the layers cut out of them) are built on the first run into the cache, .bench/ by
default. Contenders take turns within each round; the table shows medians. imgtar is the checkout around this file,
run by the interpreter that runs this file; its compiled walker takes part where it was built there. `--build` only
builds. A rival takes part when it is on PATH or in a folder given with --rivals; with --before another checkout of
imgtar takes part. On a machine whose load is above 1 nothing is measured. `--quick` runs two rounds of what the
targets for images are about: a minute.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import bench_contenders as who
import bench_files
import bench_search
from bench_images import NAMES, RECIPE, stored_layers
from bench_run import Contender, Result, race
from bench_targets import FIGURES, JSON, LINEAR, MEMORY_BASE, MEMORY_PER_ENTRY

ENTRIES = {"growth-10k": 10_000, "growth-100k": 100_000, "growth-1m": 1_000_000, "heavy-10k": 10_000}
TITLES = {
    "plain": "Plain docker save",
    "gzip": "OCI archive, gzip",
    "zstd": "OCI archive, zstd",
    "small": "Small docker save",
}
QUIET = 1.0  # load of the machine above which figures say nothing


class Bench:
    """The images, where the outputs go, and how often to run."""

    def __init__(self, cache: Path, output: Path, before: Path | None, rounds: int, without: list[str]) -> None:
        self.cache = cache
        self.output = output
        self.before = before
        self.rounds = rounds
        self.without = without

    def image(self, name: str) -> Path:
        path = self.cache / f"{name}.{RECIPE}.tar"
        if not path.exists():
            builder = str(who.CHECKOUT / "scripts" / "bench_images.py")
            subprocess.run([sys.executable, builder, str(self.cache), name], check=True)
        return path

    def race(self, title: str, contenders: list[Contender]) -> dict[str, Result]:
        print(title, flush=True)
        kept = [contender for contender in contenders if not any(word in contender.name for word in self.without)]
        return {result.contender.name: result for result in race(kept, self.rounds, self.cache)}


def _docker_save(bench: Bench, work: str, image: Path, more: Sequence[Contender] = ()) -> list[str]:
    contenders = [
        *who.inspections(image, bench.output, bench.before),
        *more,
        *who.tar_limits(image),
        *who.rivals(image, bench.output, "docker-archive"),
    ]
    return _section(bench, work, image, contenders)


def _oci_archive(bench: Bench, work: str, image: Path, more: Sequence[Contender] = ()) -> list[str]:
    contenders = [
        *who.inspections(image, bench.output, bench.before),
        *more,
        *who.decompression_limits(image, work),
        *who.rivals(image, bench.output, "oci-archive"),
    ]
    return _section(bench, work, image, contenders)


def plain(bench: Bench) -> list[str]:
    """The docker-save image."""
    image = bench.image("bench")
    return _docker_save(bench, "plain", image, who.judgements(image, bench.before))


def small(bench: Bench) -> list[str]:
    """The small docker-save image."""
    return _docker_save(bench, "small", bench.image("small"))


def gzipped(bench: Bench) -> list[str]:
    """The large image as an OCI archive with gzip layers."""
    image = bench.image("bench-gzip")
    return _oci_archive(bench, "gzip", image, who.catalog_questions(image))


def zstandard(bench: Bench) -> list[str]:
    """The large image as an OCI archive with zstd layers."""
    return _oci_archive(bench, "zstd", bench.image("bench-zstd"))


def files(bench: Bench) -> list[str]:
    """What finds files in the docker-save image, and what reads files of the small one."""
    results = bench.race("find", bench_files.searches(bench.image("bench")))
    results |= bench.race("cat and extract", bench_files.readings(bench.image("small"), bench.output))
    heading = ["## Files", "", "`find` and `inspect` read the docker-save image, the others the small one.", ""]
    return [*heading, *_table(results, "imgtar inspect --summary"), *_figures("files", results)]


def diff(bench: Bench) -> list[str]:
    """What compares the docker-save image with another build of it, and with itself."""
    results = bench.race("diff", bench_files.comparisons(bench.image("bench"), bench.image("bench-rebuilt")))
    heading = ["## Two images", "", "The other build has the same files with other times: every body is compared.", ""]
    return [*heading, *_table(results, "imgtar inspect"), *_figures("diff", results)]


def shared(bench: Bench) -> list[str]:
    """Several archives with the same zstd layers: each distinct layer is decompressed once, its copies are hashed."""
    results = bench.race("shared", bench_files.sharings(bench.image("bench-zstd"), bench.output))
    return ["## Several archives", "", *_table(results, bench_files.ONE_ARCHIVE), *_figures("shared", results)]


def secrets(bench: Bench) -> list[str]:
    """How fast real text is searched for secrets, by the audit and by its rivals."""
    folder, image, size = bench_search.python_tree(bench.cache)
    results = bench.race("secrets", bench_search.searches(folder, image, bench.output))
    lines = [
        "## Secrets in real text",
        "",
        f"The Python files of the interpreter and its packages, {size / 1e6:.0f} MB. imgtar reads them as an image.",
        "",
        "| command | runs | wall s | CPU s | MB/s of CPU | peak MB |",
        "|-|-|-|-|-|-|",
    ]
    rows = [
        f"| {_marked(result)} | {result.runs} | {result.wall:.2f} | {result.cpu:.2f} | {size / 1e6 / result.cpu:.0f} "
        f"| {result.memory / 1e6:.0f} |"
        for result in results.values()
    ]
    return [*lines, *rows, ""]


def _section(bench: Bench, work: str, image: Path, contenders: list[Contender]) -> list[str]:
    results = bench.race(work, contenders)
    return [*_heading(work, image, bench), *_table(results), *_figures(work, results)]


def growth(bench: Bench) -> list[str]:
    """Images of 10,000 to 1,000,000 entries, and one of large files."""
    contenders = [who.imgtar("imgtar --version", "--version")]
    for name in ENTRIES:
        path = bench.image(name).name
        contenders.append(who.imgtar(name, "inspect", "--format", "json", path))
        contenders.append(who.imgtar(f"{name} summary", "inspect", "--summary", "--format", "json", path))
    results = bench.race("growth", contenders)
    start = results["imgtar --version"].cpu
    bound = f"{MEMORY_BASE / 1e6:.0f} MB and {MEMORY_PER_ENTRY} bytes an entry"
    lines = [
        "## Growth",
        "",
        f"At most {bound}; an entry costs at most {LINEAR:g} times what it costs in the smallest image.",
        "",
        "| image | MB | wall s | CPU s | µs per entry | ÷ growth-10k | peak MB | at most MB | met |",
        "|-|-|-|-|-|-|-|-|-|",
    ]
    smallest: dict[str, float] = {}
    for contender in contenders[1:]:
        result = results[contender.name]
        name, *form = contender.name.split()
        cost = 1e6 * (result.cpu - start) / ENTRIES[name]
        target = (MEMORY_BASE + MEMORY_PER_ENTRY * ENTRIES[name]) / 1e6
        growth = cost / smallest.setdefault("".join(form), cost)
        met = result.memory <= 1e6 * target and (growth <= LINEAR or not name.startswith("growth"))
        size = bench.image(name).stat().st_size / 1e6
        lines.append(
            f"| {_marked(result)} | {size:.0f} | {result.wall:.2f} | {result.cpu:.2f} | {cost:.1f} "
            f"| {growth:.2f} | {result.memory / 1e6:.0f} | {target:.0f} | {'yes' if met else 'no'} |"
        )
    return [*lines, ""]


def start(bench: Bench) -> list[str]:
    """What it costs to start."""
    bare = Contender("python -c pass", [sys.executable, "-c", "pass"])
    contenders = [bare, who.imgtar("imgtar --version", "--version"), who.imgtar("imgtar --help", "--help")]
    contenders.append(who.imgtar("imgtar inspect --help", "inspect", "--help"))
    results = race(contenders, 5 * bench.rounds, bench.cache)
    lines = ["## Start", "", "| command | wall ms | above Python |", "|-|-|-|"]
    for result in results:
        above = 1000 * (result.wall - results[0].wall)
        lines.append(f"| {_marked(result)} | {1000 * result.wall:.0f} | {above:.0f} |")
    return [*lines, ""]


def _heading(work: str, image: Path, bench: Bench) -> list[str]:
    sizes = " + ".join(f"{layer.size / 1e6:.0f}" for layer in stored_layers(image))
    report = bench.output / "imgtar.json"
    with report.open("rb") as stored:  # in pieces: a new process starts with this one's peak of memory
        digest = hashlib.file_digest(stored, "sha256").hexdigest()[:16]
    return [
        f"## {TITLES[work]}",
        "",
        f"{image.stat().st_size / 1e6:.0f} MB, layers of {sizes} MB; report {digest}",
        "",
    ]


def _table(results: dict[str, Result], first: str = JSON) -> list[str]:
    lines = ["| command | runs | wall s | CPU s | peak MB | wall / imgtar | CPU / imgtar |", "|-|-|-|-|-|-|-|"]
    reference = results[first]
    rows = [
        f"| {_marked(result)} | {result.runs} | {result.wall:.2f} | {result.cpu:.2f} | {result.memory / 1e6:.0f} "
        f"| {result.wall / reference.wall:.2f} | {result.cpu / reference.cpu:.2f} |"
        for result in results.values()
    ]
    return [*lines, *rows, ""]


def _figures(work: str, results: dict[str, Result]) -> list[str]:
    lines = ["| target | wall at most | wall | CPU at most | CPU | met |", "|-|-|-|-|-|-|"]
    for figure in FIGURES[work]:
        ours, theirs = results.get(figure.ours), results.get(figure.theirs)
        if ours is None or theirs is None:
            continue
        if ours.failed is not None or theirs.failed is not None:
            lines.append(f"| {figure.ours} ÷ {figure.theirs} | | | | | failed |")
            continue
        wall, cpu = ours.wall / theirs.wall, ours.cpu / theirs.cpu
        kept = (figure.wall is None or wall <= figure.wall) and (figure.cpu is None or cpu <= figure.cpu)
        lines.append(
            f"| {figure.ours} ÷ {figure.theirs} | {_number(figure.wall)} | {wall:.3g} | {_number(figure.cpu)} "
            f"| {cpu:.3g} | {'yes' if kept else 'no'} |"
        )
    return [*lines, ""]


def _marked(result: Result) -> str:
    return result.contender.name + ("" if result.failed is None else f" (failed: exit {result.failed})")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


WORKS: dict[str, Callable[[Bench], list[str]]] = {
    "plain": plain,
    "gzip": gzipped,
    "zstd": zstandard,
    "small": small,
    "files": files,
    "diff": diff,
    "shared": shared,
    "secrets": secrets,
    "growth": growth,
    "start": start,
}
QUICK = ("plain", "gzip", "zstd", "small")
NOT_QUICK = ("dive ", "audit", "check", "table", "GNU tar", "bare", "ids", "history", "catalog")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=who.CHECKOUT / ".bench", help="where the images are kept")
    parser.add_argument("--rivals", type=Path, action="append", default=[], help="a folder that holds rivals")
    parser.add_argument("--before", type=Path, help="another checkout of imgtar, which is compared with this one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=list(WORKS), action="append", help="what to measure; repeatable")
    parser.add_argument("--without", action="append", default=[], help="leave out commands with this word")
    parser.add_argument("--markdown", type=Path, help="where to write the table")
    parser.add_argument("--build", action="store_true", help="only build the images")
    parser.add_argument("--quick", action="store_true", help="two rounds of what a minute has room for")
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    os.environ["PATH"] = os.pathsep.join([*(str(path.resolve()) for path in arguments.rivals), os.environ["PATH"]])
    rounds, without = arguments.rounds, list(arguments.without)
    if arguments.quick:
        rounds, without = 2, [*without, *NOT_QUICK]
    with tempfile.TemporaryDirectory() as output:
        bench = Bench(arguments.cache.resolve(), Path(output), arguments.before, rounds, without)
        if arguments.build:
            for name in NAMES:
                print(bench.image(name))
            return
        load = os.getloadavg()[0]
        if load > QUIET:
            sys.exit(
                f"the load of the machine is {load:.2f}: figures above {QUIET:g} say nothing; wait until it is idle"
            )
        machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
        lines = [f"{machine}; load before: {load:.2f}", ""]
        for work in arguments.only or (QUICK if arguments.quick else WORKS):
            lines += WORKS[work](bench)
    text = "\n".join(lines)
    print(text)
    if arguments.markdown:
        arguments.markdown.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
