"""What a coordinator says about a client in a search: part of the form, kept nowhere."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.eligibility_words import CHOICES
from api.languages import Language
from api.parsing import parse
from api.schemas.search import FactsRequest
from api.typed_facts import read_typed_facts
from directory.errors import FieldError, InvalidError

_BEFORE: Final = "about_"

#: What is asked, in this order. Of papers one says which there are, or that there are none.
FACTS_ASKED: Final = (
    *("age", "household_size", "income_month", "children_ages", "housing", "veteran", "pregnant"),
    "documents",
)

#: A box for "none of these": no tick at all is not known.
NO_PAPERS: Final = "about_no_documents"


def read_client(data: Mapping[str, Any]) -> tuple[dict[str, Any], FactsRequest | None]:
    """Split a form into the rest of it and what it tells about a client.

    Raises ``InvalidError`` with the names of the form's fields.
    """
    rest = {name: each for name, each in data.items() if not name.startswith(_BEFORE)}
    typed = {name: _texts(data.get(_BEFORE + name)) for name in FACTS_ASKED}
    told = {name: texts for name, texts in typed.items() if any(text.strip() for text in texts)}
    if data.get(NO_PAPERS) and "documents" not in told:
        told["documents"] = []
    try:
        facts = read_typed_facts(told)
        return rest, parse(FactsRequest, facts) if facts else None
    except InvalidError as error:
        raise by_field(error) from None


def by_field(error: InvalidError) -> InvalidError:
    """Name facts as the form does: ``facts.age`` and ``age`` are ``about_age``."""
    return InvalidError([FieldError(_field(each.path), each.message) for each in error.errors])


def _field(path: str) -> str:
    name = path.removeprefix("facts.").partition(".")[0]
    return _BEFORE + name if name in FACTS_ASKED else path


def _texts(value: Any) -> Sequence[str]:
    if value is None:
        return ()
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def client_form(language: Language, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows: choices, what was ticked, and whether anything was said."""
    said = any(name.startswith(_BEFORE) and value for name, value in data.items())
    return {
        "about_said": said,
        "papers": _choices("documents", language),
        "housings": [("", language.translate("Not known")), *_choices("housing", language)],
        "yes_or_no": [
            ("", language.translate("Not known")),
            ("yes", language.translate("Yes")),
            ("no", language.translate("No")),
        ],
        "papers_ticked": _texts(data.get("about_documents")),
    }


def _choices(fact: str, language: Language) -> list[tuple[str, str]]:
    said = ((code, language.translate(words)) for code, words in CHOICES[fact].items())
    return [(code, words[:1].upper() + words[1:]) for code, words in said]
