"""Each gate on both sides of its exact border, and what it blames."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

import imgtar
from imgtar.analysis.dive.score import DiveScore
from imgtar.analysis.stacked_image import Stacked
from imgtar.errors import InputError, UsageError
from imgtar.findings import Severity
from imgtar.gates import sizes as gate_sizes
from imgtar.gates.base_image import Base, base_of, read_base_image
from imgtar.gates.baseline import Earlier, counterpart, read_baseline
from imgtar.gates.judge import judge
from imgtar.gates.verdict import Verdict
from imgtar.limits import DEFAULT
from imgtar.policy.dive_rules import DiveRules
from imgtar.policy.policy import Policy
from tests import builders
from tests.builders import directory, docker_save, file, hardlink, layer, symlink, whiteout

# 1,000 bytes in the base; then 500 of them stored again, 100 more, and 100 deleted.
LAYERS = [
    layer(file("a", b"a" * 500), file("b", b"b" * 400), file("gone", b"g" * 100)),
    layer(file("a", b"A" * 500), file("new", b"n" * 100)),
    layer(whiteout("gone"), directory("etc/"), file("etc/key.pem", b"")),
]
STORED, WASTED, OWN_STORED = 1600, 600, 600


def stacked_of(folder: Path, archive: bytes) -> tuple[Stacked, ...]:
    path = folder / "gate.tar"
    path.write_bytes(archive)
    return imgtar.inspect(str(path)).stacked


@pytest.fixture
def answers(tmp_path: Path) -> tuple[Stacked, ...]:
    return stacked_of(tmp_path, docker_save(LAYERS))


def judged(answers: tuple[Stacked, ...], base: int = 1, **given: object) -> list[Verdict]:
    options = {key.replace("_", "-"): value for key, value in given.items()}
    return judge(Policy().replaced(options).gates, answers, [Base(base, "--base")] * len(answers), [])


def one(answers: tuple[Stacked, ...], base: int = 1, **given: object) -> Verdict:
    [verdict] = judged(answers, base, **given)
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
    answers: tuple[Stacked, ...], gate: str, passes: object, fails: object, value: float
) -> None:
    verdict = one(answers, **{gate: passes})
    assert (verdict.passed, verdict.value, verdict.causes) == (True, value, ())
    verdict = one(answers, **{gate: fails})
    assert (verdict.passed, verdict.value, verdict.image) == (False, value, 0)
    assert verdict.rule == gate.replace("_", "-")
    assert verdict.causes


def test_what_is_blamed_for_waste(answers: tuple[Stacked, ...]) -> None:
    first, second = one(answers, max_wasted_bytes="0").causes
    assert (first.path, first.size, first.arguments) == (b"a", 500, {"kind": "overwritten", "removed": 1, "added": 0})
    assert (second.path, second.arguments["kind"]) == (b"gone", "deleted")


def test_which_layers_are_blamed(answers: tuple[Stacked, ...]) -> None:
    assert [cause.layer for cause in one(answers, max_size="0").causes] == [0, 1]
    assert [cause.layer for cause in one(answers, max_layer_size="999").causes] == [0]
    assert [cause.layer for cause in one(answers, max_layers="2").causes] == [2, 1, 0]
    assert one(answers, max_layer_size="999").causes[0].arguments["step"] == "ADD file:0 in /"


@pytest.mark.parametrize(("base", "wasted", "stored"), [(0, 600, 1600), (1, 600, 600), (2, 100, 0), (3, 0, 0)])
def test_own_waste_is_what_own_layers_waste_over_what_they_store(
    answers: tuple[Stacked, ...], base: int, wasted: int, stored: int
) -> None:
    share = gate_sizes.own_waste(answers[0], base)
    assert share == (wasted / stored if stored else (math.inf if wasted else 0))
    verdict = one(answers, base, max_own_waste="100%")
    assert verdict.passed == (share <= 1)
    assert verdict.value == (None if math.isinf(share) else share)


def test_a_layer_that_stores_and_wastes_nothing_is_efficient(tmp_path: Path) -> None:
    answers = stacked_of(tmp_path, docker_save([]))
    gates = {"min_efficiency": "1", "max_own_waste": "0", "max_size": "0", "max_layers": "0", "max_layer_size": "0"}
    assert all(verdict.passed for verdict in judged(answers, 0, **gates))


# --- dive -----------------------------------------------------------------------------------------------------------


def dive(answers: tuple[Stacked, ...], **rules: Any) -> list[bool]:
    gates = msgspec.structs.replace(Policy().gates, dive=DiveRules(**rules))
    return [verdict.passed for verdict in judge(gates, answers, [Base(0, "none")], [])]


def scored(answers: tuple[Stacked, ...], **score: Any) -> tuple[Stacked, ...]:
    fields: dict[str, Any] = {
        "efficiency": 1.0, "wasted_bytes": 0, "size_bytes": 0, "user_size_bytes": 0, "user_wasted_percent": 0.0
    }  # fmt: skip
    return (msgspec.structs.replace(answers[0], dive=DiveScore(**(fields | score))),)


def test_dives_rules_are_strict(answers: tuple[Stacked, ...]) -> None:
    exact = scored(answers, efficiency=0.9, wasted_bytes=7, user_wasted_percent=0.1)
    assert dive(exact, lowest_efficiency=0.9, highest_wasted_bytes=7, highest_user_wasted_percent=0.1) == [True] * 3
    above, below = math.nextafter(0.9, 1), math.nextafter(0.1, 0)
    assert (
        dive(exact, lowest_efficiency=above, highest_wasted_bytes=6, highest_user_wasted_percent=below) == [False] * 3
    )


@pytest.mark.parametrize(("percent", "passes"), [(math.nan, True), (math.inf, False)])
def test_nan_never_fails_and_infinity_does(answers: tuple[Stacked, ...], percent: float, passes: bool) -> None:
    image = scored(answers, user_wasted_percent=percent)
    [verdict] = judge(
        msgspec.structs.replace(Policy().gates, dive=DiveRules(highest_user_wasted_percent=1.0)),
        image, [Base(0, "none")], [],
    )  # fmt: skip
    assert (verdict.passed, verdict.value) == (passes, None)


def test_without_dives_numbers_its_rules_fail(answers: tuple[Stacked, ...]) -> None:
    unknown = (msgspec.structs.replace(answers[0], dive=None),)
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


def test_a_deleted_path_is_told_as_such(tmp_path: Path) -> None:
    [cause] = one(stacked_of(tmp_path, docker_save(TREE)), forbid_path="deleted*").causes
    assert cause.arguments == {"layer": 0, "gone": ", gone from the final filesystem, but not from the archive"}


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


def configured(folder: Path, **config: object) -> tuple[Stacked, ...]:
    layers = [layer(file("a", b"x"))]
    return stacked_of(folder, docker_save(layers, config=builders.image_config(layers, config=config)))


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
    secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    labels = {"token": secret, f"n-{secret}": "1"}
    config = builders.image_config(LAYERS, config={"Labels": labels, "User": secret, "ExposedPorts": {secret: {}}})
    config["history"] = [{"created_by": f"/bin/sh -c echo {secret} > /x PASSWORD=Tr0ub4dor&3x"}] * 3
    answers = stacked_of(tmp_path, docker_save(LAYERS, config=config))
    gates: dict[str, object] = {
        "require_label": ("token=x",), "forbid_label": ("n-*",), "allow_user": ("x",), "require_user": True,
        "allow_port": ("80",), "max_size": "0", "max_layers": "0", "max_layer_size": "0",
    }  # fmt: skip
    said = repr(judged(answers, **gates))
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
    answers: tuple[Stacked, ...], listed: tuple[str, ...], passes: bool
) -> None:
    assert one(answers, allow_platform=listed).passed == passes


def test_the_archive_has_the_required_platforms(tmp_path: Path, fixtures: Path) -> None:
    several = imgtar.inspect(str(fixtures / "ctr5-export-platform.tar")).stacked
    there = several[0].image.platform
    named = f"{there.os}/{there.architecture}"
    verdict = one(several, require_platform=(named,))
    assert (verdict.passed, verdict.image) == (True, None)
    verdict = one(several, require_platform=(named, "plan9/mips"))
    assert [cause.arguments["platform"] for cause in verdict.causes] == ["plan9/mips"]


# --- severity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("worst", list(Severity))
@pytest.mark.parametrize("limit", list(Severity))
def test_severities(answers: tuple[Stacked, ...], worst: Severity, limit: Severity) -> None:
    gates = Policy().replaced({"max-severity": limit.value, "fail-on": limit.value}).gates
    allowed, failing = judge(gates, answers, [Base(0, "none")], [Severity.INFO, worst])
    assert allowed.passed == (worst.rank <= limit.rank)
    assert failing.passed == (worst.rank < limit.rank and limit is not Severity.INFO)
    assert allowed.value == failing.value == worst.value
    assert [cause.finding for cause in allowed.causes] == ([] if allowed.passed else [1])


def test_nothing_found_passes(answers: tuple[Stacked, ...]) -> None:
    gates = Policy().replaced({"max-severity": "info", "fail-on": "info"}).gates
    assert [verdict.passed for verdict in judge(gates, answers, [Base(0, "none")], [])] == [True, True]


# --- base -----------------------------------------------------------------------------------------------------------


def test_the_base_by_its_number(answers: tuple[Stacked, ...]) -> None:
    assert [base_of(answers[0], answers, count, None) for count in (0, 3)] == [Base(0, "--base"), Base(3, "--base")]
    with pytest.raises(UsageError, match="base 4: the image has 3 layers"):
        base_of(answers[0], answers, 4, None)


def test_the_base_by_its_archive(tmp_path: Path, answers: tuple[Stacked, ...]) -> None:
    base = tmp_path / "base.tar"
    for count in (1, 2, 3):
        base.write_bytes(docker_save(LAYERS[:count]))
        images = read_base_image(str(base), DEFAULT)
        assert base_of(answers[0], answers, None, images) == Base(count, "--base-image")
    base.write_bytes(builders.gzip(docker_save(LAYERS[:2])))
    assert base_of(answers[0], answers, None, read_base_image(str(base), DEFAULT)).layers == 2
    for other in (LAYERS[1:], [*LAYERS, LAYERS[0]]):
        base.write_bytes(docker_save(other))
        with pytest.raises(UsageError, match="not the lowest of the image"):
            base_of(answers[0], answers, None, read_base_image(str(base), DEFAULT))
    for raw, code in ((b"no tar", "input.not-tar"), (docker_save([]), "input.base-image")):
        base.write_bytes(raw)
        with pytest.raises(InputError, match=r"base image .*base\.tar: ") as raised:
            read_base_image(str(base), DEFAULT)
        assert raised.value.code == code
    with pytest.raises(InputError, match=r"base image nowhere\.tar: "):
        read_base_image("nowhere.tar", DEFAULT)


def labelled(folder: Path, labels: dict[str, str], **config: object) -> Base:
    changed = builders.image_config(LAYERS, config={"Labels": labels}, **config)
    answers = stacked_of(folder, docker_save(LAYERS, config=changed))
    return base_of(answers[0], answers, None, None)


def test_the_base_by_the_label_of_buildpacks(tmp_path: Path) -> None:
    for index in (0, 1, 2):
        metadata = json.dumps({"runImage": {"topLayer": builders.digest(LAYERS[index]), "reference": "x"}})
        assert labelled(tmp_path, {"io.buildpacks.lifecycle.metadata": metadata}) == Base(index + 1, "label")
    for metadata in ("", "{", "[]", '{"runImage":{"topLayer":"sha256:0"}}', '{"runImage":null}', "[" * 100_000):
        assert labelled(tmp_path, {"io.buildpacks.lifecycle.metadata": metadata}).source == "history"


def test_the_base_by_its_digest_where_it_is_in_the_archive(tmp_path: Path) -> None:
    layout = builders.Layout()
    base = layout.add_image(LAYERS[:2])
    labels = {"org.opencontainers.image.base.digest": base["digest"]}
    layout.manifests += [layout.add_image(LAYERS, config={"Labels": labels}), base]
    answers = stacked_of(tmp_path, layout.tar())
    assert base_of(answers[0], answers, None, None) == Base(2, "label")
    assert base_of(answers[0], answers[:1], None, None).source == "history"


@pytest.mark.parametrize(
    ("created_by", "base"),
    [
        ("/bin/sh -c #(nop) ADD file:0 in / ", Base(1, "history")),
        ("something else", Base(1, "history")),
        (None, Base(1, "history")),
        ("/bin/sh -c #(nop) COPY file:0 in /app ", Base(0, "none")),
        ("/bin/sh -c make", Base(0, "none")),
    ],
)
def test_the_base_by_the_history(tmp_path: Path, created_by: str | None, base: Base) -> None:
    history = [{"created_by": created_by}, {"created_by": "/bin/sh -c x"}, {"created_by": "/bin/sh -c y"}]
    assert labelled(tmp_path, {}, history=history) == base


def test_an_image_without_layers_has_no_base(tmp_path: Path) -> None:
    [answer] = stacked_of(tmp_path, docker_save([]))
    assert base_of(answer, [answer], None, None) == Base(0, "none")


# --- growth ---------------------------------------------------------------------------------------------------------


def earlier(size: int, names: tuple[str, ...] = ("app:1",), layers: tuple[str, ...] = (), **platform: str) -> Any:
    return {
        "names": names,
        "platform": {"os": "linux", "architecture": "amd64", "variant": None} | platform,
        "totals": {"content_size": size},
        "layers": [{"diff_id": diff_id} for diff_id in layers],
    }


def images(*given: Any) -> list[Earlier]:
    return msgspec.convert(list(given), list[Earlier])


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
def test_growth(answers: tuple[Stacked, ...], limit: str, size: int, passes: bool, value: float | None) -> None:
    gates = Policy().replaced({"max-growth": limit}).gates
    before = images(earlier(size, layers=(builders.digest(LAYERS[0]),)))
    [verdict] = judge(gates, answers, [Base(0, "none")], [], before)
    assert (verdict.passed, verdict.value) == (passes, value)
    assert [cause.layer for cause in verdict.causes] == ([] if passes else [1])


def test_an_image_without_an_earlier_one_fails(answers: tuple[Stacked, ...]) -> None:
    for limit in ("1GB", "100%"):
        [verdict] = judge(Policy().replaced({"max-growth": limit}).gates, answers, [Base(0, "none")], [], [])
        assert (verdict.passed, verdict.value) == (False, None)


def test_which_earlier_image_is_meant(answers: tuple[Stacked, ...]) -> None:
    image = answers[0].image
    alone = images(earlier(1, ("other:9",), architecture="arm64"))
    assert counterpart(image, 1, alone) is alone[0]
    assert counterpart(image, 2, alone) is None
    tagged, other, arm, same = images(
        earlier(1, ("app:0",)), earlier(2, ("x/app:1",)), earlier(3, architecture="arm64"), earlier(4)
    )
    assert counterpart(image, 1, [tagged, other, arm, same]) is same
    assert counterpart(image, 2, [tagged, other, arm]) is tagged
    assert counterpart(image, 2, [other, arm]) is None
    assert counterpart(image, 2, [same, same]) is None


def test_a_registry_with_a_port_is_no_tag(tmp_path: Path) -> None:
    [answer] = stacked_of(tmp_path, docker_save(LAYERS, names=("host:5000/app:2",)))
    [right, wrong] = images(earlier(1, ("host:5000/app:1",)), earlier(1, ("host:5000/other:2",)))
    assert counterpart(answer.image, 2, [wrong, right]) is right


GOOD = {"schema_version": 1, "complete": True, "images": [earlier(5)]}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "no report of imgtar inspect: "),
        (b"[]", "no report of imgtar inspect: "),
        (b"\xff", "no report of imgtar inspect: "),
        (b"[" * 100_000, "no report of imgtar inspect: "),
        (b'{"schema_version":1}', "no report of imgtar inspect: Object missing required field"),
        (json.dumps(GOOD | {"schema_version": 2}).encode(), "a report of schema_version 2"),
        (json.dumps(GOOD | {"complete": False}).encode(), "it tells of an archive that was not read to its end"),
        (json.dumps(GOOD | {"images": [{"names": []}]}).encode(), "no report of imgtar inspect: "),
        (json.dumps(GOOD).encode().replace(b"5", b'"5"'), "no report of imgtar inspect: "),
        (json.dumps(GOOD).encode().replace(b"5", b"-5"), "no report of imgtar inspect: "),
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
