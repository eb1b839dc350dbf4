"""What can be wrong with the databases of installed packages."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

DATABASE_DELETED = Kind(
    code="packages.database-deleted",
    severity=Severity.MEDIUM,
    sentence="/{path} is deleted; {count} packages in it are listed as of layer {layer}",
    meaning="A layer deletes the database of installed packages. A scanner that reads only the final filesystem finds "
    "no package, although the files of the packages are still there. imgtar reads the database in the layer that has "
    "it.",
    remedy="Keep the database; it is small. Scanners need it to report vulnerabilities.",
)
UNREADABLE_DATABASE = Kind(
    code="packages.unreadable-database",
    severity=Severity.MEDIUM,
    effect=Effect.INCOMPLETE,
    sentence="/{path}: {problem}",
    meaning="A file that says which packages are installed is damaged, cut or not in a known format. The list of "
    "packages lacks what could not be read. It makes the report incomplete for a database of deb, apk or rpm.",
    remedy="Build the image again, or look at the file with imgtar cat.",
)
STALE_DATABASE = Kind(
    code="packages.stale-database",
    severity=Severity.MEDIUM,
    effect=Effect.INCOMPLETE,
    sentence="/{log} has {size:,} bytes beside /{path}, which may lack the latest changes",
    meaning="SQLite writes changes into a log first, and into the database later. A log that is not empty was left "
    "where the process that changed the database was ended, or the layer was made while it ran. The database alone "
    "may be old: imgtar and most scanners read it without the log.",
    remedy="Run rpm --rebuilddb as the last step that changes packages, and look whether the log is gone.",
)
LARGE_PROGRAM = Kind(
    code="packages.large-program",
    severity=Severity.LOW,
    sentence="/{path} has {size:,} bytes, more than the limit inside-bytes, so it is not searched for packages",
    meaning="A program or a Java archive is in memory while its packages are read. This one is larger than the limit.",
    remedy="If you trust the image, raise the limit: --limit inside-bytes=128MiB, for example.",
)
UNREADABLE_SBOM = Kind(
    code="packages.unreadable-sbom",
    severity=Severity.MEDIUM,
    effect=Effect.INCOMPLETE,
    sentence="the SBOM {name} is not compared: {problem}",
    meaning="An SBOM of the image, attached to it or in one of its files, could not be read, so the comparison lacks "
    "what it claims. imgtar reads SPDX 2 and CycloneDX as JSON.",
    remedy="Make the SBOM again, or look at it with another program.",
)

KINDS = (DATABASE_DELETED, UNREADABLE_DATABASE, STALE_DATABASE, LARGE_PROGRAM, UNREADABLE_SBOM)
