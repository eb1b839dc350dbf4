"""Whose file it is: by the digest where a database has one, else by the layers of the file and of the database."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.contract.envelope import FindingRow
from imgtar.limits import Limits
from scripts.token_makers import with_checksum
from tests.audit.audited import audited_bytes, codes, of
from tests.builders import docker_save, file, gzip, layer, oci_archive, whiteout
from tests.cli.command import imgtar
from tests.growth import assert_linear

URL = b"https://user:" + b"Kd8sPq2mZx" + b"@db.internal.net/"
TOKEN = with_checksum("ghp" + "_").encode()
JS = "app/node_modules/a/index.js"
MARK = file("app/node_modules/a/package.json", b"{}")
PY = "usr/lib/python3/a.py"


def md5sums(path: str, content: bytes) -> bytes:
    return file("var/lib/dpkg/info/a.md5sums", b"%s  %s\n" % (hashlib.md5(content).hexdigest().encode(), path.encode()))


def record(content: bytes, path: str = "a.py") -> bytes:
    digest = hashlib.sha256(content).digest()
    row = b"%s,sha256=%s,1\n" % (path.encode(), base64.urlsafe_b64encode(digest).rstrip(b"="))
    return file("usr/lib/python3/a-1.dist-info/RECORD", row)


def rows_of(layers: list[bytes], folder: Path, **options: bool) -> list[FindingRow]:
    return [row for row in audited_bytes(docker_save(layers), folder, **options) if row.code.startswith("secret.")]


@pytest.mark.parametrize(
    ("layers", "type_"),
    [
        # Folders: the layer of the mark, and lower ones that nothing changed since.
        ([layer(MARK, file(JS, URL))], "npm"),
        ([layer(file(JS, URL))], None),
        ([layer(file(JS, URL)), layer(MARK)], "npm"),
        ([layer(MARK), layer(file(JS, URL))], None),
        ([layer(MARK), layer(MARK, file(JS, URL))], "npm"),
        ([layer(file(JS, URL)), layer(file(JS, b"")), layer(MARK)], None),
        ([layer(file(JS, URL)), layer(MARK), layer(whiteout(JS))], "npm"),
        ([layer(file(JS, URL), MARK, file(JS, b""))], None),
        # Digests: wherever the database is.
        ([layer(record(URL), file(PY, URL))], "python"),
        ([layer(record(URL)), layer(file(PY, URL))], "python"),
        ([layer(record(b"")), layer(file(PY, URL))], None),
        ([layer(file(PY, URL)), layer(record(URL), file(PY, b"new"))], "python"),
        ([layer(md5sums("usr/bin/a", URL), file("bin/a", URL))], "deb"),
        ([layer(md5sums("usr/lib/a", URL + b" "), file("usr/lib/a", URL))], None),
        # A changed file is not its folder's, either.
        ([layer(MARK, md5sums(JS, b""), file(JS, URL))], None),
        # A list without digests: no configuration files.
        ([layer(file("var/lib/dpkg/info/a.list", b"/usr/a\n/etc/a\n"), file("usr/a", URL))], "deb"),
        ([layer(file("var/lib/dpkg/info/a.list", b"/usr/a\n/etc/a\n"), file("etc/a", URL))], None),
        ([layer(file("var/lib/dpkg/info/a.list", b"/usr/a\n")), layer(file("usr/a", URL))], None),
        # A compiled program, by its source.
        ([layer(record(b""), file("usr/lib/python3/__pycache__/a.cpython-311.pyc", URL))], "python"),
        ([layer(record(b"")), layer(file("usr/lib/python3/__pycache__/a.cpython-311.pyc", URL))], None),
        ([layer(record(b""), file("usr/lib/python3/__pycache__/b.cpython-311.pyc", URL))], None),
    ],
)
def test_owner(layers: list[bytes], type_: str | None, tmp_path: Path) -> None:
    rows = rows_of(layers, tmp_path)
    groups = [row for row in rows if row.code == "secret.packaged"]
    if type_ is None:
        assert (len(of(rows, "secret.url-password")), groups) == (1, [])
    else:
        assert [row.code for row in rows] == ["secret.packaged"]
        [group] = groups
        assert (group.severity, group.count, group.where.path) == ("info", 1, None)
        assert f"({type_} 1; url-password 1)" in group.message


def test_the_group_counts_for_each_layer(tmp_path: Path) -> None:
    other = b"https://user:" + b"Zd8sPq2mZy" + b"@db.internal.net/"
    lower = layer(MARK, file(JS, URL), file("app/node_modules/a/b.js", other), record(URL), file(PY, URL))
    rows = rows_of([lower, layer(MARK, file("app/node_modules/a/c.js", URL))], tmp_path)
    assert [(row.code, row.count, row.where.layer) for row in rows] == [
        ("secret.packaged", 3, 0),
        ("secret.packaged", 1, 1),
    ]
    assert rows[0].message == (
        "3 files of packages hold what looks like 3 secrets (npm 2, python 1; url-password 3); "
        "use --packaged to list them"
    )
    assert rows[1].message.startswith("1 file of packages holds what looks like a secret (npm 1; ")
    assert rows[1].message.endswith("; use --packaged to list it")


def test_a_list_of_many_packaged_secrets_is_one_group_for_each_layer(tmp_path: Path) -> None:
    layers = [layer(MARK, *(file(f"{JS}{number}{n}", URL) for number in range(120))) for n in "ab"]
    assert [(row.code, row.count, row.where.layer) for row in rows_of(layers, tmp_path)] == [
        ("secret.packaged", 120, 0),
        ("secret.packaged", 120, 1),
    ]


def test_secrets_of_one_file_that_are_not_listed_are_counted(tmp_path: Path) -> None:
    urls = [b"https://user:" + b"Kd8sPq2mZx%d@db.internal.net/" % number for number in range(130)]
    [group] = rows_of([layer(MARK, file(JS, b"\n".join(urls)))], tmp_path)
    assert (group.code, group.count) == ("secret.packaged", 130)


def test_packaged_lists_them_as_info(tmp_path: Path) -> None:
    layers = [layer(MARK, file(JS, URL)), layer(whiteout(JS))]
    rows = rows_of(layers, tmp_path, packaged=True)
    assert {(row.code, row.severity, row.where.path) for row in rows} == {
        ("secret.url-password", "info", "/" + JS),
        ("secret.in-lower-layer", "info", "/" + JS),
    }
    assert ", brought by a package (npm)" in of(rows, "secret.url-password")[0].message
    [group] = rows_of(layers, tmp_path)
    assert group.code == "secret.packaged"


@pytest.mark.parametrize("where_from", [b'{"dir_info":{}}', b'{"archive_info":{}}'])
@pytest.mark.parametrize("apart", [False, True])
def test_an_own_project_is_no_package(where_from: bytes, apart: bool, tmp_path: Path) -> None:
    """`pip install .` writes a RECORD as well; its files are the image's own. A wheel by its path is a package."""
    origin = file("usr/lib/python3/a-1.dist-info/direct_url.json", where_from)
    installed = [record(URL), file(PY, URL)]
    rows = rows_of([layer(origin), layer(*installed)] if apart else [layer(origin, *installed)], tmp_path)
    assert [row.code for row in rows] == ["secret.url-password" if b"dir" in where_from else "secret.packaged"]


