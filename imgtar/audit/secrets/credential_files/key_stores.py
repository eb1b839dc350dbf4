"""Keys and key stores in binary formats and in JSON, known by their bytes and not by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from imgtar.severity import Severity

_SEQUENCE = 0x30
_PKCS8 = re.compile(rb"\x02\x01[\x00\x01]\x30.{1,3}\x06[\x03-\x0b]", re.DOTALL)  # RFC 5958: version, algorithm
_PKCS1 = re.compile(rb"\x02\x01\x00\x02[\x40-\x7f\x81\x82]", re.DOTALL)  # RFC 8017 A.1.2: version, modulus
_SEC1 = re.compile(rb"\x02\x01\x01\x04[\x14-\x42]", re.DOTALL)  # RFC 5915: version, private key
_PBES = re.compile(rb"\x30.{1,3}\x06[\x09\x0a]\x2a\x86\x48\x86\xf7\x0d\x01(?:\x05|\x0c\x01)", re.DOTALL)
_PKCS12 = re.compile(rb"\x02\x01\x03\x30")  # RFC 7292: version 3, authSafe
_KEY_BAGS = tuple(b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01" + bag for bag in (b"\x01", b"\x02"))
_JAVA_STORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_PRIVATE_ENTRY, _CERTIFICATE_ENTRY = 1, 2
_JWK_EXPONENT = re.compile(rb"\"d\"\s{0,8}:\s{0,8}\"([A-Za-z0-9_-]{32,1400})\"")
_FEWEST = 32  # bytes of the smallest private key
_AGENT_KEY = re.compile(
    rb"(?:(?:[A-Z][\w-]{1,40}:[^\n]{0,200}\n){0,20}Key:\s{1,8})?\((?:(?:11|21):)?(protected-)?private-key\s?\("
)
# The multiprecision integers of a public key by its algorithm (RFC 9580, 5.5.5), None where a curve comes first.
_INTEGERS = {1: 2, 2: 2, 3: 2, 16: 3, 17: 4, 18: None, 19: None, 22: None}


class KeyStore(msgspec.Struct, frozen=True):
    """A kind of key that its bytes tell."""

    code: str
    description: str
    severity: Severity


PRIVATE_KEY = KeyStore("der-key", "a private key in binary form", Severity.CRITICAL)
ENCRYPTED_KEY = KeyStore("encrypted-der-key", "an encrypted private key in binary form", Severity.LOW)
PKCS12 = KeyStore("pkcs12", "a PKCS#12 store with a private key", Severity.MEDIUM)
JAVA = KeyStore("java-key-store", "a Java key store with a private key", Severity.MEDIUM)
GPG = KeyStore("gpg-key", "a GPG secret key without a passphrase", Severity.CRITICAL)
PROTECTED_GPG = KeyStore("gpg-protected-key", "a GPG secret key with a passphrase", Severity.LOW)
JWK = KeyStore("jwk", "a private JSON Web Key", Severity.CRITICAL)
STORES = (PRIVATE_KEY, ENCRYPTED_KEY, PKCS12, JAVA, GPG, PROTECTED_GPG, JWK)
FIRST_BYTES = b"\x30\xfe\xce\x94\x95\x97\xc5({[KC"


def key_stores(body: bytes) -> Iterator[tuple[KeyStore, bytes]]:
    """The keys in a body, each with the bytes that may be told of: the text of a JWK, or the whole body."""
    first = body[:1]
    if first == b"\x30":
        kind = _der(body)
    elif first in (b"\xfe", b"\xce"):
        kind = JAVA if _has_private_entry(body) else None
    elif first in (b"(", b"K", b"C"):
        agent = _AGENT_KEY.match(body)
        kind = None if agent is None else PROTECTED_GPG if agent[1] else GPG
    elif first in (b"{", b"["):
        yield from ((JWK, value) for value in _jwk(body))
        return
    else:
        kind = _secret_keyring(body)
    if kind is not None:
        yield kind, body


def _der(body: bytes) -> KeyStore | None:
    """The key in an ASN.1 sequence that fills the body."""
    length, start = body[1] if len(body) > _FEWEST else 0, 2
    if length > 0x80:
        start += length - 0x80
        length = int.from_bytes(body[2:start], "big") if length <= 0x84 else 0
    if length < _FEWEST or not 0 <= len(body) - start - length <= 2:  # a line break may follow
        return None
    if _PKCS12.match(body, start):
        return PKCS12 if any(bag in body for bag in _KEY_BAGS) else None
    if any(pattern.match(body, start) for pattern in (_PKCS8, _PKCS1, _SEC1)):
        return PRIVATE_KEY
    return ENCRYPTED_KEY if _PBES.match(body, start) else None


def _has_private_entry(body: bytes) -> bool:
    """Has a JKS or JCEKS store a private key? Stores of trusted certificates have none."""
    if not body.startswith(_JAVA_STORES):
        return False
    position = 12
    for _ in range(int.from_bytes(body[8:12], "big")):
        tag = int.from_bytes(body[position : position + 4], "big")
        if tag != _CERTIFICATE_ENTRY:
            return tag == _PRIVATE_ENTRY and position + 4 < len(body)
        position += 6 + int.from_bytes(body[position + 4 : position + 6], "big") + 8  # alias and date
        position += 2 + int.from_bytes(body[position : position + 2], "big")  # type of the certificate
        position += 4 + int.from_bytes(body[position : position + 4], "big")
        if position >= len(body):
            break
    return False


def _secret_keyring(body: bytes) -> KeyStore | None:
    """The first packet of a keyring, if it is a secret key (RFC 9580, 5.5.3) of version 4."""
    start = _packet_start(body)
    if len(body) < start + _FEWEST or body[start] != 4 or body[start + 5] not in _INTEGERS:
        return None
    position, count = start + 6, _INTEGERS[body[start + 5]]
    if count is None:
        position += 1 + body[position]
        count = 1
    for _ in range(count):
        bits = int.from_bytes(body[position : position + 2], "big")
        position += 2 + (bits + 7) // 8
    if position >= len(body):
        return None
    if body[start + 5] == 18:
        position += 1 + body[position]
    usage = body[position : position + 1]  # of a key derived from a passphrase; 0: there is none
    return None if not usage else GPG if usage == b"\0" else PROTECTED_GPG


def _packet_start(body: bytes) -> int:
    """Where the content of the first packet starts, by the form of its length (RFC 9580, 4.2)."""
    if body.startswith(b"\xc5"):
        return 3 if 192 <= int.from_bytes(body[1:2], "big") < 224 else 2
    return {b"\x94": 2, b"\x95": 3}.get(body[:1], 1)


def _jwk(body: bytes) -> Iterator[bytes]:
    """The private exponents or scalars of the keys (RFC 7517, RFC 7518 6.2.2 and 6.3.2)."""
    if b'"kty"' in body:
        yield from _JWK_EXPONENT.findall(body)
