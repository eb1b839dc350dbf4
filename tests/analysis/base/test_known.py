"""The image with the most layers that are the lowest ones of another image, found in linear time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import imgtar
from imgtar.analysis.base.known import KnownImage, KnownImages
from imgtar.archive.catalog.records import LayerRef
from imgtar.formats.digest import Digest, known_chain
from imgtar.image.image import LayerOutline
from tests.analysis.base.archives import BASE_DIGEST, LAYERS
from tests.builders import INDEX, Layout, document
from tests.growth import assert_linear

DiffIDs = list[Digest | None]


def outlines(diff_ids: DiffIDs) -> list[LayerOutline]:
    return [
        LayerOutline(
            index=index,
            ref=LayerRef(named=b""),
            diff_id=diff_id,
            chain_id=chain_id,
            digest=None,
            media_type=None,
            present=False,
            blob_size=None,
        )
        for index, (diff_id, chain_id) in enumerate(zip(diff_ids, known_chain(diff_ids), strict=True))
    ]


def image_of(name: str, diff_ids: DiffIDs, steps: int) -> KnownImage:
    chain_id = (None, *known_chain(diff_ids))[-1]
    return KnownImage(name=name, digest=None, layers=len(diff_ids), steps=steps, chain_id=chain_id)


DIFF_IDS = st.lists(st.sampled_from([None, *(Digest("sha256", digit * 64) for digit in "12")]), max_size=5)
STEPS = st.integers(0, 2)


@given(st.lists(st.tuples(DIFF_IDS, STEPS), max_size=6), DIFF_IDS, STEPS, st.booleans())
def test_the_longest_prefix_wins(bases: list[tuple[DiffIDs, int]], upper: DiffIDs, steps: int, smaller: bool) -> None:
    fitting = [
        (len(lower), len(upper), -own)
        for lower, own in bases
        if lower and None not in lower and lower == upper[: len(lower)]
        if not smaller or (len(lower), own) < (len(upper), steps)
    ]
    known = KnownImages(image_of("b", lower, own) for lower, own in bases)
    found = known.below(outlines(upper), (len(upper), steps) if smaller else None)
    assert (found and found.layers) == (max(fitting)[0] if fitting else None)


def test_images_that_all_name_one_index_cost_linear_work(tmp_path: Path) -> None:
    """The digest of an index stands for all images in it, and each of them may claim that it is its base."""

    def prepare(count: int) -> Callable[[], object]:
        layout = Layout()
        lie = "sha256:" + "1" * 64
        children = [
            layout.add_image(LAYERS, execution={"Labels": {BASE_DIGEST: lie}}, author=str(number))
            for number in range(count)
        ]
        layout.blobs[f"blobs/sha256/{lie[7:]}"] = document({"schemaVersion": 2, "manifests": children})
        layout.manifests = [{"mediaType": INDEX, "digest": lie, "size": 1}]
        path = tmp_path / f"{count}.tar"
        path.write_bytes(layout.tar())
        session = imgtar.open_session(path)
        assert len(session.outlines) == count
        return lambda: session.bases

    assert_linear(prepare, 20)
