"""The rules on /etc/passwd and /etc/shadow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.audited import audited_bytes, codes, of
from tests.builders import docker_save, file, layer, whiteout


def test_accounts(tmp_path: Path) -> None:
    content = layer(
        file("etc/passwd", b"root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\na:x:7:7::/:\na:x:7:7::/:\n"),
        file("etc/shadow", b"root:*:1::::::\nnobody::1::::::\nuser:$6$x:1::::::\n"),
    )
    rows = audited_bytes(docker_save([content]), tmp_path)
    assert [row.message for row in of(rows, "account.duplicate-uid")] == ["the users root, toor share the uid 0"]
    [empty] = of(rows, "account.empty-password")
    assert empty.message == "the user nobody has an empty password in /etc/shadow"


def test_accounts_are_those_of_the_final_filesystem(tmp_path: Path) -> None:
    layers = [layer(file("etc/shadow", b"root::1::::::\n")), layer(file("etc/shadow", b"root:*:1::::::\n"))]
    assert "account.empty-password" not in codes(audited_bytes(docker_save(layers), tmp_path))
    assert "account.empty-password" not in codes(
        audited_bytes(docker_save([layers[0], layer(whiteout("etc/shadow"))]), tmp_path)
    )


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("$6$" + "saltsalt$" + "h" * 86, True),
        ("!$y$" + "j9T$salt$" + "h" * 43, True),
        ("ab" + "h" * 11, True),
        ("*", False),
        ("!!", False),
        ("!*", False),
        ("x", False),
    ],
)
def test_a_hash_in_shadow(field: str, found: bool, tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(file("etc/shadow", f"me:{field}:1::::::\n".encode()))]), tmp_path)
    assert ("account.password-hash" in codes(rows)) == found
    assert not any("hhhh" in row.message for row in rows)


def test_a_hash_in_a_lower_layer_is_told_once(tmp_path: Path) -> None:
    old, new = (b"root:$6$abc$" + letter * 60 + b":1::::::\n" for letter in (b"x", b"y"))
    layers = [
        layer(file("etc/shadow", b"other:" + old), file("etc/shadow", old + b"daemon:*:1::::::\n")),
        layer(file("etc/shadow", new)),
        layer(whiteout("etc/shadow")),
        layer(file("etc/shadow", new)),
    ]
    rows = audited_bytes(docker_save(layers), tmp_path)
    assert [(row.where.layer, row.where.path) for row in of(rows, "account.hash-in-lower-layer")] == [
        (0, "/etc/shadow")
    ]
    assert len(of(rows, "account.password-hash")) == 1
