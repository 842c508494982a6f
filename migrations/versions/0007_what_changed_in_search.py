"""which search rows changed is written down, for copies of them in memory.

A later migration that makes ``search_entry`` anew on SQLite has to call ``make_triggers`` again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: SQLite looks at each row; the number of a row follows the one before, also of one that is gone.
SQLITE = {
    "search_change_inserted": ("AFTER INSERT", "new"),
    "search_change_deleted": ("AFTER DELETE", "old"),
    "search_change_updated": ("AFTER UPDATE", "new"),
}

#: PostgreSQL looks at what a whole statement changed, and at nothing where it empties the table.
POSTGRESQL = {
    "search_change_inserted": "AFTER INSERT ON search_entry REFERENCING NEW TABLE AS changed",
    "search_change_deleted": "AFTER DELETE ON search_entry REFERENCING OLD TABLE AS changed",
    "search_change_updated": "AFTER UPDATE ON search_entry REFERENCING NEW TABLE AS changed",
    "search_change_emptied": "AFTER TRUNCATE ON search_entry",
}
FUNCTION = """CREATE FUNCTION note_search_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO search_change (entry_id) VALUES (NULL);
    ELSE
        INSERT INTO search_change (entry_id) SELECT id FROM changed;
    END IF;
    RETURN NULL;
END $$"""


def make_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, (when, row) in SQLITE.items():
            op.execute(
                f"CREATE TRIGGER {name} {when} ON search_entry BEGIN"
                f" INSERT INTO search_change (entry_id) VALUES ({row}.id); END"
            )
        return
    op.execute(FUNCTION)
    for name, when in POSTGRESQL.items():
        op.execute(
            f"CREATE TRIGGER {name} {when} FOR EACH STATEMENT EXECUTE FUNCTION note_search_changes()"
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
    if op.get_bind().dialect.name == "sqlite":
        for name in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name in POSTGRESQL:
            op.execute(f"DROP TRIGGER {name} ON search_entry")
        op.execute("DROP FUNCTION note_search_changes()")
    op.drop_table("search_change")
