"""Finding help: the first page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.status_codes import HTTP_200_OK, HTTP_422_UNPROCESSABLE_ENTITY
from msgspec import Meta
from msgspec.structs import fields
from sqlmodel import Session

from api.authentication import anyone
from api.dependencies import (
    InjectedDatabase,
    InjectedFinder,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.finding import find, order_of_form, place_choices
from api.languages import marked as _
from api.pages.rendering import AnyRequest, language_of, page
from api.parsing import parse_text
from api.schemas.search import NextPage, SearchReply, SearchRequest, Words
from api.schemas.shapes import Request
from api.words import KM_IN_MILE
from directory.errors import InvalidError
from directory.folding import fold
from directory.needs import EVERYDAY_NEEDS, NEEDS_BY_CODE, Need
from directory.opening_rules import WEEKDAYS
from directory.queries.needs import find_codes
from directory.search_query import Sort

USUAL_MILES = 15
MILES = (2, 5, 10, USUAL_MILES, 25, 50, 100)

#: "Can be booked here within a week."
BOOKABLE_DAYS = 7

#: How many places of the same name are offered, the nearest first.
MOST_CHOICES = 8

#: Languages offered in the form, by ISO 639: those most asked for.
SPOKEN = ("en", "es", "ar", "fa", "fr", "my", "ne", "so", "sw", "vi", "zh", "ase")


TIME_TWICE = _("Choose open now, or a day and a time; not both.")
NO_DAY = _("Choose a day of the week.")
NO_TIME = _("Give a time such as 13:00.")


class FindForm(Request):
    """What the form asks, as it stands in the address. Nothing in it is about one person."""

    near: Words | None = None
    need: Words | None = None
    q: Words | None = None
    exclude: Words | None = None
    language: Words | None = None
    miles: Annotated[float, Meta(ge=1, le=300)] = USUAL_MILES
    open_now: bool = False
    open_day: Words | None = None
    open_time: Words | None = None
    openings: bool = False
    free: bool = False
    bookable: bool = False
    step_free: bool = False
    remote: bool = False
    sort: Sort | None = None
    next: NextPage | None = None


FIELDS = [field.name for field in fields(FindForm)]


@get("/", guards=[anyone], include_in_schema=False, sync_to_thread=True)
def show_find(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    finder: InjectedFinder,
    now: Now,
) -> Response[Any]:
    """Ask what somebody needs, and show what is near."""
    asked = _asked(request)
    answer: SearchReply | None = None
    meant: Sequence[Need] = ()
    order: Sort | None = None
    errors: dict[str, str] = {}
    if asked:
        try:
            wanted = _search_request(parse_text(FindForm, {k: [v] for k, v in asked.items()}))
            order = wanted.sort
            with database.snapshot() as session:
                answer = find(
                    session,
                    wanted,
                    viewer=viewer,
                    finder=finder,
                    language=language_of(request),
                    now=now,
                )
                asked["need"] = _need_chosen(session, wanted)
                meant = _needs_meant(session, wanted, answer)
        except InvalidError as error:
            errors = {_form_field(path): message for path, message in error.errors}
            if errors.get("open_time"):
                errors["open_time"] = NO_TIME
    choices = place_choices(asked.get("near", ""), settings) if "near" in errors else ()
    return page(
        request,
        "find.html",
        status_code=HTTP_422_UNPROCESSABLE_ENTITY if errors else HTTP_200_OK,
        asked={name: asked.get(name, "") for name in FIELDS},
        answer=answer,
        meant=meant,
        order=order,
        refused=bool(errors),
        errors={name: errors.get(name, "") for name in FIELDS},
        choices=[place.label for place in choices[:MOST_CHOICES]],
        link=_linker(asked),
        needs=EVERYDAY_NEEDS,
        spoken=SPOKEN,
        weekdays=WEEKDAYS,
        miles_choices=MILES,
        usual_miles=USUAL_MILES,
        now=now,
    )


def _asked(request: AnyRequest) -> dict[str, str]:
    """Return what was filled in. Parameters that others hang on to an address count for nothing."""
    given = request.query_params
    texts = {name: str(given.getall(name)[-1]).strip() for name in FIELDS if name in given}
    return {name: text for name, text in texts.items() if text}


def _search_request(form: FindForm) -> SearchRequest:
    return SearchRequest(
        near=form.near,
        within_km=form.miles * KM_IN_MILE,
        q=form.q,
        need=[form.need] if form.need else [],
        exclude=[words for words in (form.exclude or "").split(",") if words.strip()],
        language=[form.language] if form.language else [],
        free=form.free,
        step_free=form.step_free,
        remote=form.remote,
        bookable_within_days=BOOKABLE_DAYS if form.bookable else None,
        openings=form.openings,
        open_at=_open_at(form),
        sort=order_of_form(form.sort, form.q),
        next=form.next,
    )


def _open_at(form: FindForm) -> str | None:
    """Return when it is to be open: now, or at a time of the week, which has two parts."""
    if form.open_now and (form.open_day or form.open_time):
        raise InvalidError.of("open_now", TIME_TWICE)
    if form.open_day and not form.open_time:
        raise InvalidError.of("open_time", NO_TIME)
    if form.open_time and not form.open_day:
        raise InvalidError.of("open_day", NO_DAY)
    if form.open_day and form.open_time:
        if form.open_day not in WEEKDAYS:
            raise InvalidError.of("open_day", NO_DAY)
        return f"{form.open_day} {form.open_time}"
    return "now" if form.open_now else None


def _need_chosen(session: Session, wanted: SearchRequest) -> str:
    """Return the need of the list that was asked for, which may have been by another word."""
    codes = [code for found in find_codes(session, wanted.need).values() for code in found]
    return codes[0] if len(codes) == 1 else ",".join(wanted.need)


def _needs_meant(session: Session, wanted: SearchRequest, answer: SearchReply) -> list[Need]:
    """Return the needs that the words of a search are another name for, to offer them."""
    if not wanted.q or wanted.need:
        return []
    read = {each.word: each.read_as[0] for each in answer.corrected}
    said = " ".join(read.get(word, word) for word in fold(wanted.q).split())
    return [
        NEEDS_BY_CODE[code] for code in find_codes(session, [said])[said] if code in NEEDS_BY_CODE
    ]


def _form_field(path: str) -> str:
    """Return the form's field for a path in the search request."""
    name = path.split(".", maxsplit=1)[0]
    return {"within_km": "miles", "open_at": "open_time"}.get(name, name)


def _linker(asked: Mapping[str, str]) -> Callable[..., str]:
    """Return how to write the address of the same question with some answers changed."""

    def link(**changes: Any) -> str:
        values = {**asked, "next": None, **changes}
        return "/?" + urlencode({name: text for name, text in values.items() if text})

    return link
