"""Secrets in files and texts: windows, chunks, encodings, limits, time, and what is shown of them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imgtar.audit.secrets.candidates import candidates
from imgtar.audit.secrets.collector import SecretCollector, SecretRoom
from imgtar.audit.secrets.inside.search import is_of_interest
from imgtar.audit.secrets.kinds import SECRET_KINDS
from imgtar.audit.secrets.search import SecretSearch
from tests.audit.secrets.samples import SAMPLES
from tests.audit.secrets.searching import access_key_ids, find_secrets
from tests.growth import bounded_work

pytestmark = pytest.mark.slow

WINDOW = 256 << 10
KNOWN = {name: samples for name, samples in SAMPLES.items() if name != "generic"}
SHORT = {name: min(samples.true, key=lambda sample: len(sample[0])) for name, samples in KNOWN.items()}


def _names(text: bytes, chunks: list[bytes] | None = None, path: bytes = b"opt/app/notes") -> list[str]:
    return [secret.kind for secret in find_secrets(path, [text] if chunks is None else chunks)]


def _cut(text: bytes, size: int) -> list[bytes]:
    return [text[start : start + size] for start in range(0, len(text), size)]


@given(name=st.sampled_from(sorted(KNOWN)), before=st.integers(-6000, 2000), size=st.integers(16, 3 * WINDOW))
@example(name="private-key", before=-60, size=1)
@example(name="aws-access-key-id", before=-16 * 1024 - 20, size=WINDOW)
@settings(max_examples=150)
def test_found_at_the_border_of_a_window_in_any_chunks(name: str, before: int, size: int) -> None:
    text, _ = SHORT[name]
    document = b"some words\n" * ((WINDOW + before) // 11) + text + b"\nsome words" * 3_000
    assert _names(document, _cut(document, size)) == [name]


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_found_at_every_border(name: str) -> None:
    text, _ = SHORT[name]
    for offset in range(WINDOW - len(text) - 2, WINDOW + 3, max(1, len(text) // 16)):
        document = b" " * offset + text + b" " * 40_000
        assert _names(document) == [name], offset


@pytest.mark.parametrize("size", [1, 7, 1023, 1024, 65_536, WINDOW - 1, WINDOW, WINDOW + 1])
def test_a_near_miss_stays_one_when_it_is_cut(size: int) -> None:
    secret = SHORT["github-pat"][1]
    for offset in (WINDOW - len(secret), WINDOW - len(secret) + 1, WINDOW - (16 << 10), WINDOW - (16 << 10) - 1):
        for text in (b" " * offset + secret + b"x ", b" " * (offset - 1) + b"x" + secret + b" "):
            document = text + b" " * 20_000
            assert _names(document, _cut(document, size)) == []


def test_in_programs_strong_kinds_alone_are_found() -> None:
    secret = SHORT["github-pat"][1]
    program = b"\x7fELF\0\0" + secret + b"\0"
    assert _names(program) == ["github-pat"]
    assert _names(program, _cut(program, 1)) == ["github-pat"]
    assert _names(b"\0" * 65 + b"a" * 959 + b" " + secret) == ["github-pat"]
    assert _names(b"\x7fELF\0\0\nDB_PASSWORD=Tr0ub4dor3\n", path=b"srv/.env") == []
    assert _names(b"a" * 1024 + b"\0" * 65 + secret) == ["github-pat"]
    assert _names(b"") == []
    assert _names(b"", []) == []


MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", sorted(MARKS))
@pytest.mark.parametrize("size", [1, 3, 4096, WINDOW])
def test_utf_16_and_utf_32_are_decoded(encoding: str, size: int) -> None:
    secret = SHORT["github-pat"][1].decode()
    text = f"abc é\n{'é' * 50}\n" + "é\n" * 5000 + f"token = {secret}\r\n"
    for mark in (MARKS[encoding], b""):
        document = mark + text.encode(encoding) + (b"\xd8" if mark else b"")
        found = find_secrets(b"etc/app.ini", _cut(document, size))
        assert [(secret.kind, secret.line) for secret in found] == [("github-pat", 5003)]
        short = mark + f"token {secret}".encode(encoding)
        assert _names(short, _cut(short, size)) == ["github-pat"]


def test_a_few_control_characters_are_text() -> None:
    secret = SHORT["github-pat"][1]
    assert _names(b"PATH=/usr/bin:/bin\0HOME=/root\0TOKEN=" + secret + b"\0LANG=C.UTF-8\0USER=root") == ["github-pat"]
    listing = b"PASSWORD=Tr0ub4dor3\0HOME=/usr/share/app\0LANG=C.UTF-8"
    assert _names(listing, path=b"srv/.env") == ["generic"]
    for binary in (b"\x7fELF" + bytes(range(256)) * 4, b"GIF89a\1\0\1\0\x80\0\0", bytes(1024)):
        assert _names(binary + b"\n" + listing, path=b"srv/.env") == [], binary[:8]
        assert _names(binary + secret + b"  ") == ["github-pat"], binary[:8]


def test_a_file_is_searched_to_its_end_in_bounded_memory() -> None:
    secret = SHORT["github-pat"][1]
    large = 64  # MiB

    def chunks() -> Iterator[bytes]:
        for _ in range(large):
            yield b" " * (1 << 20)
        yield secret

    assert [found.kind for found in find_secrets(b"big", chunks())] == ["github-pat"]
    search = SecretSearch(b"big", SecretCollector())
    for chunk in chunks():
        assert search.feed(chunk)
        assert sum(map(len, search._pieces)) + len(search._block) <= 3 * WINDOW


def test_a_configuration_file_has_such_a_name() -> None:
    text = b"DB_PASSWORD=Tr0ub4dor3\n"
    for path in (b".env", b"app/.env.production", b"etc/app.INI", b"root/.npmrc", b"srv/Dockerfile", b"a/settings.py",
                 b"config.json", b"etc/app.conf"):  # fmt: skip
        assert _names(text, path=path) == ["generic"], path
    for path in (b"usr/bin/tool.py", b"README.md", b"notes.txt", b"main.c", b"a.env/b"):
        assert _names(text, path=path) == [], path


@pytest.mark.parametrize("size", [64 << 10, WINDOW - 10, WINDOW + 10, 3 * WINDOW])
def test_the_generic_rule_searches_a_configuration_file_to_its_end(size: int) -> None:
    line = b"A=1 # a comment without a name\n"
    text = line * (size // len(line))
    for before in (text, text[:size].replace(b"\n", b" ")):
        assert _names(before + b"\nDB_PASSWORD=Tr0ub4dor3\n" + text, path=b"etc/app.conf") == ["generic"]


@pytest.mark.parametrize("start", range(WINDOW - (16 << 10) - 60, WINDOW - (16 << 10) + 4, 4))
def test_a_comment_that_a_window_cuts_is_a_comment(start: int) -> None:
    text = b"\n" * start + b"# as in this example, DB_PASSWORD=Tr0ub4dor3\n" + b"\n" * WINDOW
    assert _names(text, path=b"etc/app.conf") == []


def test_each_secret_is_told_once_on_its_first_line() -> None:
    secrets = [secret for _, secret in KNOWN["github-pat"].true]
    document = b"\n".join(secrets * 3)
    assert _names(document) == ["github-pat"] * len(set(secrets))
    assert sorted(_names(b"\n".join(text for text, _ in SHORT.values()))) == sorted(SHORT)
    far = b"\n" * (2 * WINDOW) + secrets[0] + b"\n" + secrets[0]
    assert [secret.line for secret in find_secrets(b"a", [far])] == [2 * WINDOW + 1]
    near = b"\n" * (WINDOW - 5) + secrets[0] + b"\n" * WINDOW
    assert [secret.line for secret in find_secrets(b"a", _cut(near, 1000))] == [WINDOW - 4]


def test_secrets_that_are_shown_alike_are_told_apart() -> None:
    text = b"DB_PASSWORD=Tr0ub4dor3\nMQ_PASSWORD=Tr9zb8dor7\n\n# API_TOKEN=Tr0ub4dor4\nAPI_TOKEN='Tr0ub4dor5'\n"
    found = find_secrets(b"app/.env", [text])
    assert [(secret.kind, secret.line) for secret in found] == [("generic", 1), ("generic", 2), ("generic", 5)]
    assert len({secret.shown for secret in found}) == 1


@pytest.mark.parametrize("room", [0, 1, 299, 300, 301])
def test_secrets_are_taken_while_there_is_room(room: int) -> None:
    text = access_key_ids(300) * 2
    collector = SecretCollector(room=SecretRoom(room))
    search = SecretSearch(b"a", collector)
    search.feed(text)
    search.finish()
    assert (len(collector.listed), collector.is_full) == (min(room, 300), room < 300)
    assert search.feed(b"a" * (1 << 20)) != collector.is_full


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_shown_is_redacted(name: str) -> None:
    for text, secret in KNOWN[name].true:
        (found,) = find_secrets(b"a", [text])
        assert found.shown[:4].encode() == secret[:4] or len(secret) < 12
        assert secret.decode() not in found.shown
        assert found.shown.replace("\u2026", "").isascii()
        assert found.shown.isprintable()


# Growth: each is repeated to 512 KiB, two windows; quadratic work in one would take half a minute.

NEAR_REPEATED = {
    *(word for kind in SECRET_KINDS for word in (*kind.words, *kind.literals, *kind.near, *kind.needs)),
    *(b"eyJ-", b"eyJaaaaaaaaaaaaaa.", b".eyJaaaaaaaaaaaaaaaaaaaa", b'"auth": "', b"password = ", b"://a:", b"://a:bbbbbb"),
    *(b"-----BEGIN PRIVATE KEY-----", b"-----BEGIN PRIVATE KEY-----\n", b"A: b\n", b"a" * 19 + b" ", b"a" * 20 + b" "),
    *(b"-----BEGIN PRIVATE KEY-----\nAb: c\n", b"sk-" + b"a" * 20 + b"T3Blbk" + b"FJ", b"mailgun", b"a", b"\n", b"A-"),
    *(b'"private_key_id": "abcdefgh", ', b"Private-Lines: 1\nPuTTY-User-Key-File-3:", b"1234567890:AAE", b"_auth=a"),
}  # fmt: skip


@pytest.mark.parametrize("piece", sorted(NEAR_REPEATED), ids=lambda piece: repr(piece[:40]))
def test_time_is_linear_in_near_misses(piece: bytes) -> None:
    document = piece * (2 * WINDOW // len(piece))
    with bounded_work():
        find_secrets(b"etc/app.conf", [document])  # with the generic rule


def test_every_kind_alone_on_one_line_of_four_mebibytes() -> None:
    document = b"a" * (4 << 20)
    with bounded_work():
        assert find_secrets(b"a.env", [document]) == []
    for kind in SECRET_KINDS:
        with bounded_work():
            assert kind.pattern.search(document) is None


# Texts of the configuration and the history.


def test_an_address_without_a_login_announces_no_password() -> None:
    address = b"see https://example.org/a?b=c:d and ftp://" + b"u" * 61 + b":x\n"
    assert candidates(address) == []
    assert [kind.name for kind in candidates(address + b"http://" + b"u" * 60 + b":x")] == ["url-password"]


@pytest.mark.parametrize("word", [b"passwd", b"ClientSECRET", b"apiKey", b"API-KEY", b"api_key"])
def test_a_program_is_of_interest_where_a_name_can_announce_a_secret(word: bytes) -> None:
    program = b"def run(key):\n    return [key, 'https://example.org']\n"
    assert not is_of_interest(b"opt/run.py", program)
    assert is_of_interest(b"opt/run.py", program + word)
    assert not is_of_interest(b"opt/run.txt", program + word)
    assert is_of_interest(b"opt/run.conf", program), "other credential files are read as a whole"
