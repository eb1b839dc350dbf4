"""The fuzz targets hold for their seeds and for random damage to them; atheris itself runs apart."""

from __future__ import annotations

import random

import pytest

from fuzz.command_targets import WORDS, argument, is_inside
from fuzz.seeds import SEEDS, damaged
from fuzz.targets import TARGETS

WHOLE_COMMANDS = {"command", "rendering", "attach"}  # each run takes long


def test_every_target_has_seeds() -> None:
    assert set(SEEDS) == set(TARGETS)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_damaged_seeds_break_no_promise(target: str) -> None:
    chance = random.Random(target)
    for seed in SEEDS[target]:
        TARGETS[target](seed)
        for _ in range(8 if target in WHOLE_COMMANDS else 60):
            TARGETS[target](damaged(seed, chance))


def test_arguments_of_the_vocabulary_break_no_promise() -> None:
    chance = random.Random(1)
    for _ in range(40):
        words = [b"\1" + bytes([chance.randrange(len(WORDS))]) for _ in range(chance.randrange(1, 6))]
        TARGETS["command"](b"\0".join([b"check", b"app.tar", *words]))


def test_a_fuzzed_command_names_nothing_outside_its_directory() -> None:
    assert len(WORDS) <= 256
    assert [argument(b"\1\2"), argument(b"\1\2x"), argument(b"x")] == [WORDS[2], WORDS[2] + "x", "x"]
    for text in ("/etc/x", "json=/etc/x", "dir:/etc", "a/../../x"):
        assert not is_inside(text)
