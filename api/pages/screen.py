"""A few questions, one at a time, that tell which services are for somebody.

Everything that is told goes round in the form, from page to page. It is in no address and in no
log, nothing is written down, and closing the page ends it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_422_UNPROCESSABLE_ENTITY

from api.authentication import anyone
from api.dependencies import (
    InjectedDatabase,
    InjectedFinder,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.eligibility_words import ASKED_FOR, told_words
from api.finding import place_choices
from api.languages import Language
from api.pages.forms import FormData, errors_by_field
from api.pages.rendering import (
    KIOSK_COOKIE,
    LANGUAGE_COOKIE,
    AnyRequest,
    is_kiosk,
    language_of,
    page,
    see_other,
)
from api.parsing import parse
from api.requests import CSRF_COOKIE
from api.schemas.screening import ScreeningReply, ScreeningRequest
from api.screening import screen
from api.screening_words import ASKING
from api.typed_facts import read_typed_facts
from directory.errors import InvalidError
from directory.known_facts import known_value
from directory.needs import EVERYDAY_NEEDS

MOST_CHOICES = 8

#: What a browser forgets of this site when an interview ends: pages and what they stored.
FORGET = '"cache", "storage"'


class Interviewed:
    """What came round in the form: where and what for, what was told, and what was done."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = {
            name: [str(each) for each in (value if isinstance(value, list) else [value])]
            for name, value in data.items()
        }
        self.near, self.need = self.one("near"), self.one("need")
        self.told = [name for name in self.many("told") if name in ASKING]
        self.skipped = [name for name in self.many("skip") if name in ASKING]
        self.asking = self._act()

    def one(self, name: str) -> str:
        """Return a field's last text."""
        return (self._data.get(name) or [""])[-1].strip()

    def many(self, name: str) -> Sequence[str]:
        """Return all texts of a field, each once."""
        return list(dict.fromkeys(self._data.get(name, [])))

    def _act(self) -> str | None:
        """Take in what was pressed; return the fact to ask for again, where that was wanted."""
        done, _, fact = self.one("do").partition(":")
        if fact not in ASKING:
            return None
        self.told = [name for name in self.told if name != fact]
        self.skipped = [name for name in self.skipped if name != fact]
        if done == "answer":
            self.told.append(fact)
        elif done == "skip":
            self.skipped.append(fact)
        elif done == "change":
            return fact
        return None

    def ask_again(self, fact: str) -> None:
        """Take an answer back that cannot be read, and ask for it once more."""
        self.told.remove(fact)
        self.asking = fact

    @property
    def typed(self) -> dict[str, Sequence[str]]:
        """What was typed, by fact."""
        return {name: self.many(name) for name in self.told}

    def kept(self) -> dict[str, Sequence[str]]:
        """Return the fields that go round."""
        return {
            "near": [self.near],
            "need": [self.need],
            "told": self.told,
            "skip": self.skipped,
            **self.typed,
        }


@get("/screen", guards=[anyone], include_in_schema=False, sync_to_thread=True)
def show_screen(request: AnyRequest, settings: InjectedSettings) -> Response[Any]:
    """Ask where somebody is and what they need; ``kiosk=yes`` makes a kiosk of this browser."""
    wish = request.query_params.get("kiosk")
    if wish is None:
        return _start(request, Interviewed({}))
    response = _start(request, Interviewed({}), kiosk=wish == "yes")
    response.set_cookie(
        Cookie(
            key=KIOSK_COOKIE,
            value="yes" if wish == "yes" else "no",
            secure=settings.production,
            httponly=True,
            samesite="lax",
        )
    )
    return response


