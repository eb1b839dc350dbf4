"""What can be odd about files that are extracted."""

from __future__ import annotations

from imgtar.findings import Kind, Severity

SKIPPED = Kind(
    code="extract.skipped",
    severity=Severity.INFO,
    sentence="{name} ({type}) is not extracted: {why}",
    meaning="imgtar extract leaves out what cannot be written or would be unsafe: devices and pipes without --special, "
    "hard links whose file is not there, symbolic links that an option of --links leaves out, attributes that need "
    "root.",
    remedy="Give --special for devices and pipes; `imgtar extract --tar FILE` keeps everything.",
)
NOT_WRITTEN = Kind(
    code="extract.not-written",
    severity=Severity.MEDIUM,
    sentence="{name} ({type}) cannot be written: {why}",
    meaning="The file system refuses the file: its name is too long, or two names of the image are one name there. "
    "imgtar extract writes everything else and exits with 6.",
    remedy="Write to another file system, or take the file with `imgtar cat`, or everything with "
    "`imgtar extract --tar FILE`.",
)
LINK_LEAVES_TREE = Kind(
    code="extract.link-leaves-tree",
    severity=Severity.INFO,
    sentence="the symbolic link {name} leads out of the extracted directory{more}",
    meaning="The target is absolute or climbs above the root. In a container it leads to a file of the image; in the "
    "extracted directory it leads to a file of this machine, which a search through the directory may then read.",
    remedy="Extract with --links inside, which makes such links lead into the directory, or with --links skip.",
    per_image=True,
)

KINDS = (SKIPPED, NOT_WRITTEN, LINK_LEAVES_TREE)
