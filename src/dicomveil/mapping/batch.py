"""The batch: job ids on one server, kept in a folder (`.anonbatch`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from dicomveil.errors import Place, Unusable
from dicomveil.mapping.files import decode, read_bytes, replace
from dicomveil.mapping.yaml_text import load_yaml

FILE_NAME = ".anonbatch"


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs of one server, by number."""

    server_name: str
    server_url: str
    ids: tuple[int, ...] = ()

    def with_ids(self, more: Iterable[int]) -> "Batch":
        """The batch with these jobs too."""
        return Batch(self.server_name, self.server_url, tuple(sorted({*self.ids, *more})))

    def without_ids(self, fewer: Iterable[int]) -> "Batch":
        """The batch without these jobs; ids it has not are no matter."""
        return Batch(self.server_name, self.server_url, tuple(sorted({*self.ids} - {*fewer})))

    def text(self) -> str:
        """The batch as its file has it."""
        content = {
            # anonapi reads and writes ids as text
            "job_ids": [str(number) for number in self.ids],
            "server": {"name": self.server_name, "url": self.server_url},
        }
        return yaml.safe_dump(content, default_flow_style=False)

    def save(self, path: Path) -> None:
        """Replace the file at `path` in one step."""
        replace(path, self.text().encode())


def load_batch(path: Path) -> Batch:
    """The batch at `path`; Unreadable or MappingError say where it is wrong."""
    text, _ = decode(read_bytes(path), path.name)
    content = load_yaml(text, path.name)
    server, ids = content.get("server"), content.get("job_ids")
    if not isinstance(server, dict) or not isinstance(ids, list | None):
        raise Unusable("a batch has server (name, url) and a list of job_ids", Place(path.name))
    name, url = server.get("name"), server.get("url")
    if not isinstance(name, str) or not isinstance(url, str):
        raise Unusable("the server of a batch has a name and a url", Place(path.name))
    numbers = (_number(entry, at, path.name) for at, entry in enumerate(ids or [], start=1))
    return Batch(name, url, tuple(sorted({number for number in numbers if number >= 0})))


def _number(entry: object, at: int, file: str) -> int:
    """A job's number. anonapi's dry run leaves -1, which is no job."""
    text = str(entry).strip()
    if text == "-1":
        return -1
    if not text.isascii() or not text.isdigit():
        raise Unusable("a job id is a number", Place(file, row=at, column="job_ids"))
    return int(text)
