"""Plants secrets in random archives and looks for them in everything that `audit`, `check` and `report` print.

    python fuzz/planting.py --seconds 3600

Each archive has secrets of random kinds in some of the places of `fuzz/planted_places.py`. Every format of these
commands, standard error and `--debug` included, is searched for each secret: as it is, in base64, percent-encoded, in
compressed data, and broken over several lines. Prints each leak, and at the end how many archives, outputs and secrets
there were; exit 1 where a secret leaked. `--seed` runs one archive again.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import importlib.util
import random
import re
import sys
import time
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent.parent))
from fuzz.command_targets import invoke, place
from fuzz.planted_places import PLACES, Plant, archive
from imgtar.cli.registry import report_types

GATES = (
    *(
        "--max-layers",
        "0",
        "--max-size",
        "1",
        "--max-layer-size",
        "1",
        "--max-wasted-bytes",
        "0",
        "--max-own-waste",
        "0",
    ),
    *("--min-efficiency", "100%", "--max-severity", "info", "--require-user", "--allow-user", "nobody"),
    *("--allow-port", "9", "--forbid-port", "1-65535", "--forbid-path", "*", "--require-path", "/none"),
    *("--require-label", "none", "--forbid-label", "*", "--require-platform", "plan9/z80"),
    *("--allow-platform", "plan9/z80"),
)
FORMATS = {name: tuple(report_types()[name].renderers) for name in ("audit", "check", "report")}
KINGFISHER = importlib.util.find_spec("kingfisher_sdk") is not None
_PACKED = re.compile(rb"[A-Za-z0-9+/]{200,}={0,2}")
_BREAKS = re.compile(r"[\s|│]+")  # between the pieces of a text that is broken over the lines of a table


class Leak(msgspec.Struct, frozen=True):
    """A secret that stands whole in an output."""

    place: str
    command: str
    output: str
    secret: str
    around: str


def views(output: bytes) -> Iterator[tuple[str, bytes]]:
    """An output in the forms that a reader could take the secret from."""
    yield "as it is", output
    yield "percent-decoded", urllib.parse.unquote_to_bytes(output)
    yield "lines joined", _BREAKS.sub("", output.decode("utf-8", "replace")).encode()
    for packed in _PACKED.findall(output):
        for bits in (-15, 15, 31):
            try:
                yield "unpacked", zlib.decompress(base64.b64decode(packed), bits)
            except (zlib.error, binascii.Error):
                continue


def encodings(secret: bytes) -> Iterator[bytes]:
    """The secret, and what is the same wherever it stands in text that is base64."""
    yield secret
    for skipped in range(3):
        inner = secret[skipped : skipped + (len(secret) - skipped) // 3 * 3]
        if len(inner) >= 12:
            yield base64.b64encode(inner)


def leaks(plant: Plant, command: str, outputs: dict[str, bytes]) -> Iterator[Leak]:
    for name, output in outputs.items():
        for view, text in views(output):
            for place_name, secret in plant.secrets:
                for form in encodings(secret):
                    at = text.find(form)
                    if at >= 0:
                        around = text[max(at - 80, 0) : at + len(form) + 40].decode("utf-8", "replace")
                        yield Leak(place_name, command, f"{name}, {view}", secret.decode(), around)
                        break


def outputs_of(command: str, path: str, options: list[str], shown: str) -> tuple[int, dict[str, bytes]]:
    """The exit code of one run, and all it writes by format or stream; standard output has the format `shown`."""
    files = [word for form in FORMATS[command] if form != shown for word in ("-o", f"{form}=out.{form}")]
    words = [command, path, "--debug", "--no-trunc", "--top", "0", *options, "--format", shown, *files]
    code, printed, said = invoke(words)
    found = {shown: printed, "standard error": said.encode()}
    for form in FORMATS[command]:
        report = Path(f"out.{form}")
        if report.exists():
            found[form] = report.read_bytes()
            report.unlink()
    return code, found


def run(seed: int, counts: Counter[str]) -> list[Leak]:
    """One archive through the commands; what leaked."""
    chance = random.Random(seed)
    plant = archive(chance, chance.choice((0.1, 0.3, 0.7)))
    counts["archives"] += 1
    counts["secrets"] += len(plant.secrets)
    counts.update(f"place {name}" for name, _ in plant.secrets)
    found: list[Leak] = []
    with place():
        path = plant.write(Path("image"))
        for command, gates in (("audit", ()), ("check", GATES), ("report", ())):
            known = ("--all-places", "--quiet") if command == "report" else ("--verify", "--all-places", "--quiet")
            switches = [switch for switch in known if chance.random() < 0.2]
            engine = ["--rules", "kingfisher"] if KINGFISHER and chance.random() < 0.05 else []
            options = [*gates, *switches, *engine]
            code, outputs = outputs_of(command, path, options, chance.choice(FORMATS[command]))
            counts[f"exit {code}"] += 1
            counts["outputs"] += len(outputs)
            counts["bytes"] += sum(map(len, outputs.values()))
            found += leaks(plant, command, outputs)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, help="run the archive of this number only")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    first = random.SystemRandom().randrange(1 << 40) if given.seed is None else given.seed
    end = time.monotonic() + given.seconds
    told: set[tuple[str, str, str]] = set()
    seed = first
    while True:
        for leak in run(seed, counts):
            counts["leaks"] += 1
            key = (leak.place, leak.command, leak.output)
            if key not in told:
                told.add(key)
                print(f"LEAK seed {seed}: {leak.place}, {leak.command}, {leak.output}: {leak.around!r}", flush=True)
        seed += 1
        if given.seed is not None or time.monotonic() > end:
            break
    for name, count in sorted(counts.items()):
        print(f"{count:>12,} {name}")
    missing = [name for name in PLACES if not counts[f"place {name}"]]
    print(f"{len(PLACES) - len(missing)} of {len(PLACES)} places, seeds {first} to {seed - 1}, {counts['leaks']} leaks")
    return 1 if counts["leaks"] else 0


if __name__ == "__main__":
    sys.exit(main())
