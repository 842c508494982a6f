"""Random words that people read aloud, and secrets that nobody can guess."""

import base64
import hashlib
import hmac
import re
import secrets
from uuid import UUID

#: Crockford's base 32: no I, L, O or U, so that a code survives handwriting.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_CODE = re.compile(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_code() -> str:
    """Return a code such as ``7K2M-QX4P`` (40 random bits). It finds things; it proves nothing."""
    letters = [secrets.choice(ALPHABET) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def read_code(text: str) -> str | None:
    """Return the code somebody typed, in its one spelling, or None if it is not one."""
    bare = re.sub(r"[\s-]", "", text.upper()).translate(_MISREAD)
    code = f"{bare[:4]}-{bare[4:]}"
    return code if _CODE.fullmatch(code) else None


def new_token() -> str:
    """Return a secret for a link or a cookie: 192 random bits."""
    return secrets.token_urlsafe(24)


def derive_token(secret: str, purpose: str, belongs_to: UUID) -> str:
    """Return the secret of one record's link: 256 bits, the same every time (HMAC-SHA256).

    For links that have to be written a second time although only their hash is kept.
    """
    signed = hmac.digest(secret.encode(), f"{purpose}:{belongs_to}".encode(), "sha256")
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def hash_token(token: str) -> str:
    """Return what is kept of a secret: SHA-256, in hex. Enough, because it was random."""
    return hashlib.sha256(token.encode()).hexdigest()