def test_a_token_with_a_right_checksum_needs_a_digest(tmp_path: Path) -> None:
    [row] = rows_of([layer(MARK, file(JS, TOKEN))], tmp_path)
    assert (row.code, row.severity) == ("secret.github-pat", "critical")
    [row] = rows_of([layer(record(TOKEN), file(PY, TOKEN))], tmp_path)
    assert row.code == "secret.packaged"
    both = rows_of([layer(MARK, file(JS, TOKEN + b"\n" + URL))], tmp_path)
    assert {(row.code, row.count) for row in both} == {("secret.github-pat", 1), ("secret.packaged", 1)}


def test_a_key_of_the_policy_lists_them(tmp_path: Path) -> None:
    path, config = tmp_path / "image.tar", tmp_path / "imgtar.toml"
    path.write_bytes(docker_save([layer(MARK, file(JS, URL))]))
    config.write_text("packaged = true\nfail-on = 'critical'")
    for arguments in (("--packaged",), ("--config", config)):
        for command in (("audit",), ("check", "--fail-on", "critical")):
            run = imgtar(*command[:1], path, *command[1:], *arguments, "--format", "json")
            found = {row["code"] for row in json.loads(run.stdout)["findings"]}
            assert ("secret.url-password" in found, "secret.packaged" in found) == (True, False)
    run = imgtar("check", path, "--fail-on", "critical", "--format", "json")
    assert "secret.packaged" in {row["code"] for row in json.loads(run.stdout)["findings"]}


@pytest.mark.parametrize("inner", ["none", "gzip"])
def test_the_digest_is_that_of_all_bytes_however_they_come(inner: str, tmp_path: Path) -> None:
    chance = random.Random(1)
    content = URL + b"\n" + b"\n".join(b"%x" % chance.getrandbits(400) for _ in range(20_000))
    for body, found in ((content, "secret.packaged"), (content + b"\n", "secret.url-password")):
        archive = oci_archive([layer(record(content), file(PY, body))], compression=inner)
        for raw in (archive, gzip(archive)):
            assert found in codes(audited_bytes(raw, tmp_path))


def test_rows_of_one_database_are_limited(tmp_path: Path) -> None:
    """A deep folder makes each short row long; what the limit leaves out is said."""
    folder = "d/" * 500
    content = file(folder + "a-1.dist-info/RECORD", b"".join(b"%d,,\n" % number for number in range(1000)))
    few = Limits(package_list_bytes=100_000)
    [row] = of(audited_bytes(docker_save([layer(content)]), tmp_path, limits=few), "limit.package-list-bytes")
    assert (row.effect, row.where.layer) == ("limit", 0)


def _record_of(rows: int) -> bytes:
    return layer(record(URL, "\n".join(f"d/{number},," for number in range(rows)) + "\na.py"), file(PY, URL))


def _nested(depth: int) -> bytes:
    folder = "node_modules/a/" * depth
    return layer(file(folder + "package.json", b"{}"), file(folder + "index.js", URL))


@pytest.mark.parametrize(
    "make",
    [
        lambda size: [_record_of(size)],
        lambda size: [layer(*(file(f"{JS}{number}", URL) for number in range(size)), MARK)],
        lambda size: [layer(MARK, file(JS, URL))] * size,
        lambda size: [layer(record(URL), record(URL), file(PY, URL))] * size,
        lambda size: [_nested(size)],
    ],
    ids=["rows", "files", "layers", "databases", "depth"],
)
def test_growth(make: Callable[[int], list[bytes]], tmp_path: Path) -> None:
    def prepare(size: int) -> Callable[[], object]:
        raw = docker_save(make(size))
        return lambda: audited_bytes(raw, tmp_path)

    assert_linear(prepare, 40)
