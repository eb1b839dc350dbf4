"""What `shared` says of several images: against docker's own numbers, and of archives that are odd."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from imgtar.answers.ids import image_ids
from imgtar.answers.opening import open_session
from imgtar.answers.options import CATALOG, InspectOptions
from imgtar.answers.reading import ArchiveReader
from imgtar.answers.shared import SharedQuestion, shared_content
from imgtar.contract.shared import SharedReport
from imgtar.errors import InputError
from imgtar.image.layer_scans import Scans
from imgtar.limits import DEFAULT, LimitReached, Limits
from tests.builders import docker_save, file, gzip, image_config, layer, oci_archive
from tests.paths import FIXTURES
from tests.several_images import save, small_layer

FOLDERS = ("d26c-buildx-oci-dir", "p5-docker-dir", "s5-oci")
FILES = sorted(path.name for path in FIXTURES.iterdir() if ".tar" in path.name and path.name != "d20-export.tar")
RECORDED = [
    pytest.param(path.parent.name, path, id=f"{path.parent.name}-{path.stem[-3:]}")
    for path in sorted(FIXTURES.glob("truth/*/docker-d2[06].json"))
    if (json.loads(path.read_text()).get("api_system_df") or {}).get("Images")
]
LAYERS = [small_layer(number) for number in range(6)]


def report(*archives: Path, verify: bool = False, limits: Limits = DEFAULT, **asked: Any) -> SharedReport:
    options = InspectOptions(verify=verify, limits=limits)
    reader = ArchiveReader(options, several=len(archives) > 1, contents=asked.get("files", False))
    return shared_content([reader.read(path) for path in archives], SharedQuestion(**asked)).document


def written(folder: Path, **archives: bytes) -> list[Path]:
    for name, content in archives.items():
        (folder / f"{name}.tar").write_bytes(content)
    return [folder / f"{name}.tar" for name in archives]


def test_two_images_of_docker() -> None:
    found = report(FIXTURES / "d20-two-images-shared.tar")
    assert [(image.size, image.shared, image.unique) for image in found.images] == [
        (1_542_981, 391_964, 1_151_017),
        (391_972, 391_964, 8),
    ]
    assert (found.totals.together, found.totals.saved) == (1_542_989, 391_964)
    assert (found.totals.count, found.totals.distinct) == (14, 12)
    assert found.registry is None


@pytest.mark.parametrize(("name", "truth"), RECORDED)
def test_sizes_are_those_of_docker_system_df(name: str, truth: Path) -> None:
    recorded = json.loads(truth.read_text())["api_system_df"]
    found = report(FIXTURES / name)
    images = {image.id: image for image in found.images}
    for row in recorded["Images"]:
        image = images[row["Id"]]
        assert (image.size, image.shared) == (row["Size"], row["SharedSize"])
    assert found.totals.together == recorded["LayersSize"]


def test_there_are_records_of_images_that_share() -> None:
    rows = [json.loads(case.values[1].read_text())["api_system_df"]["Images"] for case in RECORDED]  # type: ignore[union-attr]
    shared = [row["SharedSize"] for some in rows for row in some]
    assert len(shared) > 20
    assert sum(size > 0 for size in shared) >= 8


@pytest.mark.parametrize("name", [*FILES, *FOLDERS])
def test_removing_agrees_with_the_lines_of_ids(name: str) -> None:
    """`ids` removes the images one after another; removing the first ones together deletes the same layers."""
    session = open_session(FIXTURES / name)
    session.read(CATALOG)
    lines = [image.docker.graphdriver.rmi or [] for image in image_ids(session)]
    for count in range(1, len(lines) + 1):
        found = report(FIXTURES / name, rm=tuple(f"@{number}" for number in range(count)))
        assert found.rm is not None
        freed = {found.layers[number].chain_id for number in found.rm.layers}
        deleted = {line.removeprefix("Deleted: ") for some in lines[:count] for line in some if "Deleted: " in line}
        assert freed == deleted - {image.id for image in found.images}


@pytest.mark.parametrize("name", ["d20-two-images-shared.tar", "p5-multi.tar", "d26-duplayers.tar", "d20-scratch.tar"])
def test_the_unpacked_size_is_what_containerd_measured(name: str) -> None:
    """Docker's containerd store says the size of the blobs apart, so the rest is what the unpacked layers take."""
    recorded = json.loads((FIXTURES / "truth" / name / "docker-d26c.json").read_text())
    blobs = {image["Id"]: image["Size"] for image in recorded["inspect"]}
    unpacked = {row["RepoTags"][0]: row["Size"] - blobs[row["Id"]] for row in recorded["api_system_df"]["Images"]}
    for image in ArchiveReader(InspectOptions(), several=False).read(FIXTURES / name).images:
        assert sum(layer.unpacked_size or 0 for layer in image.layers) == unpacked[image.names[0]]


