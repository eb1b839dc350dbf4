"""The fuzz targets hold for their seeds and for random damage to them; atheris itself runs apart."""

from __future__ import annotations

import random

import pytest

from fuzz.seeds import SEEDS
from fuzz.targets import TARGETS


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_damaged_seeds_break_no_promise(target: str) -> None:
    chance = random.Random(target)
    for seed in SEEDS[target]:
        TARGETS[target](seed)
        for _ in range(60):
            spoilt = bytearray(seed)
            for _ in range(chance.randrange(1, 6)):
                spoilt[chance.randrange(1, len(spoilt))] = chance.randrange(256)
            TARGETS[target](bytes(spoilt[: chance.randrange(1, len(spoilt) + 1)]))
