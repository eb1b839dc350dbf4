"""A small builder: a Dockerfile of FROM scratch, `ADD tar /`, `COPY directory /`, `RUN rm` and metadata → an image."""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

from imgtar.cli.main import run
from tests.builders import docker_save, layer, whiteout

_PAIR = re.compile(r'(?P<name>"(?:[^"\\]|\\.)*"|[^=]+)=(?P<value>.*)', re.DOTALL)
_DURATION = re.compile(r"(\d+)(h|ms|m|s)")
_NANOSECONDS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6}
_HEALTH = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}
_LISTS = {"SHELL": "Shell", "ENTRYPOINT": "Entrypoint", "CMD": "Cmd"}
_TEXTS = {"USER": "User", "WORKDIR": "WorkingDir", "STOPSIGNAL": "StopSignal"}


def context_of(archive: Path, folder: Path, *options: str, code: int = 0) -> Path:
    """The context that `imgtar dockerfile` writes for an archive; the report is `x.json` beside it."""
    context = folder / "context"
    asked = ["dockerfile", str(archive), "--context", str(context), "-q", "-o", f"json={folder / 'x.json'}"]
    assert run([*asked, *options]) == code
    return context


def is_equal(archive: Path, other: bytes, folder: Path, *options: str) -> bool:
    """Does `imgtar diff` find the images equal?"""
    rebuilt = folder / "rebuilt.tar"
    rebuilt.write_bytes(other)
    return run(["diff", str(archive), str(rebuilt), "-q", "-o", f"json={folder / 'diff.json'}", *options]) == 0


def stored(archive: bytes, folder: Path) -> Path:
    """The path of an archive, which is written into the folder."""
    path = folder / "image.tar"
    path.write_bytes(archive)
    return path


def built(context: Path, **changes: Any) -> bytes:
    """The image of a context as `docker save` writes it; `changes` are those of its configuration document."""
    first, *lines = (line for line in (context / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    assert first == "FROM scratch"
    layers: list[bytes] = []
    execution: dict[str, Any] = {}
    for line in lines:
        keyword, _, value = line.partition(" ")
        if keyword in ("ADD", "COPY"):
            layers.append(_layer(context, keyword, value))
        elif keyword == "RUN":
            program, options, end, *paths = json.loads(value)
            assert (program, options, end) == ("rm", "-rf", "--")
            layers.append(layer(*(whiteout(path) for path in paths)))
        else:
            _set(execution, keyword, value)
    return docker_save(layers, execution=execution, **changes)


def _layer(context: Path, keyword: str, value: str) -> bytes:
    """An engine unpacks a tar, and copies what is in a directory, with the owner that a flag names."""
    if keyword == "ADD":
        name = value.removesuffix(" /")
        return (context / name).read_bytes()
    owner = re.fullmatch(r"(?:--chown=(\d+):(\d+) )?(layer-\d+)/ /", value)
    assert owner is not None
    made = io.BytesIO()

    def owned(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid, member.gid = int(owner[1] or 0), int(owner[2] or 0)
        member.uname = member.gname = ""
        return member

    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted((context / owner[3]).iterdir()):
            tar.add(path, path.name, filter=owned)
    return made.getvalue()


def _set(execution: dict[str, Any], keyword: str, value: str) -> None:
    if keyword in _LISTS:
        execution[_LISTS[keyword]] = json.loads(value)
    elif keyword in _TEXTS:
        execution[_TEXTS[keyword]] = re.sub(r"\\(.)", r"\1", value)
    elif keyword == "VOLUME":
        execution["Volumes"] = {path: {} for path in json.loads(value)}
    elif keyword == "EXPOSE":
        execution.setdefault("ExposedPorts", {})[value] = {}
    elif keyword == "ONBUILD":
        execution.setdefault("OnBuild", []).append(value)
    elif keyword == "HEALTHCHECK":
        execution["Healthcheck"] = _health(value)
    else:
        found = _PAIR.fullmatch(value)
        assert found is not None
        assert keyword in ("ENV", "LABEL")
        name, text = _unquoted(found["name"]), _unquoted(found["value"])
        if keyword == "ENV":
            execution.setdefault("Env", []).append(f"{name}={text}")
        else:
            execution.setdefault("Labels", {})[name] = text


def _unquoted(word: str) -> str:
    return re.sub(r"\\([\\\"$])", r"\1", word[1:-1]) if word.startswith('"') else word


def _health(value: str) -> dict[str, Any]:
    if value == "NONE":
        return {"Test": ["NONE"]}
    options, _, command = value.partition("CMD ")
    test = ["CMD", *json.loads(command)] if command.startswith("[") else ["CMD-SHELL", command]
    found: dict[str, Any] = {"Test": test}
    for option in options.split():
        name, _, text = option.removeprefix("--").partition("=")
        if name == "retries":
            found["Retries"] = int(text)
        else:
            number, unit = _DURATION.fullmatch(text).groups()  # type: ignore[union-attr]
            found[_HEALTH[name]] = int(number) * _NANOSECONDS[unit]
    return found
