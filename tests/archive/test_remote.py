"""Archives behind a URL: the report of the file, few requests, and no trust in the server."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import imgtar
from imgtar.archive.input import http_ranges
from imgtar.archive.input.remote import Changed, RemoteFile
from imgtar.archive.input.remote_name import is_remote, public_name
from imgtar.cli.main import run
from imgtar.errors import InputError, UsageError
from imgtar.limits import MIB, Limits, Meter
from tests.archive.servers import Served, honest, serving
from tests.builders import docker_save, file, good, good_layers, gzip, oci_archive, tar
from tests.cache.documents import document

GOOD = good()


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(GOOD) as server:
        yield server


def as_file(body: bytes, tmp_path: Path, url: str, **options: object) -> bytes:
    """What is said of the same bytes in a file, which has the name that the server gives."""
    path = tmp_path / "app.tar"
    path.write_bytes(body)
    return document(path, **options).replace(str(path).encode(), url.encode())


SHAPES = {
    "docker save": GOOD,
    "compressed as a whole": gzip(GOOD),
    "oci, gzip": oci_archive(good_layers(), compression="gzip"),
    "cut": GOOD[:-3000],
    "no archive": b"nothing" * 1000,
    "empty": b"",
}


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("verify", [False, True])
def test_says_what_the_file_says(body: bytes, verify: bool, tmp_path: Path) -> None:
    with serving(body) as served:
        found = document(served.url, verify=verify)
        if body:
            assert found == as_file(body, tmp_path, served.url, verify=verify)
        else:
            assert b"InputError" in found


def test_a_server_without_ranges_sends_it_once(served: Served, tmp_path: Path) -> None:
    def whole(served: Served, handler: BaseHTTPRequestHandler, _start: int, _stop: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(served.body)))
        handler.end_headers()
        handler.wfile.write(served.body)

    served.answer = whole
    found = json.loads(document(served.url).splitlines()[0])
    assert (found["complete"], found["source"]["container"], len(found["images"])) == (True, "stream", 1)
    assert len(served.requests) == 1


def large_archive() -> bytes:
    """Ten layers, of which five are larger than a jump; docker writes the manifest last."""
    chance = random.Random(5)
    layers = [tar(file(f"f{n}", chance.randbytes(6 * MIB if n % 2 else 1000))) for n in range(10)]
    return docker_save(layers)


@pytest.fixture(scope="module")
def large() -> bytes:
    return large_archive()


def test_a_small_archive_takes_two_requests(served: Served) -> None:
    """One for all of it."""
    for command in ("dockerfile", "ids", "inspect"):
        served.requests.clear()
        assert run([command, served.url, "-o", "json=/dev/null"]) == 0
        assert served.requests == ["bytes=0-8388607"]


@pytest.mark.parametrize("command", ["ids", "dockerfile", "inspect"])
def test_few_requests_for_what_needs_no_contents(command: str, large: bytes) -> None:
    """The first, one behind each large layer that it does not hold, and one that asks whether all is still the same."""
    with serving(large) as served:
        assert run([command, served.url, "-o", "json=/dev/null"]) == 0
        assert len(served.requests) == 6
        asked = sum(min(int(last), len(large)) + 1 - int(first) for first, last in ranges(served))
        assert asked < 14 * MIB < len(large) / 2


def ranges(served: Served) -> list[tuple[str, str]]:
    return [(first, last) for one in served.requests for first, _, last in [one[6:].partition("-")]]


def test_requests_grow_where_all_is_read(large: bytes, tmp_path: Path) -> None:
    with serving(large) as served:
        assert document(served.url, verify=True) == as_file(large, tmp_path, served.url, verify=True)
        assert len(served.requests) <= 5 + len(large) // (4 * MIB)


Answer = Callable[[Served, BaseHTTPRequestHandler, int, int], None]


def answering(status: int, content_range: str, body: Callable[[int, int], bytes], length: int | None = None) -> Answer:
    """An answer with this status and range, in which {a}, {b} and {n} are the first byte, the last one and the size."""

    def answer(served: Served, handler: BaseHTTPRequestHandler, start: int, stop: int) -> None:
        stop = min(stop, len(served.body))
        sent = body(start, stop)
        handler.send_response(status)
        if content_range:
            stated = content_range.format(a=start, b=stop - 1, n=len(served.body))
            handler.send_header("Content-Range", stated)
        handler.send_header("Content-Length", str(len(sent) if length is None else length))
        handler.end_headers()
        handler.wfile.write(sent)

    return answer


def part(start: int, stop: int) -> bytes:
    return GOOD[start:stop]


LIES: dict[str, Answer] = {
    "another range": answering(206, "bytes 7-{b}/{n}", part),
    "no range": answering(206, "", part),
    "a range without a size": answering(206, "bytes {a}-{b}/*", part),
    "a range of nothing": answering(206, "bytes {a}-{b}/0", part),
    "several ranges": answering(206, "bytes 0-1,2-3/{n}", part),
    "a huge size": answering(206, "bytes {a}-{b}/999999999999999999", part),
    "a number that is none": answering(206, "bytes {a}-{b}/1e3", part),
    "ends early": answering(206, "bytes {a}-{b}/{n}", lambda a, b: GOOD[a : b - 100], length=len(GOOD)),
    "says that it ends early": answering(206, "bytes {a}-{b}/{n}", lambda a, b: GOOD[a : b - 100]),
    "nothing": answering(206, "bytes {a}-{b}/{n}", lambda a, b: b""),
    "not found": answering(404, "", lambda a, b: b"secret page"),
    "forbidden": answering(403, "", lambda a, b: b""),
    "busy": answering(503, "", lambda a, b: b""),
    "no content": answering(204, "", lambda a, b: b""),
}


@pytest.mark.parametrize("answer", LIES.values(), ids=LIES)
def test_a_server_that_lies(answer: Answer, served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    served.answer = answer
    assert run(["inspect", served.url, "--format", "json"]) == 3
    printed = capsys.readouterr()
    assert json.loads(printed.out)["error"]["code"] in ("input.remote", "input.missing")
    assert printed.err.startswith("imgtar: http://127.0.0.1")
    assert printed.err.count("\n") == 1


def test_what_comes_behind_the_range_is_not_read(served: Served, tmp_path: Path) -> None:
    served.answer = answering(206, "bytes {a}-{b}/{n}", lambda a, b: GOOD[a:b] + bytes(50 * MIB))
    assert document(served.url) == as_file(GOOD, tmp_path, served.url)


def test_a_body_without_end_is_read_as_far_as_a_limit_allows(served: Served) -> None:
    def endless(served: Served, handler: BaseHTTPRequestHandler, _start: int, _stop: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(GOOD[:-1024])
        while True:
            handler.wfile.write(tar(file("again", bytes(1000)))[:-1024])

    served.answer = endless
    found = json.loads(document(served.url, limits=Limits(members=2000)).splitlines()[0])
    assert [finding["code"] for finding in found["findings"] if finding["effect"] == "limit"] == ["limit.members"]


def test_a_slow_server_meets_the_deadline(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    def slow(served: Served, handler: BaseHTTPRequestHandler, start: int, end: int) -> None:
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes 0-{len(GOOD) - 1}/{len(GOOD)}")
        handler.end_headers()
        handler.wfile.flush()
        handler.rfile.read(1)  # until the client has gone

    served.answer = slow
    assert run(["inspect", served.url, "--timeout", "0.2"]) == 3
    assert "the time is up" in capsys.readouterr().err


def test_a_server_that_stalls_in_a_layer(large: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    def stalling(served: Served, handler: BaseHTTPRequestHandler, start: int, stop: int) -> None:
        if len(served.requests) > 6:
            handler.rfile.read(1)
        else:
            honest(served, handler, start, stop)

    with serving(large) as served:
        served.answer = stalling
        assert run(["verify", served.url, "--timeout", "3", "--format", "json"]) == 3
    assert "the time is up" in capsys.readouterr().err


def changing(body: bytes, after: int, etag: str = '"2"', status: int = 206) -> Answer:
    """Serves another object from the request number `after` on."""

    def answer(served: Served, handler: BaseHTTPRequestHandler, start: int, stop: int) -> None:
        if len(served.requests) > after:
            served.body, served.etag = body, etag
            if status != 206:
                handler.send_response(status)
                handler.end_headers()
                return
        honest(served, handler, start, stop)

    return answer


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("then", ["another ETag", "another size", "gone", "no ranges any more"])
def test_an_object_that_changes_is_damaged(
    after: int, then: str, large: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(large) as served:
        served.answer = {
            "another ETag": changing(large, after),
            "another size": changing(large + bytes(1024), after, '"1"'),
            "gone": changing(large, after, status=416),
            "no ranges any more": changing(large, after, status=200),
        }[then]
        assert run(["inspect", served.url, "--format", "json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert "input.changed" in [finding["code"] for finding in found["findings"]]


REFUSED = {
    "https://user:word@host/app.tar": "login",
    "http://example.com/app.tar": "https",
    "http://127.0.0.1.example.com/app.tar": "https",
    "https:///app.tar": "URL",
    "https://host:port/app.tar": "URL",
    "https://host/app tar": "URL",
    "https://hóst/app.tar": "URL",
    "https://[::1/app.tar": "URL",
}


@pytest.mark.parametrize("url", REFUSED)
def test_urls_that_are_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", url]) == 2
    printed = capsys.readouterr().err
    assert REFUSED[url] in printed
    assert "word" not in printed


def redirecting(*targets: str) -> Answer:
    def answer(served: Served, handler: BaseHTTPRequestHandler, start: int, stop: int) -> None:
        number = len(served.requests) - 1
        if number < len(targets):
            handler.send_response(302)
            handler.send_header("Location", targets[number])
            handler.end_headers()
        else:
            honest(served, handler, start, stop)

    return answer


def test_a_redirection_to_the_same_host_is_followed(served: Served, tmp_path: Path) -> None:
    served.answer = redirecting("/other/place.tar", served.url + "?v=2")
    assert document(served.url) == as_file(GOOD, tmp_path, served.url)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/app.tar",
        "http://localhost/app.tar",
        "https://127.0.0.1/app.tar",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "s3://bucket/key",
        "http://[::1",
        "//example.com/",
    ],
)
def test_a_redirection_to_elsewhere_is_not(target: str, served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    served.answer = redirecting(target)
    assert run(["inspect", served.url]) == 3
    assert "/etc/passwd" not in capsys.readouterr().err
    assert len(served.requests) == 1


def test_redirections_in_a_circle_end(served: Served) -> None:
    served.answer = redirecting(*[served.url] * 100)
    assert run(["inspect", served.url]) == 3
    assert len(served.requests) < 10


def test_signatures_are_shown_nowhere(served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = served.url + "?X-Amz-Signature=abcdef0123&token=s3cr3t"
    folder = tmp_path / "reports"
    folder.mkdir()
    lines = (
        ["inspect", url, "--format", "json"],
        ["inspect", url, url, "-o", f"json={folder}/"],
        ["verify", url, "--format", "html"],
        ["inspect", url.replace("app.tar", "app.tar#s3cr3t")],
        ["check", url, "--max-layers", "1", "--debug"],
    )
    for line in lines:
        run(line)
    served.answer = LIES["busy"]
    for line in lines:
        run(line)
    printed = capsys.readouterr()
    written = [path.name + path.read_text() for path in folder.iterdir()]
    assert "app.tar?…" in printed.out
    for text in (printed.out, printed.err, *written):
        assert "abcdef0123" not in text
        assert "s3cr3t" not in text


def test_errors_of_the_library_show_no_signature(served: Served) -> None:
    served.answer = LIES["not found"]
    with pytest.raises(InputError) as caught:
        imgtar.inspect(served.url + "?token=s3cr3t")
    assert "app.tar?…" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_nothing_but_the_range_is_asked_for(served: Served) -> None:
    document(served.url)
    assert {*served.headers[0]} == {"Host", "Range", "Accept-Encoding", "User-Agent", "Connection"}


def test_names() -> None:
    assert all(map(is_remote, ("s3://bucket/key", "GS://b/k", "https://h/x", "http://h")))
    assert not any(map(is_remote, ("c:/x", "file:///x", "oci:dir", "a/b", "https:/x", "-", "")))
    assert public_name("https://u:p@h/a?x=1#f and s3://b/k") == "https://…@h/a?… and s3://b/k"
    assert public_name("no URL: a?b") == "no URL: a?b"


def numbers(start: int, stop: int) -> bytes:
    first = start % 251
    return (bytes(range(251)) * ((stop - start) // 251 + 2))[first : first + max(0, stop - start)]


class Numbers:
    """A large object of which every byte is known, and what was asked of it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked: list[tuple[int, int]] = []
        self.is_there = True

    def read(self, start: int, stop: int, /) -> bytes:
        if not self.is_there:
            raise Changed
        assert 0 <= start < stop <= self.size
        self.asked.append((start, stop))
        return numbers(start, stop)

    def is_same(self) -> bool:
        return self.is_there


