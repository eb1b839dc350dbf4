"""Pages over the panes: what is on them, where Enter leads, what `y` copies, what a search finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from imgtar.explore.app import Explorer
from imgtar.explore.keys import PAGE_KEYS
from tests.builders import docker_save, file, tar
from tests.explore.packaged_image import packaged
from tests.explore.screen import explore, press, recorded, settled, text
from tests.paths import ROOT

PAGES = {
    "packages": ("p",),
    "packages-by-layer": ("p", "tab"),
    "unowned": ("p", "tab", "tab"),
    "package-types": ("p", "shift+tab"),
    "duplicates": ("d",),
}
CONTENT = ("tab", "down", "down", "right", "down", "down", "enter")  # of /srv/libc.so


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged(tmp_path / "shop.tar")
    monkeypatch.chdir(tmp_path)


def pressed(*keys: str, size: tuple[int, int] = (110, 30), archive: str = "shop.tar") -> tuple[str, str]:
    """The screen after these keys, and what the clipboard has."""
    found: list[tuple[str, str]] = []

    async def steps(pilot: Pilot[None], app: Explorer) -> None:
        await press(pilot, *keys)
        found.append((" ".join(text(app).split()), app.clipboard))

    explore(Path(archive), steps, size)
    return found[0]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
@pytest.mark.parametrize("name", PAGES)
def test_a_recorded_page(name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    recorded(Path("shop.tar"), name, PAGES[name], size, update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize(
    ("keys", "there", "absent"),
    [
        (
            ("p", "enter"),
            ["Files of the final filesystem", "/lib/libc.so 10.2 kB, from layer 0", "▾ lib/"],
            ["Packages"],
        ),
        (("p", "down", "enter"), ["Files of the final filesystem", "/usr/bin/curl 6 kB, from layer 1"], []),
        (("p", "down", "down", "enter"), ["Files of layer 0", "/usr/bin/curl 6 kB, from layer 1"], []),
        (("p", "end", "enter"), ["/opt/lib/site-packages directory, from layer 2"], ["own "]),
        (("p", "tab", "tab", "enter"), ["Files of layer 2", "▾ srv/"], []),
        (("p", "tab", "enter"), ["Layers"], ["Packages by layer"]),
        (("p", "home", "enter"), ["this line is about no path"], ["Layers"]),
        (("p", "home", "enter", "down"), ["imgtar packages shop.tar"], ["no path"]),
        (("d", "enter"), ["/lib/libc.so 10.2 kB", "Files of the final filesystem"], ["Duplicates"]),
        (("d", "down", "enter"), ["/srv/copy/libc.so 10.2 kB, from layer 2"], ["Duplicates"]),
        (("w", "end", "enter"), ["Files of layer 0", "gone, 19 B still readable"], ["Wasted"]),
        (("tab", "slash", *"log", "enter", "d", "enter"), ["final filesystem: ", "/lib/libc.so"], ["with log"]),
        (("d", "q"), ["Layers"], ["Duplicates"]),
    ],
)
def test_enter_goes_to_the_path_of_the_line(keys: tuple[str, ...], there: list[str], absent: list[str]) -> None:
    shown, _ = pressed(*keys)
    assert [words for words in there if words not in shown] == [], shown
    assert [words for words in absent if words in shown] == [], shown


def test_a_page_that_was_read_once_opens_again() -> None:
    assert "curl" in pressed("p", "escape", "p")[0]
    assert "libc.so" in pressed("d", "escape", "d")[0]


@pytest.mark.parametrize(
    ("start", "there"),
    [
        (b"srv/copy/libc.so", ["Files of the final filesystem", "▾ copy/", "/srv/copy/libc.so 10.2 kB, from layer 2"]),
        (b"usr/share/doc/curl", ["Files of layer 2", "- curl", "gone, 19 B still readable"]),
    ],
)
def test_a_path_may_be_selected_at_first(start: bytes, there: list[str]) -> None:
    async def steps(_pilot: Pilot[None], app: Explorer) -> None:
        shown = " ".join(text(app).split())
        assert [words for words in there if words not in shown] == [], shown

    explore(Path("shop.tar"), steps, (140, 30), start=start)


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


@pytest.mark.parametrize(
    ("keys", "copied"),
    [
        (("y",), "imgtar inspect shop.tar"),
        (("tab", "y"), "imgtar ls shop.tar\nimgtar find shop.tar /lib"),
        (("tab", "tab", "y"), "imgtar ls shop.tar\nimgtar find shop.tar /lib"),
        (("down", "down", "tab", "y"), "imgtar ls shop.tar --layer 1\nimgtar find shop.tar /srv"),
        (("p", "y"), "imgtar packages shop.tar --by package --top 0"),
        (("p", "tab", "y"), "imgtar packages shop.tar"),
        (("d", "y"), "imgtar duplicates shop.tar --top 0"),
        (("w", "y"), "imgtar inspect shop.tar --top 0"),
        ((*CONTENT, "y"), "imgtar cat shop.tar /srv/libc.so"),
    ],
)
@pytest.mark.parametrize("size", [(110, 30), (20, 12)])
def test_y_copies_whole_command_lines(keys: tuple[str, ...], copied: str, size: tuple[int, int]) -> None:
    assert pressed(*keys, size=size)[1] == copied


SEARCHED = b"first line\nSecond line\n\n" + b"x" * 100 + b"needle" + b"y" * 100 + b"\nlast Line\n"


def test_a_search_goes_from_line_to_line(tmp_path: Path) -> None:
    (tmp_path / "s.tar").write_bytes(docker_save([tar(file("a", SEARCHED), file("b", bytes(30) + b"needle"))]))

    def shown(*keys: str) -> str:
        return pressed("tab", *keys, size=(80, 10), archive="s.tar")[0]

    assert "line 1 of 7" in shown("enter", "slash", *"line", "enter")
    assert "line 2 of 7" in shown("enter", "slash", *"line", "enter", "n")
    assert "line 7 of 7" in shown("enter", "slash", *"line", "enter", "N")
    assert "line 1 of 7" in shown("enter", "slash", *"line", "enter", "n", "n", "n")
    assert "line 7 of 7" in shown("enter", "slash", *"Line", "enter")  # a capital letter is one
    assert "line 5 of 7" in shown("enter", "slash", *"xneedley", "enter")  # it begins in one line of the screen
    assert "not found: none" in shown("enter", "slash", *"none", "enter")
    assert "imgtar cat" in shown("enter", "n")
    assert "line 2 of 3" in shown("down", "enter", "slash", *"needle", "enter")  # bytes 30 to 36
    assert "line 3 of 3" in shown("down", "enter", "slash", *"needle", "enter", "n")


def test_a_search_finds_rows_of_pages() -> None:
    assert "line 7 of 7 n: the next" in pressed("p", "slash", *"requests", "enter")[0]
    assert "/opt/lib/site-packages directory" in pressed("p", "slash", *"requests", "enter", "enter")[0]


def test_the_page_of_the_documentation_has_every_key() -> None:
    documented = (ROOT / "docs/explore.md").read_text()
    for key in PAGE_KEYS:
        assert f"| {key.shown} | {key.meaning} |" in documented
