"""Package lists, caches, scripts from the network and sudo: every spelling, each with one that is no finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.audited import audited_bytes, codes, configured
from tests.builders import docker_save, file, image_config, layer

pytestmark = pytest.mark.slow

INSTALL = "apt-get update && apt-get install -y x"


@pytest.mark.parametrize(
    ("code", "fires", "does_not"),
    [
        ("apt-cache", INSTALL, f"{INSTALL} && apt-get dist-clean"),
        ("apt-cache", f"{INSTALL} && apt-get clean", f"{INSTALL} && apt-get distclean"),
        (
            "apt-cache",
            f"{INSTALL} && find /var/lib/apt/lists -type f",
            f"{INSTALL} && find /var/lib/apt/lists -type f -delete",
        ),
        ("apt-cache", f"{INSTALL} && rm -rf /var/lib/apt-x", f"{INSTALL} && rm -rf /var/lib/apt"),
        ("apt-cache", f"{INSTALL} && rm -rf /var/lib/{{dpkg,x}}", f"{INSTALL} && rm -rf /var/lib/{{apt,dpkg,cache}}"),
        ("apt-cache", f"{INSTALL} && rm /tmp/*", f"{INSTALL} && rm -fr /var/lib/apt/lists/* /tmp/*"),
        ("apt-cache", f"{INSTALL} && rm -rf lists", f"{INSTALL} && find /var/lib/apt/lists/ -exec rm -rf {{}} +"),
        ("apt-cache", f"sudo {INSTALL}", f"--mount=type=cache,target=/var/lib/apt {INSTALL}"),
        ("update-alone", "apt-get update", "yum update -y"),
        ("update-alone", "dnf makecache", "dnf update -y"),
        ("update-alone", "zypper refresh", "zypper --non-interactive update"),
        ("update-alone", "apk update", "apk update && apk upgrade"),
        ("package-cache", "yum update -y", "yum update -y && yum clean all"),
        ("package-cache", "dnf -y install x && rm -rf /var/cache/apt", "dnf -y install x && rm -rf /var/cache/*"),
        ("package-cache", "zypper in x", "zypper in x && zypper clean --all"),
        ("package-cache", "microdnf install x", "microdnf install x && rm -rf /var/cache/{yum,dnf}"),
        ("apk-cache", "apk add x", "apk add x && rm -rf /var/cache/apk/*"),
        ("apk-cache", "apk add x && rm -rf /var/cache/apk-x", "apk add x && apk cache clean"),
        ("piped-script", "curl -s x | sudo -E bash -", "curl -s x | sudo -E tee /x"),
        ("piped-script", "curl x | python3 -", "curl x | python3 -c 'import json'"),
        ("piped-script", "curl x | env X=y sh", "curl x | env X=y sh -c cat"),
        ("piped-script", "curl x | bash -s -- --yes", "curl x | bash script.sh"),
        ("piped-script", 'sh -c "$(curl -fsSL x)"', 'sh -c "echo $(curl -fsSL x)"'),
        ("piped-script", "bash <(curl -s x)", "diff a <(curl -s x)"),
        ("piped-script", "wget -O - x | tee log | sh", "wget -O log x && sh script"),
        ("piped-script", 'eval "$(curl x)"', 'X="$(curl x)"'),
        ("piped-script", "source <(wget -qO- x)", "source /etc/profile"),
        ("piped-script", "curl x | perl", "curl x | perl -ne print"),
        ("sudo", "if true; then sudo x; fi", "if true; then x sudo; fi"),
        ("sudo", "for a in b; do sudo x; done", "for a in sudo; do x; done"),
        ("sudo", "! sudo x", "! grep sudo x"),
        ("sudo", "exec sudo x", "exec x sudo"),
        ("sudo", "bash -c 'sudo x'", "echo 'sudo x'"),
        ("sudo", "A=b /usr/bin/sudo x", "A=sudo x"),
        ("recommended-packages", "apt-get -y install x", "apt-get -y install -o APT::Install-Recommends=false x"),
        ("dist-upgrade", "apt-get -y full-upgrade", "apt-get -y upgrade dist-upgrade"),
    ],
)
def test_pairs(code: str, fires: str, does_not: str, tmp_path: Path) -> None:
    assert f"config.{code}" in configured(tmp_path, {}, f"RUN /bin/sh -c {fires} # buildkit")
    assert f"config.{code}" not in configured(tmp_path, {}, f"RUN /bin/sh -c {does_not} # buildkit")


def built(folder: Path, command: str, *stored: bytes) -> set[str]:
    """The codes found in an image whose second layer is made by a command and holds these files."""
    layers = [layer(file("a", b"1")), layer(file("b", b"2"), *stored)]
    history = [{"created_by": "ADD base.tar / # buildkit"}, {"created_by": f"RUN /bin/sh -c {command} # buildkit"}]
    return codes(audited_bytes(docker_save(layers, config=image_config(layers, history=history)), folder))


LISTS = [
    ("apt-cache", INSTALL, f"{INSTALL} && rm -rf /var/lib/apt/lists/*", "var/lib/apt/lists/deb_dists_stable_Packages"),
    ("apk-cache", "apk add x", "apk add x && rm -rf /var/cache/apk/*", "var/cache/apk/APKINDEX.0.tar.gz"),
    ("package-cache", "dnf install x", "dnf install x && dnf clean all", "var/cache/dnf/base.solv"),
]


@pytest.mark.parametrize(("code", "plain", "cleaning", "path"), LISTS)
def test_the_files_of_the_layer_decide(code: str, plain: str, cleaning: str, path: str, tmp_path: Path) -> None:
    """Whatever the command says: a cache mount leaves nothing, and a removal may have failed."""
    for command in (plain, cleaning):
        assert f"config.{code}" in built(tmp_path, command, file(path, b"x"))
        assert f"config.{code}" not in built(tmp_path, command)


def test_a_lock_is_no_package_list(tmp_path: Path) -> None:
    assert "config.apt-cache" not in built(tmp_path, INSTALL, file("var/lib/apt/lists/lock", b"x"))
