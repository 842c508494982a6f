"""The answer to plan-my-day: proposals with their reasons, and what became of each need."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from api.languages import Language
from api.people import eligibility_reply
from api.plan_words import PlanWords
from api.plans import Asked, Found, find_candidates, read_plan
from api.schemas.plans import (
    PlannedAppointment,
    PlannedDay,
    PlannedNeedReply,
    PlanRequest,
    PlansReply,
    ProposalReply,
    StepReply,
    WhyNotReply,
)
from api.schemas.search import NamedReply, OriginReply
from api.settings import Settings
from directory.search import search
from directory.search_query import Hit, SearchQuery, Sort
from directory.viewer import Viewer
from scheduling.planning import Candidate, Plan, Planned, best_few, plan
from scheduling.queries.plan_times import find_times, first_time
from scheduling.timetables import DayTable, Doing, timetable


def make_plans(
    session: Session,
    request: PlanRequest,
    *,
    viewer: Viewer,
    settings: Settings,
    language: Language,
    now: datetime,
) -> PlansReply:
    """Return the best few plans, with reasons. Raises ``InvalidError`` naming every mistake."""
    asked = read_plan(
        session, request, viewer=viewer, settings=settings, language=language, now=now
    )
    found = find_candidates(session, asked, viewer=viewer, now=now)
    planned = plan(found.candidates, asked.trip, len(asked.queries))
    words = PlanWords(language, asked.trip.zone, now.astimezone(asked.trip.zone).date())
    few = best_few(planned.plans, request.proposals)
    return PlansReply(
        origin=OriginReply(
            label=asked.origin.label,
            latitude=asked.origin.point.latitude,
            longitude=asked.origin.point.longitude,
        ),
        timezone=str(asked.trip.zone),
        first_day=asked.first_day,
        last_day=asked.last_day,
        mode=request.mode,
        places=request.places,
        needs=[
            _need_reply(session, asked, found, planned, number, viewer, words, now)
            for number in range(len(asked.queries))
        ],
        proposals=[_proposal(each, few[0], asked, found, words, language) for each in few],
        better=list(words.better(planned, asked.names)),
    )


def _proposal(
    made: Plan,
    best: Plan,
    asked: Asked,
    found: Found,
    words: PlanWords,
    language: Language,
) -> ProposalReply:
    days = timetable(made.stops, asked.trip)
    met = {stop.need for stop in made.stops}
    return ProposalReply(
        slots=[found.times[stop.slot_id]["id"] for stop in made.stops],
        appointments=[_appointment(stop, found, language) for stop in made.stops],
        days=[_day(day, made) for day in days],
        travel_minutes=sum(day.minutes(Doing.TRAVEL, Doing.BACK) for day in days),
        waiting_minutes=sum(day.minutes(Doing.WAIT) for day in days),
        done_at=made.worth.done_at,
        missing=[need for need in range(len(asked.queries)) if need not in met],
        because=list(words.because(made, best, len(asked.queries))),
    )


def _day(day: DayTable, made: Plan) -> PlannedDay:
    return PlannedDay(
        day=day.day,
        leaves_at=day.leaves_at,
        back_at=day.back_at,
        steps=[
            StepReply(
                doing=step.doing,
                starts_at=step.starts_at,
                ends_at=step.ends_at,
                minutes=step.minutes,
                appointment=made.stops.index(step.stop) if step.stop else None,
                known=step.is_known,
            )
            for step in day.steps
        ],
    )


def _appointment(stop: Candidate, found: Found, language: Language) -> PlannedAppointment:
    slot = found.times[stop.slot_id]
    hit = found.hits[slot["service_at_location_id"]]
    row = hit.entry
    return PlannedAppointment(
        need=stop.need,
        slot_id=slot["id"],
        starts_at=stop.starts_at,
        ends_at=stop.ends_at,
        service_at_location_id=row["service_at_location_id"],
        service=NamedReply(id=row["service_id"], name=row["service_name"]),
        organization=NamedReply(id=row["organization_id"], name=row["organization_name"]),
        location=row["location_name"],
        address=row["address"],
        timezone=row["timezone"],
        remote=stop.spot.remote,
        eligibility=eligibility_reply(hit.judgement, language, hit.query.facts),
    )


def _need_reply(
    session: Session,
    asked: Asked,
    found: Found,
    planned: Planned,
    number: int,
    viewer: Viewer,
    words: PlanWords,
    now: datetime,
) -> PlannedNeedReply:
    answer, times = found.answers[number], found.count(number)
    why_not = None
    if number not in planned.met:
        why_not = (
            WhyNotReply(
                code="no-fit",
                words=words.translate(
                    "There are free times, but none goes together with the others, "
                    "within these hours and with time for the way."
                ),
            )
            if times
            else _why_no_time(session, asked, number, viewer, words, now)
        )
    return PlannedNeedReply(
        need=asked.request.needs[number],
        name=asked.names[number],
        services=len(answer.hits),
        times=times,
        within_km=answer.within_km,
        not_met=why_not,
    )


def _why_no_time(
    session: Session,
    asked: Asked,
    number: int,
    viewer: Viewer,
    words: PlanWords,
    now: datetime,
) -> WhyNotReply:
    """Say why there is nothing to choose from, and what would be nearest."""
    query = replace(asked.queries[number], limit=1)
    answer = search(session, query, now=now)
    if not answer.total and answer.refused:
        said = words.translate("What there is for this near here is not for this client.")
        return WhyNotReply(code="not-eligible", words=said)
    if not answer.total:
        said = words.translate("There is no service for this near here.")
        return WhyNotReply(code="no-service", words=said)
    later = _first_later(session, asked, query, viewer, now)
    if later is None:
        said = words.translate(
            "There are services for this, but none has a time to book. Call them."
        )
        return WhyNotReply(code="no-booking", words=said)
    at, hit = later
    said = words.translate(
        "Nothing is free in these days. The next time is {moment}: {service}, {agency}.",
        moment=words.moment(at),
        service=hit.entry["service_name"],
        agency=hit.entry["organization_name"],
    )
    return WhyNotReply(code="no-time", words=said)


def _first_later(
    session: Session, asked: Asked, query: SearchQuery, viewer: Viewer, now: datetime
) -> tuple[datetime, Hit] | None:
    wanted = asked.wanted_later(now)
    first = first_time(viewer, wanted)
    soonest = replace(query, bookable=True, first_time=first, sort=Sort.SOONEST)
    hits = search(session, soonest, now=now).hits
    if not hits:
        return None
    place = hits[0].entry["service_at_location_id"]
    return find_times(session, viewer, [place], wanted)[0]["starts_at"], hits[0]
