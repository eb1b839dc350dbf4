"""The two sentences of a piece of advice: what happened, and what to do. Paths in them are escaped."""

from __future__ import annotations

from imgtar.analysis.advice.cases import Case, Files, Step
from imgtar.analysis.advice.package_caches import package_cache
from imgtar.text import cut, escape

_PATH_COLUMNS = 200


def sentences(case: Case, files: Files, added: Step, removed: Step) -> tuple[str, str]:
    """What happened to the files of a case, and what to do; `added` and `removed` are the steps of its layers."""
    if case.cache is not None:
        return _late_removal(case, case.cache)
    if case.kind == "metadata-copy":
        return _metadata_copy(case, files, added, removed)
    return _stored_again(case, files, added, removed)


def _late_removal(case: Case, directory: bytes) -> tuple[str, str]:
    found = package_cache(directory + b"/")
    assert found is not None
    cache = found[1]
    where = f"{cache.what} in {_shown(directory)}"
    message = f"layer {case.added_in} keeps {where}: deleted too late, in layer {case.removed_in}"
    if cache.avoids:
        return message, f"use in the RUN of layer {case.added_in}: {cache.command}"
    return message, f"end the RUN of layer {case.added_in} with: {cache.command}"


def _metadata_copy(case: Case, files: Files, added: Step, removed: Step) -> tuple[str, str]:
    what = " and ".join(sorted(case.why, reverse=True))  # owner first
    command = " and ".join(sorted(_changers(case, removed)))
    message = (
        f"{command} in layer {case.removed_in} copies {_counted(files)} of layer {case.added_in} below "
        f"{_shown(files.directory)}, only to change the {what}"
    )
    if added.instruction == "RUN":
        return message, f"change the {what} in the RUN of layer {case.added_in}"
    options = []
    if "owner" in case.why:
        owner = "USER:GROUP" if len(files.owners) != 1 else "{}:{}".format(*next(iter(files.owners)))
        options.append(f"--chown={owner}")
    if "mode" in case.why:
        options.append("--chmod=MODE")
    return message, f"make layer {case.added_in} with: {added.instruction} {' '.join(options)}"


def _changers(case: Case, removed: Step) -> set[str]:
    """The commands of the step that change what changed."""
    wanted = ({"chown", "chgrp"} if "owner" in case.why else set()) | ({"chmod"} if "mode" in case.why else set())
    return wanted & removed.changers


def _stored_again(case: Case, files: Files, added: Step, removed: Step) -> tuple[str, str]:
    again = "unchanged" if not case.why else "with other metadata"
    message = (
        f"the {removed.instruction} of layer {case.removed_in} stores {_counted(files)} of layer {case.added_in} below "
        f"{_shown(files.directory)} again, {again}"
    )
    if not case.why:
        return message, f"leave the files out of the {removed.instruction} of layer {case.removed_in}"
    step = f"the {added.instruction} of layer {case.added_in}"
    return message, f"leave the files out of {step}, unless a step in between needs them"


def _shown(directory: bytes) -> str:
    return cut(escape(b"/" + directory), _PATH_COLUMNS)


def _counted(files: Files) -> str:
    return f"{files.count:,} file{'' if files.count == 1 else 's'}"
