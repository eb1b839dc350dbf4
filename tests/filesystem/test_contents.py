"""The contents of files are compared exactly, sparse or not, plain or compressed, and within the deadline."""

from __future__ import annotations

import itertools

import pytest

from imgtar.filesystem.stacking import Stacker
from imgtar.findings import FindingLog
from imgtar.layer.bodies import bodies_of
from imgtar.limits import Limits
from tests.builders import file, gzip, hardlink, sparse_1_0, tar
from tests.filesystem.stack import Bytes, Stack, scan

SIZE = 1 << 20
LOGICAL = b"head" + bytes(SIZE - 8) + b"tail"
SAME = {
    "stored": file("f", LOGICAL),
    "two runs": sparse_1_0("f", SIZE, [(0, b"head"), (SIZE - 4, b"tail")]),
    "zeros stored": sparse_1_0("f", SIZE, [(0, b"head" + bytes(100_000)), (SIZE - 100, bytes(96) + b"tail")]),
}
OTHER = {
    "stored": file("f", LOGICAL[:500_000] + b"x" + LOGICAL[500_001:]),
    "another byte": sparse_1_0("f", SIZE, [(0, b"head"), (500_000, b"x"), (SIZE - 4, b"tail")]),
    "another place": sparse_1_0("f", SIZE, [(0, b"head"), (SIZE - 5, b"tail")]),
}


@pytest.mark.parametrize(("lower", "upper"), list(itertools.product((tar, lambda f: gzip(tar(f))), repeat=2)))
def test_sparse_and_stored_files_are_compared_by_their_bytes(lower, upper) -> None:
    for first, second in itertools.permutations(SAME.values(), 2):
        assert Stack(lower(first), upper(second)).rows() == {"f": "modified:"}
    for first, second in itertools.product(SAME.values(), OTHER.values()):
        assert Stack(lower(first), upper(second)).rows() == {"f": "modified:content"}


def test_two_sparse_files_of_8_eib() -> None:
    size = 1 << 62
    one, other = (tar(sparse_1_0("f", size, [(size - 9, b"x")])), tar(sparse_1_0("f", size, [(size - 8, b"x")])))
    assert Stack(one, one).rows() == {"f": "modified:"}
    assert Stack(one, other).rows() == {"f": "modified:content"}
    assert Stack(gzip(one), other).rows() == {"f": "modified:content"}


class CountedBytes(Bytes):
    read = 0

    def read_at(self, offset: int, size: int, /) -> bytes:
        self.read += size
        return super().read_at(offset, size)


def _compare(raws: list[bytes], limits: Limits) -> tuple[list[CountedBytes], Stacker, FindingLog, list[str]]:
    blobs = [CountedBytes(raw) for raw in raws]
    stacker, log = Stacker(), FindingLog()
    why: list[str] = []
    for blob in blobs:
        layer = scan(blob.raw)
        blob.read = 0
        changes = stacker.add(layer, bodies_of(layer, blob, limits), log)
        why += [",".join(row.why) for row in changes.modified.values()]
    return blobs, stacker, log, why


def test_the_names_of_one_file_cost_one_comparison() -> None:
    body = b"x" * (2 << 20)
    layers = [tar(file("f", body), *(hardlink(f"f{n}", "f") for n in range(20))) for _ in range(2)]
    blobs, _, _, why = _compare(layers, Limits())
    assert why == [""] * 21
    assert max(blob.read for blob in blobs) < 2 * len(body)


def test_the_time_is_looked_at_while_large_files_are_compared() -> None:
    bodies = [file(f"f{n}", b"x" * (17 << 20)) for n in range(2)]
    blobs, _, log, why = _compare([tar(*bodies)] * 2, Limits(deadline=0.0))
    assert [finding.code for finding in log] == ["limit.time"]
    assert why == ["content", "content"]
    assert max(blob.read for blob in blobs) <= 17 << 20
