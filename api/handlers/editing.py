"""The records of the directory, to make, change and remove."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from api.authentication import ADMINISTRATORS, PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.parsing import Body
from api.problems import problem_responses
from api.records import reply_of
from api.schemas.directory import (
    LocationReply,
    OrganizationReply,
    ServiceAtLocationReply,
    ServiceReply,
)
from api.sealing import Sealer
from api.versions import IfMatch, etag, expected_version
from directory.commands.history import API
from directory.commands.records.editing import change_record, create_record, remove_record
from directory.database import Database
from directory.kinds.locations import LocationDraft
from directory.kinds.organizations import OrganizationDraft
from directory.kinds.services import (
    NewServiceAtLocationDraft,
    ServiceAtLocationDraft,
    ServiceDraft,
)
from directory.kinds.specs import Draft
from directory.viewer import Viewer

Agency = Annotated[
    UUID | None,
    QueryParameter(
        name="organization_id",
        description="For administrators: whose record it is to be, if not their own agency's.",
    ),
]

_all: Any = {"tags": ["Editing"], "guards": [PUBLISHING_STAFF], "sync_to_thread": True}
_post: Any = {**_all, "responses": problem_responses(401, 403, 404, 409, 422, 503)}
_change: Any = {
    **_all,
    "responses": problem_responses(401, 403, 404, 409, 412, 422, 428, 503),
}


def _created(
    database: Database,
    sealer: Sealer,
    table: str,
    draft: Draft,
    *,
    viewer: Viewer,
    now: datetime,
    key: str | None,
    organization_id: UUID | None = None,
) -> Response[Any]:
    """Make a record once for a key; its version is in the ETag."""
    operation = f"create_{table} {organization_id or ''}"
    reply = answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation=operation,
        data=draft,
        now=now,
        work=lambda session: reply_of(
            session,
            table,
            create_record(
                session,
                table,
                draft,
                viewer=viewer,
                now=now,
                origin=API,
                organization_id=organization_id,
            ),
        ),
    )
    written: Any = reply.content  # the bytes that were kept
    reply.headers["ETag"] = etag(msgspec.json.decode(written)["version"])
    return reply


def _changed(
    database: Database,
    table: str,
    record_id: UUID,
    draft: Draft,
    *,
    viewer: Viewer,
    now: datetime,
    if_match: str | None,
) -> Response[Any]:
    expected = expected_version(if_match)
    with database.transaction() as session:
        change_record(
            session, table, record_id, draft, expected=expected, viewer=viewer, now=now, origin=API
        )
        reply = reply_of(session, table, record_id)
        return Response(reply, headers={"ETag": etag(reply.version)})


def _removed(
    database: Database,
    table: str,
    record_id: UUID,
    *,
    viewer: Viewer,
    now: datetime,
    if_match: str | None,
) -> None:
    expected = expected_version(if_match)
    with database.transaction() as session:
        remove_record(
            session, table, record_id, expected=expected, viewer=viewer, now=now, origin=API
        )


@post(
    "/organizations",
    operation_id="create_organization",
    **{**_post, "guards": [ADMINISTRATORS]},
    dto=Body[OrganizationDraft],
    return_dto=None,
)
def post_organization(
    data: JSONBody[OrganizationDraft],
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
    key: Key = None,
) -> Response[OrganizationReply]:
    """Add an organization to the network."""
    return _created(database, sealer, "organization", data, viewer=viewer, now=now, key=key)


@post(
    "/services",
    operation_id="create_service",
    **_post,
    dto=Body[ServiceDraft],
    return_dto=None,
)
def post_service(
    data: JSONBody[ServiceDraft],
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
    key: Key = None,
    agency: Agency = None,
) -> Response[ServiceReply]:
    """List a service of your organization. It is found without a place until it has one."""
    return _created(
        database, sealer, "service", data, viewer=viewer, now=now, key=key, organization_id=agency
    )


@post(
    "/locations",
    operation_id="create_location",
    **_post,
    dto=Body[LocationDraft],
    return_dto=None,
)
def post_location(
    data: JSONBody[LocationDraft],
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
    key: Key = None,
    agency: Agency = None,
) -> Response[LocationReply]:
    """Add a place of your organization. Without a point it is the middle of its ZIP code."""
    return _created(
        database, sealer, "location", data, viewer=viewer, now=now, key=key, organization_id=agency
    )


@post(
    "/service-at-locations",
    operation_id="create_service_at_location",
    **_post,
    dto=Body[NewServiceAtLocationDraft],
    return_dto=None,
)
def post_service_at_location(
    data: JSONBody[NewServiceAtLocationDraft],
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
    key: Key = None,
) -> Response[ServiceAtLocationReply]:
    """Offer a service of your organization in a place."""
    return _created(database, sealer, "service_at_location", data, viewer=viewer, now=now, key=key)


@patch(
    "/organizations/{record_id:uuid}",
    operation_id="change_organization",
    **_change,
    dto=Body[OrganizationDraft],
    return_dto=None,
)
def patch_organization(
    record_id: FromPath[UUID],
    data: JSONBody[OrganizationDraft],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> Response[OrganizationReply]:
    """Change your organization: what you leave out stays, null clears, a list replaces the list."""
    return _changed(
        database, "organization", record_id, data, viewer=viewer, now=now, if_match=if_match
    )


@patch(
    "/services/{record_id:uuid}",
    operation_id="change_service",
    **_change,
    dto=Body[ServiceDraft],
    return_dto=None,
)
def patch_service(
    record_id: FromPath[UUID],
    data: JSONBody[ServiceDraft],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> Response[ServiceReply]:
    """Change a service: what you leave out stays, null clears, a list replaces the list."""
    return _changed(database, "service", record_id, data, viewer=viewer, now=now, if_match=if_match)


@patch(
    "/locations/{record_id:uuid}",
    operation_id="change_location",
    **_change,
    dto=Body[LocationDraft],
    return_dto=None,
)
def patch_location(
    record_id: FromPath[UUID],
    data: JSONBody[LocationDraft],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> Response[LocationReply]:
    """Change a place. Hiding it forgets its point and street, in its history too."""
    return _changed(
        database, "location", record_id, data, viewer=viewer, now=now, if_match=if_match
    )


@patch(
    "/service-at-locations/{record_id:uuid}",
    operation_id="change_service_at_location",
    **_change,
    dto=Body[ServiceAtLocationDraft],
    return_dto=None,
)
def patch_service_at_location(
    record_id: FromPath[UUID],
    data: JSONBody[ServiceAtLocationDraft],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> Response[ServiceAtLocationReply]:
    """Change a service as offered in one place: its hours there, its telephones, its note."""
    return _changed(
        database, "service_at_location", record_id, data, viewer=viewer, now=now, if_match=if_match
    )


@delete(
    "/organizations/{record_id:uuid}",
    operation_id="remove_organization",
    **{**_change, "guards": [ADMINISTRATORS]},
)
def delete_organization(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> None:
    """Remove an organization that has no services, places, accounts or agreements."""
    _removed(database, "organization", record_id, viewer=viewer, now=now, if_match=if_match)


@delete("/services/{record_id:uuid}", operation_id="remove_service", **_change)
def delete_service(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> None:
    """Remove a service. One that bookings, windows or reports need gets status defunct instead."""
    _removed(database, "service", record_id, viewer=viewer, now=now, if_match=if_match)


@delete("/locations/{record_id:uuid}", operation_id="remove_location", **_change)
def delete_location(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> None:
    """Remove a place where no service is offered any more."""
    _removed(database, "location", record_id, viewer=viewer, now=now, if_match=if_match)


@delete("/service-at-locations/{record_id:uuid}", operation_id="remove_offer", **_change)
def delete_service_at_location(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> None:
    """Stop offering a service in a place."""
    _removed(database, "service_at_location", record_id, viewer=viewer, now=now, if_match=if_match)


HANDLERS = [
    post_organization,
    post_service,
    post_location,
    post_service_at_location,
    patch_organization,
    patch_service,
    patch_location,
    patch_service_at_location,
    delete_organization,
    delete_service,
    delete_location,
    delete_service_at_location,
]
