"""What the cache saves: the processor time of reading the layers of the benchmark's images, with it and without.

    python scripts/bench_cache.py IMAGES [ROUNDS]

IMAGES is the folder of `scripts/bench_images.py`, which builds the images where they are missing.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import bench_images

from imgtar.answers.opening import open_session
from imgtar.answers.options import InspectOptions
from imgtar.cache.scan_cache import ScanCache


def seconds(path: Path, cache: ScanCache | None) -> float:
    """The processor time in which all layers are read."""
    begin = time.process_time()
    session = open_session(path, InspectOptions(cache=cache))
    assert all(layer.scan is not None for image in session.images for layer in image.layers)
    return time.process_time() - begin


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for name in bench_images.COMPRESSED:
        path = bench_images.image(folder, name)
        with tempfile.TemporaryDirectory() as place:
            cache = ScanCache.open(place)
            first = seconds(path, cache)
            pairs = [(seconds(path, None), seconds(path, cache)) for _ in range(rounds)]
            info = cache.info()
            cache.close()
        without, with_it = (statistics.median(column) for column in zip(*pairs, strict=True))
        assert info is not None
        print(
            f"{name}: {without:.2f} s, filling {first:.2f} s, with the cache {with_it:.2f} s, "
            f"{without / with_it:.1f} times faster; {info.rows} rows, {info.bytes / 1e6:.1f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
