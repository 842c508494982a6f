"""Forms that have one effect however often they are sent."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from litestar.response import Redirect
from msgspec import Struct
from sqlmodel import Session

from api.idempotency import answer_once
from api.pages.rendering import see_other
from api.sealing import Sealer
from directory.database import Database
from directory.viewer import Viewer


class GoTo(Struct):
    """Where to go after a form. Kept, so that a form sent twice leads to the same place."""

    path: str


def go_once(
    database: Database,
    sealer: Sealer,
    *,
    key: str | None,
    viewer: Viewer,
    operation: str,
    now: datetime,
    work: Callable[[Session], str],
    data: Struct | None = None,
) -> Redirect:
    """Do ``work`` in one transaction, unless it was done under this key, and go where it led.

    Raises ``KeyReusedError`` when another operation, or one on other ``data``, had the key.
    """
    reply = answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation=operation,
        data=data,
        now=now,
        work=lambda session: GoTo(work(session)),
    )
    written: Any = reply.content  # the bytes that were kept
    return see_other(msgspec.json.decode(written, type=GoTo).path)
