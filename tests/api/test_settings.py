"""Settings: read once, each documented, and nothing unsafe in production."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from api.settings import Settings, SettingsError, load_or_make_secret

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", [setting.name for setting in fields(Settings)])
def test_every_setting_says_what_it_means(name: str) -> None:
    setting = next(each for each in fields(Settings) if each.name == name)

    words = get_args(setting.type)[1]
    assert words.endswith(".")
    assert len(words) > 15


def test_without_any_variable_there_is_a_sensible_default_for_everything() -> None:
    assert Settings.from_environment({}) == Settings()


#: One good value for each variable. A setting without a row here fails the test below it.
TABLE = {
    "OPENINGS_DATA_DIR": ("/srv/openings", Path("/srv/openings")),
    "OPENINGS_DATABASE_URL": ("postgresql://me@db/openings",) * 2,
    "OPENINGS_PRODUCTION": ("true", True),
    "OPENINGS_SECRET": ("x" * 40,) * 2,
    "OPENINGS_HOST": ("0.0.0.0",) * 2,  # noqa: S104  (a value, not a binding)
    "OPENINGS_PORT": ("9000", 9000),
    "OPENINGS_BASE_URL": ("https://openings.example",) * 2,
    "OPENINGS_THREADS": ("40", 40),
    "OPENINGS_HOME": ("Lansing, MI",) * 2,
    "OPENINGS_SEARCH_COPY": ("false", False),
    "OPENINGS_MAP_TILE_URL": ("https://tiles.example/{z}/{x}/{y}.png",) * 2,
    "OPENINGS_MAP_ATTRIBUTION": ("Tiles Example",) * 2,
    "OPENINGS_FORWARDED_ALLOW_IPS": ("10.0.0.1",) * 2,
    "OPENINGS_PUBLISHER": ("County Network",) * 2,
    "OPENINGS_PUBLISHER_EMAIL": ("data@network.example",) * 2,
    "OPENINGS_SMTP_URL": ("smtp://mail.example.org:587",) * 2,
    "OPENINGS_MAIL_FROM": ("openings@network.example",) * 2,
    "OPENINGS_MAIL_LANGUAGE": ("es",) * 2,
    "OPENINGS_VERIFICATIONS_PER_DAY": ("5", 5),
    "OPENINGS_VERIFICATION_AGENCY_DAYS": ("14", 14),
    "OPENINGS_HOLDS_PER_ACCOUNT": ("0", 0),
    "OPENINGS_HOLDS_PER_ORGANIZATION": ("25", 25),
    "OPENINGS_HOLDS_PER_ADDRESS": ("5", 5),
    "OPENINGS_OFFER_OFFICE_HOURS": ("4", 4),
}


def test_every_setting_has_its_variable() -> None:
    assert set(TABLE) == {f"OPENINGS_{setting.name.upper()}" for setting in fields(Settings)}


def test_every_variable_is_read() -> None:
    read = Settings.from_environment({name: f" {text} " for name, (text, _) in TABLE.items()})

    for name, (_, value) in TABLE.items():
        assert getattr(read, name.removeprefix("OPENINGS_").lower()) == value


SAFE = {"OPENINGS_PRODUCTION": "true", "OPENINGS_BASE_URL": "https://openings.example"}


@pytest.mark.parametrize(
    "environ",
    [
        {"OPENINGS_PORT": "http"},
        {"OPENINGS_PORT": "0"},
        {"OPENINGS_PORT": "65536"},
        {"OPENINGS_PORT": "²"},
        {"OPENINGS_THREADS": "-1"},
        {"OPENINGS_PRODUCTION": "maybe"},
        {"OPENINGS_MAP_TILE_URL": "http://tiles.example"},
        {"OPENINGS_BASE_URL": "http://openings.example", "OPENINGS_PRODUCTION": "true"},
        {"OPENINGS_SECRET": "short", **SAFE},
        {"OPENINGS_DATABASE_URL": "mysql://me@db/openings"},
        {"OPENINGS_DATABASE_URL": "nonsense"},
    ],
)
def test_a_bad_value_names_its_variable(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(environ))):
        Settings.from_environment(environ)


def test_production_needs_https_and_no_weak_secret() -> None:
    assert Settings.from_environment(SAFE).production
    with pytest.raises(SettingsError, match="OPENINGS_BASE_URL"):
        Settings.from_environment({"OPENINGS_PRODUCTION": "true"})


def test_the_secret_is_made_once_kept_and_only_ours_to_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    first = settings.signing_secret()

    assert len(first) >= 32
    assert settings.signing_secret() == first
    file = tmp_path / "data" / "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["secret"]


def test_threads_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starters:
        made = set(starters.map(lambda _: load_or_make_secret(tmp_path / "secret"), range(32)))

    assert len(made) == 1


def test_two_processes_agree_on_the_secret(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from api.settings import load_or_make_secret;"
        "print(load_or_make_secret(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "secret")]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)  # noqa: S603  (our own code)
        for _ in range(2)
    ]

    said = {process.communicate(timeout=60)[0].strip() for process in started}

    assert len(said) == 1
    assert len(said.pop()) >= 32


def test_a_damaged_secret_is_told_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("")

    with pytest.raises(SettingsError, match="secret in the data folder is damaged"):
        load_or_make_secret(tmp_path / "secret")
