"""what an allotment's slots change is looked up in their week alone.

As 0013 noted it, each new slot of an allotment went through all its slots, with all those beside
each: laying one over ninety days of a dozen windows kept every other writer waiting for seconds.
A later migration that makes this table anew on SQLite has to call ``make_triggers`` again.
"""

from collections.abc import Mapping

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

EVENTS = {"INSERT": ("inserted", "new"), "UPDATE": ("updated", "new"), "DELETE": ("deleted", "old")}

#: The places of all slots that share the week of the allotment, by database.
BESIDE = (
    "SELECT s.service_at_location_id, {true} FROM allotment_slot beside"
    " JOIN slot s ON s.id = beside.slot_id WHERE (beside.allotment_id, beside.week_on) {those}"
    " UNION SELECT service_at_location_id, {true} FROM slot WHERE id {its}"
)
SQLITE = {
    "true": "1",
    "those": "= ({row}.allotment_id, {row}.week_on)",
    "its": "= {row}.slot_id",
}
POSTGRESQL = {
    "true": "true",
    "those": "IN (SELECT changed.allotment_id, changed.week_on FROM changed)",
    "its": "IN (SELECT changed.slot_id FROM changed)",
}

#: As 0013 had it.
BEFORE = (
    "SELECT DISTINCT s.service_at_location_id, {true} FROM allotment_slot mine"
    " JOIN allotment_slot beside ON beside.allotment_id = mine.allotment_id"
    " AND beside.week_on = mine.week_on JOIN slot s ON s.id = beside.slot_id"
    " WHERE mine.allotment_id {those} UNION SELECT service_at_location_id, {true}"
    " FROM slot WHERE id {its}"
)
SQLITE_BEFORE = SQLITE | {"those": "IN ({row}.allotment_id)"}
POSTGRESQL_BEFORE = POSTGRESQL | {"those": "IN (SELECT changed.allotment_id FROM changed)"}


def make_triggers(
    about: str = BESIDE,
    sqlite: Mapping[str, str] = SQLITE,
    postgresql: Mapping[str, str] = POSTGRESQL,
) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE OR REPLACE FUNCTION note_allotments_of_allotment_slot()"
            " RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" INSERT INTO search_change (entry_id, in_calendar) {about.format(**postgresql)};"
            " RETURN NULL; END $$"
        )
        return
    for event, (name, row) in EVENTS.items():
        places = about.format(**sqlite).format(row=row)
        op.execute(f"DROP TRIGGER IF EXISTS allotment_change_allotment_slot_{name}")
        op.execute(
            f"CREATE TRIGGER allotment_change_allotment_slot_{name} AFTER {event}"
            " ON allotment_slot BEGIN"
            f" INSERT INTO search_change (entry_id, in_calendar) {places}; END"
        )


def upgrade() -> None:
    make_triggers()


def downgrade() -> None:
    make_triggers(BEFORE, SQLITE_BEFORE, POSTGRESQL_BEFORE)
