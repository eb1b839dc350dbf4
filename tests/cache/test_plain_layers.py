"""Plain layers: the digest of all their bytes pays only where the contents of all files are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cache.scan_cache import ScanCache
from imgtar.cli.main import run
from tests.builders import file, oci_archive, tar

CONTENTS = {
    "inspect": (["inspect"], False),
    "packages": (["packages"], False),
    "verify": (["verify"], False),
    "duplicates": (["duplicates"], False),
    "audit": (["audit"], True),
    "shared --files": (["shared", "--files"], True),
}


@pytest.mark.parametrize(("line", "keeps"), CONTENTS.values(), ids=CONTENTS)
def test_what_is_kept_of_plain_layers(line: list[str], keeps: bool, tmp_path: Path) -> None:
    path, folder = tmp_path / "image.tar", tmp_path / "cache"
    path.write_bytes(oci_archive([tar(file("a", b"x"), file("b", b"x"))], compression="none"))
    assert run([*line, str(path), f"--cache={folder}", "-o", f"json={tmp_path / 'report'}"]) == 0
    info = ScanCache.open(str(folder)).info()
    assert (info is not None and info.rows > 0) == keeps
