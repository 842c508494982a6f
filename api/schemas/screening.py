"""The shapes of a screening: the next question, and what the answers so far have decided."""

from typing import Annotated

from msgspec import Meta

from api.schemas.search import SearchReply, SearchRequest
from api.schemas.shapes import Reply


class ScreeningRequest(SearchRequest):
    """A search, and the facts that somebody was asked for and would not tell."""

    skip: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=30)] = []


class ChoiceReply(Reply):
    """Something that can be answered: its code, and what people call it."""

    code: str
    words: str


class QuestionReply(Reply):
    """The next question. Its answer goes into ``facts`` under the name that is in ``fact``.

    ``kind`` is what the answer is: a number, a whole number, yes or no, one of a list, a code,
    some of a list, some codes, some numbers. ``low`` and ``high`` bound numbers. ``services`` is
    of how many undecided results the answer is a part.
    """

    fact: str
    kind: str
    question: str
    why: str
    hint: str
    choices: list[ChoiceReply]
    low: int | None
    high: int | None
    services: int


class CountsReply(Reply):
    """How many services that were asked about are for somebody, are not, may be, or do not say."""

    eligible: int
    not_eligible: int
    needs_more: int
    not_stated: int


class ScreeningReply(Reply):
    """``question`` is null when nothing that is open is worth one. Nothing of this is kept."""

    question: QuestionReply | None
    counts: CountsReply
    search: SearchReply
