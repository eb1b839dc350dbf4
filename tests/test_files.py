"""Files that a person names are read whole, up to a bound, with one sentence for each way to fail."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from imgtar.errors import UsageError
from imgtar.files import read_whole


def error(sentence: str) -> UsageError:
    return UsageError("usage.test", sentence)


def test_a_file_up_to_the_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1234")
    assert read_whole(str(path), 4, error) == b"1234"
    with pytest.raises(UsageError, match=r"file: larger than 3 bytes$"):
        read_whole(str(path), 3, error)


def test_memory_follows_the_file_and_not_the_bound(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")
    tracemalloc.start()
    try:
        assert read_whole(str(tmp_path / "file"), 1 << 30, error) == b"1234"
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none: no such file or directory$"):
        read_whole(str(tmp_path / "none"), 4, error)
    with pytest.raises(UsageError, match=r": is a directory$"):
        read_whole(str(tmp_path), 4, error)
    with pytest.raises(UsageError, match=r": cannot be opened$"):
        read_whole("nul\0", 4, error)


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match=r"pipe: not a regular file$"):
        read_whole(str(tmp_path / "pipe"), 4, error)


def test_a_pipe_of_this_process_is_read() -> None:
    """As the shell hands it over: `<(command)`."""
    reading, writing = os.pipe()
    os.write(writing, b"1234")
    os.close(writing)
    assert read_whole(f"/dev/fd/{reading}", 4, error) == b"1234"
    os.close(reading)
