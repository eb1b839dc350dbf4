"""Each gate on both sides of its exact limit, and the causes that it names."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

import imgtar
from imgtar.analysis.dive.score import DiveScore
from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.errors import InputError
from imgtar.findings import Severity
from imgtar.gates import sizes as gate_sizes
from imgtar.gates.baseline import BaselineImage, read_baseline
from imgtar.gates.evaluation import evaluate
from imgtar.gates.verdict import Verdict
from imgtar.image.counterparts import Counterparts
from imgtar.image.image import Image
from imgtar.policy.dive_rules import DiveRules
from imgtar.policy.policy import Policy
from scripts.token_makers import with_checksum
from tests import builders
from tests.builders import directory, docker_save, file, hardlink, layer, symlink, whiteout

# 1,000 bytes in the base; then 500 of them stored again, 100 more, and 100 deleted.
LAYERS = [
    layer(file("a", b"a" * 500), file("b", b"b" * 400), file("gone", b"g" * 100)),
    layer(file("a", b"A" * 500), file("new", b"n" * 100)),
    layer(whiteout("gone"), directory("etc/"), file("etc/key.pem", b"")),
]
STORED, WASTED, OWN_STORED = 1600, 600, 600


def stacked_of(folder: Path, archive: bytes) -> tuple[MeasuredImage, ...]:
    path = folder / "gate.tar"
    path.write_bytes(archive)
    return tuple(imgtar.inspect(str(path)).session.measured())


@pytest.fixture
def images(tmp_path: Path) -> tuple[MeasuredImage, ...]:
    return stacked_of(tmp_path, docker_save(LAYERS))


def judged(images: tuple[MeasuredImage, ...], base: int = 1, **given: object) -> list[Verdict]:
    options = {key.replace("_", "-"): value for key, value in given.items()}
    return evaluate(Policy().replaced(options).gates, images, [base] * len(images), [])


def test_own_layers_alone_are_judged(images: tuple[MeasuredImage, ...]) -> None:
    limits = {"max-layers": "0", "max-size": "0", "max-layer-size": "0", "max-wasted-bytes": "0", "forbid-path": "*"}
    limits["min-efficiency"] = "1"
    for first in range(len(LAYERS) + 1):
        stacked = images[0]
        found = evaluate(Policy().replaced(limits).gates, images, [first], [], own=True)
        values = {verdict.rule: verdict.value for verdict in found}
        sizes = [layer.scan.content_size for layer in stacked.image.layers[first:] if layer.scan is not None]
        stored = sum(layer.scan.stored_bytes for layer in stacked.image.layers[first:] if layer.scan is not None)
        wasted = sum(row.size for row in stacked.waste.rows if row.added_in >= first)
        assert values["max-layers"] == len(sizes)
        assert values["max-size"] == sum(sizes)
        assert values["max-layer-size"] == max(sizes, default=0)
        assert values["max-wasted-bytes"] == wasted
        assert values["min-efficiency"] == ((stored - wasted) / stored if stored else 1.0)
        causes = [cause for verdict in found for cause in verdict.causes]
        assert all(cause.layer is None or cause.layer >= first for cause in causes)
        assert bool(values["forbid-path"]) == (first < len(LAYERS))


def one(images: tuple[MeasuredImage, ...], base: int = 1, **given: object) -> Verdict:
    [verdict] = judged(images, base, **given)
    return verdict


EFFICIENCY = (STORED - WASTED) / STORED
SIZES: list[tuple[str, object, object, float]] = [
    ("min_efficiency", repr(EFFICIENCY), repr(math.nextafter(EFFICIENCY, 1)), EFFICIENCY),
    ("min_efficiency", "62.5%", "62.500001%", EFFICIENCY),
    ("max_wasted_bytes", str(WASTED), str(WASTED - 1), WASTED),
    ("max_own_waste", "1", "0.999999", WASTED / OWN_STORED),
    ("max_size", str(STORED), str(STORED - 1), STORED),
    ("max_size", "1.6kB", "1.599kB", STORED),
    ("max_layer_size", "1000", "999", 1000),
    ("max_layers", "3", "2", 3),
]


@pytest.mark.parametrize(("gate", "passes", "fails", "value"), SIZES)
def test_a_number_may_be_its_limit_and_no_more(
    images: tuple[MeasuredImage, ...], gate: str, passes: object, fails: object, value: float
) -> None:
    verdict = one(images, **{gate: passes})
    assert (verdict.passed, verdict.value, verdict.causes) == (True, value, ())
    verdict = one(images, **{gate: fails})
    assert (verdict.passed, verdict.value, verdict.image) == (False, value, 0)
    assert verdict.rule == gate.replace("_", "-")
    assert verdict.causes


def test_what_is_blamed_for_waste(images: tuple[MeasuredImage, ...]) -> None:
    first, second = one(images, max_wasted_bytes="0").causes
    assert (first.path, first.size, first.arguments) == (b"a", 500, {"kind": "overwritten", "removed": 1, "added": 0})
    assert (second.path, second.arguments["kind"]) == (b"gone", "deleted")


def test_which_layers_are_blamed(images: tuple[MeasuredImage, ...]) -> None:
    assert [cause.layer for cause in one(images, max_size="0").causes] == [0, 1]
    assert [cause.layer for cause in one(images, max_layer_size="999").causes] == [0]
    assert [cause.layer for cause in one(images, max_layers="2").causes] == [2, 1, 0]
    assert one(images, max_layer_size="999").causes[0].arguments["step"] == "ADD file:0 in /"


@pytest.mark.parametrize(("base", "wasted", "stored"), [(0, 600, 1600), (1, 600, 600), (2, 100, 0), (3, 0, 0)])
def test_own_waste_is_what_own_layers_waste_over_what_they_store(
    images: tuple[MeasuredImage, ...], base: int, wasted: int, stored: int
) -> None:
    share = gate_sizes.own_waste(images[0], base)
    assert share == (wasted / stored if stored else (math.inf if wasted else 0))
    verdict = one(images, base, max_own_waste="100%")
    assert verdict.passed == (share <= 1)
    assert verdict.value == (None if math.isinf(share) else share)


def test_a_layer_that_stores_and_wastes_nothing_is_efficient(tmp_path: Path) -> None:
    images = stacked_of(tmp_path, docker_save([]))
    gates = {"min_efficiency": "1", "max_own_waste": "0", "max_size": "0", "max_layers": "0", "max_layer_size": "0"}
    assert all(verdict.passed for verdict in judged(images, 0, **gates))


# --- dive -----------------------------------------------------------------------------------------------------------


def dive(images: tuple[MeasuredImage, ...], **rules: Any) -> list[bool]:
    gates = msgspec.structs.replace(Policy().gates, dive=DiveRules(**rules))
    return [verdict.passed for verdict in evaluate(gates, images, [0], [])]


def scored(images: tuple[MeasuredImage, ...], **score: Any) -> tuple[MeasuredImage, ...]:
    fields: dict[str, Any] = {
        "efficiency": 1.0, "wasted_bytes": 0, "size_bytes": 0, "user_size_bytes": 0, "user_wasted_percent": 0.0
    }  # fmt: skip
    return (msgspec.structs.replace(images[0], dive=DiveScore(**(fields | score))),)


def test_dives_rules_are_strict(images: tuple[MeasuredImage, ...]) -> None:
    exact = scored(images, efficiency=0.9, wasted_bytes=7, user_wasted_percent=0.1)
    assert dive(exact, lowest_efficiency=0.9, highest_wasted_bytes=7, highest_user_wasted_percent=0.1) == [True] * 3
    above, below = math.nextafter(0.9, 1), math.nextafter(0.1, 0)
    assert (
        dive(exact, lowest_efficiency=above, highest_wasted_bytes=6, highest_user_wasted_percent=below) == [False] * 3
    )


@pytest.mark.parametrize(("percent", "passes"), [(math.nan, True), (math.inf, False)])
def test_nan_never_fails_and_infinity_does(images: tuple[MeasuredImage, ...], percent: float, passes: bool) -> None:
    image = scored(images, user_wasted_percent=percent)
    [verdict] = evaluate(
        msgspec.structs.replace(Policy().gates, dive=DiveRules(highest_user_wasted_percent=1.0)),
        image, [0], [],
    )  # fmt: skip
    assert (verdict.passed, verdict.value) == (passes, None)


def test_without_dives_numbers_its_rules_fail(images: tuple[MeasuredImage, ...]) -> None:
    unknown = (msgspec.structs.replace(images[0], dive=None),)
    assert dive(unknown, lowest_efficiency=0.0, highest_wasted_bytes=1 << 60) == [False, False]


# --- paths ----------------------------------------------------------------------------------------------------------

TREE = [
    layer(
        file("etc/passwd", b"x"),
        file("etc/ssl/ca.pem"),
        file("app/.git/config"),
        file("deleted.pem"),
        symlink("link", "x"),
        directory("empty/"),
    ),
    layer(whiteout("deleted.pem"), file(b"app/\xff.pem"), file("app/.git/a\nb"), hardlink("hard", "app/.git/a\nb")),
]


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["*.pem"], [b"app/\xff.pem", b"deleted.pem", b"etc/ssl/ca.pem"]),
        (["*.pem", "!/etc/ssl/*"], [b"app/\xff.pem", b"deleted.pem"]),
        (["*.PEM"], []),
        ([".git"], [b"app/.git/a\nb", b"app/.git/config"]),
        (["/.git"], []),
        (["/app/**/config"], [b"app/.git/config"]),
        (["empty/"], [b"empty"]),
        (["link/"], []),
        (["/link", "hard"], [b"hard", b"link"]),
        (["etc/passwd"], [b"etc/passwd"]),
    ],
)
def test_forbidden_paths_of_every_layer(tmp_path: Path, patterns: list[str], found: list[bytes]) -> None:
    verdict = one(stacked_of(tmp_path, docker_save(TREE)), forbid_path=patterns)
    assert [cause.path for cause in verdict.causes] == found
    assert (verdict.passed, verdict.value, verdict.limit) == (not found, len(found), ", ".join(patterns))


def test_a_path_is_judged_as_each_layer_holds_it(tmp_path: Path) -> None:
    layers = [layer(file("x", b"1")), layer(directory("x/"))]
    [cause] = one(stacked_of(tmp_path, docker_save(layers)), forbid_path="x/").causes
    assert (cause.path, cause.arguments["layer"]) == (b"x", 1)


def test_a_deleted_path_is_said_to_be_still_in_the_archive(tmp_path: Path) -> None:
    [cause] = one(stacked_of(tmp_path, docker_save(TREE)), forbid_path="deleted*").causes
    assert cause.arguments == {"layer": 0, "removal": "; not in the final filesystem, but still in the archive"}


@pytest.mark.parametrize(
    ("patterns", "missing"),
    [
        (["/etc/passwd"], []),
        (["/etc/shadow", "etc"], ["/etc/shadow"]),
        (["deleted.pem"], ["deleted.pem"]),
        (["empty/", "/link", "*.pem"], []),
        (["link/"], ["link/"]),
    ],
)
def test_required_paths_of_the_final_filesystem(tmp_path: Path, patterns: list[str], missing: list[str]) -> None:
    verdict = one(stacked_of(tmp_path, docker_save(TREE)), require_path=patterns)
    assert [cause.arguments["pattern"] for cause in verdict.causes] == missing
    assert (verdict.passed, verdict.value) == (not missing, len(missing))


def test_causes_are_bounded(tmp_path: Path) -> None:
    many = [layer(*(file(f"f{number:04}.pem", b"x") for number in range(500)))]
    verdict = one(stacked_of(tmp_path, docker_save(many)), forbid_path="*.pem")
    assert (verdict.value, len(verdict.causes)) == (500, 100)


# --- configuration --------------------------------------------------------------------------------------------------


def configured(folder: Path, **config: object) -> tuple[MeasuredImage, ...]:
    layers = [layer(file("a", b"x"))]
    return stacked_of(folder, docker_save(layers, config=builders.image_config(layers, execution=config)))


@pytest.mark.parametrize(
    ("user", "passes"),
    [
        ("", False), (None, False), ("root", False), ("0", False), ("00", False), ("0:0", False), ("root:app", False),
        (":app", False), (" root", False), ("app", True), ("1000", True), ("1000:0", True), ("rooted", True),
    ],
)  # fmt: skip
def test_another_user_than_root(tmp_path: Path, user: str | None, passes: bool) -> None:
    assert one(configured(tmp_path, User=user), require_user=True).passed == passes


@pytest.mark.parametrize(
    ("user", "passes"), [("app", True), ("app:app", True), ("1000:5", True), ("1000", False), ("", False), ("x", False)]
)
def test_only_these_users(tmp_path: Path, user: str, passes: bool) -> None:
    assert one(configured(tmp_path, User=user), allow_user=("app", "1000:5")).passed == passes


PORTS: list[tuple[str, str, bool, bool]] = [  # exposed, listed: allowed? free of forbidden ones?
    ("8080/tcp", "8080", True, False),
    ("8080", "8080/tcp", True, False),
    ("8080/udp", "8080/tcp", False, True),
    ("8080/udp", "8080", True, False),
    ("8080/tcp", "8081", False, True),
    ("8000-8010/tcp", "8005", False, False),
    ("8000-8010/tcp", "8000-8010", True, False),
    ("8000-8010/tcp", "8000-8009", False, False),
    ("8011", "8000-8010", False, True),
    ("7999", "8000-8010", False, True),
    ("8000", "8000-8010", True, False),
    ("8010", "8000-8010", True, False),
    ("http", "1-65535", False, True),
    ("99999/tcp", "1-65535", False, True),
]


@pytest.mark.parametrize(("exposed", "listed", "allowed", "free"), PORTS)
def test_ports(tmp_path: Path, exposed: str, listed: str, allowed: bool, free: bool) -> None:
    image = configured(tmp_path, ExposedPorts={exposed: {}})
    assert one(image, allow_port=(listed,)).passed == allowed
    assert one(image, forbid_port=(listed,)).passed == free


def test_no_ports_are_fine(tmp_path: Path) -> None:
    image = configured(tmp_path)
    verdict = one(image, allow_port=("80",))
    assert (verdict.passed, verdict.value) == (True, "none")


LABELS: list[tuple[dict[str, str], tuple[str, ...], int]] = [
    ({"a": "1"}, ("a",), 0),
    ({"a": ""}, ("a",), 0),
    ({"a": ""}, ("a=",), 0),
    ({"a": "1"}, ("a=",), 1),
    ({"a": "1"}, ("b",), 1),
    ({"a": "https://x/y"}, ("a=https://x/*",), 0),
    ({"a": "http://x/y"}, ("a=https://x/*", "c"), 2),
    ({"A": "1"}, ("a",), 1),
    ({}, ("a",), 1),
]


@pytest.mark.parametrize(("labels", "wanted", "missing"), LABELS)
def test_required_labels(tmp_path: Path, labels: dict[str, str], wanted: tuple[str, ...], missing: int) -> None:
    verdict = one(configured(tmp_path, Labels=labels), require_label=wanted)
    assert (verdict.passed, verdict.value, len(verdict.causes)) == (not missing, missing, missing)


@pytest.mark.parametrize(
    ("labels", "passes"),
    [({}, True), ({"b": "1"}, True), ({"a": ""}, False), ({"x-y": ""}, False), ({"X-y": ""}, True)],
)
def test_forbidden_labels(tmp_path: Path, labels: dict[str, str], passes: bool) -> None:
    assert one(configured(tmp_path, Labels=labels), forbid_label=("a", "x-*")).passed == passes


def test_a_cause_prints_no_secret(tmp_path: Path) -> None:
    secret = with_checksum("ghp" + "_")
    labels = {"token": secret, f"n-{secret}": "1"}
    config = builders.image_config(LAYERS, execution={"Labels": labels, "User": secret, "ExposedPorts": {secret: {}}})
    config["history"] = [{"created_by": f"/bin/sh -c echo {secret} > /x PASSWORD=Tr0ub4dor&3x"}] * 3
    images = stacked_of(tmp_path, docker_save(LAYERS, config=config))
    gates: dict[str, object] = {
        "require_label": ("token=x",), "forbid_label": ("n-*",), "allow_user": ("x",), "require_user": True,
        "allow_port": ("80",), "max_size": "0", "max_layers": "0", "max_layer_size": "0",
    }  # fmt: skip
    said = repr(judged(images, **gates))
    assert secret not in said
    assert "Tr0ub4dor" not in said
    assert "ghp_… (40 characters)" in said


PLATFORMS = [
    (("linux/amd64",), True),
    (("linux/arm64", "linux/amd64"), True),
    (("linux/arm64",), False),
    (("linux/amd64/v2",), False),
]


@pytest.mark.parametrize(("listed", "passes"), PLATFORMS)
def test_every_image_is_for_an_allowed_platform(
    images: tuple[MeasuredImage, ...], listed: tuple[str, ...], passes: bool
) -> None:
    assert one(images, allow_platform=listed).passed == passes


def test_the_archive_has_the_required_platforms(tmp_path: Path, fixtures: Path) -> None:
    several = tuple(imgtar.inspect(str(fixtures / "ctr5-export-platform.tar")).session.measured())
    there = several[0].image.platform
    named = f"{there.os}/{there.architecture}"
    verdict = one(several, require_platform=(named,))
    assert (verdict.passed, verdict.image) == (True, None)
    verdict = one(several, require_platform=(named, "plan9/mips"))
    assert [cause.arguments["platform"] for cause in verdict.causes] == ["plan9/mips"]


# --- severity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("worst", list(Severity))
@pytest.mark.parametrize("limit", list(Severity))
def test_severities(images: tuple[MeasuredImage, ...], worst: Severity, limit: Severity) -> None:
    gates = Policy().replaced({"max-severity": limit.value, "fail-on": limit.value}).gates
    allowed, failing = evaluate(gates, images, [0], [Severity.INFO, worst])
    assert allowed.passed == (worst.rank <= limit.rank)
    assert failing.passed == (worst.rank < limit.rank and limit is not Severity.INFO)
    assert allowed.value == failing.value == worst.value
    assert [cause.finding for cause in allowed.causes] == ([] if allowed.passed else [1])


def test_nothing_found_passes(images: tuple[MeasuredImage, ...]) -> None:
    gates = Policy().replaced({"max-severity": "info", "fail-on": "info"}).gates
    assert [verdict.passed for verdict in evaluate(gates, images, [0], [])] == [True, True]


# --- growth ---------------------------------------------------------------------------------------------------------


def earlier(size: int, names: tuple[str, ...] = ("app:1",), layers: tuple[str, ...] = (), **platform: str) -> Any:
    return {
        "names": names,
        "platform": {"os": "linux", "architecture": "amd64", "variant": None} | platform,
        "totals": {"content_size": size},
        "layers": [{"diff_id": diff_id} for diff_id in layers],
    }


def baseline(*given: Any) -> list[BaselineImage]:
    return msgspec.convert(list(given), list[BaselineImage])


@pytest.mark.parametrize(
    ("limit", "size", "passes", "value"),
    [
        ("600", 1000, True, 600),
        ("599", 1000, False, 600),
        ("60%", 1000, True, 0.6),
        ("59.9999%", 1000, False, 0.6),
        ("0", 1600, True, 0),
        ("0%", 1600, True, 0),
        ("0", 1599, False, 1),
        ("0", 5000, True, -3400),
        ("0%", 2000, True, -0.2),
        ("500%", 0, False, None),
    ],
)
def test_growth(images: tuple[MeasuredImage, ...], limit: str, size: int, passes: bool, value: float | None) -> None:
    gates = Policy().replaced({"max-growth": limit}).gates
    before = baseline(earlier(size, layers=(builders.digest(LAYERS[0]),)))
    [verdict] = evaluate(gates, images, [0], [], before)
    assert (verdict.passed, verdict.value) == (passes, value)
    assert [cause.layer for cause in verdict.causes] == ([] if passes else [1])


def test_an_image_without_an_earlier_one_fails(images: tuple[MeasuredImage, ...]) -> None:
    for limit in ("1GB", "100%"):
        [verdict] = evaluate(Policy().replaced({"max-growth": limit}).gates, images, [0], [], [])
        assert (verdict.passed, verdict.value) == (False, None)


def counterpart(image: Image, count: int, others: Sequence[BaselineImage]) -> BaselineImage | None:
    number = Counterparts(others).of(image, count)
    return None if number is None else others[number]


def test_which_earlier_image_is_meant(images: tuple[MeasuredImage, ...]) -> None:
    image = images[0].image
    alone = baseline(earlier(1, ("other:9",), architecture="arm64"))
    assert counterpart(image, 1, alone) is alone[0]
    assert counterpart(image, 2, alone) is None
    tagged, other, arm, same = baseline(
        earlier(1, ("app:0",)), earlier(2, ("x/app:1",)), earlier(3, architecture="arm64"), earlier(4)
    )
    assert counterpart(image, 1, [tagged, other, arm, same]) is same
    assert counterpart(image, 2, [tagged, other, arm]) is tagged
    assert counterpart(image, 2, [other, arm]) is None
    assert counterpart(image, 2, [same, same]) is None


def test_a_registry_with_a_port_is_no_tag(tmp_path: Path) -> None:
    [answer] = stacked_of(tmp_path, docker_save(LAYERS, names=("host:5000/app:2",)))
    [right, wrong] = baseline(earlier(1, ("host:5000/app:1",)), earlier(1, ("host:5000/other:2",)))
    assert counterpart(answer.image, 2, [wrong, right]) is right


GOOD = {"schema_version": 1, "complete": True, "images": [earlier(5)]}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not a report of imgtar inspect: "),
        (b"[]", "not a report of imgtar inspect: "),
        (b"\xff", "not a report of imgtar inspect: "),
        (b"[" * 100_000, "not a report of imgtar inspect: "),
        (b'{"schema_version":1}', "not a report of imgtar inspect: Object missing required field"),
        (json.dumps(GOOD | {"schema_version": 2}).encode(), "its schema_version is 2, not 1"),
        (json.dumps(GOOD | {"complete": False}).encode(), "it reports an archive that was not read to its end"),
        (json.dumps(GOOD | {"images": [{"names": []}]}).encode(), "not a report of imgtar inspect: "),
        (json.dumps(GOOD).encode().replace(b"5", b'"5"'), "not a report of imgtar inspect: "),
        (json.dumps(GOOD).encode().replace(b"5", b"-5"), "not a report of imgtar inspect: "),
        (json.dumps(GOOD).encode().replace(b"linux", b"\xff"), "not a report of imgtar inspect: "),
        (json.dumps(GOOD).encode().replace(b"5", b"9" * 30), "not a report of imgtar inspect: "),
        (json.dumps(GOOD).encode().replace(b"5", b"9" * 5000), "not a report of imgtar inspect: "),
    ],
)
def test_what_is_no_baseline(tmp_path: Path, raw: bytes, says: str) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(raw)
    with pytest.raises(InputError) as raised:
        read_baseline(str(path))
    assert raised.value.message.startswith(f"baseline {path}: {says}")


def test_a_baseline_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(GOOD))
    assert read_baseline(str(path))[0].size == 5
    monkeypatch.setattr("imgtar.gates.baseline.LARGEST", 10)
    with pytest.raises(InputError, match="larger than 10 bytes"):
        read_baseline(str(path))
    with pytest.raises(InputError, match="baseline nowhere: no such file"):
        read_baseline("nowhere")
