"""Random stacks against docker's and containerd's own unpackers over the kernel's overlayfs.

Every path has the same type, mode, owner, time, content, attributes and names in imgtar's tree as in the container,
but for the differences of `tests/filesystem/documented.py`. IMGTAR_ENGINE_STACKS sets how many stacks are compared.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.builders import file, tar
from tests.filesystem.documented import Case
from tests.filesystem.engines import ENGINES, Ended, Refused, Unpacker, missing, stacked_tree
from tests.filesystem.random_layers import stack, tars
from tests.filesystem.stack import Stack
from tests.oracles import Unavailable, build

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing()), reason=f"{missing()}: no comparison with docker's and containerd's unpackers"),
]

STACKS = int(os.environ.get("IMGTAR_ENGINE_STACKS", "300"))


@pytest.fixture(scope="module")
def unpacker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unpacker]:
    """The engines' unpackers."""
    try:
        program = build("unpack", tmp_path_factory.getbasetemp().parent)
    except Unavailable as why:
        pytest.skip(f"no comparison with docker's and containerd's unpackers: {why}")
    with closing(Unpacker(program, tmp_path_factory.mktemp("unpack"))) as running:
        try:
            running.tree("docker", [tar(file("a")), tar(file("b"))])
        except (Refused, Ended) as why:
            pytest.skip(f"overlayfs cannot be mounted here: {why}")
        yield running


@pytest.mark.parametrize("engine", ENGINES)
def test_tree_is_the_engine_s(engine: str, unpacker: Unpacker) -> None:
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    for seed in range(STACKS):
        layers = tars(stack(seed))
        try:
            theirs = unpacker.tree(engine, layers)
        except Refused:
            outcomes["refused"] += 1
            continue
        stacked = Stack(*layers)
        case = Case(engine, stacked, stacked_tree(stacked), theirs)
        why = {(path, field): case.explained(path, field) for path, field in case.differences()}
        outcomes["documented" if why else "equal"] += 1
        outcomes.update({name for name in why.values() if name})
        faults += [f"seed {seed}: {field} of {path!r}" for (path, field), name in why.items() if name is None]
    print(engine, dict(outcomes))
    assert faults == []
    assert outcomes["equal"] > STACKS / 2
    assert outcomes["refused"] < STACKS * 0.4
