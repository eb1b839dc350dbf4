"""Servers on the loopback device that serve one object, honestly or not, and count what they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Served:
    """The object of a server, and the ranges that were asked for. `answer` replaces the honest answer."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.etag = '"1"'
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[Served, BaseHTTPRequestHandler, int, int], None] = honest
        self.url = ""


def honest(served: Served, handler: BaseHTTPRequestHandler, start: int, stop: int) -> None:
    """The range, as RFC 9110 has it."""
    total = len(served.body)
    if start >= total:
        handler.send_response(416)
        handler.end_headers()
        return
    body = served.body[start:stop]
    handler.send_response(206)
    handler.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{total}")
    handler.send_header("Content-Length", str(len(body)))
    handler.send_header("ETag", served.etag)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(body: bytes) -> Iterator[Served]:
    """A server of one object, on a port that is free."""
    served = Served(body)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            served.requests.append(asked)
            served.headers.append(dict(self.headers))
            first, _, last = asked.removeprefix("bytes=").partition("-")
            try:
                served.answer(served, self, int(first), int(last) + 1)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/images/app.tar"
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
