"""Archives in an object store: moto's S3 on the loopback device where it is installed, and a client that misbehaves."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from imgtar.archive.input.object_store import ObjectRanges
from imgtar.archive.input.remote import Changed
from imgtar.cli.main import run
from imgtar.errors import InputError
from imgtar.limits import Meter
from tests.archive.test_remote import GOOD, as_file, large_archive
from tests.builders import docker_save, gzip
from tests.cache.documents import document

URL = "s3://images/team/app.tar"


class Store:
    """A bucket on a server that counts the requests."""

    def __init__(self, application: Any) -> None:
        self.requests: list[tuple[str, str]] = []
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self.requests.append((environ["REQUEST_METHOD"], environ.get("HTTP_RANGE", "")))
        return self._application(environ, start)

    def put(self, body: bytes) -> None:
        """Stores the object, and forgets the requests so far."""
        import boto3

        client = boto3.client("s3")
        client.create_bucket(Bucket="images")
        client.put_object(Bucket="images", Key="team/app.tar", Body=body)
        client.close()
        self.requests.clear()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    pytest.importorskip("s3fs", reason="needs the extra remote")
    pytest.importorskip("moto", reason="needs moto, an S3 server")
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object, **__: object) -> None:
            """Tests print nothing."""

    counted = Store(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, counted, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-client")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    yield counted
    server.shutdown()
    thread.join()
    server.server_close()


SHAPES = {"docker save": GOOD, "compressed as a whole": gzip(GOOD), "large": large_archive(), "cut": GOOD[:-3000]}


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_says_what_the_file_says(body: bytes, store: Store, tmp_path: Path) -> None:
    store.put(body)
    assert document(URL) == as_file(body, tmp_path, URL)
    assert document(URL, verify=True) == as_file(body, tmp_path, URL, verify=True)


@pytest.mark.parametrize("command", ["dockerfile", "ids", "history"])
def test_few_requests(command: str, store: Store) -> None:
    """What needs no layer: the size, one part of the archive, and whether it is still the same."""
    images = docker_save([GOOD, GOOD * 20, GOOD * 3])
    store.put(images)
    assert run([command, URL, "-o", "json=/dev/null"]) == 0
    assert [method for method, _ in store.requests] == ["HEAD", "GET", "HEAD"]


def test_a_listing_reads_little_of_a_large_archive(store: Store) -> None:
    store.put(SHAPES["large"])
    assert run(["ids", URL, "-o", "json=/dev/null"]) == 0
    assert sum(method == "GET" for method, _ in store.requests) <= 7


def test_what_is_not_there(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.put(GOOD)
    for url in ("s3://images/none.tar", "s3://none/app.tar", "s3://images/team", "s3://images", "s3://"):
        assert run(["inspect", url, "--format", "json"]) == 3, url
        printed = capsys.readouterr()
        assert json.loads(printed.out)["error"]["code"] in ("input.missing", "input.remote")
        assert "secret-of-the-client" not in printed.err


class Client:
    """A client of a store that serves `body`, as long as `answers` do not say otherwise."""

    def __init__(self, body: bytes, *answers: object) -> None:
        self.info_now: dict[str, object] = {"type": "file", "size": len(body), "ETag": '"1"'}
        self._body = body
        self._answers = [*answers]

    def invalidate_cache(self) -> None:
        """Nothing is cached."""

    def info(self, _url: str) -> dict[str, object]:
        return self.info_now

    def cat_file(self, _url: str, start: int, end: int) -> object:
        answer = self._answers.pop(0) if self._answers else None
        if isinstance(answer, Exception):
            raise answer
        return self._body[start:end] if answer is None else answer


def opened(monkeypatch: pytest.MonkeyPatch, client: Client) -> ObjectRanges:
    fsspec = ModuleType("fsspec")
    fsspec.filesystem = lambda *_, **__: client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fsspec", fsspec)
    return ObjectRanges("gs://bucket/app.tar", Meter())


@pytest.mark.parametrize(
    "answer", [b"", b"short", bytes(11), None, 7, OSError("secret"), RuntimeError("secret")], ids=str
)
def test_a_client_that_answers_wrongly(answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(bytes(range(100)), "no bytes" if answer is None else answer)
    ranges = opened(monkeypatch, client)
    with pytest.raises(InputError) as caught:
        ranges.read(0, 10)
    assert "secret" not in str(caught.value)
    assert ranges.read(5, 10) == bytes(range(5, 10))


@pytest.mark.parametrize("now", [{"ETag": '"2"'}, {"size": 99}, {"type": "directory"}], ids=str)
@pytest.mark.parametrize("answer", [b"short", OSError("gone")], ids=str)
def test_an_object_that_changes(now: dict[str, object], answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(bytes(100), answer)
    ranges = opened(monkeypatch, client)
    assert ranges.is_same()
    client.info_now |= now
    assert not ranges.is_same()
    with pytest.raises(Changed):
        ranges.read(0, 10)


@pytest.mark.parametrize(
    "info", [{}, {"type": "file"}, {"type": "file", "size": -1}, {"type": "file", "size": "9"}], ids=str
)
def test_an_object_without_a_size_is_none(info: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(b"")
    client.info_now = info
    with pytest.raises(InputError, match="no such object"):
        opened(monkeypatch, client)


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_without_the_extra(scheme: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    assert run(["inspect", f"{scheme}://bucket/app.tar"]) == 2
    assert "pip install 'imgtar[remote]'" in capsys.readouterr().err