def test_what_several_archives_have_in_common_and_what_keeping_one_frees(tmp_path: Path) -> None:
    paths = written(
        tmp_path,
        one=docker_save(LAYERS[:2], names=["a:1"]),
        two=docker_save([*LAYERS[:2], LAYERS[2]], names=["b:1"]),
        three=docker_save([LAYERS[3]], names=["c:1"]),
    )
    found = report(*paths, keep=("b:1",))
    assert [(image.size, image.shared, image.unique, image.sources) for image in found.images] == [
        (3, 3, 0, [0]),
        (6, 3, 3, [1]),
        (4, 0, 4, [2]),
    ]
    assert found.rm is not None
    assert (found.rm.images, found.rm.frees, found.rm.keeps) == ([0, 2], 4, 6)
    assert [layer.below for layer in found.layers] == [None, 0, 1, None]


def test_the_same_archive_twice_is_one_image(tmp_path: Path) -> None:
    [path] = written(tmp_path, one=docker_save(LAYERS[:2], names=["a:1"]))
    found = report(path, path)
    assert [(image.names, image.sources, image.unique) for image in found.images] == [(["a:1"], [0, 1], 3)]


def test_a_layer_of_two_archives_is_decompressed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from imgtar.image import layer_scans

    scanned: list[int] = []
    scan = layer_scans.scan_layer

    def counting(blob: Any, *arguments: Any, **settings: Any) -> Any:
        scanned.append(blob.size)
        return scan(blob, *arguments, **settings)

    monkeypatch.setattr(layer_scans, "scan_layer", counting)
    images = {
        f"a{number}": oci_archive([*LAYERS[:3], LAYERS[number % 3 + 3]], name=f"a:{number}") for number in range(20)
    }
    found = report(*written(tmp_path, **images))
    assert len(scanned) == 6
    assert found.totals.distinct == 6
    assert found.registry is not None
    assert (found.registry.count, found.registry.distinct) == (12, 6)


def test_two_contents_under_one_diff_id_are_inconsistent(tmp_path: Path) -> None:
    honest, other = small_layer(0), small_layer(9)
    config = image_config([honest], author="liar")
    paths = written(tmp_path, one=docker_save([honest]), two=docker_save([other], config=config))
    found = report(*paths)
    [finding] = [row for row in found.findings if row.code == "image.layer-differs"]
    assert (finding.effect, finding.where.archive, finding.where.image) == ("inconsistent", 1, 1)
    assert "10 bytes here and 1" in finding.message
    assert found.integrity == "failed"


def test_an_absent_layer_has_no_size_and_makes_sums_at_least(tmp_path: Path) -> None:
    paths = written(tmp_path, one=save({"a:1": LAYERS[:2], "b:1": LAYERS[:1]}, absent=[LAYERS[1]]))
    found = report(*paths, max_unique=1_000)
    assert [(image.size, image.at_least) for image in found.images] == [(1, True), (1, False)]
    assert found.layers[1].size is None
    assert [(rule.passed, len(rule.causes)) for rule in found.rules] == [(False, 1), (True, 0)]
    assert not found.complete


def test_an_absent_layer_has_the_size_that_another_archive_tells(tmp_path: Path) -> None:
    paths = written(
        tmp_path, one=save({"a:1": LAYERS[:2]}, absent=[LAYERS[1]]), two=save({"b:1": [*LAYERS[:2], LAYERS[2]]})
    )
    assert [(image.size, image.at_least) for image in report(*paths).images] == [(3, False), (6, False)]


