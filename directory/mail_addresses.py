"""What we take for an e-mail address: pure, and stricter than the standard."""

import re

from directory.errors import InvalidError

#: As in the column, and in RFC 5321.
LONGEST_ADDRESS = 254

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*"
    rf"@{_LABEL}(?:\.{_LABEL})+"
)


def is_address(text: str | None) -> bool:
    """Say whether mail can be sent there: plain letters, one ``@``, no spaces, no line ends.

    Leaves out what the standard allows and nobody has, such as quoted names. A line end in an
    address could begin a header of its own.
    """
    if text is None or len(text) > LONGEST_ADDRESS:
        return False
    return _ADDRESS.fullmatch(text) is not None


def check_address(text: str, path: str = "recipient") -> str:
    """Return an address. Raises ``InvalidError`` for what is none."""
    if not is_address(text):
        raise InvalidError.of(path, "Give an e-mail address, such as desk@agency.example.")
    return text
