"""The network at a glance, for its administrators: how much there is, and how old it is."""

from typing import Any

from litestar import Response, get

from api.authentication import ADMINISTRATORS
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.pages.rendering import AnyRequest, page
from directory.queries.agencies import count_directory
from directory.queries.imports import count_places_to_review
from directory.queries.outbox import count_messages
from directory.queries.suggestions import count_open_suggestions
from directory.queries.verifications import count_truth
from scheduling.queries.desks import count_scheduling


@get("/network", guards=[ADMINISTRATORS], include_in_schema=False, sync_to_thread=True)
def show_network(
    request: AnyRequest, database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[Any]:
    """Show the counts."""
    with database.reading() as session:
        return page(
            request,
            "network.html",
            directory=count_directory(session, now=now),
            scheduling=count_scheduling(session),
            places_to_review=count_places_to_review(session),
            open_suggestions=count_open_suggestions(session, viewer),
            truth=count_truth(session, now=now),
            mail=count_messages(session, now=now),
        )


HANDLERS = [show_network]
