"""An audit of a layer that an image repeats, or of many layers, is linear in the changes of the layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.audit.rules import configuration
from tests.audit.audited import audited, audited_bytes
from tests.builders import Layout, directory, docker_save, file, hardlink, layer, opaque, whiteout
from tests.growth import assert_linear

_ENTRIES = 10


def _files(folder: str, content: bytes, mode: int = 0o666) -> list[bytes]:
    return [file(f"{folder}/{number}", content, mode=mode) for number in range(_ENTRIES)]


_KEY = b"key = AKIAIOSFODNN7EXAMPLF"
_ALTERNATING = {
    "overwritten": (layer(*_files("d", b"1")), layer(*_files("d", b"2"))),
    "apart": (layer(*_files("d", b"1")), layer(*_files("e", b"1"))),
    "whited out": (layer(*_files("d", b"1")), layer(*(whiteout(f"d/{number}") for number in range(_ENTRIES)))),
    "directory removed": (layer(*_files("d", b"1")), layer(whiteout("d"))),
    "opaque": (layer(*_files("d", b"1")), layer(opaque("d"), *_files("d", b"2"))),
    "opaque in turn": (layer(opaque("e"), *_files("d", b"1")), layer(opaque("d"), *_files("e", b"1"))),
    "secrets": (layer(*_files("d", _KEY)), layer(*_files("d", _KEY + b"2"))),
    "hard links": (layer(file("a"), *(hardlink(f"b{number}", "a") for number in range(_ENTRIES))), layer(file("a"))),
    "directories": (
        layer(*(directory(f"d{number}", mode=0o777) for number in range(_ENTRIES))),
        layer(*(directory(f"d{number}", mode=0o777, mtime=1) for number in range(_ENTRIES))),
    ),
}


@pytest.mark.parametrize("name", _ALTERNATING)
def test_two_layers_that_alternate(name: str, tmp_path: Path) -> None:
    def prepare(count: int) -> Callable[[], object]:
        path = tmp_path / f"{count}.tar"
        path.write_bytes(docker_save([_ALTERNATING[name][number % 2] for number in range(count)]))
        return lambda: audited(path)

    audited_bytes(docker_save([*_ALTERNATING[name]]), tmp_path)  # modules are imported and patterns compiled
    assert_linear(prepare, 50)


def test_a_history_that_images_share_is_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    for name in ("announced_secrets", "secrets_in_text"):
        search = getattr(configuration, name)
        monkeypatch.setattr(configuration, name, lambda text, search=search: (searched.append(text), search(text))[1])
    content = layer(file("f"))
    rows = [{"created_by": f"RUN step {number}", "empty_layer": True} for number in range(30)]
    counts = []
    for images in (2, 4, 8):
        layout = Layout()
        for number in range(images):
            image = layout.add_image([content], history=[*rows, {"created_by": "COPY"}], author=f"{number}")
            layout.manifests.append(image | {"annotations": {"org.opencontainers.image.ref.name": f"t{number}"}})
        searched.clear()
        rows_found = audited_bytes(layout.tar(), tmp_path)
        assert {row.where.image for row in rows_found} >= set(range(images))
        counts.append(len(searched))
    assert counts[0] >= 2 * len(rows)
    assert counts == counts[:1] * 3


@pytest.mark.parametrize("content", [b"", _KEY])
def test_many_layers_with_a_risky_file_each(content: bytes, tmp_path: Path) -> None:
    def prepare(count: int) -> Callable[[], object]:
        path = tmp_path / f"{count}.tar"
        path.write_bytes(docker_save([layer(file(f"f{number}", content, mode=0o666)) for number in range(count)]))
        return lambda: audited(path)

    audited_bytes(docker_save([layer(file("f", content, mode=0o666))]), tmp_path)
    assert_linear(prepare, 100)
