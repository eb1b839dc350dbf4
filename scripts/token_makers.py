"""Makes random parts of tokens at run time, so that no file of the project holds a secret."""

from __future__ import annotations

import base64
import random
import string
import zlib

_RANDOM = random.Random(20240229)
UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
ALNUM = UPPER + LOWER + DIGITS
URLSAFE = ALNUM + "_-"
HEX = DIGITS + "abcdef"
BASE32 = UPPER + "234567"
BASE58 = "".join(character for character in ALNUM if character not in "0OIl")
BASE64 = ALNUM + "+/"
BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


def pick(alphabet: str, length: int) -> str:
    """Ends with a letter or digit, and has some of each, for a token of the wild nearly always does."""
    while True:
        found = "".join(_RANDOM.choices(alphabet, k=length))
        if found[-1].isalnum() and (length < 16 or (len(set(found)) > 8 and any(c.isdigit() for c in found))):
            return found


def login(user: str, password: str) -> str:
    """`user:password` in base64."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def with_checksum(prefix: str, length: int = 36) -> str:
    """A token whose last six characters are the CRC-32 of its body in base 62, as GitHub and npm issue them."""
    body = pick(ALNUM, length - 6)
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = (DIGITS + UPPER + LOWER)[digit] + digits
    return prefix + body + digits.rjust(6, "0")
