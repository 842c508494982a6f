"""Everything that differs between installations, read once from the environment."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

import sqlalchemy as sa

from api.languages import LANGUAGES
from directory.mail_addresses import is_address
from scheduling.commands.hold_limits import HoldLimits

#: A secret shorter than this, in characters, is too weak for production.
MINIMUM_SECRET_LENGTH = 32


class SettingsError(Exception):
    """A setting is wrong; the message names the variable and says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs. Each field is ``OPENINGS_`` and its name in capitals."""

    data_dir: Annotated[Path, "Folder for the SQLite file, the secrets and the worker's lock."] = (
        Path("data")
    )
    database_url: Annotated[
        str,
        "`sqlite:///PATH` or `postgresql://USER@HOST/NAME`. Empty: a file in the data folder.",
    ] = ""
    production: Annotated[
        bool, "`true` for a real installation: secure cookies, HSTS, no start with weak secrets."
    ] = False
    secret: Annotated[
        str, "Signs forms. Empty: made on first start and kept in the data folder."
    ] = ""
    host: Annotated[str, "Address to listen on."] = "127.0.0.1"
    port: Annotated[int, "Port to listen on."] = 8000
    base_url: Annotated[
        str, "How people reach this site, for links. Empty: made from the host and port."
    ] = ""
    threads: Annotated[
        int, "Requests served at the same time, each with its own database connection."
    ] = 16
    search_copy: Annotated[
        bool, "`false` to search in the database alone, without a copy of the rows in memory."
    ] = True
    home: Annotated[str, "Town or ZIP this network is in: tells towns of the same name apart."] = ""
    publisher: Annotated[
        str, "Who publishes this directory: told to software that reads it, at `/hsds/`."
    ] = ""
    publisher_email: Annotated[str, "Where the publisher takes questions about the directory."] = ""
    map_tile_url: Annotated[
        str,
        "Map tiles: `https://tiles.example.org/{z}/{x}/{y}.png`. Empty: the built-in outlines.",
    ] = ""
    map_attribution: Annotated[str, "To whom the map tiles are owed; shown on the map."] = ""
    forwarded_allow_ips: Annotated[
        str, "Proxies whose X-Forwarded headers are believed, separated by commas."
    ] = "127.0.0.1"
    smtp_url: Annotated[
        str,
        "Mail server: `smtp://USER:PASSWORD@HOST:587` or `smtps://USER:PASSWORD@HOST:465`. Empty: "
        "agencies are not asked by e-mail, and other messages wait.",
    ] = ""
    mail_from: Annotated[str, "Whom e-mails come from; needed with a mail server."] = ""
    mail_language: Annotated[str, "Language of e-mails: `en` or `es`."] = "en"
    verifications_per_day: Annotated[
        int, "How many agencies are asked by e-mail, in a day, whether a listing is still right."
    ] = 20
    verification_agency_days: Annotated[
        int, "How many days an agency is left in peace after it was asked about a listing."
    ] = 7
    holds_per_account: Annotated[
        int, "How many times of one service a person may keep at once before booking. 0: any."
    ] = 3
    holds_per_organization: Annotated[
        int, "The same for all people and programs of an agency together. 0: any."
    ] = 10
    holds_per_address: Annotated[
        int,
        "How many times the public may keep, from one internet address, in ten minutes. A library "
        "or a kiosk is one address. 0: any.",
    ] = 30

    offer_office_hours: Annotated[
        int,
        "How many office hours somebody on a waiting list has to answer an offer: Monday to "
        "Friday from nine to five where the host is, and not on its closed days.",
    ] = 2

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read every ``OPENINGS_...`` variable. Raises ``SettingsError`` naming a bad one."""
        settings = cls(**dict(_given(environ)))
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse what cannot work, and in production what is not safe."""
        if self.production and self.secret and len(self.secret) < MINIMUM_SECRET_LENGTH:
            raise SettingsError(
                f"OPENINGS_SECRET has fewer than {MINIMUM_SECRET_LENGTH} characters. Leave it out "
                "to have a good one made, or give a long random one."
            )
        if self.production and not self.base_url.startswith("https://"):
            raise SettingsError(
                "OPENINGS_BASE_URL must begin with https:// in production: cookies and links "
                "are only safe there."
            )
        self._check_database_url()
        if self.map_tile_url and not self.map_tile_url.startswith("https://"):
            raise SettingsError("OPENINGS_MAP_TILE_URL must begin with https://.")
        self._check_mail()

    def _check_mail(self) -> None:
        if self.mail_language not in LANGUAGES:
            raise SettingsError(f"OPENINGS_MAIL_LANGUAGE must be one of: {', '.join(LANGUAGES)}.")
        if not self.smtp_url:
            return
        if not is_address(self.mail_from):
            raise SettingsError(
                "OPENINGS_MAIL_FROM must be an e-mail address, such as openings@network.example."
            )
        read_mail_server(self.smtp_url)

    def _check_database_url(self) -> None:
        try:
            name = sa.make_url(self.url_of_database).get_backend_name()
        except sa.exc.ArgumentError:
            name = ""
        if name not in ("sqlite", "postgresql"):
            raise SettingsError(
                "OPENINGS_DATABASE_URL must begin with sqlite:/// or postgresql://."
            )

    @property
    def url_of_database(self) -> str:
        """The database to use."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'openings.db'}"

    @property
    def terms(self) -> dict[str, Any]:
        """What commands are told of this installation, by their session's ``info``."""
        return {
            "offer_office_hours": self.offer_office_hours,
            "hold_limits": HoldLimits(self.holds_per_account, self.holds_per_organization),
        }

    @property
    def public_url(self) -> str:
        """How people reach this site, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    def signing_secret(self) -> str:
        """Return the secret that signs forms, making and keeping one on first use."""
        return self.secret or load_or_make_secret(self.data_dir / "secret")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. ``wrapped``: TLS from the first byte; ``starttls``: from then on."""

    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)
    wrapped: bool
    starttls: bool


