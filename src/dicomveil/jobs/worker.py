"""Clean the files of a chunk: each is opened, cleaned, written, told of, and made visible."""

import contextlib
import gc
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from dicomveil.dicom.aligning import aligned
from dicomveil.dicom.sniff import is_directory
from dicomveil.dicom.splice import Segment, size_of
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.report import Report
from dicomveil.errors import Changed, NotDicom, UidConflict
from dicomveil.jobs.chunks import Chunk, Group
from dicomveil.jobs.crossing import Crossing
from dicomveil.jobs.fold import Folded, fold
from dicomveil.jobs.journal import FileJournal, MemoryJournal
from dicomveil.jobs.layout import placed
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Alignment, Changes, Checksum, Copying, Delivery, Purpose
from dicomveil.jobs.record import Record, quoted, quoted_text
from dicomveil.jobs.stopping import StopSign
from dicomveil.jobs.verdict import (
    FOLDER_UNREADABLE,
    Case,
    Verdict,
    case_of,
    facts_of,
    is_full,
    judged,
    not_dicom,
    refusal,
    unopened,
)
from dicomveil.places.beside import Beside
from dicomveil.places.copying import write_segments
from dicomveil.places.folder import Draft, Folder, Published, read_back
from dicomveil.places.original import FileOriginal
from dicomveil.version import IMPLEMENTATION_UID

if TYPE_CHECKING:
    from dicomveil.places.confined import Root

_AHEAD: Final = 4  # outputs being written while the next file is cleaned
_BATCH: Final = 32  # files
_HELD: Final = 1 << 19  # bytes


class Done(NamedTuple):
    """What a worker did of a chunk: all of it, or its first files."""

    folded: Folded
    full: bool  # it stopped because there is no space left


def work(delivery: Delivery, chunk: Chunk) -> Done:
    """Clean the chunk's files in this process's own station; OSError when it cannot be told."""
    return station(delivery).clean(chunk)


@lru_cache(maxsize=1)
def station(delivery: Delivery) -> "Station":
    """The station of this process: built once, before the fork where there is one."""
    return Station(delivery)


def leave(delivery: Delivery) -> None:
    """Let go of this process's station, when the run is over."""
    station(delivery).close()
    station.cache_clear()


class Writing(NamedTuple):
    """An output that is being written: not yet told of, nor visible."""

    case: Case
    original: FileOriginal
    cleaned: Cleaned
    within: bytes
    name: bytes
    draft: Draft | None  # None in a rehearsal
    size: Callable[[], int]  # waits until all is written; raises what writing raised


