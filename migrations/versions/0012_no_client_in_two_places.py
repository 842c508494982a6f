"""no client of an agency has two appointments at one time: the database itself refuses it.

A later migration that makes ``appointment`` anew on SQLite has to call ``make_triggers`` again.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: While it is one of these, an appointment takes up its client's time.
LIVE = "('pending', 'booked', 'arrived', 'fulfilled')"

#: Another live appointment of the same client that overlaps; one may begin as another ends.
OVERLAPPING = f"""SELECT 1 FROM appointment AS other
    JOIN slot AS theirs ON theirs.id = other.slot_id
    JOIN slot AS mine ON mine.id = NEW.slot_id
    WHERE other.organization_id = NEW.organization_id
      AND other.client_handle = NEW.client_handle
      AND other.id <> NEW.id
      AND other.status IN {LIVE}
      AND theirs.starts_at < mine.ends_at AND mine.starts_at < theirs.ends_at"""

TAKES_TIME = (
    f"NEW.organization_id IS NOT NULL AND NEW.client_handle IS NOT NULL AND NEW.status IN {LIVE}"
)
COLUMNS = "slot_id, status, organization_id, client_handle"

#: Two that are written at the same moment do not see each other: the second waits for the first,
#: under the name that the scheduler locks too (``lock_name``).
FUNCTION = f"""CREATE FUNCTION refuse_busy_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(
        'client ' || NEW.organization_id || ' ' || NEW.client_handle, 0));
    IF EXISTS ({OVERLAPPING}) THEN
        RAISE EXCEPTION 'client-busy' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NEW;
END $$"""


def make_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, event in (("inserted", "INSERT"), ("updated", f"UPDATE OF {COLUMNS}")):
            op.execute(
                f"CREATE TRIGGER appointment_client_busy_{name} BEFORE {event} ON appointment"
                f" WHEN {TAKES_TIME} BEGIN"
                f" SELECT RAISE(ABORT, 'client-busy') WHERE EXISTS ({OVERLAPPING}); END"
            )
        return
    op.execute(FUNCTION)
    op.execute(
        f"CREATE TRIGGER appointment_client_busy BEFORE INSERT OR UPDATE OF {COLUMNS}"
        f" ON appointment FOR EACH ROW WHEN ({TAKES_TIME}) EXECUTE FUNCTION refuse_busy_client()"
    )


def upgrade() -> None:
    make_triggers()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("inserted", "updated"):
            op.execute(f"DROP TRIGGER appointment_client_busy_{name}")
        return
    op.execute("DROP TRIGGER appointment_client_busy ON appointment")
    op.execute("DROP FUNCTION refuse_busy_client()")
