"""Who runs in the benchmark: imgtar, the limits that nobody can pass, and the rivals that are installed."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from bench_images import LayerFile, parts_of, stored_layers
from bench_run import Contender

CHECKOUT = Path(__file__).resolve().parent.parent

# A program that decompresses files and does nothing else.
BARE = {
    "gzip": """
import sys
from isal import isal_zlib
for name in sys.argv[1:]:
    with open(name, "rb", buffering=0) as stored:
        inflate = isal_zlib.decompressobj(31)
        while piece := stored.read(131072):
            while piece:
                inflate.decompress(piece, 262144)
                piece = inflate.unconsumed_tail
        assert inflate.eof
""",
    "zstd": """
import sys, zstandard
for name in sys.argv[1:]:
    with open(name, "rb", buffering=0) as stored:
        decoder = zstandard.ZstdDecompressor().decompressobj()
        while piece := stored.read(131072):
            decoder.decompress(piece)
        assert decoder.eof
""",
}

CATALOG_ALONE = "catalog alone"
# A program that opens an archive with imgtar, which reads its catalog, and does nothing else.
CATALOG = """
import sys
import click
from imgtar.archive.archive import open_archive
from imgtar.archive.input.input_name import parse_input
from imgtar.limits import Meter
open_archive(parse_input(sys.argv[1]), Meter())
"""


def imgtar(
    name: str, *arguments: str, output: str = "/dev/null", compiled: str = "", checkout: Path = CHECKOUT
) -> Contender:
    """A checkout, run by this interpreter; with `compiled` "no" without compiled code."""
    environment = {"PYTHONPATH": str(checkout), "IMGTAR_COMPILED": compiled}
    return Contender(name, [sys.executable, "-m", "imgtar", *arguments], environment, output=output)


def inspections(image: Path, output: Path, before: Path | None = None) -> list[Contender]:
    """What imgtar does with an image, in whose folder it runs: the report names it without the folder."""
    name = image.name
    json = ("inspect", "--format", "json", name)
    earlier = (
        []
        if before is None
        else [
            imgtar("imgtar before, --format json", *json, checkout=before.resolve()),
            imgtar("imgtar before, Python walker", *json, compiled="no", checkout=before.resolve()),
        ]
    )
    return [
        *earlier,
        imgtar("imgtar --format json", *json, output=str(output / "imgtar.json")),
        imgtar("imgtar --format json --summary", "inspect", "--summary", "--format", "json", name),
        imgtar("imgtar --format json, Python walker", *json, compiled="no"),
        imgtar("imgtar (table)", "inspect", name),
        imgtar("imgtar --format json --verify", "inspect", "--verify", "--format", "json", name),
    ]


def judgements(image: Path, before: Path | None = None) -> list[Contender]:
    """What reads every file, and what judges without reading any."""
    audit = ("audit", "--format", "json", image.name)
    earlier = [] if before is None else [imgtar("imgtar before, audit", *audit, checkout=before.resolve())]
    return [
        *earlier,
        imgtar("imgtar audit", *audit),
        imgtar("imgtar check --max-layers 9", "check", "--max-layers", "9", "--format", "json", image.name),
    ]


def catalog_questions(image: Path) -> list[Contender]:
    """What needs the catalog alone, and reading it alone."""
    alone = Contender(CATALOG_ALONE, [sys.executable, "-c", CATALOG, image.name], {"PYTHONPATH": str(CHECKOUT)})
    return [imgtar("imgtar ids", "ids", image.name), imgtar("imgtar history", "history", image.name), alone]


def rivals(image: Path, output: Path, form: str) -> list[Contender]:
    """The rivals on PATH, with gates so wide that only a failure fails."""
    gates = output / "diving.yml"
    gates.write_text(
        "lowest_efficiency: 0.0\nhighest_wasted_bytes: 1000GB\nhighest_user_wasted_percent: 1.0\n", encoding="utf-8"
    )
    widest = ["--lowestEfficiency", "0", "--highestUserWastedPercent", "1"]
    diving_gate = {"CI": "true", "DIVING_CONFIG": str(gates)}
    found = [
        Contender("diving -o FILE", ["diving", "-o", str(output / "diving.json"), f"file://{image}"]),
        Contender("diving, CI=true", ["diving", f"file://{image}"], diving_gate),
        Contender("dive --ci", ["dive", "--ci", *widest, "--source", "docker-archive", str(image)]),
        Contender("dlayer", ["dlayer", "-f", str(image)]),
        Contender(
            "syft", ["syft", "scan", "-q", f"{form}:{image}", "-o", "json"], {"SYFT_CHECK_FOR_APP_UPDATE": "false"}
        ),
    ]
    return [contender for contender in found if shutil.which(contender.command[0])]


def layer_files(image: Path) -> list[Path]:
    """The layers as files of their own, cut out of the image once."""
    folder = image.with_suffix(".layers")
    if not folder.exists():
        unfinished = image.with_suffix(".layers-part")
        unfinished.mkdir(exist_ok=True)
        for number, layer in enumerate(stored_layers(image)):
            _copy(image, layer, unfinished / f"{number}")
        unfinished.rename(folder)
    return sorted(folder.iterdir())


def _copy(image: Path, layer: LayerFile, target: Path) -> None:
    with target.open("wb") as output:
        for part in parts_of(image, layer):
            output.write(part)


def tar_limits(image: Path) -> list[Contender]:
    """GNU tar listing every layer of a docker-save archive, and OpenSSL's SHA-256 over all of it."""
    archive = shlex.quote(str(image))
    piped = [f"tar -xOf {archive} {layer.name} | tar -tf - > /dev/null" for layer in stored_layers(image)]
    listed = [f"tar -tf {shlex.quote(str(path))} > /dev/null" for path in layer_files(image)]
    return [
        Contender("GNU tar, layers through pipes", ["sh", "-c", " && ".join(piped)]),
        Contender("GNU tar, layers as files", ["sh", "-c", " && ".join(listed)]),
        Contender("openssl dgst -sha256", ["openssl", "dgst", "-sha256", str(image)]),
    ]


def decompression_limits(image: Path, form: str) -> list[Contender]:
    """Decompression of every layer and nothing else, one thread: by a loop in Python and by the tool."""
    files = [str(path) for path in layer_files(image)]
    tool = {"gzip": ["igzip", "-dc"], "zstd": ["zstd", "-dcq", "--single-thread"]}[form]
    named = " && ".join(f"{shlex.join(tool)} < {shlex.quote(path)} > /dev/null" for path in files)
    found = [Contender(f"bare {form} loop", [sys.executable, "-c", BARE[form], *files])]
    if shutil.which(tool[0]):
        found.append(Contender(shlex.join(tool), ["sh", "-c", named]))
    return found
