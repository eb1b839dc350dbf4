"""The rules on configuration and history, each on what it must find and on what looks alike and must not be found."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path
from typing import Any

import pytest

from imgtar.cli.registry import report_types
from scripts.token_makers import with_checksum
from tests.audit.audited import audited_bytes, codes, configured, of
from tests.builders import docker_save, file, image_config, layer
from tests.cli.command import imgtar

pytestmark = pytest.mark.slow


def password() -> str:
    """Sixteen characters that nobody would take for a word."""
    return "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=16))


@pytest.mark.parametrize("user", ["", "0", "root", "0:0", "root:root", "0:1000", "00", "toor", "toor:users"])
def test_root_in_every_spelling(user: str, tmp_path: Path) -> None:
    passwd = b"root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n"
    content = layer(file("etc/passwd", passwd))
    config = image_config([content], execution={"User": user})
    assert "config.user-root" in codes(audited_bytes(docker_save([content], config=config), tmp_path))


@pytest.mark.parametrize("user", ["app", "1000", "1000:0", "app:root", "nobody", "65534"])
def test_users_that_are_not_root(user: str, tmp_path: Path) -> None:
    content = layer(file("etc/passwd", b"root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n"))
    config = image_config([content], execution={"User": user})
    assert "config.user-root" not in codes(audited_bytes(docker_save([content], config=config), tmp_path))


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({}, True),
        ({"Healthcheck": {"Test": ["NONE"]}}, True),
        ({"Healthcheck": {"Test": []}}, True),
        ({"Healthcheck": {"Test": ["CMD-SHELL", "true"]}}, False),
    ],
)
def test_healthcheck(config: dict[str, Any], found: bool, tmp_path: Path) -> None:
    assert ("config.no-healthcheck" in configured(tmp_path, config)) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("app:latest", True),
        ("localhost:5000/app:latest", True),
        ("localhost:5000/app:1", False),
        ("app:latest-2", False),
    ],
)
def test_latest(name: str, found: bool, tmp_path: Path) -> None:
    assert ("config.latest-tag" in configured(tmp_path, name=name)) == found


@pytest.mark.parametrize(
    ("port", "code"),
    [
        ("22/tcp", "config.port-22"),
        ("22", "config.port-22"),
        ("0/tcp", "config.bad-port"),
        ("65536/tcp", "config.bad-port"),
        ("http/tcp", "config.bad-port"),
        ("9" * 400 + "/tcp", "config.bad-port"),
        ("2222/tcp", None),
        ("65535/udp", None),
        ("8000-8010/tcp", None),
    ],
)
def test_ports(port: str, code: str | None, tmp_path: Path) -> None:
    found = configured(tmp_path, {"ExposedPorts": {port: {}}}) & {"config.port-22", "config.bad-port"}
    assert found == ({code} if code else set())


@pytest.mark.parametrize(
    ("directory", "code"),
    [
        ("srv", "config.relative-workdir"),
        ("./srv", "config.relative-workdir"),
        ("/etc", "config.system-workdir"),
        ("/proc/self", "config.system-workdir"),
        ("/srv", None),
        ("/etcetera", None),
        ("", None),
        ("$HOME", None),
        ("C:\\app", None),
    ],
)
def test_working_directory(directory: str, code: str | None, tmp_path: Path) -> None:
    found = configured(tmp_path, {"WorkingDir": directory}) & {"config.relative-workdir", "config.system-workdir"}
    assert found == ({code} if code else set())


def test_volumes(tmp_path: Path) -> None:
    assert "config.sensitive-volume" in configured(tmp_path, {"Volumes": {"/proc/x": {}}})
    assert "config.sensitive-volume" not in configured(tmp_path, {"Volumes": {"/system": {}}})


RUN = "RUN /bin/sh -c {} # buildkit"
CLASSIC = "/bin/sh -c {}"
WITH_ARGUMENTS = "|1 VERSION=3 /bin/sh -c {}"


@pytest.mark.parametrize("form", [RUN, CLASSIC, WITH_ARGUMENTS])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("sudo make install", "config.sudo"),
        ("true && sudo -u x true", "config.sudo"),
        ("apt-get dist-upgrade -y", "config.dist-upgrade"),
        ("apk add curl", "config.apk-cache"),
        ("apt-get update && apt-get install -y curl", "config.apt-cache"),
        ("apt-get update", "config.update-alone"),
        ("yum -y install httpd", "config.package-cache"),
        ("dnf upgrade -y", "config.package-cache"),
        ("apt-get install -y curl", "config.recommended-packages"),
        ("curl -s https://example.invalid/x | bash", "config.piped-script"),
        ("wget -qO- https://example.invalid/x | sudo sh", "config.piped-script"),
    ],
)
def test_habits(form: str, command: str, code: str, tmp_path: Path) -> None:
    assert code in configured(tmp_path, {}, form.format(command))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("apt-get install -y --no-install-recommends sudo", "config.sudo"),
        ("echo pseudo sudoers", "config.sudo"),
        ("apt-get upgrade -y", "config.dist-upgrade"),
        ("apk add --no-cache curl", "config.apk-cache"),
        ("apk --no-cache add curl", "config.apk-cache"),
        ("apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*", "config.apt-cache"),
        ("apt-get update && apt-get install -y curl", "config.update-alone"),
        ("yum -y install httpd && yum clean all", "config.package-cache"),
        ("dnf install -y x && rm -rf /var/cache/dnf", "config.package-cache"),
        ("apt-get install -y --no-install-recommends curl", "config.recommended-packages"),
        ("curl -so /x https://example.invalid/x; sh /y", "config.piped-script"),
        ("curl https://example.invalid/x | tar xz", "config.piped-script"),
    ],
)
def test_habits_that_are_fine(command: str, code: str, tmp_path: Path) -> None:
    assert code not in configured(tmp_path, {}, RUN.format(command))


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("ADD app /srv # buildkit", True),
        ("/bin/sh -c #(nop) ADD dir:0 in /srv ", True),
        ("ADD https://example.invalid/x.tar.gz /srv # buildkit", False),
        ("ADD rootfs.tar.xz / # buildkit", False),
        ("COPY app /srv # buildkit", False),
    ],
)
def test_add_where_copy_would_do(step: str, found: bool, tmp_path: Path) -> None:
    layers = [layer(file("a", b"1")), layer(file("b", b"2"))]
    config = image_config(layers, history=[{"created_by": "ADD base.tar / # buildkit"}, {"created_by": step}])
    rows = audited_bytes(docker_save(layers, config=config), tmp_path)
    assert [row.message for row in of(rows, "config.add")] == (["step 1 (layer 1) uses ADD"] if found else [])


def test_maintainer(tmp_path: Path) -> None:
    assert "config.maintainer" in configured(tmp_path, {}, "/bin/sh -c #(nop)  MAINTAINER me")


@pytest.mark.parametrize(
    "config",
    [
        {"Env": ["DB_PASSWORD={}"]},
        {"Env": ["APP_SECRET={}"]},
        {"Env": ["dbPassword={}"]},
        {"Labels": {"api.token": "{}"}},
    ],
)
def test_secrets_in_variables_and_labels(config: dict[str, Any], tmp_path: Path) -> None:
    secret = password()
    filled = {
        key: [text.format(secret) for text in value]
        if isinstance(value, list)
        else {name: text.format(secret) for name, text in value.items()}
        for key, value in config.items()
    }
    assert "config.secret" in configured(tmp_path, filled)


@pytest.mark.parametrize(
    "step", ["|1 NPM_TOKEN={} /bin/sh -c npm install", "RUN |1 NPM_TOKEN={} /bin/sh -c npm install # buildkit"]
)
def test_secrets_in_build_arguments(step: str, tmp_path: Path) -> None:
    assert "config.secret" in configured(tmp_path, {}, step.format(password()))


@pytest.mark.parametrize(
    "variable",
    [
        "DB_PASSWORD_FILE=/run/secrets/db",
        "PUBLIC_KEY_TOKEN={}",
        "SECRET_PUBLIC={}",
        "PASSWORD=$OTHER",
        "PASSWORD=",
        "TOKEN_URL=https://example.invalid/{}",
        "KEYBOARD={}",
        "COMPASSION={}",
        "GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568",
        "PASSWORD_MIN_LENGTH=12",
        "TOKENIZER={}",
        "SECRETARY={}",
    ],
)
def test_variables_that_hold_no_secret(variable: str, tmp_path: Path) -> None:
    assert "config.secret" not in configured(tmp_path, {"Env": [variable.format(password())]})


def test_long_commands_cost_little(tmp_path: Path) -> None:
    """A hostile history row: words that begin every pattern, many times over."""
    words = "apk apt-get curl wget yum rm sudo password= " * 20_000
    assert "config.user-root" in configured(tmp_path, {}, f"RUN /bin/sh -c {words} # buildkit")


TOKEN = with_checksum("ghp" + "_")
OTHER_TOKEN = with_checksum("ghp" + "_")


@pytest.mark.parametrize(
    "config",
    [
        {"Healthcheck": {"Test": ["CMD-SHELL", f"curl -H 'Authorization: token {TOKEN}' http://localhost"]}},
        {"WorkingDir": TOKEN},
        {"ExposedPorts": {TOKEN: {}}},
        {"Volumes": {f"/proc/{TOKEN}": {}}},
        {"User": TOKEN},
        {"Env": [f"{TOKEN}.password=Tr0ub4dor&3x", f"X={TOKEN}"]},
        {"Labels": {f"{TOKEN}.password": "Tr0ub4dor&3x"}},
        {"Cmd": ["run", TOKEN]},
    ],
)
@pytest.mark.parametrize("command", ["audit", "check"])
def test_a_token_is_found_wherever_the_configuration_has_it_and_never_shown(
    config: dict[str, Any], command: str, tmp_path: Path
) -> None:
    content = layer(file("a", b""))
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([content], config=image_config([content], execution=config)))
    gates = ("--max-severity", "info") if command == "check" else ()
    forms = [word for form in report_types()[command].renderers for word in ("-o", f"{form}={tmp_path / form}.out")]
    run = imgtar(command, path, "--top", "0", "--no-trunc", *gates, *forms)
    shown = run.stderr + b"".join(out.read_bytes() for out in tmp_path.glob("*.out"))
    assert b"config.secret" in shown
    assert TOKEN.encode() not in shown


def test_a_token_in_a_comment_of_the_history(tmp_path: Path) -> None:
    content = layer(file("a", b""))
    config = image_config([content], history=[{"created_by": "COPY a / # buildkit", "comment": f"with {TOKEN}"}])
    [row] = of(audited_bytes(docker_save([content], config=config), tmp_path), "config.secret")
    assert row.message.startswith("step 0 (layer 0) of the history holds what looks like a GitHub token")


def _secrets(folder: Path, execution: dict[str, Any], *steps: str) -> list[str]:
    content = layer(file("a", b""))
    history = [{"created_by": "ADD"}, *({"created_by": step, "empty_layer": True} for step in steps)]
    config = image_config([content], execution=execution, history=history)
    rows = audited_bytes(docker_save([content], config=config), folder)
    return sorted(row.message for row in of(rows, "config.secret"))


def test_every_secret_of_a_step_is_told(tmp_path: Path) -> None:
    one, two, three = password(), password()[::-1], password()[3:] + "x4y"
    step = f"RUN mysql -p{one} && DB_PASSWORD={two} curl -u me:{three} https://a.org && mysql -p{one}"
    assert _secrets(tmp_path, {}, step, step) == [
        f"{holder} of the history holds what looks like a password or token: {secret[:4]}\u2026 (16 characters)"
        for holder, secret in [("DB_PASSWORD in step 1", two), *(("step 1", secret) for secret in sorted((one, three)))]
    ]


@pytest.mark.parametrize(
    ("execution", "holder"),
    [
        ({"Env": ["MAVEN_OPTS=-Xmx1g -Dpassword={}"]}, "password in the variable MAVEN_OPTS"),
        ({"Cmd": ["redis-cli", "-a", "{}"]}, "the command"),
        ({"Healthcheck": {"Test": ["CMD", "mysqladmin", "-p{}", "ping"]}}, "the health check"),
        ({"Labels": {"build.run": "curl -u me:{} https://a.org"}}, "the label build.run"),
    ],
)
def test_a_secret_in_an_argument_of_any_text(execution: dict[str, Any], holder: str, tmp_path: Path) -> None:
    filled = json.loads(json.dumps(execution).replace("{}", password()))
    [message] = _secrets(tmp_path, filled)
    assert message.startswith(f"{holder} holds what looks like")
    assert password() not in message


def test_every_secret_of_a_variable_is_told(tmp_path: Path) -> None:
    value = f"--token {TOKEN} --other {OTHER_TOKEN} --password={password()}"
    messages = _secrets(tmp_path, {"Env": [f"OPTIONS={value}"]})
    assert sorted(message.partition(" holds what looks like ")[2].partition(":")[0] for message in messages) == [
        "a GitHub token",
        "a GitHub token",
        "a password or token",
    ]


@pytest.mark.parametrize("step", ["RUN find / -name mysql -print0", "RUN mysql -pchangeme", "RUN tool --auth=trust"])
def test_a_step_without_a_secret(step: str, tmp_path: Path) -> None:
    assert _secrets(tmp_path, {}, step) == []


@pytest.mark.parametrize("size", [99_950, 300_000])
def test_a_long_row_is_searched_to_its_end(size: int, tmp_path: Path) -> None:
    padding = "RUN " + "true; " * (size // 6)
    messages = _secrets(tmp_path, {}, f"{padding} echo {TOKEN}; mysql -p{password()} db")
    assert sorted(message.partition(" holds what looks like ")[2].partition(":")[0] for message in messages) == [
        "a GitHub token",
        "a password or token",
    ]
    assert "config.sudo" in configured(tmp_path, {}, f"{padding} sudo make")
    assert "config.sudo" not in configured(tmp_path, {}, f"{padding} make")


def test_a_long_variable_is_searched_to_its_end(tmp_path: Path) -> None:
    assert len(_secrets(tmp_path, {"Env": [f"OPTIONS={'-a ' * 100_000} --password={password()}"]})) == 1
