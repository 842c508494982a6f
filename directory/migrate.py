"""Bringing a database to the tables of this release."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.config import Config

ROOT = Path(__file__).parent.parent
VERSIONS = ROOT / "migrations" / "versions"


def alembic_config(url: str) -> "Config":
    """Return Alembic's settings for a database."""
    from alembic.config import Config  # noqa: PLC0415  (a start that migrates nothing is quicker)

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Make or update the tables, all or nothing. Does nothing when they are up to date."""
    from alembic import command  # noqa: PLC0415  (as above)

    command.upgrade(alembic_config(url), "head")


def newest_revision() -> str:
    """Return this release's revision. Revisions are numbered: ``0001_the_first_tables.py``."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def is_up_to_date(engine: sa.Engine) -> bool:
    """Say whether the database has the tables of this release."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
        return set(found) == {newest_revision()}
