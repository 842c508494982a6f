"""Consortia: agencies that book under the agreements of a lead agency."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_204_NO_CONTENT
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF, STAFF
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.agreements import InviteMember, MemberReply
from api.schemas.shapes import Page
from scheduling.commands.consortia import accept_invitation, invite_member, leave_consortium
from scheduling.queries.agreements import find_members

_all: Any = {"tags": ["Agreements"], "sync_to_thread": True}


@get(
    "/consortium-members",
    operation_id="list_consortium_members",
    **_all,
    guards=[STAFF],
    responses=problem_responses(401, 403),
)
def list_members(database: InjectedDatabase, viewer: InjectedViewer) -> Page[MemberReply]:
    """List the members of your consortium, and the consortia that your organization is in."""
    with database.reading() as session:
        return Page(items=[MemberReply.of(row) for row in find_members(session, viewer)], next=None)


@post(
    "/consortium-members",
    operation_id="invite_consortium_member",
    **_all,
    guards=[PUBLISHING_STAFF],
    dto=Body[InviteMember],
    return_dto=None,
    responses=problem_responses(401, 403, 422, 503),
)
def post_member(
    data: JSONBody[InviteMember],
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
    key: Key = None,
) -> Response[MemberReply]:
    """Invite an organization into the consortium that yours leads."""

    def invite(session: Session) -> MemberReply:
        invite_member(session, data.organization_id, viewer=viewer, now=now)
        rows = find_members(session, viewer)
        return next(
            MemberReply.of(row)
            for row in rows
            if row["member_organization_id"] == data.organization_id
            and row["lead_organization_id"] == viewer.organization_id
        )

    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="invite_consortium_member",
        data=data,
        now=now,
        work=invite,
    )


@post(
    "/consortium-members/{lead_id:uuid}/accept",
    operation_id="accept_consortium_invitation",
    **_all,
    guards=[PUBLISHING_STAFF],
    status_code=HTTP_204_NO_CONTENT,
    responses=problem_responses(401, 403, 404, 503),
)
def post_accept(
    lead_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> None:
    """Accept the invitation of a lead organization. Accepting twice is the same as once."""
    with database.transaction() as session:
        accept_invitation(session, lead_id, viewer=viewer, now=now)


@delete(
    "/consortium-members/{lead_id:uuid}/{member_id:uuid}",
    operation_id="end_consortium_membership",
    **_all,
    guards=[PUBLISHING_STAFF],
    status_code=HTTP_204_NO_CONTENT,
    responses=problem_responses(401, 403, 404, 503),
)
def delete_member(
    lead_id: FromPath[UUID],
    member_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> None:
    """Leave a consortium, or take a member out of yours. What is booked stands."""
    with database.transaction() as session:
        leave_consortium(session, lead_id, member_id, viewer=viewer, now=now)


HANDLERS = [list_members, post_member, post_accept, delete_member]
