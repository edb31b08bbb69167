"""What every command of `anon` has at hand: the folder, the settings, the way to say things."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from dicomveil.client import own_settings, settings, tokens
from dicomveil.client.connection import Access, Connection
from dicomveil.client.own_settings import OwnSettings, load_own_settings
from dicomveil.client.settings import Server, Settings, load_settings
from dicomveil.errors import CannotStart
from dicomveil.mapping import batch, example, selection
from dicomveil.mapping.batch import Batch, load_batch
from dicomveil.mapping.mapping_file import MappingFile, load_mapping


class Failure(click.ClickException):
    """A command that ends with `Error: ...` and exit code 1."""


@dataclass(slots=True)
class Session:
    """One call of `anon`: where it runs, for whom, and how it speaks."""

    folder: Path
    home: Path
    json: bool = False
    show_values: bool = False
    sleep: Callable[[float], None] = time.sleep
    _settings: Settings | None = field(default=None, repr=False)

    @property
    def on_terminal(self) -> bool:
        """Whether stdout is read by a person: a terminal, and no JSON asked for."""
        return not self.json and sys.stdout.isatty()

    def say(self, text: str = "") -> None:
        """Print for people; on stderr when stdout is for programs."""
        click.echo(text, err=self.json)

    @property
    def settings_path(self) -> Path:
        """Where anonapi keeps its settings."""
        return self.home / settings.FILE_NAME

    @property
    def own_path(self) -> Path:
        """Where our own settings lie."""
        return self.home / own_settings.FILE_NAME

    @property
    def batch_path(self) -> Path:
        """The batch of this folder."""
        return self.folder / batch.FILE_NAME

    @property
    def selection_path(self) -> Path:
        """The file selection of this folder."""
        return self.folder / selection.FILE_NAME

    @property
    def new_mapping_path(self) -> Path:
        """The mapping that `map init` writes in this folder."""
        return self.folder / example.FILE_NAME

    @property
    def settings(self) -> Settings:
        """The settings; a file with defaults is written when there is none."""
        if self._settings is None:
            if not self.settings_path.exists():
                path = self.settings_path
                self.say(f'No settings file found. Creating default settings at "{path}"')
                Settings().save(self.settings_path)
            self._settings = load_settings(self.settings_path)
        return self._settings

    @property
    def own(self) -> OwnSettings:
        """Our own settings."""
        return load_own_settings(self.own_path)

    def save(self, changed: Settings) -> None:
        """Keep these settings."""
        changed.save(self.settings_path)
        self._settings = changed

    def server(self) -> Server:
        """The active server; CannotStart says how to choose one."""
        active = self.settings.active
        if active is None:
            names = [server.name for server in self.settings.servers]
            raise CannotStart(
                "No active server. Which one do you want to use? Please activate one by using "
                f"'anon server activate <SERVER_NAME>'. Available: {names}"
            )
        return active

    @contextlib.contextmanager
    def connected(self, server: Server | None = None) -> Iterator[Connection]:
        """A connection to the active server, or to the one given."""
        with Connection(server or self.server(), self._access(), self.sleep) as connection:
            yield connection

    def batch(self) -> Batch:
        """The batch of this folder; CannotStart says how to begin one."""
        if not self.batch_path.exists():
            raise CannotStart(
                "No batch defined in current folder. You can create one with 'anon batch init'"
            )
        return load_batch(self.batch_path)

    def mapping_path(self) -> Path:
        """The active mapping's path; CannotStart says how to begin or choose one."""
        path = self.settings.active_mapping
        if path is None:
            raise CannotStart(
                "No active mapping. Begin one with 'anon map init', or go to the folder of one "
                "and use 'anon map activate'"
            )
        if not path.exists():
            raise CannotStart(f"No mapping file found at '{path}'")
        return path

    def mapping(self) -> MappingFile:
        """The active mapping."""
        return load_mapping(self.mapping_path())

    def activate_mapping(self, path: Path) -> None:
        """Make this mapping the active one."""
        self.save(replace(self.settings, active_mapping=path))
        self.say(f"Activated mapping at {path}")

    def forget_mapping(self) -> None:
        """Let no mapping be the active one."""
        self.save(replace(self.settings, active_mapping=None))

    def _access(self) -> Access:
        own, shared = self.own, self.settings
        token = tokens.from_keyring(shared.user_name) if own.keyring else shared.token
        return Access(
            user_name=shared.user_name,
            token=tokens.checked(token),
            validate_ssl=shared.validate_ssl,
            ca_bundle=own.ca_bundle,
            timeout=own.timeout,
        )


def here() -> Session:
    """The session of a call from a terminal."""
    return Session(Path.cwd(), Path.home())
