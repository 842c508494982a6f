"""Phones, contacts and languages, as they are edited."""

from collections.abc import Iterator

from msgspec import UNSET, UnsetType

from directory import field_rules as rules
from directory.errors import FieldError
from directory.kinds.specs import Part, PartSpec, Spec, Text, Values

#: The kinds of number that RFC 6350 knows.
PHONE_TYPES = ("voice", "text", "fax", "cell", "video", "pager", "textphone")


class LanguageDraft(Part):
    """A language that is spoken there."""

    name: Text = UNSET
    code: Text = UNSET
    note: Text = UNSET


class PhoneDraft(Part):
    """A number to call."""

    number: Text = UNSET
    extension: Text = UNSET
    type: Text = UNSET
    description: Text = UNSET
    languages: list[LanguageDraft] | UnsetType = UNSET


class ContactDraft(Part):
    """A person or desk to ask for."""

    name: Text = UNSET
    title: Text = UNSET
    department: Text = UNSET
    email: Text = UNSET
    phones: list[PhoneDraft] | UnsetType = UNSET


def _named_language(values: Values) -> Iterator[FieldError]:
    if not values["name"] and not values["code"]:
        yield FieldError("code", "Give a language by its code of 2 or 3 letters, such as es.")


def _somebody(values: Values) -> Iterator[FieldError]:
    if not any(values[name] for name in ("name", "title", "department", "email")):
        yield FieldError("name", "Give a name, a title, a department or an e-mail address.")


LANGUAGE = Spec(
    "language",
    "language",
    {"name": rules.short, "code": rules.language_code, "note": rules.short},
    together=_named_language,
)
PHONE = Spec(
    "phone",
    "phone",
    {
        "number": rules.phone_number,
        "extension": rules.extension,
        "type": rules.one_word_of(*PHONE_TYPES),
        "description": rules.short,
    },
    needed={"number": "Give one phone number, such as (517) 555-0123."},
    parts={"languages": PartSpec(LANGUAGE, "phone_id")},
)
CONTACT = Spec(
    "contact",
    "contact",
    {
        "name": rules.short,
        "title": rules.short,
        "department": rules.short,
        "email": rules.email,
    },
    together=_somebody,
    parts={"phones": PartSpec(PHONE, "contact_id")},
)
