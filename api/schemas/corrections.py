"""The shapes of what readers say is wrong, of what looks the same, and of merges."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from api.schemas.search import NamedReply
from api.schemas.shapes import Instant, Latitude, Longitude, Reply, Request

Subject = Literal[
    "hours", "phone", "address", "eligibility", "documents", "cost", "openings", "other"
]


class MakeSuggestion(Request):
    """What is wrong with a listing. ``listing_id`` is a search result's ``id``."""

    listing_id: UUID
    about: Subject
    words: Annotated[str, Meta(min_length=5, max_length=1000)]


class DecideSuggestion(Request):
    """What became of it, in a few words for colleagues."""

    answer: Annotated[str, Meta(max_length=500)] | None = None


class SuggestionReply(Reply):
    """What a reader said is wrong, and what became of that."""

    id: UUID
    service: NamedReply
    service_at_location_id: UUID | None
    about: str
    words: str
    state: str
    created_at: Instant
    decided_at: Instant | None
    answer: str | None


class ReceivedReply(Reply):
    """It was kept. There is nothing for the reader to come back to."""

    state: str


class CompareListing(Request):
    """Something about to be written, to be compared with what is there."""

    name: Annotated[str, Meta(min_length=1, max_length=300)]
    alternate_name: Annotated[str, Meta(max_length=300)] = ""
    phones: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=10)] = []
    street: Annotated[str, Meta(max_length=300)] = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class AlikeReply(Reply):
    """A listing that may be the same: how likely, 0 to 100, and by what signs."""

    id: UUID
    name: str
    organization_name: str
    score: int
    signs: list[str]


class MergeRequest(Request):
    """Two records that are the same: ``merged_id`` becomes part of ``kept_id``."""

    kind: Literal["organization", "service", "location"]
    kept_id: UUID
    merged_id: UUID


class MergeReply(Reply):
    """A merge, by the identifier under which it can be undone."""

    id: UUID
    kind: str
    kept_id: UUID
    merged_id: UUID
    merged_at: Instant
    undone_at: Instant | None
