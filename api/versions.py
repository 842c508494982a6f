"""The version of a record as an ``ETag``, and as what ``If-Match`` asks for (RFC 9110)."""

import re
from typing import Annotated, ClassVar

from litestar.params import HeaderParameter

from directory.errors import DomainError, InvalidError

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description='The `ETag` of the record as you read it, such as `"3"`.',
    ),
]

_TAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


class VersionNeededError(DomainError):
    """A change has to say which version it is a change of, so that nobody's work is lost."""

    code: ClassVar[str] = "version-needed"

    def __init__(self) -> None:
        super().__init__("Send the ETag of what you read as If-Match.")


def etag(version: int) -> str:
    """Return a version as an entity tag."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int:
    """Return the version that the caller has read.

    Raises ``VersionNeededError`` without one: ``*`` names none. Weak tags count, because proxies
    weaken them and ours say nothing about bytes.
    """
    if if_match is None or if_match.strip() in ("", "*"):
        raise VersionNeededError
    match = _TAG.fullmatch(if_match.strip())
    if match is None:
        raise InvalidError.of("If-Match", "Send back the ETag of what you read, unchanged.")
    return int(match[1])
