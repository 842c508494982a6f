"""Contacts and phones."""

from directory.hsds.cells import Cells
from directory.hsds.mend import phones, words
from directory.hsds.records import Translation
from directory.hsds.translate.languages import add_languages

_OWNERS = ("organization", "service", "service_at_location", "location")


def translate_contacts(translation: Translation) -> None:
    """Translate the people and desks to ask for."""
    translation.each("contact", lambda cells: _contact(translation, cells))


def translate_phones(translation: Translation) -> None:
    """Translate the phone numbers; one row may hold several."""
    translation.each("phone", lambda cells: _phone(translation, cells))


def _contact(translation: Translation, cells: Cells) -> None:
    values = {
        **translation.owners(cells, *_OWNERS),
        "name": cells.get("name", words.line),
        "title": cells.get("title", words.line),
        "department": cells.get("department", words.line),
        "email": cells.get("email", words.email),
    }
    if not any(values[column] for column in ("name", "title", "department", "email")):
        raise cells.refused("name", "names nobody")
    translation.add(cells, "contact", values, key=cells.raw("id"))


def _phone(translation: Translation, cells: Cells) -> None:
    owners = translation.owners(cells, *_OWNERS, "contact")
    numbers = cells.need("number", lambda raw: _some(phones.numbers(raw)))
    extension = cells.get("extension", words.line) or cells.ours("extension") or None
    described = {
        "type": cells.get("type", phones.kind),
        "description": _description(cells),
    }
    for at, number in enumerate(numbers):
        values = {
            **owners,
            "number": number.number,
            "extension": number.extension or extension,
            **described,
        }
        within = f"number {at + 1}" if at else ""
        phone = translation.add(cells, "phone", values, key=cells.raw("id"), within=within)
        add_languages(translation, cells, "phone_id", phone)


def _some(
    mended: tuple[tuple[phones.PhoneNumber, ...], str | None],
) -> tuple[tuple[phones.PhoneNumber, ...] | None, str | None]:
    return mended[0] or None, mended[1]


def _description(cells: Cells) -> str | None:
    """Return what a number is for; Ohana keeps that in a department and a vanity number."""
    described = (
        cells.get("description", words.text),
        cells.get("department", words.line),
        cells.get("vanity_number", words.line),
        "Hotline" if cells.raw("type").casefold() == "hotline" else None,
    )
    return ", ".join(dict.fromkeys(text for text in described if text)) or None
