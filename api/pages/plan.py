"""Plan my day, at the coordinator's desk: a form, proposals side by side, booked in one click.

What is told about a client goes round in the form, and is kept nowhere.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.status_codes import HTTP_200_OK, HTTP_422_UNPROCESSABLE_ENTITY
from msgspec import Meta
from sqlmodel import Session

from api.authentication import BOOKING_STAFF
from api.dependencies import (
    InjectedDatabase,
    InjectedSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.languages import Language
from api.languages import marked as _
from api.pages.about_client import by_field, client_form, read_client
from api.pages.desk import MILES, need_options
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.once import go_once
from api.pages.refusals import bundle_refusal
from api.pages.rendering import AnyRequest, language_of, page
from api.pages.times import times_for
from api.plan_reply import make_plans
from api.plan_words import PlanWords
from api.problems import status_of
from api.schemas.bundles import BookBundle
from api.schemas.plans import PlanRequest, PlansReply
from api.settings import Settings
from api.words import KM_IN_MILE
from directory.errors import ConflictError, DomainError, InvalidError
from directory.viewer import Viewer
from geo.travel import Mode
from scheduling.commands.bundles import book_bundle
from scheduling.planning import MOST_NEEDS

MODE_WORDS = {
    Mode.TRANSIT: _("By bus"),
    Mode.WALK: _("On foot"),
    Mode.BICYCLE: _("By bicycle"),
    Mode.DRIVE: _("By car"),
}

#: What is not passed on by the form that books a plan: it has fields of its own for it.
BOOKING = ("slots", "client_handle", "key")

_page: Any = {"guards": [BOOKING_STAFF], "include_in_schema": False, "sync_to_thread": True}
_post: Any = {**_page, "status_code": HTTP_200_OK}


class PlanForm(PlanRequest, kw_only=True):
    """The form: as the request, with the radius in miles."""

    near: Annotated[str, Meta(max_length=200)] = ""
    within_miles: Annotated[int, Meta(ge=1, le=300)] = 25


@get("/desk/plan", **_page)
def show_plan(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Ask what a client needs, from where, how and when."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
    first = {"first_day": str(times.today)}
    return page(
        request, "plan.html", plans=None, refusal=None, **_form(language_of(request), first)
    )


@post("/desk/plan", **_post)
def post_plan(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show the proposals side by side."""
    with database.snapshot() as session:
        return _proposals(request, session, data, settings, viewer, now)


@post("/desk/plan/book", **_post)
def post_booking(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Book a proposal in one click; where it cannot be, say why and plan anew."""
    typed = {name: value for name, value in data.items() if name not in ("slots", "key")}
    try:
        wanted = _wanted(data)

        def book(session: Session) -> str:
            booked = book_bundle(
                session,
                wanted.slots,
                viewer=viewer,
                now=now,
                client_handle=wanted.client_handle,
                places=wanted.places,
                mode=wanted.mode,
            )
            return f"/bundles/{booked.bundle['id']}?by={wanted.mode}"

        return go_once(
            database,
            sealer,
            key=str(data.get("key") or uuid4()),
            viewer=viewer,
            operation="book_bundle from the desk",
            now=now,
            work=book,
            data=wanted,
        )
    except (ConflictError, InvalidError) as refusal:
        if isinstance(refusal, InvalidError):  # plan for a client who has nothing yet
            typed.pop("client_handle", None)
        with database.snapshot() as session:
            return _proposals(request, session, typed, settings, viewer, now, refusal=refusal)


def _wanted(data: Mapping[str, Any]) -> BookBundle:
    names = ("slots", "client_handle", "places", "mode")
    return read_typed(BookBundle, {name: data[name] for name in names if data.get(name)})


def _proposals(
    request: AnyRequest,
    session: Session,
    data: Mapping[str, Any],
    settings: Settings,
    viewer: Viewer,
    now: datetime,
    *,
    refusal: DomainError | None = None,
) -> Response[Any]:
    language = language_of(request)
    said = bundle_refusal(refusal, language) if refusal else None
    try:
        asked = _read(data)
        plans = make_plans(
            session, asked, viewer=viewer, settings=settings, language=language, now=now
        )
    except InvalidError as error:
        form = _form(language, data, by_field(error))
        return page(
            request,
            "plan.html",
            status_code=HTTP_422_UNPROCESSABLE_ENTITY,
            plans=None,
            refusal=said,
            **form,
        )
    zone = ZoneInfo(plans.timezone)
    words = PlanWords(language, zone, now.astimezone(zone).date())
    return page(
        request,
        "plan.html",
        status_code=status_of(refusal) if refusal else HTTP_200_OK,
        plans=plans,
        proposals=_cards(plans, words),
        refusal=said,
        kept=_kept(data),
        words=words,
        **_form(language, data),
    )


def _read(data: Mapping[str, Any]) -> PlanRequest:
    rest, facts = read_client(data)
    needs = [need for need in _texts(rest.get("needs")) if need]
    if not needs:
        raise InvalidError.of("needs", "Choose at least one need.")
    given = {name: value for name, value in rest.items() if name != "client_handle" or value}
    asked = read_typed(PlanForm, {**given, "needs": needs})
    asked.facts = facts
    asked.within_km = asked.within_miles * KM_IN_MILE
    return asked


def _cards(plans: PlansReply, words: PlanWords) -> list[dict[str, Any]]:
    """Say each proposal as a timetable for each of its days, with a key to book it by."""
    return [
        {
            "reply": proposal,
            "key": uuid4(),
            "days": [
                (words.day(day.leaves_at), list(words.steps(proposal, day, plans.mode)))
                for day in proposal.days
            ],
        }
        for proposal in plans.proposals
    ]


def _kept(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields that go round, one by one."""
    return [
        (name, text)
        for name, value in data.items()
        if name not in ("_csrf_token", *BOOKING)
        for text in _texts(value)
        if text
    ]


def _texts(value: Any) -> Sequence[str]:
    if value is None:
        return ()
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _form(
    language: Language, typed: Mapping[str, Any], error: InvalidError | None = None
) -> dict[str, Any]:
    miles = language.translate("{count} miles")
    chosen = [*_texts(typed.get("needs")), *[""] * MOST_NEEDS][:MOST_NEEDS]
    return {
        "typed": typed,
        "errors": errors_by_field(error),
        "chosen": chosen,
        "needs": [("", language.translate("Nothing more")), *need_options(language)[1:]],
        "modes": [(mode, language.translate(words)) for mode, words in MODE_WORDS.items()],
        "miles": [(count, miles.format(count=count)) for count in MILES],
        **client_form(language, typed),
    }


HANDLERS: list[BaseRouteHandler] = [show_plan, post_plan, post_booking]
