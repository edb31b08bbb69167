"""A data manager's desk for tests: a home with settings, a folder, and the command `anon`."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from dicomveil.cli.anon.main import anon
from dicomveil.cli.anon.session import Session
from dicomveil.client.settings import FILE_NAME, Server, Settings, load_settings
from tests.client.recording import TOKEN

MAPPING = Path(__file__).parents[2] / "mapping" / "documented" / "mapping.csv"


@dataclass
class Desk:
    """Runs `anon` in a folder for the user of a home."""

    home: Path
    folder: Path

    def know(self, url: str) -> None:
        """Have a server, a user and a token in the settings."""
        settings = Settings(
            servers=(Server("local", url),), active_name="local", user_name="z1", token=TOKEN
        )
        settings.save(self.home / FILE_NAME)

    @property
    def settings(self) -> Settings:
        return load_settings(self.home / FILE_NAME)

    def change(self, **changes: Any) -> None:
        """Change the settings."""
        replace(self.settings, **changes).save(self.home / FILE_NAME)

    def run(self, *words: str, answer: str = "") -> Result:
        """Run one command line; a failure that is no exit is raised."""
        session = Session(self.folder, self.home, sleep=lambda _: None)
        result = CliRunner().invoke(anon, list(words), obj=session, input=answer)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def done(self, *words: str, answer: str = "") -> str:
        """What a command that must succeed prints."""
        result = self.run(*words, answer=answer)
        assert result.exit_code == 0, result.output
        return result.output

    def failed(self, *words: str, code: int = 1) -> str:
        """What a command that must fail prints, in one line of error."""
        result = self.run(*words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.output

    def json(self, *words: str) -> Any:
        """What a command finds, as a program reads it."""
        return json.loads(self.run(*words, "--json").stdout)

    def mapping(self, text: str | bytes | None = None) -> Path:
        """Write a mapping (the documented one by default) and make it the active one."""
        path = self.folder / "anon_mapping.csv"
        contents = MAPPING.read_bytes() if text is None else text
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        self.change(active_mapping=path)
        return path
