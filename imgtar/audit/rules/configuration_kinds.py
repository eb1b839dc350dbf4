"""The kinds of findings on configuration and history.

References are the IDs of CIS Docker Benchmark (section 4), dockle, Trivy and hadolint.
"""

from __future__ import annotations

from imgtar.findings import Kind, Severity


def _rule(
    code: str,
    severity: Severity,
    sentence: str,
    meaning: str,
    remedy: str,
    *references: str,
    always_listed: bool = False,
) -> Kind:
    return Kind(
        code=f"config.{code}",
        severity=severity,
        sentence=sentence,
        meaning=meaning,
        remedy=remedy,
        references=references,
        always_listed=always_listed,
    )


INFO, LOW, MEDIUM, HIGH = Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH
ROOT = _rule(
    "user-root",
    MEDIUM,
    "the container runs as root",
    "The image configures no user, or the user root.",
    "Set an unprivileged user with USER.",
    "CIS-Docker-4.1",
    "CIS-DI-0001",
    "DS-0002",
    "DL3002",
)
NO_HEALTHCHECK = _rule(
    "no-healthcheck",
    LOW,
    "no health check is configured",
    "Without a health check the engine cannot tell whether the container works.",
    "Add HEALTHCHECK, unless the orchestrator has its own probes.",
    "CIS-Docker-4.6",
    "CIS-DI-0006",
    "DS-0026",
    "DL3057",
)
LATEST = _rule(
    "latest-tag",
    LOW,
    "the image is named {name}",
    "The tag latest, or a name without a tag, does not say which version the image is.",
    "Tag the image with its version.",
    "DKL-DI-0006",
    "DS-0001",
    "DL3007",
)
SSH_PORT = _rule(
    "port-22",
    MEDIUM,
    "port 22 is exposed",
    "A container rarely needs an SSH server.",
    "Remove EXPOSE 22.",
    "DS-0004",
    "DL3011",
)
BAD_PORT = _rule(
    "bad-port",
    HIGH,
    "the exposed port {port} is not a valid port",
    "A port is a number from 1 to 65535.",
    "Fix EXPOSE.",
    "DS-0008",
    "DL3011",
)
ADD = _rule(
    "add",
    LOW,
    "step {step} uses ADD",
    "ADD unpacks archives and fetches URLs; COPY only copies.",
    "Use COPY, unless the step has to unpack or fetch something.",
    "CIS-Docker-4.9",
    "CIS-DI-0009",
    "DS-0005",
    "DL3020",
)
MAINTAINER = _rule(
    "maintainer",
    INFO,
    "step {step} uses MAINTAINER",
    "The instruction is deprecated.",
    "Use LABEL org.opencontainers.image.authors.",
    "DS-0022",
    "DL4000",
)
WORKDIR = _rule(
    "relative-workdir",
    MEDIUM,
    "the working directory {path} is relative",
    "Which directory a relative path means depends on earlier steps.",
    "Use an absolute path in WORKDIR.",
    "DS-0009",
    "DL3000",
)
SECRET = _rule(
    "secret",
    HIGH,
    "{holder} holds what looks like {description}: {shown}",
    "Everyone who has the image can read a secret in its configuration or history.",
    "Revoke the secret; provide secrets at run time or as build secrets.",
    "CIS-Docker-4.10",
    "CIS-DI-0010",
    "DS-0031",
    "SecretsUsedInArgOrEnv",
    always_listed=True,
)
SUDO = _rule(
    "sudo",
    MEDIUM,
    "step {step} uses sudo",
    "A build step runs as the user that USER sets; sudo gives that user a way to become root.",
    "Switch with USER for the steps that need root, and do not install sudo.",
    "DKL-DI-0001",
    "DS-0010",
    "DL3004",
)
VOLUME = _rule(
    "sensitive-volume",
    HIGH,
    "the volume {path} is a system directory",
    "A volume in a system directory exposes the kernel or the host to the container.",
    "Remove the VOLUME.",
    "DKL-DI-0002",
)
DIST_UPGRADE = _rule(
    "dist-upgrade",
    LOW,
    "step {step} upgrades the whole distribution",
    "The upgraded packages and their versions depend on the day of the build.",
    "Use a newer base image.",
    "DKL-DI-0003",
    "DS-0024",
    "DL3005",
)
APK_CACHE = _rule(
    "apk-cache",
    LOW,
    "step {step} uses apk add without --no-cache",
    "The package index of apk stays in the layer.",
    "Add --no-cache.",
    "DKL-DI-0004",
    "DS-0025",
    "DL3019",
)
APT_CACHE = _rule(
    "apt-cache",
    LOW,
    "step {step} uses apt-get update and leaves the package lists",
    "The downloaded package lists stay in the layer.",
    "Remove /var/lib/apt/lists/* in the same RUN.",
    "DKL-DI-0005",
    "DL3009",
)
UPDATE_ALONE = _rule(
    "update-alone",
    MEDIUM,
    "step {step} updates the package lists and installs nothing",
    "A later build reuses the cached layer and installs from old package lists.",
    "Run update and install in one RUN.",
    "CIS-Docker-4.7",
    "CIS-DI-0007",
    "DS-0017",
)
PACKAGE_CACHE = _rule(
    "package-cache",
    LOW,
    "step {step} uses {manager} and leaves the package cache",
    "The downloaded packages and lists stay in the layer.",
    "Clean the cache in the same RUN: yum, dnf or microdnf clean all; zypper clean.",
    "DS-0015",
    "DS-0019",
    "DS-0020",
    "DS-0027",
    "DL3032",
    "DL3036",
    "DL3040",
)
RECOMMENDED = _rule(
    "recommended-packages",
    INFO,
    "step {step} uses apt-get install without --no-install-recommends",
    "apt-get also installs packages that are only recommended; each has to be downloaded, stored and patched.",
    "Add --no-install-recommends.",
    "DS-0029",
    "DL3015",
)
SYSTEM_WORKDIR = _rule(
    "system-workdir",
    MEDIUM,
    "the working directory {path} is a system directory",
    "The engine or the system uses this directory: files that are written there may be lost or do harm.",
    "Use a directory of the application.",
    "DS-0030",
)
PIPED_SCRIPT = _rule(
    "piped-script",
    MEDIUM,
    "step {step} pipes a download into a shell",
    "The script was run without being checked.",
    "Download the script, check its digest, then run it.",
)
KINDS = tuple(kind for kind in list(globals().values()) if isinstance(kind, Kind))
