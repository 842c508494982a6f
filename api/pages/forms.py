"""From what a browser sends to a shape, and from mistakes to words beside the fields."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct

from api.parsing import parse_text
from api.requests import CSRF_FIELD
from directory.errors import DomainError, InvalidError

T = TypeVar("T", bound=Struct)

#: A form's fields: a text, or a list of texts where several were sent.
FormData = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]

#: The same for forms whose fields are single texts.
FormTexts = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


def read_typed(kind: type[T], data: Mapping[str, Any]) -> T:
    """Make a shape of a form. Raises ``InvalidError`` naming every bad field."""
    return parse_text(
        kind,
        {
            name: texts if isinstance(texts, list) else [texts]
            for name, texts in data.items()
            if name != CSRF_FIELD
        },
    )


def errors_by_field(refusal: DomainError | None) -> dict[str, list[str]]:
    """Return what is wrong with each field, to be said beside it; most refusals are of none."""
    found: dict[str, list[str]] = {}
    for mistake in refusal.errors if isinstance(refusal, InvalidError) else ():
        messages = found.setdefault(mistake.path.split(".")[0], [])
        if mistake.message not in messages:
            messages.append(mistake.message)
    return found
