"""SRC that lie elsewhere are fetched to a private spool beside DST, and de-identified from there.

The spool is DST.spool, readable by its owner alone. It is emptied when a run begins and removed
when it ends; after an interruption it stays, so that --resume need not fetch again.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Final

import click

from dicomveil.cli.deid import ELSEWHERE
from dicomveil.errors import CannotStart
from dicomveil.places.addresses import read_source, source_of
from dicomveil.places.archives import is_archive
from dicomveil.places.landing import failing, sweep
from dicomveil.places.register import file_of, read_places

_LOCK: Final = ".lock"
_WHOLE: Final = ".whole"


class Fetching:
    """What one run fetches; made by `fetching`."""

    def __init__(self, sources: Sequence[str], spool: Path, *, again: bool) -> None:
        """Read what SRC say; nothing is asked of a place yet."""
        self._spool = spool
        self._digest = blake2b("\0".join(sources).encode("utf-8", "surrogateescape")).hexdigest()
        self._places = read_places(file_of(os.environ))
        self._wanted = {
            number: read_source(source, self._places)
            for number, source in enumerate(sources, 1)
            if lies_elsewhere(source)
        }
        self.paths = tuple(
            str(spool / str(number)) if number in self._wanted else source
            for number, source in enumerate(sources, 1)
        )
        self.kept = again and self._is_whole()  # an interrupted run's files are there
        self.stays = self.kept  # whether the spool outlives this run, or what ends it

    def begin(self) -> None:
        """Empty the spool, unless what an interrupted run fetched is taken up."""
        if self.kept:
            return
        for folder in self._spool.iterdir():
            if folder.name != _LOCK:
                sweep(folder) if folder.is_dir() else folder.unlink()
        with failing():
            for number in self._wanted:
                (self._spool / str(number)).mkdir(mode=0o700)

    def bring(self) -> None:
        """Fetch everything; raises what the places raise, and then nothing is de-identified."""
        if self.kept or not self._wanted:
            return
        count = 0
        for number, wanted in self._wanted.items():
            with source_of(wanted, self._places, os.environ) as source:
                count += sum(1 for _ in source.fetch(wanted.asked, self._spool / str(number)))
        with failing():
            (self._spool / _WHOLE).write_text(self._digest)
        click.echo(f"fetched {count} files", err=True)

    def _is_whole(self) -> bool:
        mark = self._spool / _WHOLE
        return mark.is_file() and mark.read_text() == self._digest


@contextmanager
def fetching(sources: Sequence[str], destination: str, *, again: bool) -> Iterator[Fetching]:
    """The fetching of a run, whose spool is this run's alone; CannotStart when another has it."""
    spool = Path(f"{os.path.realpath(destination)}.spool")
    with failing():
        spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = spool.lstat()
    if spool.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise CannotStart("DST.spool is there, and not a private folder of the one who runs this")
    with failing():
        lock = os.open(spool / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise CannotStart("another run fetches for this DST") from None
    try:
        run = None
        try:
            run = Fetching(sources, spool, again=again)
            run.begin()
            yield run
        finally:
            if run is None or not run.stays:
                sweep(spool)
    finally:
        os.close(lock)


def lies_elsewhere(source: str) -> bool:
    """Whether a SRC is fetched first; a folder that is named as an archive is a folder."""
    return source.startswith(ELSEWHERE) or is_archive(source)