def test_reading_by_offset_gives_the_bytes() -> None:
    known, chance = Numbers(100 * MIB), random.Random(8)
    file = RemoteFile(known, Meter())
    for _ in range(400):
        offset, size = chance.randrange(100 * MIB + 10), chance.choice((512, 70_000, 3 * MIB, 20 * MIB))
        assert file.read_at(offset, size) == numbers(offset, min(offset + size, 100 * MIB))
    assert max(stop - start for start, stop in known.asked) <= 8 * MIB + 16 * 1024


def test_what_changed_gives_no_more_bytes() -> None:
    known = Numbers(20 * MIB)
    file = RemoteFile(known, Meter())
    assert file.read_at(0, 10)
    assert not file.changed()
    known.is_there = False
    assert file.read_at(15 * MIB, 10) == b""
    assert file.changed()
    assert file.read_at(0, 10) == b""


def test_the_server_is_asked_once_for_what_was_read() -> None:
    known = Numbers(MIB)
    file = RemoteFile(known, Meter())
    file.read_at(0, 10)
    assert not file.changed()
    known.is_there = False
    assert not file.changed()  # nothing was read since


def test_a_proxy_is_not_asked_for_the_loopback(monkeypatch: pytest.MonkeyPatch, served: Served) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert b'"images"' in document(served.url)


def test_the_first_request_says_why_it_fails() -> None:
    with pytest.raises(UsageError):
        http_ranges.HttpRanges("http://example.com/x", Meter())
