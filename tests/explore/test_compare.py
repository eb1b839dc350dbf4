"""`=`: the page about two archives says what `imgtar diff` says of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from imgtar.cli.main import run
from imgtar.explore.app import Explorer
from tests.builders import docker_save, file, gzip, tar
from tests.explore.packaged_image import LAYERS, packaged
from tests.explore.screen import SIZES, explore, press, recorded, text
from tests.paths import FIXTURES

OTHER = [LAYERS[0], tar(file("usr/bin/curl", b"newer" * 1300), file("srv/new", b"new\n"))]


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged(tmp_path / "shop.tar")
    (tmp_path / "new.tar").write_bytes(docker_save(OTHER, names=["shop:2"]))
    (tmp_path / "squeezed.tar").write_bytes(docker_save([gzip(layer) for layer in LAYERS], names=["shop:1"]))
    monkeypatch.chdir(tmp_path)


def page(archive: str, other: str, size: tuple[int, int]) -> str:
    """The screen with the page."""
    found: list[str] = []

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, "equals_sign")
        app.screen.query_one("Input").insert_text_at_cursor(other)  # type: ignore[attr-defined]
        await press(pilot, "enter")
        found.append(text(app))

    explore(Path(archive), steps, size)
    return found[0]


@pytest.mark.parametrize("size", SIZES)
def test_a_recorded_page(size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    screens = {"compare": ("equals_sign", *"new.tar", "enter")}
    recorded(Path("shop.tar"), screens, size, update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize(
    ("archive", "other"),
    [
        ("shop.tar", "new.tar"),
        ("shop.tar", "shop.tar"),
        ("squeezed.tar", "shop.tar"),
        ("squeezed.tar", "new.tar"),
        ("new.tar", str(FIXTURES / "mysql.tar")),
        ("shop.tar", str(FIXTURES / "d20-export.tar")),
    ],
)
def test_it_says_what_diff_says(
    archive: str, other: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    run(["diff", archive, other, "--top", "1000"])
    told = capfdbinary.readouterr().out.decode().splitlines()
    shown = page(archive, other, (151, len(told) + 2)).splitlines()  # a column is for the scrollbar
    assert shown[0].startswith(f"Compared with {other}")
    assert [line.rstrip() for line in shown[1 : len(told) + 1]] == [line.rstrip() for line in told]


def test_one_image_of_several_is_named_with_its_archive() -> None:
    copied: list[str] = []

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, "equals_sign", *"new.tar", "enter", "y")
        copied.extend(app.clipboard.split()[1:])

    archive = FIXTURES / "p5-multi.tar"
    explore(archive, steps, image="@0")
    assert copied == ["diff", f"docker-archive:{archive}:243e2946ceeb", "new.tar", "--top", "1000"]
    assert run(copied) == 1
