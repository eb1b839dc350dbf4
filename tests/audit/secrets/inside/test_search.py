"""The search of what is inside a file: every container, its levels, its names, and what it refuses to expand."""

from __future__ import annotations

import py_compile
from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.audit.secrets.collector import Secret, SecretCollector
from imgtar.audit.secrets.inside.search import ContentSearch, Ledger, Level, UnreadInside
from imgtar.audit.secrets.kinds import GENERIC
from imgtar.limits import RATIO_ALARM, RATIO_ALARM_BYTES
from tests.audit.secrets.inside.containers import (
    ARCHIVES,
    Files,
    database,
    encrypted_entry,
    java_class,
    pieces,
    tarred,
    zipped,
)
from tests.audit.secrets.samples import SAMPLES
from tests.builders import bzip2, gzip, xz
from tests.growth import bounded_work

TOKEN = SAMPLES["github-pat"].true[0][1]
CLEAN = b"nothing to see\n" * 40


def _searched(
    raw: bytes, path: bytes = b"app/file", *, size: int = 1 << 20, kept: int = 64 << 20
) -> tuple[list[Secret], UnreadInside | None, Ledger]:
    collector, ledger = SecretCollector(GENERIC.name), Ledger(kept)
    search = ContentSearch(path, collector, Level(ledger))
    for chunk in pieces(raw, size):
        if not search.feed(chunk):
            break
    search.finish()
    return collector.listed, ledger.unread(len(raw)), ledger


def _found(raw: bytes, path: bytes = b"app/file", **options: int) -> list[tuple[str, bytes, int]]:
    secrets, unread, _ = _searched(raw, path, **options)
    assert unread is None
    assert all(TOKEN.decode() not in secret.shown for secret in secrets)
    return [(secret.kind, secret.inside, secret.line) for secret in secrets]


@pytest.mark.parametrize("name", sorted(ARCHIVES))
@pytest.mark.parametrize("size", [1, 700, 1 << 20])
def test_every_archive(name: str, size: int) -> None:
    pack = ARCHIVES[name]
    files: Files = {"config/app.txt": b"first\n" + TOKEN + b"\n", "other": CLEAN}
    assert _found(pack(files), size=size) == [("github-pat", b"!/config/app.txt", 2)]
    assert _found(pack({"a": CLEAN, "b": bytes(3000)}), size=size) == []


@pytest.mark.parametrize("pack", [gzip, xz, bzip2])
def test_a_compressed_file_has_its_own_name_without_the_suffix(pack: Callable[[bytes], bytes]) -> None:
    assert _found(pack(CLEAN + TOKEN), b"var/log/x.gz") == [("github-pat", b"", 41)]
    assert _found(pack(CLEAN), b"var/log/x.gz") == []
    text = b"DB_PASSWORD=Tr0ub4dor3\n"
    for suffix in (b".gz", b".XZ", b".bz2"):
        assert _found(pack(text), b"etc/app.env" + suffix) == [("generic", b"", 1)]
    assert _found(pack(text), b"etc/app.bin.gz") == []


def test_files_inside_are_searched_as_files_are() -> None:
    """As configuration, by their structure as credential files, and as programs."""
    netrc = b"machine example.net login me password Tr0ub4dor3x\n"
    program = b"\x7fELF\0\0" + bytes(range(30)) + TOKEN + b"\0"
    files = {"app.env": b"DB_PASSWORD=Tr0ub4dor3\n", "root/.netrc": netrc, "bin": program}
    found = _found(zipped(files))
    assert ("generic", b"!/app.env", 1) in found
    assert ("github-pat", b"!/bin", 0) in found
    assert [inside for _, inside, _ in found].count(b"!/root/.netrc") == 1


def test_a_large_file_inside_is_searched_as_a_file_is() -> None:
    text = b"DB_PASSWORD=Tr0ub4dor3\n"
    assert _found(zipped({"app.env": text + b" " * (300 << 10)})) == [("generic", b"!/app.env", 1)]
    assert _found(zipped({"app.txt": text + b" " * (300 << 10)})) == []
    assert _found(tarred({"app.txt": b" " * (300 << 10) + TOKEN})) == [("github-pat", b"!/app.txt", 1)]


def test_two_levels_and_not_a_third() -> None:
    jar = zipped({"a/b.properties": TOKEN})
    assert _found(zipped({"lib/x.jar": jar})) == [("github-pat", b"!/lib/x.jar!/a/b.properties", 1)]
    assert _found(ARCHIVES["tar.gz"]({"x.gz": gzip(TOKEN)})) == [("github-pat", b"!/x.gz", 1)]
    assert _found(zipped({"x.tar.gz": ARCHIVES["tar.gz"]({"b": TOKEN})})) == [("github-pat", b"!/x.tar.gz!/b", 1)]
    deep = zipped({"war": zipped({"jar": jar, "clear": TOKEN})})
    secrets, unread, _ = _searched(deep)
    assert [secret.inside for secret in secrets] == [b"!/war!/clear"]
    assert unread == UnreadInside(len(deep), b"!/war!/jar", "nested more than 2 deep", 1)


