"""An agreement as somebody proposes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AllotmentDraft:
    """So many places a week in what is named, kept until ``release_minutes`` before each slot."""

    places: int
    release_minutes: int | None = None
    window_ids: Sequence[UUID] = ()
    service_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementDraft:
    """The terms of an agreement, named as in ``Agreement``; without allotments it has no limit."""

    title: str
    starts_on: date
    terms: str = ""
    ends_on: date | None = None
    notice_days: int = 30
    covers_members: bool = False
    allotments: Sequence[AllotmentDraft] = ()
