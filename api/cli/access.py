"""Commands that let people and software in."""

import getpass
import sys
from contextlib import closing

import rich_click as click

from api.cli import settings_from_environment
from api.clock import read_the_clock
from directory.commands.accounts import create_account, create_api_key, renew_calendar_feed
from directory.database import Database
from directory.models.accounts import Role
from directory.queries.accounts import get_account_by_email, get_organization_by_name_or_id

ROLES = click.Choice([role.value for role in Role])


@click.group()
def key() -> None:
    """Keys for software."""


@key.command("create")
@click.option("--organization", required=True, help="Id or exact name of the organization.")
@click.option("--role", type=ROLES, required=True, help="What the software may do.")
@click.option("--name", default="API key", help="What the key is for.")
def create_key(organization: str, role: str, name: str) -> None:
    """Print a new key. It is shown once; only its hash is kept."""
    with closing(Database(settings_from_environment().url_of_database)) as database:
        with database.transaction() as session:
            owner = get_organization_by_name_or_id(session, organization)
            token = create_api_key(
                session, organization_id=owner.id, role=Role(role), name=name, now=read_the_clock()
            )
    click.echo(token)


@click.group()
def user() -> None:
    """Accounts for people."""


@user.command("create")
@click.option("--organization", required=True, help="Id or exact name of the organization.")
@click.option("--role", type=ROLES, required=True, help="What the person may do.")
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--name", required=True, help="How colleagues call them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create_user(
    organization: str, role: str, email: str, name: str, *, password_stdin: bool
) -> None:
    """Let a person in. The password is asked for, so that no history keeps it."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else getpass.getpass()
    with closing(Database(settings_from_environment().url_of_database)) as database:
        with database.transaction() as session:
            create_account(
                session,
                organization_id=get_organization_by_name_or_id(session, organization).id,
                email=email,
                name=name,
                role=Role(role),
                password=password,
                now=read_the_clock(),
            )
    click.echo(f"{email} can sign in now.")


@user.command("calendar")
@click.option("--email", required=True, help="Whose calendar it is.")
def make_calendar(email: str) -> None:
    """Print a new calendar address for a person; the old one stops working."""
    settings = settings_from_environment()
    with closing(Database(settings.url_of_database)) as database:
        with database.transaction() as session:
            account = get_account_by_email(session, email)
            token = renew_calendar_feed(session, account.id, now=read_the_clock())
    click.echo(f"{settings.public_url}/calendars/{token}.ics")