#: Servers on this machine, to which words may go in the clear.
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})

_SMTP_URL_WRONG = (
    "OPENINGS_SMTP_URL must look like smtp://user:password@mail.example.org:587 or "
    "smtps://user:password@mail.example.org:465."
)


def read_mail_server(url: str) -> MailServer:
    """Read ``OPENINGS_SMTP_URL``. Raises ``SettingsError``, in which nothing of it is repeated.

    The way to the server is encrypted, and its certificate checked, unless it is on this machine
    or ``?starttls=off`` says otherwise; a password never goes in the clear to another machine.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise SettingsError(_SMTP_URL_WRONG) from None
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/"):
        raise SettingsError(_SMTP_URL_WRONG)
    wrapped = parts.scheme == "smtps"
    wish = options.pop("starttls", "off" if wrapped or host in _HERE else "required")
    if options or wish not in ("required", "off") or (wrapped and wish == "required"):
        raise SettingsError(
            "OPENINGS_SMTP_URL takes one option, with smtp:// only: ?starttls=required or "
            "?starttls=off."
        )
    starttls = wish == "required"
    if parts.username and not (wrapped or starttls or host in _HERE):
        raise SettingsError(
            "OPENINGS_SMTP_URL would send a password that anybody on the way can read. Leave out "
            "?starttls=off, or use smtps://."
        )
    return MailServer(
        host=host,
        port=port or (465 if wrapped else 587 if starttls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        wrapped=wrapped,
        starttls=starttls,
    )


def _given(environ: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for setting in fields(Settings):
        variable = f"OPENINGS_{setting.name.upper()}"
        if text := environ.get(variable, "").strip():
            yield setting.name, _read(variable, text, get_args(setting.type)[0])


def _read(variable: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false", "1", "0"):
            raise SettingsError(f"{variable} must be true or false.")
        return text.lower() in ("true", "1")
    if kind is int:
        least = 0 if variable.startswith("OPENINGS_HOLDS_") else 1
        if not text.isdecimal() or not least <= int(text) <= 65_535:  # noqa: PLR2004  (ports)
            raise SettingsError(f"{variable} must be a whole number from {least} to 65535.")
        return int(text)
    return kind(text)


def load_or_make_secret(path: Path) -> str:
    """Return the secret in a file that only its owner may read; make it where there is none.

    Two processes that start at once agree: the file appears whole, and the first one stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    secret = path.read_text().strip()
    if len(secret) < MINIMUM_SECRET_LENGTH:
        raise SettingsError(
            f"{path.name} in the data folder is damaged. Remove it to make a new one."
        )
    return secret
