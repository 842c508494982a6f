"""what changed in search rows and calendars is written down, for what is held in memory.

A later migration that makes one of these tables anew on SQLite has to call ``make_triggers`` again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: For each table that is watched: the search row that a changed row of it is about, and whether
#: that is about its calendar alone.
WATCHED = {
    "search_entry": ("{row}.id", False),
    "slot": ("{row}.service_at_location_id", True),
    "availability_window": ("{row}.service_at_location_id", True),
    "slot_place": ("(SELECT service_at_location_id FROM slot WHERE id = {row}.slot_id)", True),
}
EVENTS = {"INSERT": ("inserted", "new"), "UPDATE": ("updated", "new"), "DELETE": ("deleted", "old")}

#: PostgreSQL looks at what a whole statement changed.
FUNCTION = """CREATE FUNCTION note_changes_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_change (entry_id, in_calendar)
        SELECT DISTINCT {about}, {in_calendar} FROM changed;
    RETURN NULL;
END $$"""
EMPTIED = """CREATE FUNCTION note_search_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_change (entry_id) VALUES (NULL);
    RETURN NULL;
END $$"""


def make_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, (about, in_calendar) in WATCHED.items():
            for event, (name, row) in EVENTS.items():
                op.execute(
                    f"CREATE TRIGGER search_change_{table}_{name} AFTER {event} ON {table} BEGIN"
                    " INSERT INTO search_change (entry_id, in_calendar)"
                    f" VALUES ({about.format(row=row)}, {int(in_calendar)}); END"
                )
        return
    for table, (about, in_calendar) in WATCHED.items():
        about = about.format(row="changed")
        op.execute(FUNCTION.format(table=table, about=about, in_calendar=in_calendar))
        for event, (name, row) in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER search_change_{table}_{name} AFTER {event} ON {table}"
                f" REFERENCING {row} TABLE AS changed"
                f" FOR EACH STATEMENT EXECUTE FUNCTION note_changes_of_{table}()"
            )
    op.execute(EMPTIED)
    op.execute(
        "CREATE TRIGGER search_change_emptied AFTER TRUNCATE ON search_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION note_search_emptied()"
    )


def upgrade() -> None:
    op.create_table(
        "search_change",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("in_calendar", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_search_change")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "ALTER TABLE search_change ADD transaction bigint NOT NULL"
            " DEFAULT pg_current_xact_id()::text::bigint"
        )
        op.execute("CREATE INDEX ix_search_change_transaction ON search_change (transaction)")
    make_triggers()


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in WATCHED:
        for name, _ in EVENTS.values():
            on = "" if is_sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER search_change_{table}_{name}{on}")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION note_changes_of_{table}()")
    if not is_sqlite:
        op.execute("DROP TRIGGER search_change_emptied ON search_entry")
        op.execute("DROP FUNCTION note_search_emptied()")
    op.drop_table("search_change")
