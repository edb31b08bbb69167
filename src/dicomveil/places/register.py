r"""The places of an installation, as `places.toml` lists them: what each is, where, and its limits.

    [hospital]
    kind = "smb"
    address = '\\fileserver\dicom\export'
    user = "svc-dicomveil"
    at_once = 4
    hours = "19:00-07:00"

The file lies beside the settings of a server, or in the user's own folder. No secret stands in it.
"""

import json
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from dicomveil.errors import Unreadable, Unusable

FILE: Final = "places.toml"
VARIABLE: Final = "DICOMVEIL_PLACES"
SECRETS: Final = "secrets"
_SETTINGS_VARIABLE: Final = "DICOMVEIL_SETTINGS"  # of dicomveil.toml, see settings.py
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_HEADER: Final = re.compile(r"\[\s*\"?([A-Za-z0-9_-]+)\"?\s*\]\s*(#.*)?")
_SECRET: Final = re.compile(
    r"passw|token|secret(?!_)|secret_(?!file|variable|command)", re.IGNORECASE
)

Value = str | int | float | bool | tuple[str, ...]

_COMMON: Final[Mapping[str, type]] = {
    "kind": str,
    "address": str,
    "user": str,
    "secret_file": str,
    "secret_variable": str,
    "secret_command": tuple,
    "at_once": int,
    "per_second": float,
    "hours": str,
    "attempts": int,
}
_TLS: Final[Mapping[str, type]] = {"trusted": str, "certificate": str, "certificate_key": str}
_WEB: Final[Mapping[str, type]] = {**_TLS, "seconds": float, "several": bool}
KINDS: Final[Mapping[str, Mapping[str, type]]] = {
    "folder": {},
    "smb": {"port": int, "shares": tuple, "encrypted": bool, "seconds": float},
    "s3": {"endpoint": str, "region": str},
    "gs": {},
    "az": {},
    "dicomweb": _WEB,
    "wado-uri": {**_WEB, "index": str},
    "dimse": {
        **_TLS,
        "tls": bool,
        "called": str,
        "calling": str,
        "retrieval": str,
        "receiver": str,
        "listen_address": str,
        "listen_port": int,
        "senders": tuple,
        "several": bool,
    },
}
"""What may be set of each kind, besides what may be of all."""


class Configured(NamedTuple):
    """One place as it is configured."""

    name: str
    kind: str
    address: str
    settings: Mapping[str, Value]  # those that were given, of the types that KINDS says
    secrets: Path  # the folder of the secrets that `place add` keeps

    def text(self, setting: str, default: str = "") -> str:
        """A setting that is text."""
        return str(self.settings.get(setting, default))

    def number(self, setting: str, default: float) -> float:
        """A setting that is a number."""
        return float(self.settings.get(setting, default))  # type: ignore[arg-type]  # checked when read

    def several(self, setting: str) -> tuple[str, ...]:
        """A setting that is a list."""
        value = self.settings.get(setting, ())
        return value if isinstance(value, tuple) else ()


def file_of(environment: Mapping[str, str]) -> Path:
    """The file of the places: the one that is named, or beside the named settings, or the user's.

    Never one that merely lies in the current folder: a place may name a program to run.
    """
    if environment.get(VARIABLE):
        return Path(environment[VARIABLE])
    settings = environment.get(_SETTINGS_VARIABLE)
    if settings and Path(settings).with_name(FILE).exists():
        return Path(settings).with_name(FILE)
    home = environment.get("XDG_CONFIG_HOME")
    folder = Path(home) if home else Path(environment.get("HOME", "~")).expanduser() / ".config"
    return folder / "dicomveil" / FILE


