"""Every kind of secret against its samples."""

from __future__ import annotations

import pytest

from imgtar.audit.secrets.candidates import candidates
from imgtar.audit.secrets.kinds import GENERIC, SECRET_KINDS
from imgtar.audit.secrets.words import is_secret_name, redacted
from tests.audit.secrets.samples import SAMPLES, Samples
from tests.audit.secrets.searching import find_secrets

KINDS = [kind.name for kind in (*SECRET_KINDS, GENERIC)]


def _kinds(samples: Samples, text: bytes) -> list[str]:
    return [secret.kind for secret in find_secrets(samples.path, [text])]


def test_kinds_are_named_once_and_have_samples() -> None:
    assert len(set(KINDS)) == len(KINDS)
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_there_are_enough_samples(name: str) -> None:
    samples = SAMPLES[name]
    assert len({secret for _, secret in samples.true}) >= 1
    assert len({text for text, _ in samples.true}) >= 3
    assert len(set(samples.near)) >= 5


@pytest.mark.parametrize("name", KINDS)
def test_true_samples_are_found(name: str) -> None:
    missed = [text[-200:] for text, _ in SAMPLES[name].true if name not in _kinds(SAMPLES[name], text)]
    assert missed == []


@pytest.mark.parametrize("name", KINDS)
def test_near_misses_are_not_found(name: str) -> None:
    taken = [text[:200] for text in SAMPLES[name].near if name in _kinds(SAMPLES[name], text)]
    assert taken == []


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"generic"}))
def test_one_secret_is_one_finding(name: str) -> None:
    """No other kind speaks of the same secret, not even the generic one by the variable's name."""
    for text, _ in SAMPLES[name].true:
        document = text.replace(b"VALUE=", b"API_TOKEN=")
        found = find_secrets(b"etc/app/.env", [document])
        assert [secret.kind for secret in found] == [name]


HOLDING = (
    "DB_PASSWORD adminPassword MINIO_SECRET_KEY APIKey api-key GITHUB_TOKEN DB_PASS credentials passwd password2 "
    "MYSQL_ROOT_PASSWORD SECRET_KEY_BASE REDIS_AUTH PGPASSWORD spring.datasource.password ENCRYPTION_KEY clientSecret"
)
TELLING = (
    "PASSWORD_FILE TOKEN_URL PUBLIC_KEY publicToken tokenizer COMPASS bypass authors AUTH_METHOD monkey GPG_KEY key "
    "secretary PASSWORD_MIN_LENGTH AWS_ACCESS_KEY_ID token_endpoint passwordPolicy KEYBOARD PASSWORD_PATH"
)


@pytest.mark.parametrize("name", HOLDING.split())
def test_this_name_holds_a_secret(name: str) -> None:
    assert is_secret_name(name.encode())


@pytest.mark.parametrize("name", ["", *TELLING.split()])
def test_this_name_holds_none(name: str) -> None:
    assert not is_secret_name(name.encode())


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        (b"", "\u2026 (0 characters)"),
        (b"abc", "\u2026 (3 characters)"),
        (b"abcdef", "a\u2026 (6 characters)"),
        (b"abcdefghijk", "ab\u2026 (11 characters)"),
        (b"abcdefghijkl", "abcd\u2026 (12 characters)"),
        (b"\x1b[1m\xffbcdefghijkl", "?[1m\u2026 (16 characters)"),
        ("äbcdefghijkl".encode(), "?bcd\u2026 (12 characters)"),
    ],
)
def test_little_of_a_secret_is_shown(secret: bytes, shown: str) -> None:
    assert redacted(secret) == shown


def test_every_kind_has_something_to_be_looked_up_by() -> None:
    """A literal of two bytes would be in every file; few short secrets need one that is looked for everywhere."""
    for kind in SECRET_KINDS:
        assert kind.literals or kind.words or kind.near
        assert all(len(start) >= 3 for start in (*kind.near, *kind.literals))
        assert all(len(word) >= 2 for word in kind.words)
    assert len({literal for kind in SECRET_KINDS for literal in kind.literals}) <= 8


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"generic"}))
def test_a_kind_is_a_candidate_wherever_its_pattern_finds_a_secret(name: str) -> None:
    """The characters around a secret do not hide it: it starts a long word, or stands at a border of one."""
    kind = {kind.name: kind for kind in SECRET_KINDS}[name]
    for text, _ in SAMPLES[name].true:
        for before, after in ((b"", b""), (b"\n", b"\n"), (b"a" * 70 + b"=", b"\n"), (b"a-", b" b"), (b"a.b/", b"'")):
            document = before + text + after
            if any(kind.is_secret(match[match.lastindex or 0]) for match in kind.pattern.finditer(document)):
                assert kind in candidates(document), document
    assert kind not in candidates(b"lorem ipsum dolor sit amet\n" * 1000)


def test_references_are_ids_of_rules() -> None:
    references = [reference for kind in SECRET_KINDS for reference in kind.references]
    assert len(references) >= 30
    assert all(reference.replace("-", "").isalpha() for reference in references)
