"""An object behind https, read by ranges with the standard library (RFC 9110, section 14).

A server is believed as little as an archive: no answer is read further than was asked for, and what it says of its
answer must fit the question. A redirection leads to the same host or nowhere.
"""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections.abc import Iterator
from email.message import Message
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from imgtar.archive.input.remote import Changed
from imgtar.errors import InputError, UsageError
from imgtar.limits import MIB, Meter
from imgtar.version import __version__

_FIRST = 8 * MIB  # bytes of the first request
_PIECE = 64 << 10
_SILENCE = 60.0  # seconds without a byte
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_Validators = tuple[str | None, str | None]


class HttpRanges:
    """An object. `head` are its first bytes. `whole` gives all where the server knows no ranges, else None."""

    def __init__(self, url: str, meter: Meter) -> None:
        self._url = url
        self._meter = meter
        place = _checked(url)
        self._opener = _opener(place)
        answer = self._ask(0, _FIRST)
        self._validators = _validators(answer.headers)
        self.whole: Iterator[bytes] | None = None
        self.head = b""
        self.size = 0
        if answer.status == http.client.PARTIAL_CONTENT:
            self.size = self._total(answer, 0)
            self.head = self._body(answer, min(_FIRST, self.size))
        elif answer.status == http.client.OK:
            self.whole = self._pieces(answer)
        else:
            answer.close()
            raise _refused(answer.status)

    def read(self, start: int, stop: int, /) -> bytes:
        """The bytes `[start, stop)`. Raises Changed, InputError and LimitReached."""
        answer = self._ask(start, stop)
        if answer.status != http.client.PARTIAL_CONTENT:
            answer.close()
            raise Changed if answer.status == http.client.OK else _strange("it answers with other bytes")
        if _validators(answer.headers) != self._validators or self._total(answer, start) != self.size:
            answer.close()
            raise Changed
        return self._body(answer, stop - start)

    def is_same(self) -> bool:
        """Asks for one byte, because a signed URL may allow nothing else."""
        try:
            return len(self.read(0, 1)) == 1
        except Changed:
            return False

    def _ask(self, start: int, stop: int) -> http.client.HTTPResponse:
        headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity", "User-Agent": _AGENT}
        self._meter.limits.check_deadline()
        try:
            answer = self._opener.open(Request(self._url, headers=headers), timeout=self._patience())  # noqa: S310
        except HTTPError as error:
            error.close()
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and start:
                raise Changed from None
            raise _refused(error.code) from None
        except ValueError:
            raise _strange("it sends to no URL") from None
        except (OSError, http.client.HTTPException) as error:
            self._meter.limits.check_deadline()
            raise _unreachable(error) from None
        assert isinstance(answer, http.client.HTTPResponse)
        return answer

    def _total(self, answer: http.client.HTTPResponse, start: int) -> int:
        """The size of the object, of which the answer has bytes from `start` on."""
        stated = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if stated is None or int(stated[1]) != start or not int(stated[1]) <= int(stated[2]) < int(stated[3]):
            answer.close()
            raise _strange("it answers with other bytes")
        return int(stated[3])

    def _body(self, answer: http.client.HTTPResponse, size: int) -> bytes:
        """The body, which has `size` bytes. What comes behind them is not read."""
        body = b"".join(self._pieces(answer, size))
        if len(body) < size:
            raise _strange(f"it ends after {len(body):,} of {size:,} bytes")
        return body

    def _pieces(self, answer: http.client.HTTPResponse, size: int | None = None) -> Iterator[bytes]:
        left = size
        with answer:
            while left is None or left > 0:
                self._meter.limits.check_deadline()
                try:
                    piece = answer.read1(_PIECE if left is None else min(_PIECE, left))
                except (OSError, http.client.HTTPException) as error:
                    self._meter.limits.check_deadline()
                    raise _unreachable(error) from None
                if not piece:
                    if size is None and answer.length:
                        raise _strange(f"it ends {answer.length:,} bytes before the end")
                    return
                if size is None:
                    self._meter.read(len(piece))
                else:
                    left = (left or 0) - len(piece)
                yield piece

    def _patience(self) -> float:
        """Seconds to wait for a byte."""
        deadline = self._meter.limits.deadline
        return _SILENCE if deadline is None else max(0.01, min(_SILENCE, deadline - time.monotonic()))


_AGENT = f"imgtar/{__version__}"


def _checked(url: str) -> SplitResult:
    """The parts of the URL. Raises UsageError for one that is refused."""
    try:
        place = urlsplit(url)
        host, _ = place.hostname, place.port
    except ValueError:
        host = None
    if not host or not url.isascii() or any(ord(character) <= 0x20 for character in url):
        raise UsageError("usage.url", "not a valid URL", "give https://HOST/PATH, with special characters as %XX")
    if place.username is not None or place.password is not None:
        raise UsageError(
            "usage.url", "the URL has a login in it, which other users and logs can see", "use a signed URL, or s3://"
        )
    if place.scheme.lower() == "http" and host not in _LOOPBACK:
        raise UsageError("usage.url", "http is neither secret nor safe from change", "use https")
    return place


def _opener(place: SplitResult) -> OpenerDirector:
    """What opens URLs of this host, and nothing else: no files, no other schemes, no login."""
    opener = OpenerDirector()
    opener.addheaders = []
    handlers = (
        ProxyHandler({} if place.scheme.lower() == "http" else None),
        _SameHost(place),
        HTTPHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    )
    for handler in handlers:
        opener.add_handler(handler)
    return opener


class _SameHost(HTTPRedirectHandler):
    """Follows at most five redirections, each to the same scheme, host and port."""

    max_redirections = 5
    max_repeats = 1

    def __init__(self, place: SplitResult) -> None:
        self._place = _origin(place)

    def redirect_request(
        self, req: Request, fp: IO[bytes], _code: int, _msg: str, _headers: Message, newurl: str
    ) -> Request | None:
        fp.close()
        try:
            place = urlsplit(newurl)
            is_same = _origin(place) == self._place
        except ValueError:
            is_same = False
        if not is_same:
            raise InputError(
                "input.remote",
                "the server sends to another host",
                "if you trust that host, give the URL there: curl -sI shows it",
            )
        return Request(newurl, headers=dict(req.header_items()), method=req.get_method())  # noqa: S310


def _origin(place: SplitResult) -> tuple[str, str | None, int | None]:
    return place.scheme.lower(), place.hostname, place.port


def _validators(headers: Message) -> _Validators:
    """What the server says that changes with the object."""
    return headers.get("ETag"), headers.get("Last-Modified")


def _refused(status: int) -> InputError:
    if status in (http.client.NOT_FOUND, http.client.GONE):
        return InputError("input.missing", f"the server has no such object ({status})", "check the URL")
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        return InputError("input.remote", f"the server refuses access ({status})", "use a signed URL that is valid")
    return InputError("input.remote", f"the server answers with the status {status}", "try again, or download the file")


def _unreachable(error: Exception) -> InputError:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        what = "the server sends nothing"
    elif isinstance(reason, ssl.SSLCertVerificationError):
        what = f"its certificate is not valid ({reason.verify_message})"
    else:
        what = f"the connection fails ({type(reason).__name__})"
    return InputError("input.remote", what, "check the URL and the network, or download the file")


def _strange(what: str) -> InputError:
    return InputError("input.remote", f"the server does not keep to the protocol: {what}", "download the file")