def read_places(file: Path) -> dict[str, Configured]:
    """Every place of the file by its name, none where there is no file.

    Raises Unusable for what is no place, naming table and setting, and Unreadable for no TOML.
    """
    try:
        found = file.stat()
        if found.st_uid not in (0, os.geteuid()) or found.st_mode & stat.S_IWOTH:
            raise Unreadable(f"{FILE} may be written by others, and may name programs to run")
        tables = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Unreadable(f"the places cannot be read: {os.strerror(error.errno or 0)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Unreadable(f"{FILE} is not TOML") from None
    return {name: checked(name, table, file) for name, table in tables.items()}


def add(file: Path, name: str, table: Mapping[str, object]) -> Configured:
    """Write a place at the end of the file; Unusable for one that is there, or is none."""
    configured = checked(name, table, file)
    if name in read_places(file):
        raise Unusable(f"there is a place of the name {name}")
    lines = [f"[{name}]", *(f"{key} = {_written(value)}" for key, value in table.items())]
    before = file.read_text("utf-8") if file.exists() else ""
    gap = "\n" if before else ""
    _write(file, f"{before}{gap}" + "\n".join(lines) + "\n")
    return configured


def remove(file: Path, name: str) -> None:
    """Take a place out of the file; Unusable when there is none of this name."""
    if name not in read_places(file):
        raise Unusable(f"there is no place of the name {name}")
    kept: list[str] = []
    inside = False
    for line in file.read_text("utf-8").splitlines(keepends=True):
        header = _HEADER.fullmatch(line.strip())
        if header:
            inside = header[1] == name
        if not inside:
            kept.append(line)
    text = "".join(kept)
    if name in tomllib.loads(text):
        raise Unusable(f"the place {name} is written in a way that only a person can remove")
    _write(file, text)


def checked(name: str, table: object, file: Path) -> Configured:
    """The place that a table says; Unusable naming what is wrong, and never a value."""
    if not _NAME.fullmatch(name) or not isinstance(table, Mapping):
        raise Unusable("a place is a table whose name has letters, digits, - and _")
    kind = table.get("kind")
    if kind not in KINDS:
        raise Unusable(f"[{name}]: its kind is one of {', '.join(KINDS)}")
    types = {**_COMMON, **KINDS[str(kind)]}
    values: dict[str, Value] = {}
    for setting, value in table.items():
        if setting not in types:
            why = (
                "secrets do not belong here: dicomveil place add keeps them"
                if _SECRET.search(setting)
                else f"no setting of a place of the kind {kind}"
            )
            raise Unusable(f"[{name}]: {setting} is {why}")
        values[setting] = _typed(name, setting, value, types[setting])
    address = str(values.get("address", ""))
    if not address or not address.isprintable():
        raise Unusable(f"[{name}]: it needs an address")
    if re.match(r"[a-z0-9]+://[^/]*@", address):
        raise Unusable(f"[{name}]: its address holds a login, which does not belong there")
    return Configured(name, str(kind), address, values, file.parent / SECRETS)


def _typed(name: str, setting: str, value: object, wanted: type) -> Value:
    fitting: Value | None = None
    match value:
        case bool():
            fitting = value if wanted is bool else None
        case int() | float():
            whole = wanted is float or (wanted is int and isinstance(value, int))
            fitting = value if whole and value >= 0 else None
        case str():
            fitting = value if wanted is str else None
        case list() | tuple():
            texts = all(isinstance(one, str) for one in value)
            fitting = tuple(map(str, value)) if wanted is tuple and texts else None
        case _:
            pass  # a table or a date is no setting
    if fitting is None:
        words = {tuple: "a list of texts", str: "a text", bool: "true or false"}
        raise Unusable(f"[{name}]: {setting} is {words.get(wanted, 'a number')}")
    return fitting


def _written(value: object) -> str:
    """A value as TOML writes it: JSON's texts, numbers and lists are TOML's as well."""
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def _write(file: Path, text: str) -> None:
    """Replace the file in one step."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        passing = file.with_name(f"{file.name}.{os.urandom(6).hex()}")
        fd = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(fd, "w", encoding="utf-8") as written:
            written.write(text)
        passing.replace(file)
    except OSError as error:
        raise Unreadable(f"the places cannot be written: {os.strerror(error.errno or 0)}") from None
