"""Random words that people read aloud, and secrets that nobody can guess."""

import hashlib
import re
import secrets

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


def hash_token(token: str) -> str:
    """Return what is kept of a secret: SHA-256, in hex. Enough, because it was random."""
    return hashlib.sha256(token.encode()).hexdigest()
