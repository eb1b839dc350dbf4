"""An object of S3 or Google Cloud Storage, read by the client of fsspec (the extra `remote`).

Credentials are those that the client finds by itself; imgtar neither reads nor shows them.
"""

from __future__ import annotations

from typing import Any

from imgtar.archive.input.remote import Changed
from imgtar.errors import InputError, UsageError
from imgtar.limits import Meter

_CLIENTS = {"s3": "s3fs", "gs": "gcsfs"}


class ObjectRanges:
    """The object at an s3:// or gs:// URL."""

    def __init__(self, url: str, meter: Meter) -> None:
        scheme = url.partition("://")[0].lower()
        self._url = url
        self._meter = meter
        self._client = _client(scheme)
        stated = self._stated()
        if stated is None:
            raise InputError("input.missing", "there is no such object", "check the bucket and the name")
        self.size, self._etag = stated

    def read(self, start: int, stop: int, /) -> bytes:
        """The bytes `[start, stop)`. Raises Changed, InputError and LimitReached."""
        self._meter.limits.check_deadline()
        try:
            body: object = self._client.cat_file(self._url, start=start, end=stop)
        except Exception as error:  # the client has errors of many libraries
            if not self.is_same():
                raise Changed from None
            raise _failed(error) from None
        if not isinstance(body, bytes) or len(body) != stop - start:
            if not self.is_same():
                raise Changed
            raise InputError("input.remote", "the server answers with other bytes", "download the file")
        return body

    def is_same(self) -> bool:
        """Does the object have the size and the ETag with which it was opened?"""
        return self._stated() == (self.size, self._etag)

    def _stated(self) -> tuple[int, str] | None:
        """Size and ETag of the object as it is now; None where there is none."""
        try:
            self._client.invalidate_cache()
            info: dict[str, Any] = self._client.info(self._url)
        except FileNotFoundError:
            return None
        except Exception as error:
            raise _failed(error) from None
        size = info.get("size")
        if info.get("type") != "file" or not isinstance(size, int) or size < 0:
            return None
        return size, str(info.get("ETag") or info.get("etag") or info.get("md5Hash") or "")


def _client(scheme: str) -> Any:
    """The client of a scheme. Raises UsageError where it is not installed."""
    try:
        import fsspec

        return fsspec.filesystem(scheme, skip_instance_cache=True, use_listings_cache=False)
    except ImportError:
        raise UsageError(
            "usage.extra", f"{scheme}:// needs {_CLIENTS[scheme]}", "pip install 'imgtar[remote]'"
        ) from None
    except Exception as error:
        raise _failed(error) from None


def _failed(error: Exception) -> InputError:
    """The error of a client; its text may quote a request, so only its kind is told."""
    if isinstance(error, PermissionError) or "Credential" in type(error).__name__:
        return InputError(
            "input.remote", f"access is refused ({type(error).__name__})", "check the credentials of the client"
        )
    return InputError("input.remote", f"the store cannot be read ({type(error).__name__})", "try again later")