def test_one_diff_id_over_other_layers_is_stored_twice(tmp_path: Path) -> None:
    paths = written(tmp_path, one=save({"a:1": [LAYERS[0], LAYERS[4]], "b:1": [LAYERS[1], LAYERS[4]]}))
    found = report(*paths)
    assert [(len(row.layers), row.bytes) for row in found.same_content] == [(2, 5)]
    assert [image.shared for image in found.images] == [0, 0]


def test_gates_judge_each_image(tmp_path: Path) -> None:
    paths = written(tmp_path, one=save({"a:1": [LAYERS[5], LAYERS[0]], "b:1": [LAYERS[5], LAYERS[2]]}))
    found = report(*paths, max_unique=2, min_shared=0.7)
    assert [(rule.rule, rule.image, rule.passed) for rule in found.rules] == [
        ("max-unique", 0, True),
        ("min-shared", 0, True),
        ("max-unique", 1, False),
        ("min-shared", 1, False),
    ]
    assert found.passed is False
    assert report(*paths).passed is None


def test_a_reference_that_matches_nothing_lists_what_there_is(tmp_path: Path) -> None:
    paths = written(tmp_path, one=save({"a:1": LAYERS[:1]}))
    with pytest.raises(InputError, match="no image matches nope") as caught:
        report(*paths, rm=("nope",))
    assert caught.value.remedy == "there are @0 a:1 (linux/amd64)"


def test_verified_archives_are_verified_and_have_the_same_numbers(tmp_path: Path) -> None:
    paths = written(tmp_path, one=oci_archive(LAYERS[:3], name="a:1"), two=gzip(docker_save(LAYERS[:2], names=["b:1"])))
    found, plain = report(*paths, verify=True), report(*paths)
    assert found.integrity == "verified"
    assert [image.size for image in found.images] == [image.size for image in plain.images] == [6, 3]


def test_platforms_of_one_name_that_have_other_layers_share_nothing() -> None:
    found = report(FIXTURES / "d26c-buildx-oci-multiplatform.tar")
    assert len(found.images) == 3
    assert [image.shared for image in found.images] == [0, 0, 0]


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("compress", [bytes, gzip])
def test_files_that_two_archives_store_in_layers_of_their_own(
    tmp_path: Path, compress: Callable[[bytes], bytes], verify: bool
) -> None:
    same = file("srv/app.js", b"x" * 100)
    one, two = layer(same, file("one", b"1")), layer(file("two", b"22"), same)
    paths = written(
        tmp_path,
        one=compress(docker_save([LAYERS[0], one], names=["a:1"])),
        two=compress(docker_save([LAYERS[0], two], names=["b:1"])),
    )
    found = report(*paths, files=True, verify=verify)
    assert found.files is not msgspec.UNSET
    [row] = found.files
    assert (row.layers, row.files, row.bytes, row.saves, row.whole) == ([1, 2], 1, 100, 100, False)
    assert [example.path for example in row.examples] == ["/srv/app.js"]
    assert report(*paths).files is msgspec.UNSET


def test_no_more_files_are_compared_than_the_limit_allows(tmp_path: Path) -> None:
    paths = written(tmp_path, one=docker_save(LAYERS[:2]), two=docker_save(LAYERS[2:5]))
    found = report(*paths, files=True, limits=msgspec.structs.replace(DEFAULT, shared_files=3))
    assert [(row.code, row.where.archive) for row in found.findings] == [("limit.shared-files", 1)] * 2
    assert not found.complete


def test_time_that_is_up_while_blobs_are_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object) -> None:
        raise LimitReached("time", 1)

    monkeypatch.setattr(Scans, "digest", late)
    archives = written(tmp_path, a=oci_archive(LAYERS[:2], name="a:1"), b=oci_archive(LAYERS[2:4], name="b:1"))
    assert [image.size for image in report(*archives).images] == [
        image.size for archive in archives for image in report(archive).images
    ]


@pytest.mark.parametrize("order", [("docker", "oci"), ("oci", "docker")], ids=" ".join)
def test_the_digests_that_one_archive_states_are_known_in_any_order(order: tuple[str, ...], tmp_path: Path) -> None:
    archives = {"docker": docker_save(LAYERS[:2]), "oci": oci_archive(LAYERS[:2])}
    assert report(*written(tmp_path, **{name: archives[name] for name in order})).registry is not None
