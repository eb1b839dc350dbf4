"""Reports as bytes, with and without a cache."""

from __future__ import annotations

import os
import sys
from typing import Any

import msgspec

from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.cache.scan_cache import ScanCache
from imgtar.errors import ImgtarError


def document(path: str | os.PathLike[str], cache: ScanCache | None = None, **options: Any) -> bytes:
    """All that `inspect` says of an archive, as JSON, and all its findings; of one that cannot be read the error."""
    try:
        session = open_session(path, InspectOptions(cache=cache, **options))
        session.read(EVERYTHING)
    except ImgtarError as error:
        return repr(error).encode()
    parts = [msgspec.json.encode(session.document), repr(session.findings).encode()]
    for number, image in enumerate(session.images):
        parts += [msgspec.json.encode(entry) for entry in session.files(number)]
        for layer in range(len(image.layers)):
            parts.append(b",".join(session.encoded_changes(number, layer)))
    return b"\n".join(parts)


if __name__ == "__main__":  # another process: the folder of the cache, and archives
    for argument in sys.argv[2:]:
        sys.stdout.buffer.write(document(argument, ScanCache.open(sys.argv[1])) + b"\n")
