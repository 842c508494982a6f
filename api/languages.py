"""The languages that pages are in, from the catalogues in ``api/locale``."""

from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "es": "Español"}


class Language(NamedTuple):
    """A language people read: its tag, and how to say an English sentence in it."""

    tag: str
    translate: Callable[[str], str]


def marked(message: str) -> str:
    """Mark a text for translation, imported as ``_``; the page that shows it translates it."""
    return message


@cache
def language(tag: str) -> Language:
    """Return one of ``LANGUAGES``."""
    return Language(tag, translations(tag).gettext)


@cache
def translations(tag: str) -> NullTranslations:
    """Compile a language's catalogue in memory: what is kept is what people can read."""
    path = LOCALE / tag / "LC_MESSAGES" / "messages.po"
    if not path.exists():  # English is the source
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=tag))
    compiled.seek(0)
    return GNUTranslations(compiled)


def choose_language(wish: str | None, accepted: str | None) -> Language:
    """Return the language that was asked for, else the best of an Accept-Language header."""
    if wish in LANGUAGES:
        return language(wish)
    tags = [part.split(";")[0].strip() for part in (accepted or "").split(",")]
    return language(negotiate_locale(tags, LANGUAGES, sep="-") or "en")
