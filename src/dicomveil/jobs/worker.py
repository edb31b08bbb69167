"""Clean the files of a chunk: each is opened, cleaned, written, told of, and made visible."""

import contextlib
import gc
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Final, NamedTuple, assert_never

from dicomveil.dicom.aligning import aligned
from dicomveil.dicom.sniff import is_directory
from dicomveil.dicom.splice import Segment, Span
from dicomveil.engine.cleaner import IMPLEMENTATION_UID
from dicomveil.engine.deidentify import Cleaned
from dicomveil.errors import Changed, NotDicom, UidConflict
from dicomveil.jobs.chunks import Chunk
from dicomveil.jobs.crossing import Crossing
from dicomveil.jobs.fold import Folded, fold
from dicomveil.jobs.journal import FileJournal, MemoryJournal
from dicomveil.jobs.layout import placed
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Alignment, Checksum, Copying, Delivery, Purpose
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

_AHEAD: Final = 4  # outputs being written while the next file is cleaned


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
        self._folder = Folder(delivery.destination)
        self._rehearses = delivery.purpose is Purpose.REHEARSE
        self._crossing = Crossing(delivery.crosswalk)
        self._beside = Beside() if delivery.copying is Copying.BESIDE else None
        self._writing: deque[Writing] = deque()
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
            for number, (group, name) in enumerate(chunk.files(), chunk.first):
                if stop.seen():
                    break
                self._file(journal, case_of(number, group, name), name)
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
        """Let go of the destination's folders."""
        self._folder.close()

    def _journal(self, first: int) -> MemoryJournal:
        return MemoryJournal() if self._rehearses else FileJournal(self._delivery.journal, first)

    def _file(self, journal: MemoryJournal, case: Case, name: bytes) -> None:
        """Deliver one file, or write down why not.

        While its output is being written, the next files are cleaned; what became of it is told
        before anything is told of them.
        """
        if not name:
            self._settle(journal)
            journal.write(refusal(case, (0, 0), FOLDER_UNREADABLE))
            return
        try:
            original = FileOriginal(case.path, self._cleaner.wanted_head)
        except (OSError, Changed) as error:
            self._settle(journal)
            journal.write(refusal(case, facts_of(case.path), unopened(error)))
            return
        verdict = self._taken_on(case, original)
        if verdict is not None:
            self._settle(journal)
            journal.write(refusal(case, (original.size, original.mtime_ns), verdict))
        elif self._beside is None:
            self._settle(journal)
        else:
            self._settle(journal, but=_AHEAD)

    def _taken_on(self, case: Case, original: FileOriginal) -> Verdict | None:
        """None when the output is being written, else why it is not; the original is closed."""
        taken: Writing | Verdict | None = None
        try:
            cleaned = self._cleaned(case, original)
            taken = (
                cleaned if isinstance(cleaned, Verdict) else self._begun(case, original, cleaned)
            )
            if isinstance(taken, Verdict):
                return taken
            self._writing.append(taken)
            return None
        finally:
            if not isinstance(taken, Writing):
                original.close()

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

    def _begun(self, case: Case, original: FileOriginal, cleaned: Cleaned) -> Writing | Verdict:
        """The output being written, or why it cannot be."""
        draft = None
        try:
            within, name = self._layout.place(cleaned, case.relative)
            if self._rehearses:
                size = _size(cleaned)
                return Writing(case, original, cleaned, within, name, None, lambda: size)
            draft = self._folder.draft(within, case.number)
            segments = self._segments(cleaned)
            if self._beside is None or len(segments) == 1:
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
        """Let go of the outputs that nobody waits for any more."""
        while self._writing:
            writing = self._writing.popleft()
            with contextlib.suppress(Exception):
                writing.size()
            self._let_go(writing)

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
        if draft and self._delivery.checksum is Checksum.SHA256:
            from hashlib import sha256  # OpenSSL: 2 ms of a start that does not need it

            seen = sha256()
            read_back(draft, seen.update)
            public += f',"sha256":"{seen.hexdigest()}"'
        return public


def _size(cleaned: Cleaned) -> int:
    """How many bytes an output has."""
    return sum(s.stop - s.start if isinstance(s, Span) else len(s) for s in cleaned.segments)
