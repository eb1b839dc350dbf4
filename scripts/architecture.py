"""Draws the rooms of imgtar/ and their imports into docs/architecture.md; a test compares the page with the code.

python scripts/architecture.py, in the environment of CONTRIBUTING.md
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "imgtar"
PAGE = ROOT / "docs/architecture.md"
GROUND = "ground"  # the modules beside the rooms (errors, findings, limits, …) in one box
PICTURE = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)


def imported(source: str) -> Iterator[str]:
    """The dotted names of imgtar's modules that a module imports, anywhere in it, for the type checker too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "imgtar":
            yield from (f"imgtar.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room(module: str) -> str | None:
    """The room of a module of imgtar; None for a module of somebody else."""
    package, _, rest = module.partition(".")
    if package != "imgtar":
        return None
    name = rest.partition(".")[0]
    return name if (PACKAGE / name / "__init__.py").exists() and name else GROUND


def modules() -> list[str]:
    """The modules beside the rooms."""
    return sorted(path.stem for path in PACKAGE.glob("[!_]*.py"))


def imports() -> dict[str, set[str]]:
    """Each room, and the rooms that its modules import; `__init__.py` and `__main__.py` of imgtar stand above all."""
    rooms: dict[str, set[str]] = {GROUND: set()}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1].startswith("__"):
            continue
        own = room(".".join(parts)) or GROUND
        found = {room(name) for name in imported(path.read_text())}
        rooms.setdefault(own, set()).update(name for name in found if name not in (None, own))
    return rooms


def reachable(rooms: dict[str, set[str]], start: str) -> set[str]:
    """Every room that `start` imports, directly or through others."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for name in rooms[waiting.pop()] - found:
            found.add(name)
            waiting.append(name)
    return found


def picture(rooms: dict[str, set[str]]) -> str:
    """A Mermaid flow chart, one arrow per import, without the arrows that a longer way implies.

    Raises ValueError where rooms import each other: such a picture has no top.
    """
    below = {name: reachable(rooms, name) for name in rooms}
    circle = sorted(name for name in rooms if name in below[name])
    if circle:
        raise ValueError(f"these rooms import each other: {', '.join(circle)}")
    lines = ["flowchart TD"]
    for name in sorted(rooms, key=lambda name: (-len(below[name]), name)):
        label = ", ".join(modules()) if name == GROUND else name
        lines.append(f'    {name}["{label}"]')
    for name in sorted(rooms, key=lambda name: (-len(below[name]), name)):
        direct = rooms[name]
        shown = {other for other in direct if not any(other in below[between] for between in direct)}
        lines += [f"    {name} --> {other}" for other in sorted(shown)]
    return "\n".join(lines) + "\n"


def page() -> str:
    """docs/architecture.md with the picture of today."""
    drawn = picture(imports())
    return PICTURE.sub(lambda _: drawn, PAGE.read_text())


if __name__ == "__main__":
    PAGE.write_text(page())
    print(PAGE.relative_to(ROOT))
