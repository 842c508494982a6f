"""To add a sentence: put its msgid and Spanish into ``api/locale/es/LC_MESSAGES/messages.po``."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from api.languages import LOCALE
from tests.api.pages.translatable import translatable


@pytest.fixture(scope="module")
def spanish() -> Catalog:
    with (LOCALE / "es" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="es")


def test_every_sentence_is_there_in_spanish(spanish: Catalog) -> None:
    missing = [text for text in sorted(translatable()) if not _translation(spanish, text)]

    assert missing == []


def test_no_translation_is_a_guess(spanish: Catalog) -> None:
    assert [message.id for message in spanish if message.id and message.fuzzy] == []


def test_nothing_is_translated_that_nobody_says(spanish: Catalog) -> None:
    assert {str(message.id) for message in spanish if message.id} - translatable() == set()


def test_translations_keep_what_is_filled_in(spanish: Catalog) -> None:
    for message in spanish:
        assert _slots(str(message.id)) == _slots(str(message.string)) or not message.id


def _translation(catalog: Catalog, text: str) -> str:
    message = catalog.get(text)
    return str(message.string) if message else ""


def _slots(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}|%\(\w+\)s", text))