class Station:
    """Everything one process needs to clean file after file."""

    def __init__(self, delivery: Delivery) -> None:
        """Build the cleaner; ProfileError when that cannot be."""
        self._delivery = delivery
        self._cleaner = delivery.workshop.cleaner()
        self._layout = placed(delivery.layout, delivery.workshop.code())
        self._folder = Folder(delivery.destination, taken=delivery.taken)
        self._rehearses = delivery.purpose is Purpose.REHEARSE
        self._crossing = Crossing(delivery.crosswalk)
        self._root = _root(delivery.beneath)
        self._opener = self._root.opener() if self._root else None
        self._beside = Beside() if delivery.copying is Copying.BESIDE else None
        self._open: deque[tuple[Case, FileOriginal | Verdict]] = deque()
        self._writing: deque[Writing] = deque()
        self._copying = False  # whether the last output was written beside
        gc.freeze()  # what was built stays for good: without looking at it, 2 to 10 % faster

    def clean(self, chunk: Chunk) -> Done:
        """Clean the chunk's files in order, until told to stop or there is no space left."""
        stop = StopSign(self._delivery.journal)
        self._crossing.begin()
        full = False
        records: list[Record] = []
        try:
            journal = self._journal(chunk.first)
            records = journal.records
            files = enumerate(chunk.files(), chunk.first)
            while not stop.seen() and self._opened(islice(files, self._batch())):
                self._deliver(journal, stop)
            self._settle(journal)
            journal.end()
        except OSError as error:
            if not is_full(error):
                raise
            full = True
        finally:
            self._abandon()
        return Done(fold(chunk.first, records), full)

    def close(self) -> None:
        """Let go of the folders."""
        self._folder.close()
        if self._root:
            self._root.close()

    def _journal(self, first: int) -> MemoryJournal:
        return MemoryJournal() if self._rehearses else FileJournal(self._delivery.journal, first)

    def _batch(self) -> int:
        """How many files are opened, cleaned and written together.

        One step for several files costs a fifth less than all steps for each: the processor
        has the step's code at hand. All their heads together are at most half a megabyte.
        While pixels are copied beside, it is one: the copies need this thread to pause often.
        """
        if self._copying:
            return 1
        return max(1, min(_BATCH, _HELD // self._cleaner.wanted_head))

    def _opened(self, files: Iterable[tuple[int, tuple[Group, bytes]]]) -> bool:
        """Open the files; False when there are none."""
        for number, (group, name) in files:
            case = case_of(number, group, name)
            original: FileOriginal | Verdict = FOLDER_UNREADABLE
            if name:
                try:
                    original = FileOriginal(case.path, self._cleaner.wanted_head, self._opener)
                except (OSError, Changed) as error:
                    original = unopened(error)
            self._open.append((case, original))
        return bool(self._open)

    def _deliver(self, journal: MemoryJournal, stop: StopSign) -> None:
        """Clean what is open and write it, a bounded number of bytes at once."""
        while self._open:
            for cleaned in self._some_cleaned():
                if stop.seen():
                    self._let_go_of_open()
                    return
                self._take_on(journal, cleaned)

    def _some_cleaned(self) -> list[Cleaned | Verdict]:
        """What becomes of the first ones that are open: as many as may be held at once."""
        done: list[Cleaned | Verdict] = []
        held = 0
        for case, original in self._open:
            cleaned = original if isinstance(original, Verdict) else self._cleaned(case, original)
            done.append(cleaned)
            if not isinstance(cleaned, Verdict):
                held += sum(len(s) for s in cleaned.segments if isinstance(s, bytes))
                if held > _HELD:
                    break
        return done

    def _take_on(self, journal: MemoryJournal, cleaned: Cleaned | Verdict) -> None:
        """Write the output of the first that is open, or write down why not.

        While an output is being written, the next files are cleaned; what became of it is told
        before anything is told of them.
        """
        case, original = self._open[0]
        taken: Writing | Verdict
        if isinstance(original, Verdict):
            taken, facts = original, facts_of(case.path)
        else:
            taken, facts = self._begun(case, original, cleaned), (original.size, original.mtime_ns)
        self._open.popleft()
        if not isinstance(taken, Verdict):
            self._writing.append(taken)
            self._settle(journal, but=_AHEAD if self._beside else 0)
            return
        if not isinstance(original, Verdict):
            original.close()
        self._settle(journal)
        journal.write(refusal(case, facts, taken))

    def _cleaned(self, case: Case, original: FileOriginal) -> Cleaned | Verdict:
        """The object as it may leave, or why it may not."""
        head = original.head
        if not original.size or is_directory(head):
            return not_dicom(head, case.relative)
        try:
            return self._cleaner.clean(original)
        except NotDicom:
            return not_dicom(head, case.relative)
        except Exception as error:
            if is_full(error):
                raise
            return judged(error)

    def _begun(
        self, case: Case, original: FileOriginal, cleaned: Cleaned | Verdict
    ) -> Writing | Verdict:
        """The output being written, or why it cannot be."""
        if isinstance(cleaned, Verdict):
            return cleaned
        draft = None
        try:
            within, name = self._layout.place(cleaned, case.relative)
            if self._rehearses:
                size = _size(cleaned)
                return Writing(case, original, cleaned, within, name, None, lambda: size)
            draft = self._folder.draft(within, case.number)
            segments = self._segments(cleaned)
            self._copying = self._beside is not None and len(segments) > 1
            if self._beside is None or not self._copying:
                size = write_segments(original, segments, draft.fd)
                return Writing(case, original, cleaned, within, name, draft, lambda: size)
            copied = self._beside.begin(partial(write_segments, original, segments, draft.fd))
            return Writing(case, original, cleaned, within, name, draft, copied)
        except Exception as error:
            if draft:
                self._folder.discard(draft)
            if is_full(error):
                raise
            return judged(error)

    def _settle(self, journal: MemoryJournal, but: int = 0) -> None:
        """Tell of the outputs being written and make them visible, `but` for the last ones."""
        while len(self._writing) > but:
            writing = self._writing.popleft()
            try:
                self._finished(journal, writing)
            except Exception as error:
                if is_full(error):
                    raise
                facts = writing.original.size, writing.original.mtime_ns
                journal.write(refusal(writing.case, facts, judged(error)))
            finally:
                self._let_go(writing)

    def _finished(self, journal: MemoryJournal, writing: Writing) -> None:
        case, original, cleaned, within, name, draft, size = writing
        record = Record(
            case.number,
            original.size,
            original.mtime_ns,
            Status.DELIVERED,
            "",
            quoted(case.path),
            "",
            "",
            quoted(within + b"/" + name if within else name),
            self._public(cleaned, size(), draft),
            self._crossing.share(cleaned),
        )
        journal.write(record)
        if draft:
            self._publish(journal, record, draft, name)

    def _abandon(self) -> None:
        """Let go of the files and outputs that nobody waits for any more."""
        self._let_go_of_open()
        while self._writing:
            writing = self._writing.popleft()
            with contextlib.suppress(Exception):
                writing.size()
            self._let_go(writing)

    def _let_go_of_open(self) -> None:
        while self._open:
            _, original = self._open.popleft()
            if not isinstance(original, Verdict):
                original.close()

    def _let_go(self, writing: Writing) -> None:
        if writing.draft:
            self._folder.discard(writing.draft)
        writing.original.close()

    def _segments(self, cleaned: Cleaned) -> Sequence[Segment]:
        """What is written: the output, aligned where that was asked for."""
        if self._delivery.alignment is Alignment.NONE:
            return cleaned.segments
        return aligned(cleaned.segments, IMPLEMENTATION_UID)

    def _publish(self, journal: MemoryJournal, record: Record, draft: Draft, name: bytes) -> None:
        """Make the written output visible, and correct the record when its name is taken."""
        try:
            published = self._folder.publish(draft, name)
        except OSError:
            journal.retract()
            raise
        match published:
            case Published.DELIVERED:
                self._crossing.keep()
            case Published.DUPLICATE:
                self._crossing.keep()
                journal.correct(record._replace(status=Status.DUPLICATE))
            case Published.CONFLICT:
                code = UidConflict().code
                journal.correct(
                    record._replace(
                        status=Status.QUARANTINED, code=code, output="", public="", pairs=""
                    )
                )
            case _:
                assert_never(published)

    def _public(self, cleaned: Cleaned, size: int, draft: Draft | None) -> str:
        """What the manifest says of an output beside its path."""
        public = f'"size":{size},"sop_class":{quoted_text(cleaned.sop_class)}'
        if cleaned.illegal:
            public += f',"illegal":{cleaned.illegal}'
        if self._delivery.changes is Changes.LISTED and cleaned.report is not None:
            public += f',"changes":{_listed(cleaned.report)}'
        if draft and self._delivery.checksum is Checksum.SHA256:
            from hashlib import sha256  # OpenSSL: 2 ms of a start that does not need it

            seen = sha256()
            read_back(draft, seen.update)
            public += f',"sha256":"{seen.hexdigest()}"'
        return public


def _root(beneath: bytes) -> "Root | None":
    """The folder beneath which originals must lie; None where they may lie anywhere."""
    if not beneath:
        return None
    from dicomveil.places.confined import Root  # most runs confine nothing

    return Root(beneath)


def _listed(report: Report) -> str:
    """Where an output was changed and how, as JSON."""
    from json import dumps

    return dumps([[change.path, change.action] for change in report.changes])


def _size(cleaned: Cleaned) -> int:
    """How many bytes an output has."""
    return sum(map(size_of, cleaned.segments))
