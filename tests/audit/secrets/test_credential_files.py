"""Every kind of credential file against its samples."""

from __future__ import annotations

import pytest

from imgtar.audit.secrets.collector import SecretCollector
from imgtar.audit.secrets.credential_files.reader import (
    CREDENTIAL_KINDS,
    LARGEST,
    LARGEST_BY_STRUCTURE,
    CredentialReader,
)
from imgtar.audit.secrets.kinds import GENERIC, SECRET_KINDS
from tests.audit.secrets.credential_samples import FILE_SAMPLES, PKCS8
from tests.growth import bounded_work

CODES = [kind.code for kind in CREDENTIAL_KINDS]


def _read(path: str, body: bytes, size: int = 0) -> list[tuple[str, str]]:
    collector = SecretCollector()
    reader = CredentialReader(path.encode(), collector)
    step = size or max(1, len(body))
    for start in range(0, len(body), step):
        if not reader.feed(body[start : start + step]):
            break
    reader.finish()
    return [(secret.kind, secret.shown) for secret in collector.listed]


def test_kinds_are_named_once_and_have_samples() -> None:
    assert len(set(CODES)) == len(CODES)
    assert set(CODES).isdisjoint({kind.name for kind in (*SECRET_KINDS, GENERIC)})
    assert set(FILE_SAMPLES) == set(CODES)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("size", [0, 1, 7])
def test_true_samples_are_found(code: str, size: int) -> None:
    for path, body, secrets in FILE_SAMPLES[code].true:
        found = _read(path, body, size)
        assert [found_code for found_code, _ in found] == [code] * max(1, len(secrets)), (path, body[:200])
        for secret in secrets:
            assert f"{secret[:4].decode()}\u2026 ({len(secret)} characters)" in [shown for _, shown in found]


@pytest.mark.parametrize("code", CODES)
def test_near_misses_are_not_found(code: str) -> None:
    for path, body in FILE_SAMPLES[code].near:
        assert code not in [found for found, _ in _read(path, body)], (path, body[:200])


def test_a_text_that_people_write_is_read_up_to_a_size() -> None:
    collector = SecretCollector()
    reader = CredentialReader(b"app/settings.ini", collector)
    assert reader.feed(FILE_SAMPLES["plain-password"].true[0][1])
    assert not reader.feed(b"\n" * LARGEST)
    reader.finish()
    assert (collector.listed, reader.is_too_large) == ([], False)


def test_a_file_with_a_structure_is_read_up_to_a_larger_size() -> None:
    path, body, secrets = FILE_SAMPLES["pgpass"].true[0]
    assert len(_read(path, body + b"\n" * LARGEST)) == len(secrets)
    collector = SecretCollector()
    reader = CredentialReader(path.encode(), collector)
    assert reader.feed(body)
    assert not reader.feed(b"\n" * LARGEST_BY_STRUCTURE)
    reader.finish()
    assert (collector.listed, reader.is_too_large) == ([], True)


def test_a_file_without_a_name_or_first_byte_of_a_key_is_not_kept() -> None:
    assert not CredentialReader(b"app/notes.txt", SecretCollector()).feed(b"words")
    assert CredentialReader(b"app/notes.txt", SecretCollector()).feed(PKCS8[:1])


@pytest.mark.parametrize("code", CODES)
def test_reading_takes_linear_time(code: str) -> None:
    path, body, _ = FILE_SAMPLES[code].true[0]
    for piece in (body, body[:40], body[:12], body[:4]):
        repeated = piece * (LARGEST // len(piece))
        with bounded_work():
            _read(path, repeated)


@pytest.mark.parametrize(
    "code", ["der-key", "pkcs12", "java-key-store", "gpg-key", "gpg-protected-key", "terraform-state"]
)
def test_a_file_that_is_cut_anywhere_raises_nothing(code: str) -> None:
    for path, body, _ in FILE_SAMPLES[code].true:
        for end in range(len(body)):
            _read(path, body[:end])
