"""Every command prints the same bytes without a cache, with an empty one, and with one that knows the layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cache.scan_cache import ScanCache
from imgtar.cli.main import run
from tests.builders import directory, file, oci_archive, tar, whiteout
from tests.paths import FIXTURES
from tests.runs import REPORTS, line_of

COMMANDS = [name for name in REPORTS if name not in ("explore", "attach", "extract")]
STATUS = b"".join(
    b"Package: p%d\nStatus: install ok installed\nVersion: 1.%d\nArchitecture: all\nInstalled-Size: 7\n\n" % (n, n)
    for n in range(30)
)
KEY = b"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzzqLsKEYabcd\n"
LAYERS = [
    tar(
        directory("var/"),
        file("var/lib/dpkg/status", STATUS),
        file("var/lib/dpkg/info/p1.list", b"/.\n/usr\n/usr/bin/p1\n"),
        file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"),
        file("etc/shadow", b"root:$6$abc$0123456789abcdefghij:1:0:::::\n"),
        file("etc/os-release", b"ID=debian\nVERSION_ID=12\n"),
        file("root/.env", KEY + b"PASSWORD=hunter2hunter2\n" + KEY.replace(b"wJ", b"xK")),
        file("usr/bin/p1", b"\x7fELF" + bytes(70_000), mode=0o4755),
    ),
    tar(
        file("var/lib/dpkg/status", STATUS[: len(STATUS) // 2]),
        file("usr/lib/python3/dist-packages/a-1.dist-info/METADATA", b"Name: a\nVersion: 1\n"),
        file("usr/lib/node_modules/b/package.json", b'{"name": "b", "version": "2.0.0"}'),
        file("srv/id_rsa", b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + b"b3BlbnNzaC1rZXktdjEA\n" * 20),
        whiteout("root/.env"),
    ),
]


@pytest.fixture(scope="module", params=["gzip", "none", "d26c-buildx-oci-zstd.tar", "p5-oci-archive.tar"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Built layers, compressed and plain, and real ones."""
    if request.param.endswith(".tar"):
        return str(FIXTURES / request.param)
    path = tmp_path_factory.mktemp("archive") / "image.tar"
    path.write_bytes(oci_archive(LAYERS, compression=request.param))
    return str(path)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_report_does_not_depend_on_a_cache(
    name: str, archive: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    form = "json" if "json" in REPORTS[name].renderers else "table"
    line = line_of(name, archive, "--format", form)

    def printed(*options: str) -> tuple[int, bytes, bytes]:
        code = run([*line, *options])
        return code, *capsysbinary.readouterr()

    alone = printed()
    assert alone[0] in (0, 1, 4)  # 4: a program that is none
    assert printed(f"--cache={tmp_path / 'cache'}") == alone
    assert printed(f"--cache={tmp_path / 'cache'}") == alone


CONTENT = {"audit": ["audit"], "audit, all": ["audit", "--packaged", "--all-places"], "packages": ["packages"]}


@pytest.mark.parametrize("line", CONTENT.values(), ids=CONTENT)
@pytest.mark.parametrize(
    "limit", ["package-list-bytes=3000", "package-list-bytes=9000", "account-bytes=50", "secrets=2", "secrets=4"]
)
def test_a_budget_is_spent_as_it_is_without_a_cache(
    line: list[str], limit: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Where the answers of one layer leave too little for the next, that one is read again."""
    path = tmp_path / "image.tar"
    path.write_bytes(oci_archive([*LAYERS, *LAYERS[::-1]], compression="gzip"))

    def printed(*options: str) -> tuple[int, bytes]:
        code = run([*line, str(path), "--format", "json", *options])
        return code, capsysbinary.readouterr().out

    cache = f"--cache={tmp_path / 'cache'}"
    printed(cache)
    alone = printed("--limit", limit)
    assert printed("--limit", limit, cache) == alone
    assert printed("--limit", limit, cache) == alone
    assert printed(cache) == printed()


def test_no_secret_is_in_the_cache(tmp_path: Path) -> None:
    path, folder = tmp_path / "image.tar", tmp_path / "cache"
    path.write_bytes(oci_archive(LAYERS, compression="gzip"))
    assert run(["audit", str(path), f"--cache={folder}", "-o", f"json={tmp_path / 'report'}"]) == 0
    cache = ScanCache.open(str(folder))
    kept = [row[0] for row in cache._rows._opened().execute("SELECT body FROM rows")]
    cache.close()
    assert any(b"secret." in row or b"aws" in row for row in kept)
    assert not any(secret in row for row in kept for secret in (KEY[22:40], b"hunter2hunter2"))
