"""One frozen Settings, from `dicomveil.toml` and the environment; read by wiring alone.

Each setting `name` of the table `[server]` may also be given as DICOMVEIL_NAME. Secrets are no
settings: keys lie in files of their own.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from dicomveil.errors import Unusable

FILE: Final = "dicomveil.toml"
VARIABLE: Final = "DICOMVEIL_SETTINGS"
_PREFIX: Final = "DICOMVEIL_"
_TABLES: Final = frozenset({"server", "shares", "prefixes"})
_OWN_TABLES: Final = frozenset({"shares", "prefixes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one server is told."""

    state: Path = Path("dicomveil-server")  # its own folder: ledger, keys, private sides of jobs
    # The URL of the ledger, by default SQLite in the folder. It may hold a password.
    database: str = field(default="", repr=False)
    keys: str = ""  # the folder of the keys; by default `keys` in the folder
    places: Path = Path("places.toml")  # the places to fetch from; by default beside the settings
    spool: str = ""  # where objects are fetched to; by default `spool` in the folder
    master_key: str = ""  # what wraps the keys: file:PATH, env:NAME or command:/PATH ...
    workers: int = 0  # jobs carried out at once; 0 for one for each core
    host: str = "127.0.0.1"
    port: int = 8080
    certificate: str = ""  # of TLS, with its key
    certificate_key: str = ""
    lease_seconds: int = 60
    webhook_networks: str = ""  # where webhooks may be: addresses and networks, with commas
    webhook_authorities: str = ""  # a file of certificates that they are trusted by
    mail_host: str = ""  # of SMTP; digests of jobs are sent where it is given
    mail_port: int = 587
    mail_security: str = "starttls"  # or tls from the first byte, or none
    mail_authorities: str = ""  # a file of certificates that the mail's host is trusted by
    mail_user: str = ""
    mail_password_file: str = ""  # mode 0600
    mail_from: str = ""
    mail_to: str = ""  # with commas
    mail_every_hours: int = 24
    shares: tuple[tuple[str, str], ...] = ()  # (UNC, local folder)
    prefixes: tuple[tuple[str, str], ...] = ()  # (path, projects with commas; "" for all)

    @property
    def database_url(self) -> str:
        """Where the ledger is."""
        return self.database or f"sqlite:///{(self.state / 'ledger.sqlite').absolute()}"

    @property
    def key_folder(self) -> Path:
        """Where the keys are."""
        return Path(self.keys) if self.keys else self.state / "keys"

    @property
    def spool_folder(self) -> Path:
        """Where fetched originals are while an attempt needs them."""
        return (Path(self.spool) if self.spool else self.state / "spool").absolute()


def load_settings(environment: Mapping[str, str], named: str | None = None) -> Settings:
    """The settings of the file that was named, or of ./dicomveil.toml where that is there.

    Raises Unusable for what is not a setting, and for a named file that cannot be read.
    """
    chosen = named or environment.get(VARIABLE)
    path = Path(chosen or FILE)
    given: dict[str, Any] = {}
    if chosen or path.exists():
        given = _file(path)
    given |= _environment(environment)
    for name in ("state", "places"):
        # A relative path is beside the file that names it.
        given[name] = path.absolute().parent / given.get(name, getattr(Settings(), name))
    return Settings(**given)


def _file(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Unusable(f"the settings cannot be read: {os.strerror(error.errno or 0)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Unusable("the settings are not TOML") from None
    _check_secret(path, str(content.get("server", {}).get("database", "")))
    unknown = set(content) - _TABLES
    if unknown:
        raise Unusable(f"the settings have no table [{min(unknown)}]")
    given = {name: _checked(name, value) for name, value in content.get("server", {}).items()}
    for table in _OWN_TABLES:
        lines = content.get(table, {})
        given[table] = tuple(sorted((str(key), str(value)) for key, value in lines.items()))
    return given


def _check_secret(path: Path, database: str) -> None:
    """Refuse a password in a file that others may read."""
    has_password = ":" in database.partition("://")[2].rpartition("@")[0]
    if (has_password or "password=" in database) and path.stat().st_mode & 0o077:
        raise Unusable("the settings hold a password, and others may read them: chmod 600")


def _environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {f"{_PREFIX}{name.upper()}": name for name in _types().keys() - _OWN_TABLES}
    return {
        known[variable]: _checked(known[variable], text)
        for variable, text in environment.items()
        if variable in known
    }


def _checked(name: str, value: object) -> object:
    wanted = _types().get(name)
    if wanted is None or name in _OWN_TABLES:
        raise Unusable(f"{name} is no setting of the server")
    if wanted is int:
        if not str(value).isdecimal():
            raise Unusable(f"the setting {name} is a whole number")
        return int(str(value))
    return str(value)


def _types() -> dict[str, type]:
    defaults = Settings()
    return {field.name: type(getattr(defaults, field.name)) for field in fields(Settings)}
