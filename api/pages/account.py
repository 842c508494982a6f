"""One's own account, and the address of one's calendar."""

from typing import Any

from litestar import Response, get, post
from litestar.status_codes import HTTP_200_OK

from api.authentication import requires
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.languages import marked as _
from api.pages.rendering import AnyRequest, page
from api.pages.times import times_for
from directory.commands.accounts import renew_calendar_feed
from directory.errors import NotFoundError
from directory.models.accounts import Role
from directory.queries.agencies import get_account

#: Everybody who has signed in, whatever their role.
ANY_ACCOUNT = requires(*Role)

ROLE_WORDS = {
    Role.PUBLISHER: _("Front desk: says what is open and publishes windows"),
    Role.COORDINATOR: _("Coordinator: books for clients"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.AUDITOR: _("Auditor"),
}


@get("/account", guards=[ANY_ACCOUNT], include_in_schema=False, sync_to_thread=True)
def show_account(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show who has signed in."""
    with database.reading() as session:
        return page(
            request,
            "account.html",
            account=get_account(session, viewer.account_id),
            times=times_for(request, session, viewer, settings, now),
            roles=ROLE_WORDS,
            calendar_url=None,
        )


@post(
    "/account/calendar",
    guards=[ANY_ACCOUNT],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_calendar(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Make a new calendar address and show it, this once; the one before stops working.

    It is the answer itself: an address that was redirected to would have to name the secret.
    """
    if viewer.account_id is None:
        raise NotFoundError("account")
    with database.transaction() as session:
        token = renew_calendar_feed(session, viewer.account_id, now=now)
        session.flush()  # the page reads it
        return page(
            request,
            "account.html",
            account=get_account(session, viewer.account_id),
            times=times_for(request, session, viewer, settings, now),
            roles=ROLE_WORDS,
            calendar_url=f"{settings.public_url}/calendars/{token}.ics",
        )


HANDLERS = [show_account, post_calendar]
