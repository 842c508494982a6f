"""Random edits and undos against a plain model, on both databases."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from directory.commands.records.errors import ChangedSinceError, StillReferredToError
from directory.database import Database
from directory.models.accounts import Role
from tests.directory.records.conftest import Editor
from tests.directory.records.test_undo import contents
from tests.factories import make_organization, make_viewer

NAMES = st.sampled_from(["One", "Two", "Three"])
PHONES = st.lists(
    st.fixed_dictionaries({"number": st.sampled_from(["211", "988", "(517) 555-0101"])}),
    max_size=3,
    unique_by=lambda phone: phone["number"],
)
NEEDS = st.lists(st.sampled_from(["food", "shelter", "jobs"]), unique=True)
FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "name": NAMES,
    "alert": st.none() | NAMES,
    "minimum_age": st.none() | st.integers(0, 20),
    "phones": PHONES,
    "needs": NEEDS,
}
VALUES = st.fixed_dictionaries({}, optional=dict(FIELDS))
STEPS = st.lists(
    st.tuples(st.sampled_from(["change", "create", "remove", "undo"]), st.integers(0, 9), VALUES),
    max_size=12,
)

#: All but explaining, which takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)

Model = dict[UUID, dict[str, Any]]


def model_of(values: Mapping[str, Any]) -> dict[str, Any]:
    blank: dict[str, Any] = {
        "name": "New",
        "alert": None,
        "minimum_age": None,
        "phones": [],
        "needs": [],
    }
    return {name: _plain(values.get(name, value)) for name, value in blank.items()}


def _plain(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return sorted(each["number"] if isinstance(each, dict) else each for each in value)


def seen(editor: Editor) -> Model:
    """The services as they are."""
    terms = {row["id"]: row["code"] for row in editor.rows("taxonomy_term")}
    found: Model = {}
    for row in editor.rows("service"):
        needs = editor.rows("attribute", link_id=row["id"])
        found[row["id"]] = {
            "name": row["name"],
            "alert": row["alert"],
            "minimum_age": row["minimum_age"],
            "phones": sorted(p["number"] for p in editor.rows("phone", service_id=row["id"])),
            "needs": sorted(terms[each["taxonomy_term_id"]] for each in needs),
        }
    return found


class Story:
    """What was done, beside what ought to have become of it."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.model: Model = {}
        self.changes: list[UUID] = []

    def play(self, what: str, which: int, values: dict[str, Any]) -> None:
        self.editor = self.editor.later()
        if what == "create":
            made = self.editor.create("service", **{"name": "New", **values})
            self.model[made] = model_of(values)
            self.changes.append(self.editor.last_change())
        elif what == "undo" and self.changes:
            self.undo(self.changes[which % len(self.changes)])
        elif self.model:
            record_id = sorted(self.model)[which % len(self.model)]
            if what == "remove":
                self.changes.append(self.editor.remove("service", record_id).id)
                del self.model[record_id]
            elif what == "change":
                before = len(self.editor.rows("metadata"))
                change = self.editor.change("service", record_id, **values)
                if len(self.editor.rows("metadata")) > before:
                    self.changes.append(change.id)
                self.model[record_id] |= {n: _plain(v) for n, v in values.items()}

    def undo(self, change_id: UUID) -> None:
        """Undo any change: it is refused whole, or it is done whole."""
        before = contents(self.editor)
        try:
            with self.editor.session.begin_nested():
                undone = self.editor.undo(change_id)
        except (ChangedSinceError, StillReferredToError):
            assert contents(self.editor) == before
        else:
            self.changes.append(undone.id)
            self.model = seen(self.editor)


def play(session: Session, steps: list[tuple[str, int, dict[str, Any]]]) -> None:
    organization = make_organization(session)
    story = Story(Editor(session, make_viewer(session, organization, Role.PUBLISHER)))
    start = contents(story.editor)
    for step in steps:
        story.play(*step)
        assert seen(story.editor) == story.model

    for change_id in reversed(story.changes):
        story.editor = story.editor.later()
        story.editor.undo(change_id)
    assert contents(story.editor) == start


def run(database: Database, examples: int) -> None:
    @settings(
        max_examples=examples, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck)
    )
    @given(STEPS)
    def after_undoing_all_the_directory_is_as_it_was(steps: Any) -> None:
        with database.transaction() as session:
            play(session, steps)
            session.rollback()

    after_undoing_all_the_directory_is_as_it_was()


def test_undoing_all_in_reverse_leads_back_to_the_start(database: Database) -> None:
    run(database, examples=40 if database.is_sqlite else 15)


@pytest.mark.long
def test_undoing_all_in_reverse_leads_back_to_the_start_all_night(database: Database) -> None:
    run(database, examples=5_000)


def test_the_model_sees_what_there_is(database: Database) -> None:
    with database.transaction() as session:
        assert session.connection().execute(sa.text("SELECT count(*) FROM service")).scalar() == 0
        play(session, [("create", 0, {}), ("change", 0, {"name": "One"}), ("remove", 0, {}),
                       ("undo", 1, {}), ("undo", 2, {}), ("undo", 0, {})])  # fmt: skip
        session.rollback()
