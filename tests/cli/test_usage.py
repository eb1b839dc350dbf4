"""What the command line takes, and the one line that it says about what it does not take (exit 2 and 3)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imgtar.cli.registry import NAMES, command_line
from imgtar.cli.suggestions import not_an_image
from imgtar.limits import GIB, LimitReached
from imgtar.text import unescape
from tests.builders import good
from tests.cli.command import imgtar, one_line
from tests.runs import REPORTS, line_of

pytestmark = pytest.mark.slow


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "good.tar"
    path.write_bytes(good())
    return path


@pytest.mark.parametrize("arguments", [[], ["inspect"], ["--summary"], ["--no-color", "inspect"], ["--quiet"]])
def test_inspect_is_what_runs_without_a_command(image: Path, arguments: list[str]) -> None:
    run = imgtar(*arguments, image)
    assert run.returncode == 0
    assert b" layers = " in run.stdout


def test_a_file_without_a_dot_is_an_image(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(good())
    assert imgtar("image", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Frobnicate"], "Frobnicate: neither a command nor a file; commands are inspect"),
        (["isnpect"], "isnpect: neither a command nor a file; did you mean inspect?"),
        (["--color", "never", "hist"], "did you mean history?"),
        (["inspect"], "Missing argument 'IMAGE...'"),
        (["inspect", "a.tar", "--frob"], "No such option"),
        (
            ["inspect", "a.tar", "--format", "yaml"],
            "inspect does not have this format; choose table, json",
        ),
        (["inspect", "a.tar", "--format", "mardown"], "sarif, html; did you mean markdown?"),
        (["ids", "a.tar", "--format", "md"], "--format md: ids does not have this format"),
        (["ids", "a.tar", "--format", "csv"], "ids does not have this format"),
        (["inspect", "a.tar", "-o", "report.xml"], "-o report.xml: inspect does not have this format; choose table"),
        (["inspect", "a.tar", "-o", "report.pdf"], "-o report.pdf: inspect does not have this format"),
        (["inspect", "a.tar", "--format", "report.json"], "--format report.json: inspect does not have this format"),
        (["inspect", "a.tar", "-o", "r.json", "-o", "json=./r.json"], "two reports for the same file"),
        (["inspect", "a.tar", "--color", "sometimes"], "--color"),
        (["inspect", "a.tar", "-o", "json", "-o", "table"], "two reports for standard output (json and table)"),
        (["inspect", "a.tar", "--format", "table", "-o", "json=-"], "two reports for standard output"),
        (["inspect", "a.tar", "-o", "json=x", "-o", "table=./x"], "two reports for the same file"),
        (["inspect", "a.tar", "--limit", "frob=1"], "no limit has this name; names are json-size"),
        (["inspect", "a.tar", "--limit", "layer=1"], "extract-entries; did you mean layers?"),
        (["inspect", "a.tar", "--fail-on", "hgh"], "'high', 'critical'; did you mean high?"),
        (["inspect", "a.tar", "--ignore", "gzip.truncatd"], "lists them; did you mean gzip.truncated?"),
        (["packages", "a.tar", "--type", "debb"], "go, rust; did you mean deb?"),
        (
            ["fleet", "a.tar", "--out", "x", "--do", "inspct"],
            "--do inspct: choose inspect, verify, audit, packages; did",
        ),
        (["fleet", "a.tar", "--out", "x", "--format", "parket"], "did you mean parquet?"),
        (["schema", "inspct"], "failure; did you mean inspect?"),
        (["completion", "bsh"], "'fish'; did you mean bash?"),
        (["inspect", "a.tar", "--limit", "layers"], "not NAME=VALUE"),
        (["inspect", "a.tar", "--limit", "layers=-1"], "give a whole number"),
        (["inspect", "a.tar", "--limit", "layers=1.5"], "give a whole number"),
        (["inspect", "a.tar", "--timeout", "0"], "--timeout"),
        (["inspect", "a.tar", "--ignore", "no.such-code"], "no finding has this code"),
        (["inspect", "a.tar", "--min-severity", "bad"], "--min-severity"),
        (["ls", "a.tar", "--layer", "1", "--all-layers"], "cannot be used together"),
        (["ls", "a.tar", "--layer", "-1"], "--layer"),
        (["schema", "nothing"], "no JSON schema of this name; choose inspect, history"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(arguments: list[str], says: str) -> None:
    run = imgtar(*arguments)
    assert run.returncode == 2
    assert says in one_line(run)
    assert run.stdout == b""


@pytest.mark.parametrize("arguments", [[], ["-q"], ["--color", "never"]])
def test_no_argument_prints_the_usage_and_three_examples(arguments: list[str]) -> None:
    run = imgtar(*arguments)
    message, *examples = run.stderr.decode().splitlines()
    assert run.returncode == 2
    assert message.startswith("imgtar: give an image: imgtar [COMMAND] IMAGE [OPTIONS]")
    assert [line.split(" # ")[0].strip() for line in examples] == [
        "imgtar app.tar",
        "docker save app:1.0 | imgtar -",
        "imgtar check app.tar --max-size 500MB",
    ]
    assert run.stdout == b""


def test_a_limit_that_was_reached_names_a_number_that_is_accepted_and_helps(image: Path) -> None:
    few = imgtar("inspect", str(image), "--limit", "members=1", "--format", "json")
    reached = [finding for finding in json.loads(few.stdout)["findings"] if finding["effect"] == "limit"]
    assert (few.returncode, len(reached)) == (5, 1)
    assert reached[0]["message"].endswith("; use --limit members=200000")
    more = imgtar("inspect", str(image), "--limit", "members=200000", "--format", "json")
    assert more.stdout != few.stdout


def test_unusable_input_is_one_line_and_exit_3(tmp_path: Path) -> None:
    run = imgtar("nofile.tar", cwd=tmp_path)
    assert run.returncode == 3
    assert one_line(run).startswith("imgtar: nofile.tar: no such file; ")
    assert run.stdout == b""


@pytest.mark.parametrize("form", [["--format", "json"], ["-o", "json"], ["-o", "json=-"]])
def test_json_readers_get_the_error_as_json(tmp_path: Path, form: list[str]) -> None:
    run = imgtar("nofile.tar", *form, cwd=tmp_path)
    assert run.returncode == 3
    document = json.loads(run.stdout)
    assert list(document) == ["schema_version", "error"]
    assert list(document["error"]) == ["code", "message"]


def test_a_name_in_an_error_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    run = imgtar("no\x1b[2Jfile.tar\n", cwd=tmp_path)
    assert run.returncode == 3
    assert r"no\x1b[2Jfile.tar" in one_line(run)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--by", "type", "--unowned"), "--unowned and --by type"),
        (("--deleted", "--by", "type"), "--deleted and --by type"),
        (("--deleted", "--by", "layer"), "--deleted and --by layer"),
        (("--deleted", "--unowned"), "--deleted and --unowned"),
        (("--all-layers", "--by", "package"), "--all-layers and --by package"),
        (("--compare-attested", "--by", "type"), "--by type and --compare-attested"),
    ],
)
def test_no_option_about_the_rows_of_packages_is_dropped(options: tuple[str, ...], named: str, image: Path) -> None:
    run = imgtar("packages", image, *options)
    assert run.returncode == 2
    assert f"{named} cannot be used together" in one_line(run)


def test_options_that_ask_for_the_same_rows_of_packages_go_together(image: Path) -> None:
    for options in (
        ("--unowned", "--by", "directory"),
        ("--deleted", "--by", "package"),
        ("--all-layers", "--by", "layer"),
    ):
        assert imgtar("packages", image, *options).stdout == imgtar("packages", image, options[0]).stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--layer", "x"), "'x' is not the number of a layer counted from the base, a whole number from 0"),
        (("--upto", "-1"), "'-1' is not the number of a layer counted from the base, a whole number from 0"),
        (("--jobs", "65"), "'65' is not a number of layers, a whole number from 1 to 64"),
        (("--top", "1.5"), "'1.5' is not a number of rows, a whole number from 0"),
        (("--timeout", "soon"), "'soon' is not a number of seconds, such as 30 or 0.5"),
        (("--timeout", "nan"), "'nan' is not a number of seconds, such as 30 or 0.5"),
    ],
)
def test_an_error_says_what_number_is_meant(options: tuple[str, ...], says: str, image: Path) -> None:
    run = imgtar("packages", image, *options)
    assert run.returncode == 2
    assert says in one_line(run)


@pytest.mark.parametrize("name", ["a\nb.tar", "a\n\tb.tar", "a\\x0ab.tar"])
def test_a_name_in_a_message_is_the_escaped_path(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    for arguments in (("inspect", name), ("inspect", "."), ("shared", name), ("ls", name), ("cat", name, "etc/passwd")):
        run = imgtar(*arguments, cwd=tmp_path)
        assert run.returncode == 3
        subject = one_line(run).removeprefix("imgtar: ").removeprefix("./").partition(": ")[0]
        assert unescape(subject) == name
    assert "Choose from: bash, zsh, fish" in one_line(imgtar("completion"))


@pytest.mark.parametrize(("size", "options", "code"), [(900_000, (), 4), (None, ("--limit", "members=3"), 5)])
@pytest.mark.parametrize(
    "report", [name for name in REPORTS if name not in {"diff", "shared"}]
)  # these choose otherwise
def test_damage_that_leaves_no_image_is_told_before_the_choice(
    report: str, size: int | None, options: tuple[str, ...], code: int, fixtures: Path, tmp_path: Path
) -> None:
    (tmp_path / "image.tar").write_bytes((fixtures / "mysql.tar").read_bytes()[:size])
    line = line_of(report, "image.tar", *options)
    plain = imgtar(*line, cwd=tmp_path)
    assert plain.returncode == code
    for choice in (("--image", "@0"), ("--platform", "linux/arm64")):
        chosen = imgtar(*line, *choice, cwd=tmp_path)
        assert (chosen.returncode, chosen.stderr) == (plain.returncode, plain.stderr)


def test_a_command_about_one_image_lists_several(fixtures: Path) -> None:
    run = imgtar("ls", fixtures / "d20-two-images-shared.tar")
    assert run.returncode == 2
    assert "2 images: @0 r/mysqlish:bk (linux/amd64), @1 r/sibling:bk (linux/amd64)" in one_line(run)
    assert imgtar("ls", fixtures / "d20-two-images-shared.tar", "--image", "@1").returncode == 0


def test_a_choice_that_matches_nothing_lists_what_there_is(fixtures: Path) -> None:
    run = imgtar("inspect", fixtures / "d20-two-images-shared.tar", "--image", "frob")
    assert run.returncode == 3
    assert "r/sibling:bk" in one_line(run)
    run = imgtar("ls", fixtures / "mysql.tar", "--layer", "10")
    assert run.returncode == 3
    assert "layers 0 to 9" in one_line(run)


def test_the_remedy_of_a_limit_is_its_default_or_twice_what_it_was(fixtures: Path) -> None:
    for limit, remedy in (("layer-bytes=1", "64GiB"), ("members=1", "200000")):
        run = imgtar(fixtures / "d26c-mysqlish.tar", "--limit", limit)
        assert run.returncode == 5
        assert f"; use --limit {limit.partition('=')[0]}={remedy} " in one_line(run)
    kind = LimitReached("layer-bytes", 64 * GIB).finding()
    assert kind.arguments["raised"] == "128GiB"


def test_limits_take_sizes(image: Path) -> None:
    assert (
        imgtar(image, "--limit", "json-size=1MiB", "--limit", "layers=5", "--limit", "layer-bytes=2 GB").returncode == 0
    )
    run = imgtar(image, "--limit", "layers=1")
    assert run.returncode == 5
    assert "limit layers" in one_line(run)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (["-f", "json"], ["--format", "json"]),
        (["-fjson"], ["--format", "json"]),
        (["-l"], ["--long"]),
        (["-q", "-f", "json"], ["--quiet", "--format", "json"]),
    ],
)
def test_a_short_option_is_the_long_one(image: Path, short: list[str], long: list[str]) -> None:
    run = imgtar("ls", image, *short)
    assert run.returncode == 0
    assert run.stdout == imgtar("ls", image, *long).stdout


def test_no_two_options_of_a_command_have_one_letter() -> None:
    for name in NAMES:
        letters = [flag for option in command_line(name).params for flag in option.opts if len(flag) == 2]
        assert len(set(letters)) == len(letters), name
        assert "-h" not in letters


def test_version_and_help() -> None:
    version = imgtar("--version")
    assert version.returncode == 0
    assert version.stdout.startswith(b"imgtar 0.")
    assert imgtar("-v").stdout == version.stdout
    for arguments in (["--help"], ["-h"], ["inspect", "--help"], ["ls", "-h"]):
        run = imgtar(*arguments)
        assert run.returncode == 0
        assert run.stdout.startswith(b"Usage: imgtar")
        assert run.stderr == b""


MYSQL = ["docker save mysql -o mysql.tar", "skopeo copy docker://mysql docker-archive:mysql.tar:mysql"]


@pytest.mark.parametrize(
    ("name", "code", "lines"),
    [
        ("docker://mysql", 3, MYSQL),
        ("docker-daemon:mysql", 2, MYSQL),
        ("mysql", 2, MYSQL),
        (
            "mysql:8",
            2,
            ["docker save mysql:8 -o mysql.tar", "skopeo copy docker://mysql:8 docker-archive:mysql.tar:mysql:8"],
        ),
        (
            "ghcr.io/org/app:1.0",
            3,
            [
                "docker save ghcr.io/org/app:1.0 -o app.tar",
                "skopeo copy docker://ghcr.io/org/app:1.0 docker-archive:app.tar:ghcr.io/org/app:1.0",
            ],
        ),
        (
            f"app@sha256:{'0' * 64}",
            2,
            [
                f"docker save app@sha256:{'0' * 64} -o app.tar",
                f"skopeo copy docker://app@sha256:{'0' * 64} docker-archive:app.tar",
            ],
        ),
    ],
)
def test_a_name_in_a_registry_gets_the_two_lines_that_save_it(
    tmp_path: Path, name: str, code: int, lines: list[str]
) -> None:
    run = imgtar(name, cwd=tmp_path)
    first, *rest = run.stderr.decode().splitlines()
    assert run.returncode == code
    assert first.startswith(f"imgtar: {name}: ")
    assert rest == [f"  {line}" for line in lines]


@pytest.mark.parametrize("name", ["nofile.tar", "folder/app.tar", "./app", "app.tar.gz", "host.example/app.tar"])
def test_a_missing_file_is_one_line(tmp_path: Path, name: str) -> None:
    run = imgtar(name, cwd=tmp_path)
    assert run.returncode == 3
    one_line(run)


# Names of images that people pull, among them those that share most letters with a command.
USUAL = (
    "alpine",
    "busybox",
    "ubuntu",
    "debian",
    "fedora",
    "centos",
    "nginx",
    "httpd",
    "caddy",
    "traefik",
    "haproxy",
    "mysql",
    "mariadb",
    "postgres",
    "redis",
    "mongo",
    "influxdb",
    "node",
    "python",
    "golang",
    "ruby",
    "rust",
    "php",
    "bash",
    "registry",
    "vault",
    "consul",
    "wordpress",
    "ghost",
    "nats",
    "kibana",
    "solr",
    "tomcat",
    "jenkins",
    "hello-world",
)


@pytest.mark.parametrize("name", USUAL)
def test_no_usual_image_is_taken_for_a_misspelt_command(name: str) -> None:
    assert "did you mean" not in not_an_image(name).format_message()


@pytest.mark.parametrize(
    ("arguments", "env", "coloured"),
    [
        ([], {}, False),
        (["--color", "auto"], {}, False),
        (["--color=always"], {}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (["--color", "always", "--no-color"], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": ""}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--no-color"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_as_asked_for(image: Path, arguments: list[str], env: dict[str, str], coloured: bool) -> None:
    run = imgtar(*arguments, "ids", image, "--format", "table", env={"FORCE_COLOR": None, **env})
    assert run.returncode == 0
    assert (b"\x1b[" in run.stdout) == coloured
    file = image.parent / "ids.txt"
    assert imgtar(*arguments, "ids", image, "-o", f"table={file}", env={"FORCE_COLOR": None, **env}).returncode == 0
    assert b"\x1b" not in file.read_bytes()
