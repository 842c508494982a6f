"""Answering a creating POST once, however often it is sent."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Response
from litestar.status_codes import HTTP_201_CREATED
from sqlmodel import Session

from api.aftermath import with_aftermath
from api.sealing import Sealer
from directory.database import Database
from directory.errors import InvalidError
from directory.viewer import Viewer
from scheduling.commands.idempotency import StoredReply, claim_key, keep_reply

R = TypeVar("R", bound=msgspec.Struct)

#: A key of the public shares its scope with everybody's, so it has to be unguessable: a UUID is.
SHORTEST_PUBLIC_KEY = 22
LONGEST_KEY = 255


def answer_once(
    database: Database,
    sealer: Sealer,
    *,
    key: str | None,
    viewer: Viewer,
    operation: str,
    data: msgspec.Struct | None,
    now: datetime,
    work: Callable[[Session], R],
) -> Response[R]:
    """Do ``work`` in one transaction and answer 201 with its reply.

    With an ``Idempotency-Key`` the reply is kept in the same transaction, sealed, because it may
    hold a client's handle or the secret of a link. The same request under the same key gets it
    again, with the header ``Idempotent-Replayed``.
    """
    if key is None:
        with with_aftermath(database, viewer, now=now):
            return _created(database.change(lambda session: msgspec.json.encode(work(session))))
    _check_key(key, viewer)
    scope = str(viewer.organization_id or "public")
    fingerprint = hashlib.sha256(operation.encode() + b"\n" + msgspec.json.encode(data)).hexdigest()

    def once(session: Session) -> Response[R]:
        stored = claim_key(session, scope, key, fingerprint=fingerprint, now=now)
        if stored is not None:
            return _created(sealer.open(stored.body, f"{scope} {key}").encode(), replayed=True)
        body = msgspec.json.encode(work(session))
        sealed = sealer.seal(body.decode(), f"{scope} {key}")
        keep_reply(session, scope, key, StoredReply(HTTP_201_CREATED, sealed))
        return _created(body)

    with with_aftermath(database, viewer, now=now):
        return database.change(once)


def _check_key(key: str, viewer: Viewer) -> None:
    shortest = SHORTEST_PUBLIC_KEY if viewer.is_public else 1
    if not shortest <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidError.of("Idempotency-Key", "Send a fresh UUID for each new request.")


def _created(body: bytes, *, replayed: bool = False) -> Response[Any]:
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    return Response(body, status_code=HTTP_201_CREATED, media_type=MediaType.JSON, headers=headers)
