"""Agreements between agencies, and their account."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK
from msgspec import UNSET
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF, STAFF
from api.cursors import Next, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.agreements import (
    AccountLine,
    AccountReply,
    AgreementDetails,
    AgreementReply,
    AllotmentReply,
    AllotmentShape,
    ChangeAgreement,
    EndAgreement,
    ProposeAgreement,
)
from api.schemas.shapes import Page
from api.versions import IfMatch, etag, expected_version
from directory.database import Database
from directory.viewer import Viewer
from scheduling.agreement_drafts import AgreementDraft, AllotmentDraft
from scheduling.commands.agreements import (
    change_agreement,
    end_agreement,
    propose_agreement,
    resume_agreement,
    sign_agreement,
    suspend_agreement,
)
from scheduling.queries.agreements import (
    AccountWeek,
    account_of,
    find_allotments,
    find_standing_appointments,
)
from scheduling.queries.windows import find_agreements, get_agreement
from scheduling.rules import week_of

PAGE_SIZE = 200

#: How many weeks of the account are shown before the present one, and after it.
WEEKS_BEFORE, WEEKS_AFTER = 12, 8

_all: Any = {"tags": ["Agreements"], "sync_to_thread": True}
_step: Any = {
    **_all,
    "guards": [PUBLISHING_STAFF],
    "status_code": HTTP_200_OK,
    "responses": problem_responses(401, 403, 404, 409, 412, 422, 428, 503),
}


@get(
    "/agreements",
    operation_id="list_agreements",
    **_all,
    guards=[STAFF],
    responses=problem_responses(401, 403, 422),
)
def list_agreements(
    database: InjectedDatabase, viewer: InjectedViewer, next_: Next = None
) -> Page[AgreementReply]:
    """List the agreements that your organization is a party to."""
    with database.reading() as session:
        rows = find_agreements(session, viewer, after=read_cursor(next_, UUID), limit=PAGE_SIZE + 1)
        return page_of(rows, PAGE_SIZE, reply=AgreementReply.of, position=lambda row: row.id)


@get(
    "/agreements/{agreement_id:uuid}",
    operation_id="get_agreement",
    **_all,
    guards=[STAFF],
    responses=problem_responses(401, 403, 404),
)
def show_agreement(
    agreement_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[AgreementDetails]:
    """Return one agreement that your organization is a party to."""
    with database.reading() as session:
        return _details(session, agreement_id, viewer, now)


def _details(
    session: Session, agreement_id: UUID, viewer: Viewer, now: datetime
) -> Response[AgreementDetails]:
    reply = agreement_details(session, agreement_id, viewer, now=now)
    return Response(reply, headers={"ETag": etag(reply.version)})


def agreement_details(
    session: Session, agreement_id: UUID, viewer: Viewer, *, now: datetime
) -> AgreementDetails:
    """Shape an agreement with its allotments."""
    agreement = get_agreement(session, agreement_id, viewer)
    session.refresh(agreement)
    return AgreementDetails.of(
        agreement,
        allotments=[
            AllotmentReply.of(
                row,
                window_ids=[named["id"] for named in row["windows"]],
                service_ids=[named["id"] for named in row["services"]],
            )
            for row in find_allotments(session, agreement_id)
        ],
        still_booked=len(find_standing_appointments(session, agreement_id, now=now)),
    )


@post(
    "/agreements",
    operation_id="propose_agreement",
    **_all,
    guards=[PUBLISHING_STAFF],
    dto=Body[ProposeAgreement],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 422, 503),
)
def post_agreement(
    data: JSONBody[ProposeAgreement],
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
    key: Key = None,
) -> Response[AgreementDetails]:
    """Propose an agreement to another organization. It holds when both have signed."""

    def propose(session: Session) -> AgreementDetails:
        agreement_id = propose_agreement(
            session,
            draft_of(msgspec.structs.asdict(data)),
            host_id=data.host_organization_id,
            partner_id=data.partner_organization_id,
            viewer=viewer,
            now=now,
        )
        return agreement_details(session, agreement_id, viewer, now=now)

    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="propose_agreement",
        data=data,
        now=now,
        work=propose,
    )


def draft_of(terms: dict[str, Any]) -> AgreementDraft:
    """Return the draft that a request describes."""
    names = AgreementDraft.__dataclass_fields__
    draft = {name: value for name, value in terms.items() if name in names}
    draft["allotments"] = [
        AllotmentDraft(**msgspec.structs.asdict(each)) for each in terms["allotments"]
    ]
    return AgreementDraft(**draft)


@patch(
    "/agreements/{agreement_id:uuid}",
    operation_id="change_agreement",
    **_step,
    dto=Body[ChangeAgreement],
    return_dto=None,
)
def patch_agreement(
    agreement_id: FromPath[UUID],
    data: JSONBody[ChangeAgreement],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> Response[AgreementDetails]:
    """Change a proposal; both sign it anew. Of an agreement in force, propose a successor.

    The answer is what is now proposed. Until both have signed, the old terms hold.
    """
    expected = expected_version(if_match)
    with database.transaction() as session:
        now_agreed = agreement_details(session, agreement_id, viewer, now=now)
        terms = {**msgspec.structs.asdict(now_agreed), "allotments": _as_asked(now_agreed)}
        asked = msgspec.structs.asdict(data)
        terms |= {name: value for name, value in asked.items() if value is not UNSET}
        proposed_id = change_agreement(
            session, agreement_id, draft_of(terms), expected=expected, viewer=viewer, now=now
        )
        return _details(session, proposed_id, viewer, now)


def _as_asked(agreement: AgreementDetails) -> list[AllotmentShape]:
    return [
        AllotmentShape(
            places=each.places,
            release_minutes=each.release_minutes,
            window_ids=each.window_ids,
            service_ids=each.service_ids,
        )
        for each in agreement.allotments
    ]


def _take_step(
    step: Any,
    agreement_id: UUID,
    database: Database,
    viewer: Viewer,
    now: datetime,
    if_match: str | None,
    **more: Any,
) -> Response[AgreementDetails]:
    expected = expected_version(if_match)
    with database.transaction() as session:
        step(session, agreement_id, expected=expected, viewer=viewer, now=now, **more)
        return _details(session, agreement_id, viewer, now)


@post("/agreements/{agreement_id:uuid}/sign", operation_id="sign_agreement", **_step)
def post_sign(
    agreement_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> Response[AgreementDetails]:
    """Sign for your organization. The second signature puts the agreement in force."""
    return _take_step(sign_agreement, agreement_id, database, viewer, now, if_match)


@post("/agreements/{agreement_id:uuid}/suspend", operation_id="suspend_agreement", **_step)
def post_suspend(
    agreement_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> Response[AgreementDetails]:
    """Stop booking under an agreement until it is resumed. What is booked stands."""
    return _take_step(suspend_agreement, agreement_id, database, viewer, now, if_match)


@post("/agreements/{agreement_id:uuid}/resume", operation_id="resume_agreement", **_step)
def post_resume(
    agreement_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
) -> Response[AgreementDetails]:
    """Put a suspended agreement in force again."""
    return _take_step(resume_agreement, agreement_id, database, viewer, now, if_match)


@post(
    "/agreements/{agreement_id:uuid}/end",
    operation_id="end_agreement",
    **_step,
    dto=Body[EndAgreement],
    return_dto=None,
)
def post_end(
    agreement_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    data: JSONBody[EndAgreement | None] = None,
    if_match: IfMatch = None,
) -> Response[AgreementDetails]:
    """Give notice, or withdraw a proposal. What is booked stands, and `still_booked` counts it."""
    immediately = (data or EndAgreement()).immediately
    return _take_step(
        end_agreement, agreement_id, database, viewer, now, if_match, immediately=immediately
    )


@get(
    "/agreements/{agreement_id:uuid}/account",
    operation_id="get_agreement_account",
    **_all,
    guards=[STAFF],
    responses=problem_responses(401, 403, 404, 422),
)
def show_account(
    agreement_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
    from_: Annotated[
        date | None, QueryParameter(name="from", description="From the week of this day.")
    ] = None,
    to: Annotated[
        date | None, QueryParameter(name="to", description="Through the week of this day.")
    ] = None,
) -> AccountReply:
    """Return, week by week, what was granted, used, released and refused: the same for both."""
    with database.reading() as session:
        get_agreement(session, agreement_id, viewer)
        lines = account_lines(session, agreement_id, now=now, first=from_, last=to)
    promised, published = compliance(lines)
    return AccountReply(
        items=[AccountLine.of(line) for line in lines],
        next=None,
        promised=promised,
        published=published,
        words=f"The host published {published} of the {promised} promised.",
    )


def account_lines(
    session: Session,
    agreement_id: UUID,
    *,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
) -> list[AccountWeek]:
    """Return the account of the weeks around now, or of those asked for."""
    today = now.date()
    first = first or today - timedelta(weeks=WEEKS_BEFORE)
    last = last or today + timedelta(weeks=WEEKS_AFTER)
    return account_of(
        session, agreement_id, now=now, weeks_from=week_of(first), weeks_to=week_of(last)
    )


def compliance(lines: list[AccountWeek]) -> tuple[int, int]:
    """Return how many places were promised, and how many of them the host published."""
    promised = sum(line.granted for line in lines)
    return promised, sum(min(line.granted, line.published) for line in lines)


HANDLERS = [
    list_agreements,
    show_agreement,
    post_agreement,
    patch_agreement,
    post_sign,
    post_suspend,
    post_resume,
    post_end,
    show_account,
]
