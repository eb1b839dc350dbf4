"""Secrets in the files of layers: found wherever the bytes come from, placed, and told what became of them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from imgtar.audit.secrets.collector import SecretRoom
from imgtar.audit.secrets.inside.search import ContentSearch
from imgtar.audit.secrets.probe import FileSecrets, SecretProbe
from imgtar.limits import Limits
from scripts.token_makers import with_checksum
from tests.audit.audited import audited, audited_bytes, codes, of
from tests.audit.secrets.credential_samples import PKCS8
from tests.audit.secrets.inside.containers import database, encrypted_entry, zipped
from tests.audit.secrets.searching import access_key_ids
from tests.builders import (
    COMPRESS,
    docker_save,
    file,
    gzip,
    hardlink,
    image_config,
    layer,
    oci_archive,
    opaque,
    symlink,
    whiteout,
    zstd,
)
from tests.cli.command import imgtar
from tests.growth import bounded_work

TOKEN = with_checksum("ghp" + "_").encode()


def token() -> bytes:
    """A GitHub token of the right form that GitHub never issued."""
    return TOKEN


def test_deleted_in_a_later_layer(tmp_path: Path) -> None:
    """E68."""
    layers = [layer(file("srv/key.txt", token())), layer(whiteout("srv/key.txt"))]
    rows = audited_bytes(docker_save(layers), tmp_path)
    [found] = of(rows, "secret.github-pat")
    [gone] = of(rows, "secret.in-lower-layer")
    for row in (found, gone):
        assert (row.where.image, row.where.layer, row.where.path, row.where.removed_in) == (0, 0, "/srv/key.txt", 1)
        assert "layer 1 (RUN) deletes it, but it is still in the archive" in row.message
        assert token().decode() not in row.message
    assert found.where.member is not None


@pytest.mark.parametrize(
    ("later", "removed_in"),
    [
        ([layer(file("d/key", b"nothing"))], 1),
        ([layer(), layer(opaque("d"))], 2),
        ([layer(file("d", b"now a file"))], 1),
        ([layer(file("d/other", b""))], None),
        ([layer(whiteout("d")), layer(file("d/key", b"again"))], 1),
    ],
)
def test_what_became_of_it(later: list[bytes], removed_in: int | None, tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(file("d/key", token())), *later]), tmp_path)
    [found] = of(rows, "secret.github-pat")
    assert found.where.removed_in == removed_in
    assert bool(of(rows, "secret.in-lower-layer")) == (removed_in is not None)


def test_stored_over_by_its_own_layer(tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(file("key", token()), file("key", b"harmless"))]), tmp_path)
    [found] = of(rows, "secret.github-pat")
    assert "the same layer stores another file at this path" in found.message
    assert found.where.path == "/key"


def test_behind_links_and_odd_names(tmp_path: Path) -> None:
    content = layer(
        file("real/x", b""),
        symlink("link", "real"),
        file("link/key", token()),
        file("./dot/../key", token()),
        hardlink("second", "real/x"),
    )
    rows = audited_bytes(docker_save([content]), tmp_path)
    assert {row.where.path for row in of(rows, "secret.github-pat")} == {"/real/key", "/key"}


@pytest.mark.parametrize("outer", sorted(COMPRESS))
@pytest.mark.parametrize("inner", ["none", "gzip", "zstd"])
def test_every_way_to_the_bytes_finds_the_same(outer: str, inner: str, tmp_path: Path) -> None:
    """By offset, through a decompressor, and as they pass once."""
    padding = [file(f"pad{n}", bytes(4000)) for n in range(40)]
    layers = [layer(*padding, file("big", b"\n" * 300_000 + token())), layer(whiteout("big"))]
    archive = oci_archive(layers, compression=inner)
    rows = audited_bytes(COMPRESS[outer](archive), tmp_path)
    [found] = of(rows, "secret.github-pat")
    assert (found.where.layer, found.where.path, found.where.removed_in) == (0, "/big", 1)
    assert not [row for row in rows if row.effect != "none"]


def test_a_pipe(tmp_path: Path) -> None:
    archive = docker_save([layer(file("key", token()))])
    run = imgtar("audit", "-", "--format", "json", stdin=gzip(archive))
    assert run.returncode == 0
    assert "secret.github-pat" in {row["code"] for row in json.loads(run.stdout)["findings"]}


def test_with_digests_in_the_same_pass(tmp_path: Path) -> None:
    layers = [layer(file("key", token()), file("same", b"x" * 900_000)), layer(file("same", b"x" * 900_000))]
    for archive in (docker_save(layers), zstd(oci_archive(layers, compression="gzip"))):
        rows = audited_bytes(archive, tmp_path, verify=True)
        assert len(of(rows, "secret.github-pat")) == 1
        assert not [row for row in rows if row.effect != "none"]


def test_every_secret_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    second = with_checksum("ghp" + "_").encode()
    rows = audited_bytes(docker_save([layer(file("a", token() + b"\n\n" + second + b"\n" + token()))]), tmp_path)
    assert [row.message.partition(" holds")[0] for row in of(rows, "secret.github-pat")] == [
        "/a (line 1)",
        "/a (line 3)",
    ]


IN_ONE_FILE = [file("a", access_key_ids(250))]
IN_MANY_FILES = [file(f"a{number:03}", line) for number, line in enumerate(access_key_ids(250).splitlines(True))]


@pytest.mark.parametrize("entries", [IN_ONE_FILE, IN_MANY_FILES], ids=["in one file", "in many files"])
def test_no_secret_is_cut_in_any_format(entries: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([layer(*entries)]))
    names = ("json", "jsonl", "sarif", "table", "markdown", "html", "csv")
    outputs = {name: tmp_path / f"report.{name}" for name in names}
    options = [part for name, output in outputs.items() for part in ("-o", f"{name}={output}")]
    assert imgtar("audit", path, "--top", "0", *options).returncode == 0
    texts = {name: output.read_text() for name, output in outputs.items()}
    code = "secret.aws-access-key-id"
    assert len([row for row in json.loads(texts["json"])["findings"] if row["code"] == code]) == 250
    records = (json.loads(line) for line in texts["jsonl"].splitlines())
    assert len([row for row in records if row.get("code") == code]) == 250
    [run] = json.loads(texts["sarif"])["runs"]
    assert len([row for row in run["results"] if row["ruleId"] == code]) == 250
    shown = "holds what looks like an AWS access key ID"
    for name in ("table", "markdown", "html", "csv"):
        assert texts[name].count(shown) >= 250, name


@pytest.mark.parametrize(
    ("entries", "left"),
    [(IN_ONE_FILE, "/a (5250)"), (IN_MANY_FILES, "/a249 (21)")],
    ids=["in one file", "in many files"],
)
def test_the_limit_of_secrets_is_said(entries: list[bytes], left: str, tmp_path: Path) -> None:
    image = docker_save([layer(*entries)])
    rows = audited_bytes(image, tmp_path, limits=Limits(secrets=249))
    assert len(of(rows, "secret.aws-access-key-id")) == 249
    said = of(rows, "limit.secrets")
    assert {row.effect for row in said} == {"limit"}
    assert [row.message for row in said if row.where.layer == 0 and left in row.message] != []
    assert not of(audited_bytes(image, tmp_path, limits=Limits(secrets=250)), "limit.secrets")


def test_secrets_of_texts_count_against_the_limit_too(tmp_path: Path) -> None:
    variables = [f"A{number}={text.decode()}" for number, text in enumerate(access_key_ids(150).splitlines())]
    content = layer(*IN_ONE_FILE)
    image = docker_save([content], config=image_config([content], execution={"Env": variables}))
    for limit, texts in ((400, 150), (399, 149), (250, 0)):
        rows = audited_bytes(image, tmp_path, limits=Limits(secrets=limit))
        assert (len(of(rows, "config.secret")), len(of(rows, "limit.secrets"))) == (texts, int(limit < 400))


def test_a_secret_that_two_ways_find_is_told_once_and_another_that_is_shown_alike_too(tmp_path: Path) -> None:
    text = b"[pypi]\npassword = Tr0ub4dor3x\nother_token = Tr9zb8dor7x\n"
    rows = audited_bytes(docker_save([layer(file("root/.pypirc", text))]), tmp_path)
    secrets = {(row.code, row.message.partition(" holds")[0]) for row in rows if row.code.startswith("secret.")}
    assert secrets == {("secret.pypirc", "/root/.pypirc (line 2)"), ("secret.generic", "/root/.pypirc (line 3)")}


URL = b"https://user:" + b"Kd8sPq2mZx" + b"@db.internal.net/"


@pytest.mark.parametrize(
    ("path", "text", "all_places", "severity", "note"),
    [
        ("app/tests/a.py", URL, False, "low", True),
        ("app/src/a.py", URL, False, "critical", False),
        ("app/tests/a.py", URL, True, "critical", False),
        ("app/tests/a.py", TOKEN, False, "critical", False),  # its checksum is right
    ],
)
def test_samples_are_low(path: str, text: bytes, all_places: bool, severity: str, note: bool, tmp_path: Path) -> None:
    layers = [layer(file(path, text)), layer(whiteout(path))]
    rows = audited_bytes(docker_save(layers), tmp_path, all_places=all_places)
    [row] = [row for row in rows if row.code in ("secret.url-password", "secret.github-pat")]
    assert (row.severity, ", in a test" in row.message) == (severity, note)
    [gone] = of(rows, "secret.in-lower-layer")
    assert gone.severity == ("low" if severity == "low" else "high")


def test_many_samples_hide_no_secret_in_a_count(tmp_path: Path) -> None:
    """Beyond a hundred of a code the rest is a count; it has the severity of what it counts."""
    samples = [file(f"a/tests/{number:03}", URL) for number in range(150)]
    rows = audited_bytes(docker_save([layer(*samples, file("z", URL))]), tmp_path)
    found = of(rows, "secret.url-password")
    assert [(row.where.path, row.count) for row in found if row.severity == "critical"] == [("/z", 1)]
    assert sum(row.count for row in found if row.severity == "low") == 150


def test_a_key_turns_the_rule_about_places_off(tmp_path: Path) -> None:
    path, config = tmp_path / "image.tar", tmp_path / "imgtar.toml"
    path.write_bytes(docker_save([layer(file("tests/a", URL))]))
    config.write_text("all-places = true")
    assert imgtar("audit", path, "--fail-on", "high").returncode == 0
    assert imgtar("audit", path, "--fail-on", "high", "--all-places").returncode == 1
    assert imgtar("audit", path, "--fail-on", "high", "--config", config).returncode == 1
    assert imgtar("check", path, "--max-severity", "medium").returncode == 0
    assert imgtar("check", path, "--max-severity", "medium", "--config", config).returncode == 1


def test_a_long_line_costs_little(tmp_path: Path) -> None:
    """E66: one line of 4 MiB, of letters and of what begins a secret."""
    for filling in (b"a", b"password=", b"eyJ", b"://a:b", b"ghp_", b'"auth":"', b"-----BEGIN ", b"AKIA"):
        content = (filling * (4 << 20))[: 4 << 20]
        with bounded_work():
            audited_bytes(docker_save([layer(file("x.env", content))]), tmp_path)


def test_the_time_for_secrets_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    files = [file("a", b"text\n" * 100_000), file("b", token()), file("c/d", b"xyz"), file("c/empty")]
    path.write_bytes(docker_save([layer(*files), layer(file("e", b"word"))]))
    run = imgtar("audit", path, "--limit", "secret-time=0", "--format", "json")
    assert run.returncode == 5
    report = json.loads(run.stdout)
    assert not report["complete"]
    rows = [row for row in report["findings"] if row["code"] == "limit.secret-time"]
    assert [row["where"]["layer"] for row in rows] == [0, 1]
    first, second = (row["message"] for row in rows)
    said = "3 files were not searched for secrets to the end, 500,043 bytes are left; the largest: "
    assert said + "/a (500000), /b (40), /c/d (3); use --limit secret-time=" in first
    assert "1 file was not searched for secrets to the end, 4 bytes are left; the largest: /e (4)" in second


def test_the_bytes_of_a_file_that_are_searched_are_limited(tmp_path: Path) -> None:
    second = with_checksum("ghp" + "_").encode()
    files = {"a": token() + b"\n" * 1100 + second, "b": b"x" * 1100, "c": b"\x7fELF" + bytes(1000)}
    content = layer(*(file(name, body) for name, body in files.items()))
    rows = audited_bytes(docker_save([content]), tmp_path, limits=Limits(secret_file_bytes=1100))
    assert [row.where.path for row in of(rows, "secret.github-pat")] == ["/a"]
    [row] = of(rows, "limit.secret-file-bytes")
    assert (row.effect, row.where.layer) == ("limit", 0)
    assert "1 file was not searched for secrets to the end, 80 bytes are left; the largest: /a (80)" in row.message
    assert not of(audited_bytes(docker_save([content]), tmp_path), "limit.secret-file-bytes")


def test_the_time_ends_within_a_file() -> None:
    probe = SecretProbe(Limits(secret_time=1), SecretRoom(9))
    search = probe.watch(b"a", 1_000_000)  # a small file is searched as a whole
    assert search.feed(token() + b"\n" * 960)
    probe.spend(1)
    assert not search.feed(b"\n" * 1000)
    found = search.finish()
    assert found is not None
    assert ([secret.kind for secret in found.secrets], found.unsearched, found.reached) == (
        ["github-pat"],
        998_000,
        "secret-time",
    )
    assert probe.watch(b"a", 10).finish() == FileSecrets((), (), unsearched=10, reached="secret-time")


@pytest.mark.parametrize("size", [5000, 1 << 20])
def test_the_wait_for_the_bytes_does_not_count(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("imgtar.audit.secrets.probe.time", SimpleNamespace(monotonic=lambda: now[0]))
    probe = SecretProbe(Limits(secret_time=1), SecretRoom(9))
    for took, reached in ((0, ""), (100, "secret-time")):
        monkeypatch.setattr(ContentSearch, "finish", lambda _self, took=took: now.__setitem__(0, now[0] + took))
        search = probe.watch(b"a.env", size)
        for _ in range(5):
            now[0] += 1000
            assert search.feed(b"DB_PASSWORD= \n" * (size // 70))
        search.finish()
        assert probe.reached == reached


@pytest.mark.parametrize(
    "path",
    ["var/lib/dpkg/info/x.list", "lib/apk/db/installed", "etc/passwd", "etc/shadow", "var/lib/rpm/Packages"],
)
def test_every_file_is_searched_whatever_its_path(path: str, tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(file(path, b"key " + token()))]), tmp_path)
    assert [row.where.path for row in of(rows, "secret.github-pat")] == [f"/{path}"]


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("limit.account-bytes", file("etc/shadow", b"root::1::::::\n")),
        ("limit.package-list-bytes", file("var/lib/dpkg/info/a.list", b"/usr/bin/a\n")),
    ],
)
def test_what_an_audit_keeps_is_limited(code: str, content: bytes, tmp_path: Path) -> None:
    layers = docker_save([layer(file("a")), layer(content), layer(whiteout("a"))])
    limit = code.removeprefix("limit.")
    few = Limits(**{limit.replace("-", "_"): 5})
    [row] = of(audited_bytes(layers, tmp_path, limits=few), code)
    assert (row.effect, row.where.layer, f"--limit {limit}=" in row.message) == ("limit", 1, True)
    assert code not in codes(audited_bytes(layers, tmp_path))


def test_sparse_and_cut_files(tmp_path: Path) -> None:
    whole = docker_save([layer(file("a", b"x" * 5000 + token()))])
    cut = whole[: whole.index(token()) + 10]
    assert "secret.github-pat" not in codes(audited_bytes(cut, tmp_path))


def test_programs_are_searched_for_tokens_alone(tmp_path: Path) -> None:
    content = layer(file("bin", b"\x7fELF\0" + token()), file("srv/.env", b"\x7fELF\0\nDB_PASSWORD=Tr0ub4dor3\n"))
    rows = audited_bytes(docker_save([content]), tmp_path)
    assert [row.where.path for row in rows if row.code.startswith("secret.")] == ["/bin"]


def test_what_is_inside_a_file_is_named(tmp_path: Path) -> None:
    jar = zipped({"config/app.properties": b"token = " + token() + b"\n", "clean": b"x"})
    content = layer(file("app/x.jar", jar), file("srv/dump.gz", gzip(b"x " + token())))
    rows = audited_bytes(docker_save([content]), tmp_path)
    found = {row.where.path: row.message for row in of(rows, "secret.github-pat")}
    assert set(found) == {"/app/x.jar", "/srv/dump.gz"}
    assert "/app/x.jar!/config/app.properties" in found["/app/x.jar"]
    assert not any(token().decode() in row.message for row in rows)


def test_what_cannot_be_read_inside_is_counted_for_each_layer(tmp_path: Path) -> None:
    locked = encrypted_entry("a", b"x" * 40, sizes_follow=False)
    rows = audited_bytes(docker_save([layer(*(file(f"{name}.zip", locked) for name in "abcde"))]), tmp_path)
    [row] = of(rows, "secret.unread-inside")
    assert (row.severity, row.count, row.where.layer) == ("info", 5, 0)
    assert row.message.startswith("not all inside 5 files")
    assert "and 2 more" in row.message


def test_a_database_beyond_the_limit_is_told(tmp_path: Path) -> None:
    content = layer(file("var/app.db", database([token().decode()])))
    assert "secret.github-pat" in codes(audited_bytes(docker_save([content]), tmp_path))
    [row] = of(audited_bytes(docker_save([content]), tmp_path, limits=Limits(inside_bytes=100)), "limit.inside-bytes")
    assert "/var/app.db" in row.message


def test_inspect_looks_into_no_file(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([layer(file("key", token()))]))
    run = imgtar("inspect", path, "--format", "json")
    assert b"secret." not in run.stdout
    assert "secret.github-pat" in codes(audited(path))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("srv/settings.py", "TOKEN = config('TOKEN', default='')"),
        ("srv/docker-compose.yml", "  - SECRET_KEY=${SECRET_KEY:?required}"),
        ("srv/a.sh", ': "${API_TOKEN:?API_TOKEN is required}"'),
        ("srv/a.yml", "password: ${DB_PASSWORD:-postgres1}"),
        ("srv/package.json", '  "password": "^1.2.3-beta.4",'),
        ("srv/app/settings.py", "postgres://postgres:postgres@localhost:5432/app"),
        ("srv/readme.md", "redis://:mypassword@localhost"),
    ],
)
def test_what_everyday_files_say_is_no_secret(path: str, text: str, tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(file(path, text.encode() + b"\n"))]), tmp_path)
    assert not [row.code for row in rows if row.code.startswith("secret.")]


def test_a_credential_file_names_all_its_secrets_and_each_once(tmp_path: Path) -> None:
    netrc = b"machine a login me password Tr0ub4dor3x\nmachine b login me password c0rrecthorse\n"
    tokens = b"[pypi]\npassword = " + token() + b"\n[own]\npassword: Tr0ub4dor3x\n"
    content = layer(file("root/.netrc", netrc), file("root/.pypirc", tokens), file("srv/.pgpass", b"*:*:*:a:b0ttle7\n"))
    rows = [row for row in audited_bytes(docker_save([content]), tmp_path) if row.code.startswith("secret.")]
    assert sorted((row.where.path or "", row.code) for row in rows) == [
        ("/root/.netrc", "secret.netrc"),
        ("/root/.netrc", "secret.netrc"),
        ("/root/.pypirc", "secret.github-pat"),
        ("/root/.pypirc", "secret.pypirc"),
        ("/srv/.pgpass", "secret.pgpass"),
    ]
    assert not any(secret in row.message for row in rows for secret in ("Tr0ub4dor3x", "c0rrecthorse", "b0ttle7"))
    assert {row.severity for row in rows if row.code == "secret.netrc"} == {"high"}


def test_a_key_is_read_although_the_search_for_text_has_ended(tmp_path: Path) -> None:
    content = layer(file("app/blob", PKCS8), file("app/nul", b"{" + bytes(9) + token()))
    rows = audited_bytes(docker_save([content]), tmp_path)
    assert sorted(row.code for row in rows if row.code.startswith("secret.")) == ["secret.der-key", "secret.github-pat"]


def test_a_credential_file_that_is_too_large_to_be_read_by_its_structure_is_counted(tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(file("root/.pgpass", b"\n" * (8 << 20) + b"x"))]), tmp_path)
    [row] = of(rows, "secret.unread-inside")
    assert "/root/.pgpass (larger than the 8 MiB of a credential file)" in row.message
