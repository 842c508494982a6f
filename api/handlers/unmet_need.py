"""What people look for and do not find: the reports of quarters that are over."""

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from api.authentication import ADMINISTRATORS
from api.dependencies import InjectedDatabase
from api.languages import language
from api.problems import problem_responses
from api.schemas.unmet_need import UnmetNeedReply
from api.unmet_need_words import write_csv
from directory.queries.unmet_need import get_report

CSV = "text/csv"

Quarter = Annotated[
    str | None,
    QueryParameter(name="quarter", description="Such as `2030-Q2`; the newest if left out."),
]


@get(
    "/unmet-need",
    operation_id="get_unmet_need",
    tags=["Reports"],
    guards=[ADMINISTRATORS],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 404, 422),
)
def show_unmet_need(database: InjectedDatabase, quarter: Quarter = None) -> UnmetNeedReply:
    """Return what was searched for in a quarter, and how it ended. No number is below 11."""
    with database.reading() as session:
        report, quarters = get_report(session, quarter)
    return UnmetNeedReply.of_report(report, [str(each) for each in quarters])


@get(
    "/unmet-need.csv",
    operation_id="get_unmet_need_as_csv",
    tags=["Reports"],
    guards=[ADMINISTRATORS],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 404, 422),
    media_type=CSV,
)
def show_unmet_need_as_csv(database: InjectedDatabase, quarter: Quarter = None) -> Response[str]:
    """Return the same as CSV: a row for each need and area, empty where nothing is shown."""
    with database.reading() as session:
        report, _quarters = get_report(session, quarter)
    return csv_of(write_csv(report, language("en")), str(report.quarter))


def csv_of(text: str, quarter: str) -> Response[str]:
    """Return CSV as a file to keep."""
    name = f"unmet-need-{quarter}.csv"
    return Response(
        text,
        media_type=f"{CSV}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


HANDLERS = [show_unmet_need, show_unmet_need_as_csv]
