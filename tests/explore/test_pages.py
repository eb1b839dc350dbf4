"""Pages over the panes: what is on them, where Enter leads, what `y` copies, what a search finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from imgtar.explore.app import Explorer
from imgtar.explore.keys import PAGE_KEYS
from tests.builders import docker_save, file, tar
from tests.explore.packaged_image import packaged
from tests.explore.screen import SIZES, explore, press, recorded, settled, text, walked
from tests.paths import ROOT

PAGES = {
    "packages": ("p",),
    "packages-by-layer": ("p", "tab"),
    "unowned": ("p", "tab", "tab"),
    "package-types": ("p", "shift+tab"),
    "duplicates": ("d",),
}
CONTENT = ("tab", "home", "down", "down", "right", "down", "down", "enter")  # of /srv/libc.so


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged(tmp_path / "shop.tar")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("size", SIZES)
def test_recorded_pages(size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    recorded(Path("shop.tar"), PAGES, size, update=request.config.getoption("--update-golden"))


def test_enter_goes_to_the_path_of_the_line() -> None:
    """From wherever the line before led to."""
    final, log = "Files of the final filesystem", ("tab", "tab", "slash", *"log", "enter")  # from the files to them
    walked(
        Path("shop.tar"),
        [
            (("p", "enter"), [final, "/lib/libc.so 10.2 kB, from layer 0", "▾ lib/"], ["Packages"]),
            (("p", "down", "enter"), [final, "/usr/bin/curl 6 kB, from layer 1"], []),
            (("p", "down", "down", "enter"), ["Files of layer 0", "/usr/bin/curl 6 kB, from layer 1"], []),
            (("p", "end", "enter"), ["/opt/lib/site-packages directory, from layer 2"], ["own "]),
            (("p", "tab", "tab", "enter"), ["Files of layer 2", "▾ srv/"], []),
            (("p", "tab", "enter"), ["Layers"], ["Packages by layer"]),
            (("p", "home", "enter"), ["this line is about no path"], ["Layers"]),
            (("down",), ["imgtar packages shop.tar"], ["no path"]),
            (("escape", "d", "enter"), ["/lib/libc.so 10.2 kB", final], ["Duplicates"]),
            (("d", "down", "enter"), ["/srv/copy/libc.so 10.2 kB, from layer 2"], ["Duplicates"]),
            (("w", "end", "enter"), ["Files of layer 0", "gone, 19 B still readable"], ["Wasted"]),
            (log, ["with log"], []),
            (("d", "enter"), ["final filesystem: ", "/lib/libc.so"], ["with log"]),
            (("d", "q"), ["Layers"], ["Duplicates"]),
        ],
        (110, 30),
    )


@pytest.mark.parametrize(
    ("start", "there"),
    [
        (b"srv/copy/libc.so", ["Files of the final filesystem", "▾ copy/", "/srv/copy/libc.so 10.2 kB, from layer 2"]),
        (b"usr/share/doc/curl", ["Files of layer 2", "- curl", "gone, 19 B still readable"]),
    ],
)
def test_a_path_may_be_selected_at_first(start: bytes, there: list[str]) -> None:
    walked(Path("shop.tar"), [((), there, [])], (140, 30), start)


def test_a_click_selects_a_row() -> None:
    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await pilot.click("#layers", offset=(5, 2))
        await settled(pilot)
        assert "Files of layer 1" in text(app)
        await press(pilot, "d")
        await pilot.click("PageView Pane", offset=(5, 6))
        await press(pilot, "enter")
        assert "/srv/copy/libc.so" in text(app)

    explore(Path("shop.tar"), steps, (110, 30))


@pytest.mark.parametrize("size", [(110, 30), (20, 12)])
def test_y_copies_whole_command_lines(size: tuple[int, int]) -> None:
    lines: list[tuple[tuple[str, ...], str]] = [
        ((), "imgtar inspect shop.tar"),
        (("tab",), "imgtar ls shop.tar\nimgtar find shop.tar /lib"),
        (("tab",), "imgtar ls shop.tar\nimgtar find shop.tar /lib"),
        (("tab", "down", "down", "tab"), "imgtar ls shop.tar --layer 1\nimgtar find shop.tar /srv"),
        (("p",), "imgtar packages shop.tar --by package --top 0"),
        (("tab",), "imgtar packages shop.tar"),
        (("escape", "d"), "imgtar duplicates shop.tar --top 0"),
        (("escape", "w"), "imgtar inspect shop.tar --top 0"),
        (("escape", "shift+tab", "home", *CONTENT), "imgtar cat shop.tar /srv/libc.so"),
    ]

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        for keys, copied in lines:
            await press(pilot, *keys, "y")
            assert app.clipboard == copied, keys

    explore(Path("shop.tar"), steps, size)


SEARCHED = b"first line\nSecond line\n\n" + b"x" * 100 + b"needle" + b"y" * 100 + b"\nlast Line\n"


def test_a_search_goes_from_line_to_line(tmp_path: Path) -> None:
    (tmp_path / "s.tar").write_bytes(docker_save([tar(file("a", SEARCHED), file("b", bytes(30) + b"needle"))]))
    clear = ("backspace",) * 10  # the text that was looked for before
    walked(
        tmp_path / "s.tar",
        [
            (("tab", "enter", "n"), ["imgtar cat"], ["line 1 of"]),
            (("slash", *"line", "enter"), ["line 1 of 7"], []),
            (("n",), ["line 2 of 7"], []),
            (("n",), ["line 7 of 7"], []),
            (("n",), ["line 1 of 7"], []),
            (("N",), ["line 7 of 7"], []),
            (("home", "slash", *clear, *"Line", "enter"), ["line 7 of 7"], []),  # a capital letter is one
            (("home", "slash", *clear, *"xneedley", "enter"), ["line 5 of 7"], []),  # it begins in one line
            (("slash", *clear, *"none", "enter"), ["not found: none"], []),
            (("escape", "down", "enter", "slash", *"needle", "enter"), ["line 2 of 3"], []),  # bytes 30 to 36
            (("n",), ["line 3 of 3"], []),
        ],
        (80, 10),
    )


def test_a_search_finds_rows_of_pages() -> None:
    lines = [
        (("p", "slash", *"requests", "enter"), ["line 7 of 7 n: the next"], []),
        (("enter",), ["/opt/lib/site-packages directory"], ["Packages"]),
    ]
    walked(Path("shop.tar"), lines, (110, 30))


def test_the_page_of_the_documentation_has_every_key() -> None:
    documented = (ROOT / "docs/explore.md").read_text()
    for key in PAGE_KEYS:
        assert f"| {key.shown} | {key.meaning} |" in documented
