"""Identifiers that come out the same each time the same directory is imported."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha1
from json.encoder import encode_basestring_ascii
from typing import Any, Final
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("6f0d3c0e-9a54-5c1b-8f5e-3a1a5b0e7d21")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def record_id(source: str, table: str, source_id: str, *, within: str = "") -> UUID:
    """Return the identifier of a record whose source gave it one.

    Sources number each file from 1, so the table counts; ``within`` tells apart two files that
    become one table.
    """
    return _of_list(source, table, within, source_id)


@lru_cache(maxsize=4_096)
def _of_list(*parts: str) -> UUID:
    """Return the ``uuid5`` of a list of texts in JSON, put together by hand: it is needed often."""
    name = f"[{', '.join(map(encode_basestring_ascii, parts))}]"
    return UUID(bytes=sha1(_NAMESPACE.bytes + name.encode()).digest()[:16], version=5)  # noqa: S324  (as RFC 9562 has it)


def content_id(source: str, table: str, values: Mapping[str, Any]) -> UUID:
    """Return the identifier of a record without one in its source: twins are the same record.

    What a record does not say does not count, so that a column more changes no identifier.
    """
    content = sorted((name, str(value)) for name, value in values.items() if value is not None)
    return uuid5(_NAMESPACE, json.dumps([source, table, content]))


def kept_id(source_id: str) -> UUID | None:
    """Return an identifier that is a UUID as it stands, None where it is something else."""
    return UUID(source_id) if _UUID.fullmatch(source_id) else None
