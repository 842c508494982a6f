"""What came in from elsewhere, and what became of it, for administrators."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from api.authentication import ADMINISTRATORS
from api.dependencies import InjectedDatabase, Now
from api.languages import marked as _
from api.pages.rendering import AnyRequest, page
from directory.hsds.report import ImportReport, Mend, ReasonRow, Refusal
from directory.queries.imports import find_import_runs, get_import_run

OUTCOME_WORDS = {"applied": _("Taken"), "refused": _("Refused; nothing was changed")}
KIND_WORDS = {"refused": _("refused"), "mended": _("put right")}

#: The columns of the table, and what the report calls them.
COUNT_WORDS = {
    "read": _("read"),
    "added": _("new"),
    "changed": _("changed"),
    "unchanged": _("the same"),
    "mended": _("put right"),
    "refused": _("refused"),
    "gone": _("gone"),
}


@get("/network/imports", guards=[ADMINISTRATORS], include_in_schema=False, sync_to_thread=True)
def show_imports(request: AnyRequest, database: InjectedDatabase, now: Now) -> Response[Any]:
    """List the last imports."""
    with database.reading() as session:
        runs = find_import_runs(session)
        return page(request, "imports.html", runs=runs, outcomes=OUTCOME_WORDS, now=now)


@get(
    "/network/imports/{run_id:uuid}",
    guards=[ADMINISTRATORS],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_import(
    request: AnyRequest, run_id: FromPath[UUID], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Show one import: how many rows of what, and what was refused or put right, and why."""
    with database.reading() as session:
        run = get_import_run(session, run_id)
        return page(
            request,
            "import.html",
            run=run,
            report=run["report"],
            reasons=reasons_of(run["report"]),
            counts=COUNT_WORDS,
            kinds=KIND_WORDS,
            outcomes=OUTCOME_WORDS,
            now=now,
        )


def reasons_of(report: Mapping[str, Any]) -> list[ReasonRow]:
    """Return what was refused and put right, by file, field and reason; most frequent first."""
    told = ImportReport(
        source=report.get("source", ""),
        mends=[Mend(**each) for each in report.get("mends", ())],
        refusals=[Refusal(**each) for each in report.get("refusals", ())],
    )
    return told.reason_rows()


HANDLERS = [show_imports, show_import]
