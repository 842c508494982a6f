"""How true a listing still is. Pure: checks and counts in, ages, claims and risks out.

*Verified* is not *updated*: a record that was saved or imported yesterday may have been wrong
for years. What counts is that somebody made sure.
"""

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from directory.models.verifications import VerificationMethod, VitalField

#: How long a check is worth something. Openings are reports with an end of their own.
LIFETIMES: Final[Mapping[VitalField, timedelta]] = {
    VitalField.HOURS: timedelta(days=180),
    VitalField.PHONE: timedelta(days=365),
    VitalField.ADDRESS: timedelta(days=730),
    VitalField.ELIGIBILITY: timedelta(days=365),
    VitalField.DOCUMENTS: timedelta(days=365),
    VitalField.COST: timedelta(days=365),
    VitalField.OPENINGS: timedelta(days=1),
}

#: The fields that people are asked about. Openings age within hours, and have their own reports.
ASKED_ABOUT: Final = tuple(field for field in VitalField if field is not VitalField.OPENINGS)

#: A listing is asked about again when its oldest check has used up half the shortest lifetime.
DUE_AFTER: Final = LIFETIMES[VitalField.HOURS] / 2

#: What stands for the age of a listing that nobody ever checked: no check counts as older.
NEVER_CHECKED: Final = timedelta(days=3 * 365)

#: Before anything is known of a listing, it is as if one of four checks had found a mistake.
PRIOR_CHANGED: Final = 1
PRIOR_CHECKS: Final = 4

#: How far back bookings, waiting and reports count as use.
USE_COUNTS_FOR: Final = timedelta(days=90)


class Freshness(enum.StrEnum):
    """What a check is still worth: all of it, the second half of its life, or nothing."""

    FRESH = "fresh"
    AGEING = "ageing"
    OLD = "old"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The newest time that somebody made sure of a field.

    ``changed``: it was found wrong. ``disputed``: the agency said so by a link, and what it said
    would be right has not been put in yet, so that what is listed is known to be wrong.
    """

    field: VitalField
    checked_at: datetime
    method: VerificationMethod
    said_by: str
    changed: bool = False
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """We asked, it arrived, and nobody has answered; ``expires_at`` is the deadline."""

    asked_at: datetime
    expires_at: datetime


def freshness(field: VitalField, checked_at: datetime | None, now: datetime) -> Freshness:
    """Say what a check of a field is still worth."""
    if checked_at is None:
        return Freshness.NEVER
    age, lifetime = now - checked_at, LIFETIMES[field]
    if age >= lifetime:
        return Freshness.OLD
    return Freshness.AGEING if age >= lifetime / 2 else Freshness.FRESH


def is_verified(
    fields: Collection[VitalField], checks: Mapping[VitalField, Check], now: datetime
) -> bool:
    """Say whether every vital field that a listing has was checked, lately, and stands."""
    return all(
        field in checks
        and not checks[field].disputed
        and freshness(field, checks[field].checked_at, now) in (Freshness.FRESH, Freshness.AGEING)
        for field in fields
    )


def oldest_check(
    fields: Collection[VitalField], checks: Mapping[VitalField, Check]
) -> Check | None:
    """Return the check of the field that waits longest; None where one was never checked.

    Only then may a listing say "checked 12 days ago": no part of it is older. What is disputed
    counts as never checked. A listing without any vital field goes by what was checked at all.
    """
    wanted = set(fields) & set(ASKED_ABOUT) or set(checks)
    found = [checks[field] for field in wanted if field in checks]
    if not found or len(found) < len(wanted) or any(check.disputed for check in found):
        return None
    return min(found, key=lambda check: (check.checked_at, check.field))


def claimed_until(check: Check | None, askings: Collection[Asking]) -> datetime | None:
    """Return from when on the hours are no longer claimed; None while nothing is against them.

    Hours fall out of every "open" when a question about them stayed unanswered past its deadline
    *and* they are old. Neither alone is enough: silence about fresh hours means little, and
    hours that nobody was asked about are no worse than they were when they came. Of hours that
    were never checked the first unanswered question begins the lifetime. Disputed hours are not
    claimed from the moment of the dispute.
    """
    if check is not None and check.disputed:
        return check.checked_at
    since = check.checked_at if check is not None else None
    open_ = [asking for asking in askings if since is None or asking.asked_at > since]
    if not open_:
        return None
    begins = since if since is not None else min(asking.asked_at for asking in open_)
    deadline = min(asking.expires_at for asking in open_)
    return max(deadline, begins + LIFETIMES[VitalField.HOURS])


def is_claimed(entry: Mapping[str, Any], now: datetime) -> bool:
    """Say whether we stand by the hours in a search row."""
    until = entry["hours_claimed_until"]
    return until is None or until > now


def error_rate(*, checks: int, changed: int) -> float:
    """Return how often checks of a listing find a mistake: between 0 and 1, never quite either."""
    return (changed + PRIOR_CHANGED) / (checks + PRIOR_CHECKS)


def risk(*, uses: int, age: timedelta | None, checks: int, changed: int) -> float:
    """Return how badly a listing wants to be checked: use x age x past error.

    ``(1 + uses) * days * (changed + 1) / (checks + 4)``: the people who go there, times the days
    since its oldest check (never: three years, and nothing counts as older), times the rate at
    which its checks found mistakes. It is proportional to the people expected to meet a mistake,
    where mistakes come in at a steady rate. Never falls when use, age or mistakes rise.
    """
    known = NEVER_CHECKED if age is None else min(max(age, timedelta(0)), NEVER_CHECKED)
    days = known / timedelta(days=1)
    return (1 + uses) * days * error_rate(checks=checks, changed=changed)
