"""The page behind the link in an e-mail: is this still right? It needs no password.

Looking changes nothing, however often a mail scanner looks; only the form answers. Whatever is
wrong with a link, the page says the same.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_404_NOT_FOUND, HTTP_422_UNPROCESSABLE_ENTITY
from msgspec import Meta
from sqlmodel import Session

from api.authentication import anyone
from api.check_words import FIELD_WORDS
from api.dependencies import InjectedDatabase, Now
from api.pages.forms import FormTexts, errors_by_field, read_typed
from api.pages.rendering import AnyRequest, language_of, page, see_other
from api.schemas.shapes import Request
from api.words import week_words
from directory.commands.asking import FieldAnswer, answer_request
from directory.errors import InvalidError
from directory.models.verifications import VitalField
from directory.queries.asking import LinkUnusableError, Question, get_question
from directory.queries.listing import get_listing

_open: Any = {"guards": [anyone], "include_in_schema": False, "sync_to_thread": True}

#: What stands in the suggestion when an agency says only that it is closed.
CLOSED_FOR_NOW = "Closed for now."

Choice = Literal["right", "changed", "closed"] | None
Words = Annotated[str, Meta(max_length=300)] | None


class AnswerForm(Request):
    """For each field what somebody says of it; ``do`` is the button they pressed."""

    do: Literal["all", "send"] = "send"
    hours: Choice = None
    hours_words: Words = None
    phone: Choice = None
    phone_words: Words = None
    address: Choice = None
    address_words: Words = None
    eligibility: Choice = None
    eligibility_words: Words = None
    documents: Choice = None
    documents_words: Words = None
    cost: Choice = None
    cost_words: Words = None

    def answers(self) -> dict[VitalField, FieldAnswer] | None:
        """Return what was said by field; None where the button says that all is right."""
        given: dict[VitalField, FieldAnswer] = {
            field: _answer(getattr(self, field), getattr(self, f"{field}_words") or "")
            for field in VitalField
            if field is not VitalField.OPENINGS
            and (getattr(self, field) or getattr(self, f"{field}_words"))
        }
        if self.do == "send":
            return given
        if any(answer.changed for answer in given.values()):
            raise InvalidError.of("do", "You also said that something changed. Send that instead.")
        return None


def _answer(choice: Choice, words: str) -> FieldAnswer:
    """Read one field. Whoever writes what is right now says that it changed."""
    if choice == "closed":
        return FieldAnswer(changed=True, words=f"{CLOSED_FOR_NOW} {words}".strip())
    return FieldAnswer(changed=choice != "right" or bool(words), words=words)


@get("/verify/{token:str}", **_open)
def show_question(
    request: AnyRequest, token: FromPath[str], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Show what is listed, and ask."""
    with database.reading() as session:
        try:
            question = get_question(session, token, now=now)
        except LinkUnusableError:
            return _unusable(request)
        return _question_page(request, session, question, token, now)


@post("/verify/{token:str}", status_code=HTTP_200_OK, **_open)
def post_answer(
    request: AnyRequest, token: FromPath[str], data: FormTexts, database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Take the answer."""
    try:
        answers = read_typed(AnswerForm, data).answers()
        with database.transaction() as session:
            answer_request(session, token, answers, now=now)
    except LinkUnusableError:
        return _unusable(request)
    except InvalidError as error:
        return _again(request, token, data, error, database, now)
    return see_other("/verified")


def _again(
    request: AnyRequest,
    token: str,
    typed: dict[str, str],
    error: InvalidError,
    database: InjectedDatabase,
    now: datetime,
) -> Response[Any]:
    """Show the form again with what was typed, unless the link does not work."""
    with database.reading() as session:
        try:
            question = get_question(session, token, now=now)
        except LinkUnusableError:
            return _unusable(request)
        return _question_page(request, session, question, token, now, typed=typed, error=error)


@get("/verified", **_open)
def show_thanks(request: AnyRequest) -> Response[Any]:
    """Say thank you: the same page for everybody."""
    return page(request, "verified.html")


def _unusable(request: AnyRequest) -> Response[Any]:
    return page(request, "verify-unusable.html", status_code=HTTP_404_NOT_FOUND)


def _question_page(
    request: AnyRequest,
    session: Session,
    question: Question,
    token: str,
    now: datetime,
    *,
    typed: dict[str, str] | None = None,
    error: InvalidError | None = None,
) -> Response[Any]:
    language = language_of(request)
    listings = [get_listing(session, entry["id"], now=now) for entry in question.entries]
    weeks = {
        listing.entry["id"]: week_words(
            listing.week, language=language.tag, translate=language.translate
        )
        for listing in listings
    }
    return page(
        request,
        "verify.html",
        status_code=HTTP_422_UNPROCESSABLE_ENTITY if error else HTTP_200_OK,
        token=token,
        fields=[(field, language.translate(FIELD_WORDS[field])) for field in question.fields],
        listings=listings,
        weeks=weeks,
        deadline=question.request.expires_at,
        typed=typed or {},
        errors=errors_by_field(error),
    )


HANDLERS = [show_question, post_answer, show_thanks]
