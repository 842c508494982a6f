"""Words made comparable: without case, accents or punctuation."""

import re
import unicodedata

_NOT_A_WORD = re.compile(r"[^\w]+", re.UNICODE)


def fold(text: str) -> str:
    """Return the words of a text, folded, with one space between them.

    "Café  d'Été" becomes "cafe d ete", and "їжа" is found by "Їжа" on every database.
    """
    if text.isascii():  # most are, and have no accents
        return _NOT_A_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_A_WORD.sub(" ", bare.casefold()).strip()


def one_word(code: str) -> str:
    """Return a code without spaces, so that it can stand in a list with spaces between."""
    return "_".join(code.split())
