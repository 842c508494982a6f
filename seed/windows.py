"""The availability windows of the demo county, published by the product's own command."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session

from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.commands.windows import publish_window, roll_window
from scheduling.drafts import WindowDraft
from scheduling.models.windows import AvailabilityWindow, BookableBy
from seed.hours import coming_holidays
from seed.listings import Offered, organization_id_of
from seed.names import dice
from seed.staff import account_id_of

DAY = timedelta(days=1)

#: How far ahead slots can be booked, and how long ago the first windows opened, in days.
HORIZON = 28
_OPENED = (22, 24, 26, 28)

_INSTRUCTIONS = (
    None,
    "Ring the bell and wait a moment.",
    "Come five minutes early; there is a form.",
    "Children are welcome. There are toys.",
)

PUBLIC, PARTNERS, OWN = BookableBy.PUBLIC, BookableBy.PARTNERS, BookableBy.OWN


class Plan(NamedTuple):
    """A window: agency, offer and number of the branch; when; for whom.

    ``days`` is freq and byday (RFC 5545), ``minutes`` the length of a slot, ``places`` its
    capacity. ``only`` keeps it for some partners, by key.
    """

    agency: str
    offer: str
    branch: int
    days: str
    hours: str
    minutes: int
    places: int
    by: BookableBy = PARTNERS
    only: str = ""


PLANS = (
    Plan("lanternfish", "pantry", 0, "WEEKLY TU,TH", "13:00-15:00", 30, 2, only="papercrane"),
    Plan("lanternfish", "pantry", 0, "WEEKLY MO,WE", "10:00-12:00", 15, 3),
    Plan("lanternfish", "pantry", 1, "WEEKLY SA", "09:00-12:00", 15, 6, PUBLIC),
    Plan("lanternfish", "pantry", 2, "MONTHLY 2TU,4TU", "10:00-13:00", 20, 4, PUBLIC),
    Plan("lanternfish", "snap", 0, "WEEKLY MO,TU,WE,TH,FR", "09:00-11:30", 30, 1),
    Plan("lanternfish", "snap", 3, "WEEKLY FR", "13:00-16:00", 30, 1, OWN),
    Plan("lanternfish", "diapers", 0, "MONTHLY 1WE,3WE", "14:00-16:00", 15, 2, only="papercrane"),
    Plan("papercrane", "clinic", 0, "WEEKLY MO,WE,FR", "08:30-11:30", 20, 2, PUBLIC),
    Plan("papercrane", "clinic", 1, "WEEKLY TU,TH", "13:00-16:00", 20, 2),
    Plan("papercrane", "clinic", 2, "WEEKLY MO,TU,WE,TH,FR", "16:00-18:00", 30, 1, OWN),
    Plan("papercrane", "insurance", 0, "WEEKLY TU", "09:00-12:00", 45, 1, PUBLIC),
    Plan("papercrane", "prenatal", 0, "WEEKLY WE", "09:00-12:00", 30, 1, only="storkpost"),
    Plan("papercrane", "pharmacy", 1, "WEEKLY FR", "10:00-12:00", 15, 1, only="lanternfish"),
    Plan("moonbeam", "legal", 0, "WEEKLY MO,TH", "13:00-17:00", 30, 2),
    Plan("moonbeam", "legal", 1, "MONTHLY -1WE", "17:00-20:00", 30, 2, PUBLIC),
    Plan("moonbeam", "legal", 2, "WEEKLY TU", "09:00-12:00", 30, 1, OWN),
    Plan("moonbeam", "eviction", 0, "WEEKLY MO,WE,FR", "09:00-12:00", 60, 1, only="brickbee"),
    Plan("moonbeam", "eviction", 1, "WEEKLY TH", "10:00-12:00", 60, 1, only="hollowstar"),
    Plan("moonbeam", "expunge", 0, "MONTHLY 1SA", "09:00-13:00", 60, 10, PUBLIC),
    Plan("velvetotter", "shelter", 0, "DAILY", "19:00-21:00", 60, 4),
    Plan("velvetotter", "shelter", 1, "DAILY", "22:00-01:00", 60, 2, only="papercrane"),
    Plan("velvetotter", "showers", 0, "DAILY", "06:30-09:00", 30, 6, PUBLIC),
    Plan("velvetotter", "home-finder", 0, "WEEKLY TU,FR", "10:00-12:00", 45, 1),
    Plan("mothwing", "counselling", 0, "WEEKLY MO,TU,TH", "14:00-18:00", 60, 1),
    Plan("mothwing", "counselling", 1, "WEEKLY WE", "17:00-20:00", 60, 1, only="hollowstar"),
    Plan("mothwing", "counselling", 2, "WEEKLY FR", "20:00-00:00", 60, 1, PUBLIC),
    Plan("mothwing", "circle", 0, "MONTHLY 1MO,3MO", "18:30-19:30", 60, 10, PUBLIC),
    Plan("clockwork", "jobs", 0, "WEEKLY MO,TU,WE,TH,FR", "09:00-12:00", 30, 2),
    Plan("clockwork", "jobs", 1, "WEEKLY TU,TH", "13:00-16:00", 30, 1, only="rumpled"),
    Plan("clockwork", "jobs", 2, "WEEKLY WE", "10:00-15:00", 30, 1, PUBLIC),
    Plan("clockwork", "interview", 0, "WEEKLY TH", "14:00-17:00", 45, 1, only="umbrellatree"),
    Plan("clockwork", "bus", 0, "MONTHLY 1MO", "09:00-11:00", 15, 4, OWN),
    Plan("toothfairy", "dental", 0, "WEEKLY MO,WE", "08:00-12:00", 30, 1),
    Plan("toothfairy", "dental", 1, "WEEKLY TU,TH", "13:00-17:00", 45, 1, PUBLIC),
    Plan("toothfairy", "dental", 2, "WEEKLY FR", "09:00-12:00", 45, 1, OWN),
    Plan("toothfairy", "dental-kids", 0, "WEEKLY TU,TH", "15:00-18:00", 30, 2, only="papercrane"),
    Plan("candlewick", "bills", 0, "WEEKLY MO,WE,FR", "09:00-12:00", 30, 1, only="hedgehog"),
    Plan("candlewick", "bills", 1, "WEEKLY TU,TH", "13:00-16:00", 30, 2, PUBLIC),
    Plan("candlewick", "rent", 0, "WEEKLY TH", "09:00-12:00", 45, 1),
    Plan("abacus", "budget", 0, "WEEKLY MO,TH", "10:00-14:00", 60, 1, only="candlewick"),
    Plan("abacus", "tax", 1, "WEEKLY SA", "09:00-13:00", 60, 4, PUBLIC),
    Plan("abacus", "tax", 2, "WEEKLY WE", "17:30-20:30", 60, 3, PUBLIC),
    Plan("storkpost", "prenatal", 0, "WEEKLY TU,TH", "09:00-12:00", 30, 1),
    Plan("storkpost", "prenatal", 1, "WEEKLY MO,WE", "13:00-16:00", 30, 1, only="papercrane"),
    Plan("storkpost", "cradle", 2, "WEEKLY FR", "10:00-11:00", 60, 12, PUBLIC),
    Plan("umbrellatree", "newcomers", 0, "WEEKLY MO,TU,WE", "09:30-12:30", 45, 1, OWN),
    Plan("umbrellatree", "newcomers", 2, "WEEKLY SA", "10:00-13:00", 45, 2, PUBLIC),
    Plan("hedgehog", "rent", 0, "WEEKLY MO,TU,WE,TH", "13:00-15:30", 30, 1, OWN),
    Plan("hedgehog", "mediation", 1, "MONTHLY 2TH,4TH", "15:00-18:00", 60, 1, PUBLIC),
    Plan("brickbee", "tenant-desk", 0, "WEEKLY TU,TH", "17:00-19:30", 30, 2, PUBLIC),
    Plan("brickbee", "mediation", 1, "WEEKLY FR", "13:00-16:00", 60, 1, OWN),
    Plan("hollowstar", "advocacy", 0, "WEEKLY MO,WE,FR", "10:00-13:00", 60, 1, OWN),
    Plan("binocular", "eyes", 0, "WEEKLY WE", "13:00-17:00", 20, 1, PUBLIC),
    Plan("saltlick", "assessment", 0, "WEEKLY TU,TH", "09:00-12:00", 60, 1, OWN),
    Plan("sevenspoons", "assessment", 1, "WEEKLY MO,FR", "09:00-12:00", 60, 1, PUBLIC),
    Plan("dandelion", "day-care", 0, "WEEKLY WE", "16:00-18:00", 30, 1, PUBLIC),
    Plan("rumpled", "ged", 0, "WEEKLY MO", "17:00-19:00", 30, 3, PUBLIC),
    Plan("gaslamp", "bills", 0, "WEEKLY TU,TH", "10:00-12:00", 20, 1),
    Plan("dodo", "rides", 0, "DAILY", "07:00-10:00", 60, 5),
    Plan("marzipan", "home-finder", 0, "WEEKLY MO,TH", "13:00-15:00", 45, 1),
)


class Published(NamedTuple):
    """A window that has been published, from its plan."""

    window: AvailabilityWindow
    plan: Plan


def publish_plans(
    session: Session, offered: Sequence[Offered], *, now: datetime
) -> list[Published]:
    """Publish every window as of some weeks ago, and make its slots from then to its horizon."""
    places = {
        (each.agency.key, each.offer_key, each.branch.number): each
        for each in offered
        if each.branch is not None
    }
    published = []
    for index, plan in enumerate(PLANS):
        opened_at = now - _OPENED[index % len(_OPENED)] * DAY
        draft = draft_of(plan, places[plan.agency, plan.offer, plan.branch], opened_at, now)
        window = publish_window(session, draft, viewer=_host(plan), now=opened_at)
        roll_window(session, window, now=now)
        published.append(Published(window, plan))
    return published


def _host(plan: Plan) -> Viewer:
    return Viewer(
        organization_id=organization_id_of(plan.agency),
        role=Role.PUBLISHER,
        account_id=account_id_of(plan.agency, Role.PUBLISHER),
    )


def draft_of(plan: Plan, at: Offered, opened_at: datetime, now: datetime) -> WindowDraft:
    """Return the terms of a planned window: the lesser ones by the dice."""
    if at.id is None or at.branch is None:
        raise ValueError(f"{plan} is for a service without a place.")
    zone, rolling = at.branch.town.timezone, dice("window", *plan)
    freq, _, byday = plan.days.partition(" ")
    opens_at, closes_at = map(time.fromisoformat, plan.hours.split("-"))
    return WindowDraft(
        service_at_location_id=at.id,
        title=at.offer.name,
        timezone=zone,
        starts_on=opened_at.astimezone(ZoneInfo(zone)).date(),
        freq=freq,
        byday=tuple(byday.split(",")) if byday else (),
        opens_at=opens_at,
        closes_at=closes_at,
        slot_minutes=plan.minutes,
        capacity=plan.places,
        notice_minutes=rolling.choice((0, 0, 60, 240)),
        cancel_cutoff_minutes=rolling.choice((0, 0, 120, 1440)),
        horizon_days=HORIZON,
        bookable_by=plan.by,
        documents=at.offer.bring,
        instructions=rolling.choice(_INSTRUCTIONS),
        partner_organization_ids=[organization_id_of(key) for key in plan.only.split()],
        closed_on=closed_days(now.astimezone(ZoneInfo(zone)).date()),
    )


def closed_days(today: date) -> list[date]:
    """Return the days of the coming holidays."""
    return [
        holiday.first + n * DAY
        for holiday in coming_holidays(today)
        for n in range((holiday.last - holiday.first).days + 1)
    ]
