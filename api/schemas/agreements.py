"""The shapes of agreements, their allotments and account, and of consortia."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.schemas.shapes import Instant, Reply, Request

Title = Annotated[str, Meta(min_length=1, max_length=120)]
Terms = Annotated[str, Meta(max_length=10_000)]
Notice = Annotated[int, Meta(ge=0, le=365)]


class AllotmentShape(Request):
    """So many places in each of the host's local weeks, in these windows and services together.

    What is unused is kept until `release_minutes` before a slot begins; null: until it begins.
    """

    places: Annotated[int, Meta(ge=1, le=500)]
    release_minutes: Annotated[int, Meta(ge=0, le=43_200)] | None = None
    window_ids: Annotated[list[UUID], Meta(max_length=100)] = []
    service_ids: Annotated[list[UUID], Meta(max_length=100)] = []


Allotments = Annotated[list[AllotmentShape], Meta(max_length=20)]


class ProposeAgreement(Request):
    """An agreement to propose; your organization is one of the two.

    Without allotments the partner books into all of the host's windows for partners, with no
    limit. With `covers_members` the members of the partner's consortium book under it too.
    """

    host_organization_id: UUID
    partner_organization_id: UUID
    title: Title
    starts_on: date
    terms: Terms = ""
    ends_on: date | None = None
    notice_days: Notice = 30
    covers_members: bool = False
    allotments: Allotments = []


class ChangeAgreement(Request):
    """What is to be different. What is left out stays."""

    title: Title | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    terms: Terms | UnsetType = UNSET
    ends_on: date | UnsetType | None = UNSET
    notice_days: Notice | UnsetType = UNSET
    covers_members: bool | UnsetType = UNSET
    allotments: Allotments | UnsetType = UNSET


class EndAgreement(Request):
    """Whether to end at once: that needs the other side, or an administrator."""

    immediately: bool = False


class AgreementReply(Reply):
    """What a host and a partner have promised each other."""

    id: UUID
    host_organization_id: UUID
    partner_organization_id: UUID
    title: str
    terms: str
    status: str
    starts_on: date
    ends_on: date | None
    notice_days: int
    covers_members: bool
    host_signed_at: Instant | None
    partner_signed_at: Instant | None
    replaces_id: UUID | None
    version: int


class AllotmentReply(Reply):
    """An allotment of an agreement."""

    id: UUID
    places: int
    release_minutes: int | None
    window_ids: list[UUID]
    service_ids: list[UUID]


class AgreementDetails(AgreementReply):
    """An agreement with its allotments. `still_booked` counts what is booked and still to come."""

    allotments: list[AllotmentReply]
    still_booked: int


class AccountLine(Reply):
    """An allotment in one week of the host, which begins on the Monday `week_on`.

    Without allotments `allotment_id` is null. `published` is what the host offered of `granted`.
    """

    allotment_id: UUID | None
    week_on: date
    granted: int
    published: int
    used: int
    released: int
    refused: int
    no_shows: int
    cancelled_late: int


class AccountReply(Reply):
    """The account of an agreement, the same for both sides: what was promised, and what was."""

    items: list[AccountLine]
    next: str | None
    promised: int
    published: int
    words: str


class InviteMember(Request):
    """Whom to invite into your consortium."""

    organization_id: UUID


class MemberReply(Reply):
    """An agency that books under the agreements of a consortium's lead agency."""

    lead_organization_id: UUID
    member_organization_id: UUID
    status: str
