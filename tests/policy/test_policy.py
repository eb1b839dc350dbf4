"""The configuration file: every key with good and with nonsense values, which file is found, what options replace."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from imgtar.errors import UsageError
from imgtar.findings import Severity
from imgtar.formats.oci.platform import Platform
from imgtar.policy.configuration import LARGEST
from imgtar.policy.dive_rules import DiveRules
from imgtar.policy.policy import CHECK, GATES, SETTINGS, Gates, Policy, find_policy, parse_policy
from imgtar.policy.values import Growth, Label, Ports

DIVE = DiveRules(lowest_efficiency=0.9, highest_wasted_bytes=None, highest_user_wasted_percent=0.1)

# Each key with what it may be in TOML, and the value that it stands for.
GOOD: dict[str, list[tuple[str, Any]]] = {
    "min-efficiency": [("0.95", 0.95), ("1", 1.0), ("0", 0.0), ('"95%"', 0.95), ('"99.5 %"', 0.995), ('".5"', 0.5)],
    "max-wasted-bytes": [("0", 0), ("20_000_000", 20_000_000), ('"20MB"', 20_000_000), ('"1.5 GiB"', 3 << 29)],
    "max-own-waste": [('"10%"', 0.1), ("0.1", 0.1)],
    "max-size": [('"500MB"', 500_000_000), ('"500mb"', 500_000_000), ('"64 k"', 64_000), ('"7B"', 7)],
    "max-layer-size": [('"1KiB"', 1024), ('"0.001kB"', 1)],
    "max-layers": [("12", 12), ('"12"', 12), ("0", 0)],
    "max-growth": [('"10MB"', Growth(size=10_000_000)), ('"5%"', Growth(share=0.05)), ('"150%"', Growth(share=1.5))],
    "forbid-path": [('["*.pem", "!/etc/ssl/"]', ("*.pem", "!/etc/ssl/")), ('"*.pem"', ("*.pem",))],
    "require-path": [('["/etc/passwd"]', ("/etc/passwd",))],
    "require-user": [("true", True), ("false", False)],
    "allow-user": [('["app", "1000:1000"]', ("app", "1000:1000"))],
    "allow-port": [
        ('["8080", "53/udp"]', (Ports(8080, 8080, None, "8080"), Ports(53, 53, "udp", "53/udp"))),
        ("[8080]", (Ports(8080, 8080, None, "8080"),)),
        ("8080", (Ports(8080, 8080, None, "8080"),)),
    ],
    "forbid-port": [('"8000-8010/tcp"', (Ports(8000, 8010, "tcp", "8000-8010/tcp"),))],
    "require-label": [('["a", "b=*x"]', (Label("a", None, "a"), Label("b", "*x", "b=*x")))],
    "forbid-label": [('"secret*"', ("secret*",))],
    "require-platform": [('"linux/arm64"', (Platform("linux", "arm64"),))],
    "allow-platform": [('["linux/arm/v7"]', (Platform("linux", "arm", "v7"),))],
    "max-severity": [('"low"', Severity.LOW), ('"High"', Severity.HIGH)],
    "base": [("3", 3), ('"none"', 0), ('"auto"', None)],
    "base-image": [('"base.tar"', ("base.tar",)), ('["a", "b"]', ("a", "b"))],
    "own": [("true", True)],
    "baseline": [('"report.json"', "report.json")],
    "ignore": [('["image.history-mismatch"]', ("image.history-mismatch",)), ("[]", ())],
    "ignore-path": [('"/usr/share/**"', ("/usr/share/**",)), ("[]", ())],
    "min-severity": [('"info"', Severity.INFO)],
    "fail-on": [('"critical"', Severity.CRITICAL)],
    "all-places": [("true", True), ("false", False)],
    "rules": [('"kingfisher"', "kingfisher"), ('"imgtar"', "imgtar")],
    "packaged": [("true", True), ("false", False)],
}
NONSENSE: dict[str, list[str]] = {
    "min-efficiency": [
        "1" + "0" * 310,
        "-1" + "0" * 310,
        "0x" + "f" * 5000,
        "1.01",
        "-0.1",
        "nan",
        "inf",
        "true",
        '"high"',
        '"101%"',
        '"-1%"',
        '""',
        "[]",
        "95",
        '"1/2"',
    ],
    "max-wasted-bytes": ["-1", "1.5", "true", '"20XB"', '"MB"', '""', '"-1MB"', "1e99", '"99999EB"', "{}"],
    "max-own-waste": ["9" * 400, "10", '"10"', "nan"],
    "max-size": ['"much"', '"1.2.3MB"', '"٣MB"'],
    "max-layer-size": ["-5", '"1e6"'],
    "max-layers": ["-1", "1.5", "true", '"ten"', '"²"', '"9999999999999"'],
    "max-growth": ['"-5%"', "0.05", '"x%"', "true", '"%"'],
    "forbid-path": ["[]", '""', '[""]', '["# comment"]', "[1]", "true", '["!"]', '["["]', '["[z-a]"]', "['a\\']"],
    "require-path": ["[]", '[" "]'],
    "require-user": ["1", '"yes"', "[]"],
    "allow-user": ["[]", "true", "[1]"],
    "allow-port": ["[]", '"http"', "65536", "0x" + "f" * 5000, '"10-5"', '"80/"', '"1-65536"', "true", "-1"],
    "forbid-port": ['"22,23"', '["22", "x"]'],
    "require-label": ["[]", '"=x"', "1"],
    "forbid-label": ["[]"],
    "require-platform": ['"linux"', '"linux/"', '"a/b/c/d"', "[]"],
    "allow-platform": ['["linux/amd64", "linux/"]'],
    "max-severity": ['"bad"', "3", '""'],
    "base": ["-1", '"one"', "true"],
    "base-image": ['""', "1", "true"],
    "own": ['"yes"', "1"],
    "baseline": ["[]", '" "'],
    "ignore": ["true", "[1]", '[""]'],
    "ignore-path": ["1"],
    "min-severity": ['"none"'],
    "fail-on": ["true", '["high"]'],
    "all-places": ['"yes"', "1"],
    "rules": ['"gitleaks"', '""', '["kingfisher"]', "true"],
    "packaged": ['"yes"', "1"],
}


def test_every_key_is_tested() -> None:
    assert set(GOOD) == set(NONSENSE) == {*SETTINGS, *CHECK}
    fields = {key.replace("-", "_") for key in GATES}
    assert fields | {"fail_on", "dive"} == set(Gates.__struct_fields__)


def toml(key: str, value: str) -> bytes:
    return f"{'' if key in SETTINGS else '[check]'}\n{key} = {value}\n".encode()


def valued(policy: Policy, key: str) -> object:
    name = key.replace("-", "_")
    return getattr(policy.gates, name) if name in Gates.__struct_fields__ else getattr(policy, name)


@pytest.mark.parametrize(("key", "value", "meant"), [(key, *one) for key, each in GOOD.items() for one in each])
def test_a_key_means_its_value(key: str, value: str, meant: object) -> None:
    policy = parse_policy("imgtar.toml", toml(key, value))
    assert valued(policy, key) == meant
    assert policy.file == "imgtar.toml"


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, each in NONSENSE.items() for value in each])
def test_nonsense_names_file_and_key(key: str, value: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_policy("conf/imgtar.toml", toml(key, value))
    place = key if key in SETTINGS else f"check.{key}"
    assert raised.value.message.startswith(f"conf/imgtar.toml: {place}: ")
    assert raised.value.remedy.startswith("give ")


def as_option(value: object) -> object:
    """What click gives for a value of TOML."""
    if isinstance(value, list):
        return tuple(map(str, value))
    return value if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, each in GOOD.items() for value, _ in each])
def test_options_are_read_as_the_keys_are(key: str, value: str) -> None:
    meant = valued(parse_policy("imgtar.toml", toml(key, value)), key)
    given = as_option(tomllib.loads(f"x = {value}")["x"])
    assert valued(Policy().replaced({key: given}), key) == meant


@pytest.mark.parametrize("key", [*SETTINGS, *CHECK])
def test_nonsense_in_an_option_names_it(key: str) -> None:
    with pytest.raises(UsageError, match=f"^--{key}: "):
        Policy().replaced({key: [object()]})


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"min-efficency = 0.9", "imgtar.toml: min-efficency: not a valid key; valid keys are ignore"),
        (b"min-efficiency = 0.9", "imgtar.toml: min-efficiency: write it in the table [check]"),
        (b"[gates]\nmax-layers = 1", "imgtar.toml: [gates]: not a valid table; valid tables are check, defaults"),
        (b"[check]\nmin-efficency = 0.9", "imgtar.toml: check.min-efficency: not a valid key; valid keys are min-eff"),
        (b"[check]\nfail-on = 'low'", "imgtar.toml: check.fail-on: not a valid key"),
        (b"check = 1", "imgtar.toml: check is not a table"),
        (b"[[check]]\n", "imgtar.toml: check is not a table"),
        (b"[tool.other]\n", "imgtar.toml: the table [tool.imgtar] is missing"),
        (b"tool = 1", "imgtar.toml: tool is not a table"),
        (b"[tool]\nimgtar = 1", "imgtar.toml: tool.imgtar is not a table"),
        (b"[tool.imgtar.check]\nmax-layers = 'x'", "imgtar.toml: tool.imgtar.check.max-layers: x"),
        (b"rules:\n  lowestEfficiency: 0.9", "imgtar.toml: not valid TOML: "),
        (b"\xff", "imgtar.toml: not valid TOML: "),
        (b"a = " + b"[" * 5000, "imgtar.toml: not valid TOML: "),
    ],
)
def test_what_is_wrong_with_a_file_is_said(raw: bytes, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_policy("imgtar.toml", raw)
    assert raised.value.message.startswith(says)


@pytest.mark.parametrize(
    ("name", "raw", "gates"),
    [
        ("ci/gates", b"[check]\nmax-layers = 3", Gates(max_layers=3)),
        ("gates.yaml", b"[tool.imgtar.check]\nmax-layers = 3", Gates(max_layers=3)),
        ("gates", b"rules:\n  lowestEfficiency: 0.5", Gates(dive=DiveRules(
            lowest_efficiency=0.5, highest_user_wasted_percent=0.1))),
        ("gates.yml", b"# ours\nrules: {}\n", Gates(dive=DIVE)),
        ("x/.dive-ci", b"", Gates(dive=DIVE)),
        ("x/.dive-ci", b"# nothing\n", Gates(dive=DIVE)),
        (".dive-ci", b"other: 1", Gates(dive=DIVE)),
        ("empty", b"", Gates()),
    ],
)  # fmt: skip
def test_the_content_says_what_kind_of_file_it_is(name: str, raw: bytes, gates: Gates) -> None:
    assert parse_policy(name, raw) == Policy(gates=gates, file=name)


@pytest.mark.parametrize("raw", [b"a: 1", b"- 1", b"just text", b"\0", b"{", b"rules"])
def test_what_is_neither_is_refused(raw: bytes) -> None:
    with pytest.raises(UsageError, match=r"^gates: not valid TOML: "):
        parse_policy("gates", raw)


def test_the_first_file_of_the_directory_counts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_policy() == Policy()
    Path(".dive-ci").write_text("rules:\n  lowestEfficiency: 0.5\n")
    assert find_policy().file == ".dive-ci"
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_policy().file == ".dive-ci"
    Path("pyproject.toml").write_text("[tool.imgtar.check]\nmax-layers = 3\n")
    assert find_policy() == Policy(gates=Gates(max_layers=3), file="pyproject.toml")
    Path("imgtar.toml").write_text("fail-on = 'high'\n")
    assert find_policy() == Policy(gates=Gates(fail_on=Severity.HIGH), file="imgtar.toml")
    assert find_policy("pyproject.toml").gates.max_layers == 3


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^none\.toml: no such file"):
        find_policy("none.toml")
    Path("pyproject.toml").write_text("[tool.imgtar\n")
    with pytest.raises(UsageError, match=r"^pyproject\.toml: not valid TOML"):
        find_policy()
    Path("imgtar.toml").mkdir()
    with pytest.raises(UsageError, match=r"^imgtar\.toml: not a regular file"):
        find_policy()
    Path("large").write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(UsageError, match=r"^large: larger than"):
        find_policy("large")
    with pytest.raises(UsageError):
        find_policy("a\0b")


def test_options_replace_keys_of_the_same_name() -> None:
    policy = parse_policy("imgtar.toml", b"ignore = ['a']\nfail-on = 'low'\n[check]\nmax-layers = 3\nmax-size = 5\n")
    replaced = policy.replaced({"max-layers": "7", "ignore": ("b",), "fail-on": "high"})
    assert replaced.gates == Gates(max_layers=7, max_size=5, fail_on=Severity.HIGH)
    assert (replaced.ignore, replaced.file) == (("b",), "imgtar.toml")


def test_our_gates_take_the_place_of_dives() -> None:
    policy = parse_policy(".dive-ci", b"rules:\n  highestWastedBytes: 5\n")
    assert policy.replaced({"min-efficiency": "0.5"}).gates.dive.lowest_efficiency is None
    assert policy.replaced({"max-wasted-bytes": "5"}).gates.dive.highest_wasted_bytes is None
    assert policy.replaced({"max-own-waste": "5%"}).gates.dive.highest_user_wasted_percent is None
    assert policy.replaced({"max-layers": "5"}).gates.dive == policy.gates.dive


def test_what_is_a_gate() -> None:
    assert not Policy().has_gate
    assert not parse_policy("x.toml", b"ignore = ['a']\nmin-severity = 'low'\n[check]\nbase = 1").has_gate
    assert not parse_policy("x.toml", b"[check]\nrequire-user = false").has_gate
    assert parse_policy("x.toml", b"fail-on = 'high'").has_gate
    assert parse_policy(".dive-ci", b"").has_gate
    off = b"rules: {lowestEfficiency: off, highestWastedBytes: disabled, highestUserWastedPercent: 'false'}"
    assert not parse_policy(".dive-ci", off).has_gate
    assert parse_policy("x.toml", b"[check]\nmax-severity = 'low'").audits


# --- .dive-ci -------------------------------------------------------------------------------------------------------

EFFICIENCY = ["lowestEfficiency", "lowest-efficiency", "lowestefficiency", "LOWESTEFFICIENCY", "Lowest-Efficiency"]


@pytest.mark.parametrize("key", EFFICIENCY)
def test_every_spelling_of_a_rule_is_read(key: str) -> None:
    assert parse_policy(".dive-ci", f"rules:\n  {key}: 0.25".encode()).gates.dive.lowest_efficiency == 0.25


@pytest.mark.parametrize("value", ["disabled", "off", "false", '""', "'off'", '"false"', "Disabled", "OFF", "no_"])
@pytest.mark.parametrize("key", ["lowestEfficiency", "highestWastedBytes", "highest-user-wasted-percent"])
def test_the_words_that_switch_a_rule_off(key: str, value: str) -> None:
    raw = f"rules:\n  {key}: {value}".encode()
    if value == "no_":
        with pytest.raises(UsageError, match=key):
            parse_policy(".dive-ci", raw)
        return
    rules = parse_policy(".dive-ci", raw).gates.dive
    field = {"lowestEfficiency": "lowest_efficiency", "highestWastedBytes": "highest_wasted_bytes"}
    assert getattr(rules, field.get(key, "highest_user_wasted_percent")) is None


@pytest.mark.parametrize("value", ["", "~", "null"])
def test_a_rule_without_a_value_has_its_default(value: str) -> None:
    raw = f"rules:\n  lowestEfficiency: {value}\n  highestUserWastedPercent: {value}\n  highestWastedBytes: {value}"
    assert parse_policy(".dive-ci", raw.encode()).gates.dive == DIVE
    assert parse_policy(".dive-ci", f"rules: {value}\n".encode()).gates.dive == DIVE


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("0", 0), ("20000000", 20_000_000), ("20MB", 20_000_000), ("'20 mb'", 20_000_000), ("20MiB", 20 << 20),
        ("20m", 20_000_000), ("20Mi", 20 << 20), ("1.5kB", 1500), ("'1,000,000'", 1_000_000), ("1e6", 1_000_000),
        ("20_000", 20_000), ("0x10", 16), ("5B", 5), ("2EB", 2 * 10**18), (".5k", 500), ("1.0", 1),
    ],
)  # fmt: skip
def test_sizes_are_read_as_dive_reads_them(value: str, size: int) -> None:
    rules = parse_policy(".dive-ci", f"rules:\n  highestWastedBytes: {value}".encode()).gates.dive
    assert rules.highest_wasted_bytes == size


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lowestEfficiency", "1.01"), ("lowestEfficiency", "-0.1"), ("lowestEfficiency", "95%"),
        ("lowestEfficiency", "high"), ("lowestEfficiency", "nan"), ("lowestEfficiency", "[0.9]"),
        ("highestUserWastedPercent", "20"), ("highestUserWastedPercent", "inf"), ("highestUserWastedPercent", "true"),
        ("highestWastedBytes", "-1"), ("highestWastedBytes", "20XB"), ("highestWastedBytes", "1.2.3"),
        ("highestWastedBytes", "'1e6'"), ("highestWastedBytes", "20EB"), ("highestWastedBytes", "{a: 1}"),
        ("highestWastedBytes", "MB"),
    ],
)  # fmt: skip
def test_nonsense_in_a_dive_ci_names_its_key(key: str, value: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_policy(".dive-ci", f"rules:\n  {key}: {value}".encode())
    assert raised.value.message.startswith(f".dive-ci: rules.{key}: ")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"rules: 1", ".dive-ci: rules: not a mapping"),
        (b"d: &d {lowestEfficiency: 0.99}\nrules:\n  <<: *d\n", ".dive-ci: rules.<<: merge keys are not supported"),
        (b"rules: {}\nRules: {}", ".dive-ci: rules: given twice"),
        (
            b"rules:\n  lowestEfficiency: 1\n  lowest-efficiency: 1",
            "given twice, also as rules.lowestEfficiency",
        ),
        (b"rules: [", ".dive-ci: not valid YAML: "),
        (b"\xff\xfe\xff", ".dive-ci: not valid YAML: "),
        (b"[" * 3000, ".dive-ci: not valid YAML: "),
        (b"- " * 3000, ".dive-ci: not valid YAML: "),
        (b"#" * (64 << 10) + b"\n", ".dive-ci: not valid YAML: larger than 65,536 bytes"),
        (b"a: &a [*a, *a]\nb: *c", ".dive-ci: not valid YAML: "),
        (b"a: !!python/object/apply:os.system [x]\nrules: !x 1", ".dive-ci: rules: not a mapping"),
    ],
)
def test_a_broken_dive_ci_is_an_error(raw: bytes, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_policy(".dive-ci", raw)
    assert says in raised.value.message
    assert "\n" not in raised.value.message


def test_what_dive_does_not_know_it_leaves_alone() -> None:
    raw = b"# a comment\nrules:\n  lowestEfficiency: 0.95\n  maximumLayers: 5\nother: [1]\n"
    assert parse_policy(".dive-ci", raw).gates.dive.lowest_efficiency == 0.95


@pytest.mark.parametrize("value", ["0x" + "f" * 4000, "[0x" + "f" * 4000 + "]"])
def test_a_number_without_end_is_an_error_of_the_configuration(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "imgtar.toml").write_text(f"[check]\nmax-size = {value}\n")
    with pytest.raises(UsageError) as raised:
        find_policy()
    assert "max-size" in raised.value.message


def test_the_mark_of_windows_editors_is_no_error() -> None:
    assert parse_policy("imgtar.toml", b"\xef\xbb\xbffail-on = 'high'\n").gates.fail_on == Severity.HIGH
