"""Everything that differs between installations, read once from the environment."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_args

import sqlalchemy as sa

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
    def public_url(self) -> str:
        """How people reach this site, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    def signing_secret(self) -> str:
        """Return the secret that signs forms, making and keeping one on first use."""
        return self.secret or load_or_make_secret(self.data_dir / "secret")


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
        if not text.isdecimal() or not 1 <= int(text) <= 65_535:  # noqa: PLR2004  (ports)
            raise SettingsError(f"{variable} must be a whole number from 1 to 65535.")
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
