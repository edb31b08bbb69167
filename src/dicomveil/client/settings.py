"""The settings that anonapi and `anon` share: servers, user, token, defaults, active mapping.

The file is anonapi's own, `~/AnonWebAPIClientSettings.yml`. anonapi rewrites it whole, so what is
ours alone lies in a second file (`own_settings`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from dicomveil.errors import Place, Unusable
from dicomveil.mapping.fields import Field, field_named
from dicomveil.mapping.files import decode, read_bytes
from dicomveil.mapping.files import replace as replace_file
from dicomveil.mapping.yaml_text import load_yaml

FILE_NAME = "AnonWebAPIClientSettings.yml"


class Server(NamedTuple):
    """A server by the short name its user gave it."""

    name: str
    url: str

    def __str__(self) -> str:
        return f"{self.name}: {self.url}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What anonapi's settings file says; keys that neither of us knows are kept."""

    servers: tuple[Server, ...] = (Server("testserver", "https://hostname_of_api"),)
    active_name: str | None = "testserver"
    user_name: str = "username"
    token: str = field(default="token", repr=False)
    validate_ssl: bool = True
    defaults: Mapping[Field, str] = field(
        default_factory=lambda: {Field.PROJECT: "NOT_SET", Field.DESTINATION_PATH: ""}
    )
    active_mapping: Path | None = None
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def active(self) -> Server | None:
        """The server that commands speak to; None when none was activated."""
        return self.server(self.active_name or "")

    def server(self, name: str) -> Server | None:
        """The server of that short name; None when there is none."""
        return next((server for server in self.servers if server.name == name), None)

    def with_server(self, server: Server) -> "Settings":
        """The settings with this server, in the place of one of the same name."""
        table = {known.name: known for known in self.servers} | {server.name: server}
        return replace(self, servers=tuple(sorted(table.values())))

    def without_server(self, name: str) -> "Settings":
        """The settings without this server; when it was the active one, none is active."""
        left = tuple(server for server in self.servers if server.name != name)
        active = None if self.active_name == name else self.active_name
        return replace(self, servers=left, active_name=active)

    def content(self) -> dict[str, Any]:
        """The keys and values as anonapi writes them."""
        return {
            **self.others,
            "active_mapping_file": str(self.active_mapping) if self.active_mapping else None,
            "active_server_name": self.active_name,
            "job_default_parameters": [f"{name},{text}" for name, text in self.defaults.items()],
            "servers": {server.name: server.url for server in self.servers},
            "user_name": self.user_name,
            "user_token": self.token,
            "validate_ssl": self.validate_ssl,
        }

    def save(self, path: Path) -> None:
        """Replace the file in one step; only its owner may read it, for it holds the token."""
        replace_file(path, yaml.safe_dump(self.content()).encode(), 0o600)


def load_settings(path: Path) -> Settings:
    """The settings at `path`; MappingError names the key that is wrong."""
    text, _ = decode(read_bytes(path), path.name)
    content = load_yaml(text, path.name)
    known = Settings().content()
    for key, value in content.items():
        if key in known and not isinstance(value, _KINDS[key]):
            raise Unusable(f"{key} is not of its kind", Place(path.name))
    return _settings(known | content, path.name)


_KINDS: dict[str, tuple[type, ...]] = {
    "active_mapping_file": (str, type(None)),
    "active_server_name": (str, type(None)),
    "job_default_parameters": (list, dict, type(None)),
    "servers": (dict,),
    "user_name": (str, int),
    "user_token": (str, int, type(None)),
    "validate_ssl": (bool,),
}


def _settings(content: dict[str, Any], file: str) -> Settings:
    servers = tuple(Server(str(name), str(url)) for name, url in content["servers"].items())
    mapping = content["active_mapping_file"]
    # Before its version 1.4 anonapi called the defaults create_job_defaults.
    defaults = content.get("create_job_defaults", content["job_default_parameters"])
    return Settings(
        servers=servers,
        active_name=content["active_server_name"],
        user_name=str(content["user_name"]),
        token=str(content["user_token"] or ""),
        validate_ssl=content["validate_ssl"],
        defaults=_defaults(defaults, file),
        active_mapping=Path(mapping) if mapping else None,
        others={
            key: value
            for key, value in content.items()
            if key not in _KINDS and key != "create_job_defaults"
        },
    )


def _defaults(written: object, file: str) -> dict[Field, str]:
    """The defaults in either of anonapi's forms: `name,value` texts, or keys and values."""
    if isinstance(written, dict):
        names = {"project_name": "project"}
        pairs = [(names.get(str(key), str(key)), str(value)) for key, value in written.items()]
    else:
        texts = [str(text) for text in written] if isinstance(written, list) else []
        pairs = [(name, text) for name, _, text in (text.partition(",") for text in texts)]
    found: dict[Field, str] = {}
    for at, (name, text) in enumerate(pairs, start=1):
        known = field_named(name)
        if known is None:
            place = Place(file, row=at, column="job_default_parameters")
            raise Unusable("a default is a parameter's name, a comma and a value", place)
        # anonapi writes an unset path as a dot.
        found[known] = "" if text.strip() == "." else text.strip()
    return found