def test_ten_thousand_levels_are_not_entered() -> None:
    raw = CLEAN
    for _ in range(10_000):
        raw = gzip(raw, 0)
    _, unread, ledger = _searched(raw)
    assert unread == UnreadInside(len(raw), b"", "nested more than 2 deep", 1)
    assert ledger.expand(RATIO_ALARM_BYTES - 2 * len(raw)), "two levels at most came out"


def test_ten_thousand_files_inside() -> None:
    with bounded_work(30):
        secrets, unread, _ = _searched(zipped({f"d/{n}": b"x" for n in range(10_000)} | {"last": TOKEN}))
    assert ([secret.inside for secret in secrets], unread) == ([b"!/last"], None)


def test_names_are_cleaned_and_kept_as_bytes() -> None:
    raw = tarred({"../../etc/\x1b[31m\n": TOKEN})
    assert _found(raw) == [("github-pat", b"!/etc/\x1b[31m\n", 1)]


@pytest.mark.parametrize("make", [lambda: gzip(bytes(400 << 20)), lambda: zipped({"zeros": bytes(400 << 20)})])
def test_a_bomb_is_left(make: Callable[[], bytes]) -> None:
    raw = make()
    _, unread, ledger = _searched(raw)
    assert unread is not None
    assert unread.reason == "expands more than 200 times"
    assert not ledger.expand(0)
    assert ledger.expand(-(1 << 20)), "no more than a piece beyond the limit is made"
    assert RATIO_ALARM * len(raw) < RATIO_ALARM_BYTES


def test_an_encrypted_file_is_told() -> None:
    raw = encrypted_entry("key.pem", b"\xaa" * 50, sizes_follow=False) + zipped({"b": TOKEN})
    secrets, unread, _ = _searched(raw)
    assert [secret.inside for secret in secrets] == [b"!/b"]
    assert unread == UnreadInside(len(raw), b"!/key.pem", "encrypted", 1)


def test_what_comes_before_a_cut_is_found() -> None:
    raw = gzip(TOKEN + b"\n" + CLEAN * 50)
    secrets, unread, _ = _searched(raw[:-9])
    assert [secret.kind for secret in secrets] == ["github-pat"]
    assert unread == UnreadInside(len(raw) - 9, b"", "damaged", 1)


def test_sqlite() -> None:
    text = TOKEN.decode()
    assert _found(database([1, text, "x" * 30])) == [("github-pat", b"", 0)]  # type: ignore[list-item]
    assert _found(database(["y" * 20_000 + " " + text + " " + "z" * 20_000], page=512)) == [("github-pat", b"", 0)]
    assert _found(database(["clean" * 30, "row" * 9000])) == []
    assert _found(zipped({"db": database([text])})) == [("github-pat", b"!/db", 0)]


def test_compiled_python_and_java(tmp_path: Path) -> None:
    for content, expected in ((TOKEN.decode(), [("github-pat", b"", 0)]), ("clean", [])):
        source = tmp_path / "m.py"
        source.write_text(f"def f(a={content!r}):\n    return {{'x': ({content!r}, 1)}}\n")
        py_compile.compile(str(source), str(tmp_path / "m.pyc"), doraise=True)
        assert _found((tmp_path / "m.pyc").read_bytes()) == expected
        assert _found(java_class(b"com/example/Main", content.encode(), b"x")) == expected
    assert _found(zipped({"A.class": java_class(TOKEN)})) == [("github-pat", b"!/A.class", 0)]


def test_a_database_beyond_the_limit_is_not_kept() -> None:
    raw = database([TOKEN.decode()])
    assert _found(raw, kept=len(raw)) == [("github-pat", b"", 0)]
    secrets, unread, ledger = _searched(raw, kept=len(raw) - 1, size=512)
    assert (secrets, unread, ledger.is_limited) == ([], None, True)


@pytest.mark.parametrize("name", ["github-pat", "aws-access-key-id", "private-key"])
def test_programs_hold_tokens_of_a_strong_form(name: str) -> None:
    text, _ = SAMPLES[name].true[0]
    program = b"\x7fELF\2\1\1\0" + bytes(range(256)) * 4000 + b"\0" + text + b"\0" + bytes(range(256)) * 400
    for size in (997, 1 << 20):
        assert _found(program, size=size) == [(name, b"", 0)]


def test_programs_hold_no_short_forms_and_no_named_values() -> None:
    for name in ("url-password", "jwt", "twilio-key"):
        text, _ = SAMPLES[name].true[0]
        assert _found(b"\x7fELF\2\1\1\0" + bytes(2000) + text + b"\0") == []
    assert _found(b"\x7fELF\2\1\1\0" + bytes(2000) + b"\npassword=Tr0ub4dor3\n", b"app.env") == []
