"""Where the bytes of a layer come from while it is scanned: by offset, as a stream, or from a directory."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator

from imgtar.archive.input.blobs import Blob
from imgtar.archive.input.root_folder import RootFolder
from imgtar.findings import Finding
from imgtar.formats.compression import Compression, Decompressed
from imgtar.formats.digest import Digest
from imgtar.formats.tar import PAGE, Cursor, RegionCursor, StreamCursor, TarWalk, Want, Watch
from imgtar.layer.folder_walk import FolderWalk
from imgtar.layer.read_ahead import read_ahead
from imgtar.limits import Meter

HEAD = 512  # bytes of a blob that say how it is compressed


class PlainSource:
    """The bytes of an uncompressed layer, read by offset."""

    compression: Compression = "none"
    failed = False
    findings: tuple[Finding, ...] = ()

    def __init__(self, blob: Blob, head: bytes) -> None:
        self._cursor: Cursor = RegionCursor(blob.read_at, blob.size, head, PAGE)
        self.blob_size = blob.size
        self.head = head

    def walk(self, meter: Meter, want: Want | None, watch: Watch | None) -> TarWalk:
        """The walk over its members; `watch` sees the bodies."""
        return TarWalk(self._cursor, meter, want, watch)

    def digests(self) -> tuple[None, None]:
        """No digest is known of bytes that were not read."""
        return None, None

    def close(self) -> None:
        """Nothing is left open."""


class FolderSource:
    """A directory that is walked as if it were a tar."""

    compression: Compression = "none"
    failed = False
    findings: tuple[Finding, ...] = ()
    head = b""

    def __init__(self, folder: RootFolder) -> None:
        self._folder = folder

    @property
    def blob_size(self) -> int:
        """The bytes of the layer as stored."""
        return self._folder.size

    def walk(self, meter: Meter, want: Want | None, watch: Watch | None) -> FolderWalk:
        """The walk over its members; `watch` sees the bodies."""
        return FolderWalk(self._folder, meter, want, watch)

    def digests(self) -> tuple[None, None]:
        """There are no bytes of a tar that could have a digest."""
        return None, None

    def close(self) -> None:
        """Nothing is left open."""


class StreamSource:
    """The bytes of a layer as they pass, hashed before and behind the decompressor where digests are wanted."""

    def __init__(self, chunks: Iterator[bytes], meter: Meter, *, digests: bool, concurrent: bool) -> None:
        self._stored = hashlib.sha256() if digests else None
        self._plain = hashlib.sha256() if digests else None
        self._decompressed = Decompressed(self._tap_stored(chunks), meter)
        self.compression: Compression = self._decompressed.compression
        self.head = b""
        made = iter(self._decompressed)
        # Hashing takes as long as decompressing: each gets a thread.
        twice = concurrent and digests and self.compression != "none"
        content = self._tap_plain(read_ahead(made) if twice else made)
        self._content = read_ahead(content) if concurrent else content
        self._cursor: Cursor = StreamCursor(self._content)

    def walk(self, meter: Meter, want: Want | None, watch: Watch | None) -> TarWalk:
        """The walk over its members; `watch` sees the bodies."""
        return TarWalk(self._cursor, meter, want, watch)

    def _tap_stored(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if self._stored is not None:
                self._stored.update(chunk)
            yield chunk

    def _tap_plain(self, chunks: Iterator[bytes]) -> Generator[bytes, None, None]:
        plain = self._plain if self.compression != "none" else None  # else both digests are one
        for chunk in chunks:
            if len(self.head) < HEAD:
                self.head += chunk[:HEAD]
            if plain is not None:
                plain.update(chunk)
            yield chunk

    @property
    def failed(self) -> bool:
        return self._decompressed.failed

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._decompressed.findings)

    @property
    def blob_size(self) -> int:
        """The bytes of the layer as stored."""
        return self._decompressed.compressed_size

    def digests(self) -> tuple[Digest | None, Digest | None]:
        """Digest and diffID of what passed."""
        if self._stored is None or self._plain is None:
            return None, None
        digest = Digest("sha256", self._stored.hexdigest())
        if self.failed:
            return digest, None
        return digest, digest if self.compression == "none" else Digest("sha256", self._plain.hexdigest())

    def close(self) -> None:
        """Ends the threads of a stream that was left before its end."""
        self._content.close()


LayerSource = PlainSource | StreamSource | FolderSource
