"""Runs one target: `python fuzz/run.py TARGET [libFuzzer options] [corpus folders]`.

Seeds and dictionary: `python fuzz/seeds.py FOLDER`, then `-dict=fuzz/keywords.dict FOLDER/TARGET`. The last line on
standard error has the number of runs. Without atheris, which not every Python has, damaged seeds are run for
`-max_total_time=SECONDS` (60 if it is not given).
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
try:
    import atheris
except ImportError:
    atheris = None


def run_damaged_seeds(name: str, seconds: float) -> None:
    """Runs the target over seeds with random damage until the time is over."""
    from fuzz.seeds import SEEDS, damaged
    from fuzz.targets import TARGETS

    chance = random.Random()
    end = time.monotonic() + seconds
    for count in itertools.count(1):
        TARGETS[name](damaged(chance.choice(SEEDS[name]), chance))
        if time.monotonic() > end:
            print(f"Done {count} runs in {seconds:.0f} second(s)", file=sys.stderr)
            return


if __name__ == "__main__":
    name = sys.argv.pop(1)
    if atheris is None:
        limits = [argument.partition("=")[2] for argument in sys.argv if argument.startswith("-max_total_time=")]
        run_damaged_seeds(name, float(limits[-1]) if limits else 60)
    else:
        with atheris.instrument_imports(include=["imgtar", "tomllib", "yaml"]):
            from fuzz.targets import TARGETS
        atheris.Setup(sys.argv, TARGETS[name])
        atheris.Fuzz()
