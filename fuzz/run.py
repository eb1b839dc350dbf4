"""Runs one target under atheris: `python fuzz/run.py TARGET [libFuzzer options] [corpus folders]`.

Seeds and dictionary: `python fuzz/seeds.py FOLDER`, then `-dict=fuzz/keywords.dict FOLDER/TARGET`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent))
with atheris.instrument_imports(include=["imgtar"]):
    from fuzz.targets import TARGETS

name = sys.argv.pop(1)
atheris.Setup(sys.argv, TARGETS[name])
atheris.Fuzz()
