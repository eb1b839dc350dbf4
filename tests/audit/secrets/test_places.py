"""Places where a secret is usually a sample, each with a near miss."""

from __future__ import annotations

import pytest

from imgtar.audit.secrets.places import sample_place


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (b"app/tests/keys.py", "a test"),
        (b"app/Test/Key.java", "a test"),
        (b"app/contest/keys.py", None),
        (b"app/tests", None),  # a file
        (b"pkg/tls/handshake_test.go", "a test"),
        (b"pkg/tls/latest.go", None),
        (b"app/src/login.spec.ts", "a test"),
        (b"lib/__mocks__/a.js", "a test"),
        (b"lib/mockingbird/a.js", None),
        (b"srv/examples/a.json", "an example"),
        (b"srv/example/a.json", "an example"),
        (b"srv/counterexamples.json", None),
        (b"srv/.env.example", "an example"),
        (b"srv/.env", None),
        (b"etc/app.sample.conf", "an example"),
        (b"etc/resample.conf", None),
        (b"usr/share/doc/a/config", "documentation"),
        (b"srv/docker/config", None),
        (b"srv/README.md", "documentation"),
        (b"srv/readme", "documentation"),
        (b"srv/readmeter", None),
        (b"usr/share/locale/de/a.json", "a translation"),
        (b"srv/locale.json", None),
        (b"srv/vendor/lib/a.php", "a vendored copy"),
        (b"srv/vendor.php", None),
        (b"lib/pip/_vendor/a.py", "a vendored copy"),
        (b"srv/static/app.min.js", "minified code"),
        (b"srv/static/app.js.map", "minified code"),
        (b"srv/static/admin.js", None),
        (b"root/.ssh/id_rsa", None),
    ],
)
def test_place(path: bytes, words: str | None) -> None:
    assert sample_place(path) == words
