"""The commands about the archive of a report, as a shell reads them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from imgtar.contract.envelope import FindingRow, Source
from imgtar.contract.inspect import ImageOutline, WasteRow
from imgtar.contract.judgements import AuditImage
from imgtar.report.words.image import short
from imgtar.text import escape, escape_stored

_LONGEST = 500  # characters of a command
_CUT = "…"  # part of a redacted text


def secret_command(
    finding: FindingRow, source: Source, images: Sequence[ImageOutline | AuditImage], *, ascii_only: bool = False
) -> str:
    """The command that reads the file in which a deleted secret is; empty where the finding is not about one."""
    where = finding.where
    if not finding.code.startswith("secret.") or where.removed_in is None or where.path is None or where.layer is None:
        return ""
    return cat_command(
        source, where.path, where.path_b64, where.layer, _choice(images, where.image), ascii_only=ascii_only
    )


def waste_command(
    rows: Sequence[WasteRow], source: Source, images: Sequence[ImageOutline], image: int, *, ascii_only: bool = False
) -> str:
    """The command that reads the first of the wasted files that its layer still has at its end; empty without one."""
    row = next((row for row in rows if row.removed_in > row.added_in), None)
    if row is None:
        return ""
    return cat_command(source, row.path, row.path_b64, row.added_in, _choice(images, image), ascii_only=ascii_only)


def _choice(images: Sequence[ImageOutline | AuditImage], image: int | None) -> str | None:
    """What `--image` needs; empty for the only image, None where the image cannot be chosen."""
    if len(images) == 1:
        return ""
    return None if image is None else short(images[image].id)


def cat_command(
    source: Source, path: str, path_b64: str | None, layer: int, choice: str | None, *, ascii_only: bool = False
) -> str:
    r"""`imgtar cat app.tar /root/.ssh/id_rsa --layer 3`, escaped and quoted for a shell, which reads it as it stands.

    The path is written with the codes that imgtar reads (`\xNN`). Empty where no command can name the file: the archive
    came from a pipe or has a name that cannot be printed, a secret in the path is redacted, or the command is too long.
    """
    name = archive_word(source, ascii_only=ascii_only)
    shown = escape_stored(path, path_b64, ascii_only=ascii_only)
    if name is None or choice is None or _CUT in shown:
        return ""
    words = f"imgtar cat {name} {shlex.quote(shown)} --layer {layer}"
    command = f"{words} --image {shlex.quote(choice)}" if choice else words
    return command if len(command) <= _LONGEST else ""


def archive_word(source: Source, *, ascii_only: bool = False) -> str | None:
    """The archive as a shell reads it in a command; None where it came from a pipe or its name cannot be printed."""
    name = source.path
    from_pipe = source.container == "stream" and "://" not in name
    if from_pipe or escape(name, ascii_only=ascii_only) != name:
        return None
    return shlex.quote(f"./{name}" if name.startswith("-") else name)
