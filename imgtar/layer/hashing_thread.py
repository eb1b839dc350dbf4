"""The digest of a blob, taken in a thread while the headers of the blob are read by offset."""

from __future__ import annotations

import hashlib
from threading import Thread

from imgtar.archive.input.blobs import Blob
from imgtar.formats.digest import Digest
from imgtar.limits import MIB, Limits

_PIECE = 2 * MIB  # each wait for the interpreter costs as much as a few hundred kB


class HashingThread:
    """Hashes all bytes of a blob with SHA-256. The caller asks for the `digest` or abandons the work, which ends it.

    Without `concurrent`, and where the system has no thread left, `digest` itself does the work.
    """

    def __init__(self, blob: Blob, limits: Limits, *, concurrent: bool) -> None:
        self._blob = blob
        self._limits = limits
        self._hasher = hashlib.sha256()
        self._error: BaseException | None = None
        self._abandoned = False
        self._thread: Thread | None = None
        if concurrent:
            thread = Thread(target=self._work, name="imgtar-hash", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return
            self._thread = thread

    def digest(self) -> Digest:
        """Waits for the digest. Raises what reading raised, and LimitReached when the time is up."""
        if self._thread is None:
            self._hash()
        else:
            self._thread.join()
        if self._error is not None:
            raise self._error
        return Digest("sha256", self._hasher.hexdigest())

    def abandon(self) -> None:
        """Stops the work; does nothing where it is done."""
        self._abandoned = True
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        try:
            self._hash()
        except BaseException as error:
            self._error = error

    def _hash(self) -> None:
        offset = 0
        while offset < self._blob.size and not self._abandoned:
            self._limits.check_deadline()
            piece = self._blob.read_at(offset, _PIECE)
            if not piece:
                return
            self._hasher.update(piece)
            offset += len(piece)
