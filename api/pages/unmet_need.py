"""What people look for and do not find, for the network's administrators and who funds it."""

from typing import Any

from litestar import Response, get

from api.authentication import ADMINISTRATORS
from api.dependencies import InjectedDatabase, Now
from api.handlers.unmet_need import Quarter, csv_of
from api.pages.rendering import AnyRequest, language_of, page
from api.unmet_need_words import area_words, need_words, quarter_words, reason_words, write_csv
from directory.queries.unmet_need import NoReportYetError, get_report
from directory.small_cells import LEAST
from directory.unmet_need_report import next_report_on, worst_places

#: How many needs and places are told above the table.
WORST = 5


@get("/network/unmet-need", guards=[ADMINISTRATORS], include_in_schema=False, sync_to_thread=True)
def show_unmet_need(
    request: AnyRequest, database: InjectedDatabase, now: Now, quarter: Quarter = None
) -> Response[Any]:
    """Show the report of a quarter, the newest if none is named."""
    language = language_of(request)
    try:
        with database.reading() as session:
            report, quarters = get_report(session, quarter)
    except NoReportYetError:
        report, quarters = None, []
    return page(
        request,
        "unmet-need.html",
        report=report,
        quarters=quarters,
        worst=worst_places(report, WORST) if report else [],
        next_report_on=next_report_on(now),
        least=LEAST,
        quarter_words=lambda each: quarter_words(each, language),
        need_words=lambda each: need_words(each, language),
        area_words=lambda each: area_words(each, language),
        reason_words=lambda each: reason_words(each, language),
    )


@get(
    "/network/unmet-need.csv",
    guards=[ADMINISTRATORS],
    include_in_schema=False,
    sync_to_thread=True,
)
def get_csv(
    request: AnyRequest, database: InjectedDatabase, quarter: Quarter = None
) -> Response[str]:
    """Return the same as a file for a spreadsheet."""
    with database.reading() as session:
        report, _quarters = get_report(session, quarter)
    return csv_of(write_csv(report, language_of(request)), str(report.quarter))


HANDLERS = [show_unmet_need, get_csv]
