"""Mending words: text, lists, yes and no, e-mail and web addresses."""

import html
import re
import unicodedata
from typing import Final

from directory.hsds.mend import CannotMendError, Mended

#: What spreadsheets and databases write where they have nothing. "None" is not among them:
#: as a fee or an eligibility rule it is an answer.
_NOTHING: Final = frozenset({"na", "n/a", "#n/a", "null", "nil", "nan", "\\n"})
_ENTITY: Final = re.compile(r"&(#\d+|#x[0-9a-f]+|[a-z]\w*);", re.IGNORECASE)
#: Control characters, characters without width, and marks that turn the text around them.
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\u202a-\u202e\u2066-\u2069]"
)
_YES: Final = frozenset({"true", "t", "yes", "y", "1"})
_NO: Final = frozenset({"false", "f", "no", "n", "0", ""})
_EMAIL: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_HOST: Final = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,24}(:\d+)?(/.*)?", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_COMMA: Final = re.compile(r",(?![^(]*\))")  # not one inside brackets


def text(raw: str) -> Mended[str | None]:
    """Return the words with one kind of line end and no character references.

    Spaces around them are not worth a note; what stood for "nothing" is None.
    """
    words = _tidy(raw)
    if not words:
        return None, None
    plain = _without_entities(words)
    if plain.casefold() in _NOTHING:
        return None, "stands for nothing"
    return plain or None, None if plain == words else "character references written out"


def line(raw: str) -> Mended[str | None]:
    """Return the words on one line."""
    words, note = text(raw)
    return (" ".join(words.split()) or None if words else None), note


def items(raw: str) -> Mended[tuple[str, ...]]:
    """Return the parts of a list written with commas, each once, in their order."""
    words, note = line(raw)
    parts = (part.strip() for part in _COMMA.split(words or ""))
    return tuple(dict.fromkeys(part for part in parts if part)), note


def boolean(raw: str) -> Mended[bool]:
    """Return yes or no; an empty cell is no."""
    word = raw.strip().casefold()
    if word in _YES:
        return True, None
    if word in _NO or word in _NOTHING:
        return False, None
    raise CannotMendError("neither yes nor no")


def email(raw: str) -> Mended[str | None]:
    """Return an e-mail address without what links put before it."""
    words, note = line(raw)
    if words is None:
        return None, note
    address = words.removeprefix("mailto:").strip("<>")
    if not _EMAIL.fullmatch(address):
        raise CannotMendError("not an e-mail address")
    return address, note if address == words else "only the address kept"


def url(raw: str) -> Mended[str | None]:
    """Return a web address that begins with http or https, and refuse every other kind."""
    words, note = line(raw)
    if words is None:
        return None, note
    scheme = _SCHEME.match(words)
    if scheme and scheme[1].casefold() in {"http", "https"} and not re.search(r"\s", words):
        return words, note
    if _HOST.fullmatch(words):
        return f"http://{words}", "http:// put before it"
    raise CannotMendError("not a web address")


def _tidy(raw: str) -> str:
    if raw.isascii() and raw.isprintable():
        return raw.strip()
    words = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return _UNSEEN.sub("", words.replace("\xa0", " ")).strip()


def _without_entities(words: str) -> str:
    return _tidy(html.unescape(words)) if "&" in words and _ENTITY.search(words) else words
