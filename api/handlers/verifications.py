"""Checks of listings: "I checked this today, by phone"."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_201_CREATED
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF, anyone
from api.check_words import FieldCheck, checked_words, field_checks
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.languages import language
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.verifications import FieldCheckReply, RecordVerification, VerificationsReply
from directory.commands.verifications import MadeSure, record_verification
from directory.database import Database
from directory.models.services import Service, ServiceAtLocation
from directory.queries.checks import find_checks
from directory.queries.records import get_record
from directory.queries.verifications import get_entry, vital_fields_of
from directory.truth import is_claimed, is_verified
from directory.viewer import Viewer

_show: Any = {
    "tags": ["Verification"],
    "guards": [anyone],
    "sync_to_thread": True,
    "responses": problem_responses(404, 422),
}
_record: Any = {
    "tags": ["Verification"],
    "guards": [PUBLISHING_STAFF],
    "sync_to_thread": True,
    "status_code": HTTP_201_CREATED,
    "dto": Body[RecordVerification],
    "return_dto": None,
    "responses": problem_responses(401, 403, 404, 422, 503),
}

ENGLISH = language("en")


@post(
    "/service-at-locations/{record_id:uuid}/verifications", operation_id="verify_place", **_record
)
def post_verification_of_place(
    record_id: FromPath[UUID],
    data: JSONBody[RecordVerification],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> VerificationsReply:
    """Say that you made sure of a service at a location. Administrators may of any agency's."""
    return _recorded(database, ServiceAtLocation, record_id, data, viewer, now)


@post("/services/{record_id:uuid}/verifications", operation_id="verify_service", **_record)
def post_verification_of_service(
    record_id: FromPath[UUID],
    data: JSONBody[RecordVerification],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> VerificationsReply:
    """Say that you made sure of a service: at all its places, or of one that has none."""
    return _recorded(database, Service, record_id, data, viewer, now)


@get(
    "/service-at-locations/{record_id:uuid}/verifications",
    operation_id="show_place_checks",
    **_show,
)
def show_verifications_of_place(
    record_id: FromPath[UUID], database: InjectedDatabase, now: Now
) -> VerificationsReply:
    """Return the newest check of each field of a service at a location."""
    with database.reading() as session:
        get_record(session, ServiceAtLocation, record_id)
        return _reply(session, record_id, now)


@get("/services/{record_id:uuid}/verifications", operation_id="show_service_checks", **_show)
def show_verifications_of_service(
    record_id: FromPath[UUID], database: InjectedDatabase, now: Now
) -> VerificationsReply:
    """Return the newest check of each field of a service; of several places, the first."""
    with database.reading() as session:
        get_record(session, Service, record_id)
        return _reply(session, record_id, now)


def _recorded(
    database: Database,
    kind: Any,
    record_id: UUID,
    data: RecordVerification,
    viewer: Viewer,
    now: datetime,
) -> VerificationsReply:
    fields = () if data.fields is msgspec.UNSET else data.fields
    sure = MadeSure(method=data.method, fields=fields, changed=data.changed)
    with database.transaction() as session:
        get_record(session, kind, record_id)
        record_verification(session, record_id, sure, viewer=viewer, now=now)
        return _reply(session, record_id, now)


def _reply(session: Session, listing_id: UUID, now: datetime) -> VerificationsReply:
    entry = get_entry(session, listing_id)
    checks = find_checks(session, [entry], now=now)[entry["id"]]
    return VerificationsReply(
        id=listing_id,
        verified=is_verified(vital_fields_of(entry), checks, now),
        hours_claimed=is_claimed(entry, now),
        words=checked_words(entry, now, ENGLISH),
        fields=[_field(each) for each in field_checks(entry, checks, now, ENGLISH)],
    )


def _field(said: FieldCheck) -> FieldCheckReply:
    check = said.check
    return FieldCheckReply(
        field=said.field,
        state=said.state,
        checked_at=check.checked_at if check else None,
        method=check.method if check else None,
        said_by=check.said_by if check else None,
        changed=check.changed if check else False,
        disputed=check.disputed if check else False,
        words=said.words,
    )


HANDLERS = [
    post_verification_of_place,
    post_verification_of_service,
    show_verifications_of_place,
    show_verifications_of_service,
]
