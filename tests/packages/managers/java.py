"""Java archives by zipfile: what Maven wrote into them, their names, and what lies in them, is true by construction."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.packages.managers.layered import Built, LayeredFolder, row
from tests.packages.programs import jar, properties

PROGRAMS: tuple[str, ...] = ()
AS_ROOT = False
TYPE = "java"
_LIB = "opt/app/lib"
_APP = "opt/app/app.war"
_MANIFEST = "META-INF/MANIFEST.MF"


def build(work: Path) -> Built:
    """`app` has libraries three levels deep; `shaded` brings classes of another library; `named` and `titled` have no
    properties of Maven, and `titled` no version in its name; `aside` has neither.
    """
    image = LayeredFolder(work / "root")
    told = []
    image.write(_APP, _app("1.0"))
    image.write(
        f"{_LIB}/shaded-2.0.jar", jar([properties("org.in", "inner", "7"), properties("org.s", "shaded", "2.0")])
    )
    image.write(f"{_LIB}/named-1.0.jar", _plain("Implementation-Title: A library\r\nImplementation-Version: 9\r\n"))
    image.write(f"{_LIB}/titled.jar", _plain("Implementation-Vendor-Id: org.t\r\nBundle-Version: 5\r\n"))
    image.write(f"{_LIB}/aside.jar", _plain("Created-By: 17\r\n"))
    image.step()
    beside = {("org.in:inner", "7"), ("org.s:shaded", "2.0"), ("named", "1.0"), ("org.t:titled", "5")}
    told.append(_told("1.0", beside))
    image.write(_APP, _app("1.1"))
    image.step()
    told.append(_told("1.1", beside))
    for path in (image.root / _LIB).iterdir():
        path.unlink()
    image.step()
    told.append(_told("1.1", ()))
    rows = {
        row("org.a:app", "1.0", "0 upgraded 1", {0: image.stored(0, _APP)}),
        row("org.a:app", "1.1", "1 installed", {1: image.stored(1, _APP)}, "1.0"),
        row("org.a:first", "1.0", "0 upgraded 1", {}),
        row("org.a:first", "1.1", "1 installed", {}, "1.0"),
        row("org.a:second", "3", "0 installed", {}),
        row("third", "3.0", "0 installed", {}),
        row("org.s:shaded", "2.0", "0 removed 2", {0: image.stored(0, f"{_LIB}/shaded-2.0.jar")}),
        row("org.in:inner", "7", "0 removed 2", {}),
        row("named", "1.0", "0 removed 2", {0: image.stored(0, f"{_LIB}/named-1.0.jar")}),
        row("org.t:titled", "5", "0 removed 2", {0: image.stored(0, f"{_LIB}/titled.jar")}),
    }
    return Built(image.layers, told, frozenset(rows))


def _app(version: str) -> bytes:
    """An application whose first library has a second one in it, which has a third one in it without properties."""
    third = _plain("Implementation-Title: The third\r\n")
    second = jar([("lib/third-3.0.jar", third), properties("org.a", "second", "3")])
    first = jar([("lib/second-3.jar", second), properties("org.a", "first", version)])
    return jar([(f"WEB-INF/lib/first-{version}.jar", first), properties("org.a", "app", version)])


def _plain(manifest: str) -> bytes:
    return jar([(_MANIFEST, f"Manifest-Version: 1.0\r\n{manifest}".encode())])


def _told(version: str, beside: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The libraries of an application of this version, and those beside it."""
    return frozenset(
        {("org.a:app", version), ("org.a:first", version), ("org.a:second", "3"), ("third", "3.0"), *beside}
    )
