"""From a query string, and the body of a POST, to a question. Every bad parameter is named."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from api.parsing import json_object, parse_text
from api.schemas.hsds import MOST_ON_A_PAGE, ListRequest
from directory.errors import FieldError, InvalidError
from directory.hsds.asking import Question
from geo.gazetteer import get_zip

T = TypeVar("T", bound=msgspec.Struct)
AnyRequest = Request[Any, Any, Any]
Texts = Mapping[str, Sequence[str]]

FORM = "application/x-www-form-urlencoded"
#: More parameters than this are nobody's question.
_MOST_PARAMETERS = 100


def read(kind: type[T], request: AnyRequest, body: bytes = b"") -> T:
    """Return what is asked for. Raises ``InvalidError`` naming every bad parameter."""
    mistakes: list[FieldError] = []
    texts = _given(request, body, mistakes)
    mistakes += _contradictions(texts)
    try:
        asked = parse_text(kind, _with_instant(texts, mistakes))
    except InvalidError as error:
        mistakes += error.errors
    if mistakes:
        raise InvalidError(mistakes)
    return asked


def _given(request: AnyRequest, body: bytes, mistakes: list[FieldError]) -> Texts:
    """Return every parameter, from the URL and from the body; what is given twice is a mistake."""
    pairs = list(request.query_params.multi_items())
    if body.strip():
        pairs += _in_body(request, body, mistakes)
    if len(pairs) > _MOST_PARAMETERS:
        raise InvalidError.of("query", f"Give at most {_MOST_PARAMETERS} parameters.")
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if value.strip():
            given.setdefault(name, []).append(value)
    mistakes += [FieldError(name, "Give this once.") for name in given if len(given[name]) > 1]
    return given


def _in_body(
    request: AnyRequest, body: bytes, mistakes: list[FieldError]
) -> Iterator[tuple[str, str]]:
    media_type = request.content_type[0]
    if media_type == FORM:
        yield from _in_form(body)
    elif media_type in ("application/json", ""):
        for name, value in json_object(body).items():
            text = _text(value)
            if text is None:
                mistakes.append(FieldError(name, "Give one value."))
            else:
                yield name, text
    else:
        raise InvalidError.of("body", f"Send JSON, or a form ({FORM}).")


def _in_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict"
        )
    except ValueError:
        raise InvalidError.of("body", "This is not a form that we can read.") from None


def _text(value: Any) -> str | None:
    """Return a value of JSON as a query string has it, or None for what is not one value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _with_instant(texts: Texts, mistakes: list[FieldError]) -> Texts:
    """Return the parameters with ``modified_after`` in UTC, where a day begins at midnight."""
    if "modified_after" not in texts:
        return texts
    rest = {name: several for name, several in texts.items() if name != "modified_after"}
    text = texts["modified_after"][-1].strip()
    try:
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text.upper() else text)
        at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        message = "Give a day and time such as 2030-06-03T12:00:00Z."
        mistakes.append(FieldError("modified_after", message))
        return rest
    return {**rest, "modified_after": [at.isoformat()]}


def _contradictions(texts: Texts) -> Iterator[FieldError]:
    """Yield what each parameter by itself does not tell."""
    postcode = texts.get("postcode", [""])[-1]
    if postcode and get_zip(postcode) is None:
        yield FieldError("postcode", "We do not know this ZIP code. Give five digits.")
    if "proximity" in texts and not postcode:
        yield FieldError("postcode", "Give the ZIP code that proximity is measured from.")
    if _says(texts, "format", "ndjson"):
        for name in ("page", "per_page"):
            if name in texts:
                yield FieldError(name, "Leave this out: ndjson has everything, without pages.")
    if _is_on(texts, "minimal") and _is_on(texts, "full"):
        yield FieldError("minimal", "Ask for minimal or for full, not for both.")
    per_page = texts.get("per_page", [""])[-1].strip()
    many = per_page.isdecimal() and int(per_page[:9]) > MOST_ON_A_PAGE
    if many and not _is_on(texts, "minimal"):
        yield FieldError("per_page", f"Give at most {MOST_ON_A_PAGE}.")


def _says(texts: Texts, name: str, value: str) -> bool:
    return texts.get(name, [""])[-1].strip() == value


def _is_on(texts: Texts, name: str) -> bool:
    return texts.get(name, [""])[-1].strip().lower() in ("true", "1", "yes", "on")


def question_of(asked: ListRequest) -> Question:
    """Return the question in a request."""
    given = {
        name: getattr(asked, name)
        for name in ("taxonomy_term_id", "taxonomy_id", "organization_id", "parent_id")
        if hasattr(asked, name)
    }
    postcode = getattr(asked, "postcode", None)
    proximity = getattr(asked, "proximity", None)
    return Question(
        words=asked.search,
        modified_after=getattr(asked, "modified_after", None),
        postcode=get_zip(postcode) if postcode else None,
        within_km=proximity / 1000 if proximity else None,
        top_only=getattr(asked, "top_only", False),
        **given,
    )
