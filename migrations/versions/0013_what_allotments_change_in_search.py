"""agreements replace each other; what allotments open or close elsewhere is written down.

A place that is taken in one slot may close another slot of the same allotment's week for the
public: triggers note all of them (see 0007). A later migration that makes one of these tables anew
on SQLite has to call ``make_triggers`` again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

#: The places of all slots that share the week of an allotment with some slot.
BESIDE = (
    "SELECT DISTINCT s.service_at_location_id, {true} FROM allotment_slot mine"
    " JOIN allotment_slot beside ON beside.allotment_id = mine.allotment_id"
    " AND beside.week_on = mine.week_on JOIN slot s ON s.id = beside.slot_id"
)
COVERED = (
    "SELECT DISTINCT s.service_at_location_id, {true} FROM allotment_slot beside"
    " JOIN slot s ON s.id = beside.slot_id"
)

#: For each table that is watched: which places a changed row of it is about.
WATCHED = {
    "slot_place": f"{BESIDE} WHERE mine.slot_id {{of}}slot_id)",
    "slot": f"{BESIDE} WHERE mine.slot_id {{of}}id)",
    "availability_window": (
        f"{BESIDE} JOIN slot its ON its.id = mine.slot_id WHERE its.window_id {{of}}id)"
    ),
    "allotment_slot": (
        f"{BESIDE} WHERE mine.allotment_id {{of}}allotment_id)"
        " UNION SELECT service_at_location_id, {true} FROM slot WHERE id {of}slot_id)"
    ),
    "allotment_place": f"{COVERED} WHERE beside.allotment_id {{of}}allotment_id)",
    "allotment": f"{COVERED} WHERE beside.allotment_id {{of}}id)",
    "agreement": (
        f"{COVERED} JOIN allotment a ON a.id = beside.allotment_id WHERE a.agreement_id {{of}}id)"
    ),
}
EVENTS = {"INSERT": ("inserted", "new"), "UPDATE": ("updated", "new"), "DELETE": ("deleted", "old")}

FUNCTION = """CREATE FUNCTION note_allotments_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_change (entry_id, in_calendar) {about};
    RETURN NULL;
END $$"""


def make_triggers() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, about in WATCHED.items():
        if not is_sqlite:
            places = about.format(true="true", of="IN (SELECT changed.")
            places = places.replace("_id)", "_id FROM changed)").replace(
                "changed.id)", "changed.id FROM changed)"
            )
            op.execute(FUNCTION.format(table=table, about=places))
        for event, (name, row) in EVENTS.items():
            if is_sqlite:
                places = about.format(true="1", of=f"IN ({row}.")
                op.execute(
                    f"CREATE TRIGGER allotment_change_{table}_{name} AFTER {event} ON {table} BEGIN"
                    f" INSERT INTO search_change (entry_id, in_calendar) {places}; END"
                )
            else:
                op.execute(
                    f"CREATE TRIGGER allotment_change_{table}_{name} AFTER {event} ON {table}"
                    f" REFERENCING {row} TABLE AS changed"
                    f" FOR EACH STATEMENT EXECUTE FUNCTION note_allotments_of_{table}()"
                )


def upgrade() -> None:
    with op.batch_alter_table("agreement") as batch_op:
        batch_op.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_agreement_replaces_id"), ["replaces_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_agreement_replaces_id_agreement"), "agreement", ["replaces_id"], ["id"]
        )
    make_triggers()


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in WATCHED:
        for name, _ in EVENTS.values():
            on = "" if is_sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER allotment_change_{table}_{name}{on}")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION note_allotments_of_{table}()")
    with op.batch_alter_table("agreement") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_agreement_replaces_id_agreement"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_agreement_replaces_id"))
        batch_op.drop_column("replaces_id")
