"""The scans of layers that earlier runs have made, by the digest of the layer's bytes.

The digest is one that was computed in this run from the bytes that were read: what an archive calls a blob would let
one hostile archive decide about the layers of all others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from imgtar.archive.input.blobs import Blob
from imgtar.cache.folder import default_folder
from imgtar.cache.row_store import DEFAULT_SIZE, RowStore, StoreInfo
from imgtar.cache.scan_row import Cost, KeptScan, packed, unpacked
from imgtar.cache.version import code_version
from imgtar.formats.digest import Digest
from imgtar.layer.scan import LayerScan
from imgtar.limits import Limits


class ScanKey(msgspec.Struct, frozen=True):
    """What a scan depends on: the stored bytes, whether each body is hashed, whether markers count, and the limits."""

    digest: Digest
    hashes: bool
    markers: bool
    limits: tuple[int, int, int, int]

    @classmethod
    def of(cls, digest: Digest, limits: Limits, *, hashes: bool, markers: bool) -> ScanKey:
        """The key of the scan of the blob with this digest, with the limits that hold for one layer."""
        layer = (limits.layer_entries, limits.layer_bytes, limits.ratio, limits.ratio_bytes)
        return cls(digest, hashes, markers, layer)

    def row(self, about: bytes = b"") -> bytes:
        """The key of the row with the scan, or with what else is known `about` the layer."""
        return hashlib.sha256(code_version() + msgspec.msgpack.encode(self) + about).digest()


class ScanCache:
    """The scans in a folder, by default that of the user. Nothing that happens to the folder raises an error."""

    def __init__(self, rows: RowStore) -> None:
        self._rows = rows

    @classmethod
    def open(cls, folder: str | None = None, size: int = DEFAULT_SIZE) -> ScanCache:
        """The cache in `folder`, by default `$XDG_CACHE_HOME/imgtar`, which takes at most `size` bytes."""
        return cls(RowStore(folder or default_folder(), size))

    @property
    def path(self) -> str:
        """The file of the cache."""
        return self._rows.path

    @property
    def is_welcome(self) -> bool:
        """May the folder have a cache: is it the user's alone, or not there yet?"""
        return self._rows.is_welcome

    def get(self, key: ScanKey) -> KeptScan | None:
        """The scan without the answers of probes; None where it is not known."""
        row = key.row()
        body = self._rows.get(row)
        if body is None:
            return None
        kept = unpacked(body, key.digest)
        if kept is None:
            self._rows.remove(row)
        return kept

    def put(self, key: ScanKey, scan: LayerScan, cost: Cost) -> None:
        """Keeps a whole scan without the answers of probes."""
        body = packed(scan, cost)
        if body is not None:
            self._rows.put(key.row(), body)

    def get_answers(self, key: ScanKey, about: bytes) -> bytes | None:
        """What was kept of the answers of one probe, whose topic and settings are `about`."""
        return self._rows.get(key.row(about))

    def put_answers(self, key: ScanKey, about: bytes, answers: bytes) -> None:
        """Keeps the answers of one probe."""
        self._rows.put(key.row(about), answers)

    def digest(self, blob: Blob, compute: Callable[[], Digest]) -> Digest:  # noqa: ARG002 (a cache that lasts)
        """The digest of the blob: computed now, because no earlier run says which bytes there are."""
        return compute()

    def info(self) -> StoreInfo | None:
        """What the cache holds; None where there is none, or none that can be used."""
        return self._rows.info()

    def prune(self, size: int) -> None:
        """Removes what was not used longest, until the cache takes at most `size` bytes."""
        self._rows.prune(size)

    def close(self) -> None:
        """Closes the file; it is opened again when it is needed."""
        self._rows.close()
