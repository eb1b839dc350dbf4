"""How two configurations differ: each variable of the environment and each label by itself, everything else whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from imgtar.formats.json_document.document import Json
from imgtar.formats.oci.config import Execution, HistoryEntry
from imgtar.image.image import ImageOutline

_LISTS = ("entrypoint", "cmd", "shell", "onbuild")
_SETS = ("exposed_ports", "volumes")
_TEXTS = ("user", "working_dir", "stop_signal", "healthcheck")


class ConfigDifference(msgspec.Struct, frozen=True):
    """A difference: `env.NAME`, `labels.KEY`, or the name of a key of the contract. None: it is not set."""

    key: str
    a: Json
    b: Json


def compare_configs(a: ImageOutline, b: ImageOutline, *, strict: bool = False) -> list[ConfigDifference]:
    """How the configuration of `b` differs from that of `a`: of the container and of the platform.

    With `strict` also the names of the images, their authors and times, the order of the environment and the history.
    """
    before, after = dict(_facts(a, strict=strict)), dict(_facts(b, strict=strict))
    keys = [*before, *(key for key in after if key not in before)]
    return [ConfigDifference(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _facts(image: ImageOutline, *, strict: bool) -> Iterator[tuple[str, Json]]:
    execution = image.execution
    environment = _environment(execution)
    yield from ((f"env.{name}", environment[name]) for name in sorted(environment))
    if strict and list(execution.env) != [f"{name}={value}" for name, value in sorted(environment.items())]:
        yield "env", [*execution.env]
    yield from _settings(execution)
    yield from ((f"labels.{key}", execution.labels[key]) for key in sorted(execution.labels))
    yield "os", image.platform.os
    yield "architecture", image.platform.architecture
    yield "variant", image.platform.variant
    if strict:
        config = image.record.config
        yield "names", [*sorted(image.record.names)]
        yield "created", None if config is None else config.created
        yield "author", None if config is None else config.author
        for number, step in enumerate(image.record.history):
            yield f"history.{number}", _step(step)


def _settings(execution: Execution) -> Iterator[tuple[str, Json]]:
    """An empty text or list says no more than an absent one, and `/` is the working directory without a statement."""
    values: Mapping[str, object] = msgspec.structs.asdict(execution)
    for name in _TEXTS:
        value = values[name]
        is_default = not value or (name, value) == ("working_dir", "/")
        yield name, value if isinstance(value, (str, dict)) and not is_default else None
    for name in (*_LISTS, *_SETS):
        texts = values[name]
        assert isinstance(texts, tuple)
        yield name, (sorted(texts) if name in _SETS else list(texts)) or None


def _environment(execution: Execution) -> dict[str, str]:
    """The variables by name; of several with one name the last counts, as in a container."""
    parts = (variable.partition("=") for variable in execution.env)
    return {name: value for name, _, value in parts}


def _step(step: HistoryEntry) -> Json:
    return {
        "created": step.created,
        "created_by": step.created_by,
        "author": step.author,
        "comment": step.comment,
        "empty_layer": step.empty_layer,
    }