@get("/screen/end", guards=[anyone], include_in_schema=False, sync_to_thread=False)
def end_screen(request: AnyRequest, viewer: InjectedViewer) -> Redirect:
    """Begin again, with nothing left in the browser of who was here.

    What somebody told stays in the browser's history, to be sent again. Without the cookie that
    its form was made with it is refused. Staff keep theirs: their other forms need it.
    """
    ended = see_other("/screen")
    ended.headers["clear-site-data"] = FORGET
    if viewer.is_public:
        ended.delete_cookie(CSRF_COOKIE, path="/")
    if is_kiosk(request):
        ended.delete_cookie(LANGUAGE_COOKIE, path="/")
    return ended


@post(
    "/screen",
    guards=[anyone],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_screen(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    finder: InjectedFinder,
    now: Now,
) -> Response[Any]:
    """Take an answer in, and ask the next question."""
    interviewed = Interviewed(data)
    language = language_of(request)
    errors: Sequence[str] = ()
    while True:
        try:
            facts = read_typed_facts(interviewed.typed)
            wanted = _request(interviewed, facts)
            with database.snapshot() as session:
                reply = screen(
                    session,
                    wanted,
                    viewer=viewer,
                    finder=finder,
                    language=language,
                    now=now,
                    ask=interviewed.asking,
                )
        except InvalidError as error:
            found = _by_fact(error)
            wrong = next((name for name in interviewed.told if name in found), None)
            if wrong is None:
                return _start(request, interviewed, errors_by_field(error), settings)
            interviewed.ask_again(wrong)
            errors = found[wrong]
        else:
            return _ask(request, interviewed, reply, now, facts=facts, errors=errors)


def _request(interviewed: Interviewed, facts: Mapping[str, Any]) -> ScreeningRequest:
    return parse(
        ScreeningRequest,
        {
            "near": interviewed.near,
            "need": [interviewed.need] if interviewed.need else [],
            "facts": {**facts},
            "skip": interviewed.skipped,
        },
    )


def _by_fact(error: InvalidError) -> dict[str, list[str]]:
    """Return what is wrong with each fact, whichever way its path names it."""
    found: dict[str, list[str]] = {}
    for mistake in error.errors:
        name = mistake.path.removeprefix("facts.").partition(".")[0]
        if mistake.message not in found.setdefault(name, []):
            found[name].append(mistake.message)
    return found


def _start(
    request: AnyRequest,
    interviewed: Interviewed,
    errors: Mapping[str, Sequence[str]] | None = None,
    settings: Any = None,
    **more: Any,
) -> Response[Any]:
    choices = place_choices(interviewed.near, settings) if errors and "near" in errors else ()
    return page(
        request,
        "screen-start.html",
        status_code=HTTP_422_UNPROCESSABLE_ENTITY if errors else HTTP_200_OK,
        interviewed=interviewed,
        kept=interviewed.kept(),
        errors=errors or {},
        choices=[place.label for place in choices[:MOST_CHOICES]],
        needs=EVERYDAY_NEEDS,
        **more,
    )


def _ask(
    request: AnyRequest,
    interviewed: Interviewed,
    reply: ScreeningReply,
    now: Any,
    *,
    facts: Mapping[str, Any],
    errors: Sequence[str],
) -> Response[Any]:
    question = reply.question
    return page(
        request,
        "screen.html",
        status_code=HTTP_422_UNPROCESSABLE_ENTITY if errors else HTTP_200_OK,
        interviewed=interviewed,
        kept=interviewed.kept(),
        question=question,
        typed=interviewed.many(question.fact) if question else [],
        errors=errors,
        reply=reply,
        answer=reply.search,
        told=_told(facts, language_of(request)),
        skipped=[
            (name, language_of(request).translate(ASKED_FOR[name])) for name in interviewed.skipped
        ],
        about_person=True,
        now=now,
    )


def _told(facts: Mapping[str, Any], language: Language) -> list[tuple[str, str, str]]:
    """Say back what was told: the fact, what it is, and what it is for this person."""
    return [
        (
            name,
            language.translate(ASKED_FOR[name]),
            told_words(name, known_value(name, value), language),
        )
        for name, value in facts.items()
    ]
