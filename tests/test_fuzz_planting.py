"""Planted secrets are found whole in no output of audit, check and report; the fuzzer itself runs apart."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from fuzz.command_targets import invoke, place
from fuzz.planted_places import PLACES, Plant, archive
from fuzz.planting import FORMATS, encodings, leaks, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(8))
def test_no_planted_secret_is_in_an_output(seed: int) -> None:
    counts: Counter[str] = Counter()
    assert run(seed, counts) == []
    # Some archives are damaged; one that cannot be read gives an error and no report.
    assert counts["exit 3"] or counts["outputs"] >= 2 * len(FORMATS["audit"])


def test_the_secrets_stand_where_the_places_say() -> None:
    """What prints what is stored shows them: the search would find a leak."""
    shown: set[str] = set()
    for seed in range(4):
        plant = archive(random.Random(seed), 1.0)
        with place():
            path = plant.write(Path("image"))
            for words in (["inspect", "--format", "json"], ["ls", "--all-layers", "--format", "json"], ["inspect"]):
                _, printed, said = invoke([words[0], path, *words[1:]])
                shown |= {leak.place for leak in leaks(plant, words[0], {"out": printed + said.encode()})}
    assert len(PLACES) >= 80
    assert len(shown) >= 45, sorted(shown)


@pytest.mark.parametrize(
    "output",
    [
        b"x SECRET-of-22-characters y",
        b"SECRET-of-\n  | 22-characters",
        b"SECRET%2Dof-22-characters",
        b"U0VDUkVULW9mLTIyLWNoYXJhY3RlcnM=",
        b"eFNFQ1JFVC1vZi0yMi1jaGFyYWN0ZXJz",
    ],
)
def test_a_leak_is_seen_in_every_form(output: bytes) -> None:
    plant = Plant(packed=b"", files=(), secrets=(("here", b"SECRET-of-22-characters"),))
    assert len(list(encodings(b"SECRET-of-22-characters"))) == 4
    assert {leak.place for leak in leaks(plant, "audit", {"table": output})} == {"here"}
    assert not list(leaks(plant, "audit", {"table": output[:12]}))
