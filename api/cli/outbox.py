"""What waits to be sent by e-mail."""

from contextlib import closing

import rich_click as click

from api.cli import settings_from_environment
from directory.database import Database
from directory.queries.outbox import find_waiting_messages

#: How many messages are printed at most.
MOST = 100


@click.command()
def outbox() -> None:
    """Print the e-mails that wait, oldest first, with the links in them: keep those to yourself.

    Without a mail server (OPENINGS_SMTP_URL) all of them wait.
    """
    settings = settings_from_environment()
    with closing(Database(settings.url_of_database)) as database, database.reading() as session:
        rows = find_waiting_messages(session, limit=MOST)
        for row in rows:
            tried = f", tried {row['attempts']} times" if row["attempts"] else ""
            click.echo(f"To {row['recipient']}, due {row['due_at']:%Y-%m-%d %H:%M} UTC{tried}")
            click.echo(f"{row['subject']}\n\n{row['body']}\n")
    click.echo(f"{len(rows)} messages wait." if rows else "Nothing waits.")
