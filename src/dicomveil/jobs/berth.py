"""Where a job's output lies: staged in a folder of its own beside the final one, then renamed.

In the destination folder of the job, both on its file system:

    7                      the output of job 7, whole, and nothing else under that name ever
    .dicomveil-7.2.staged  the output that attempt 2 is making; mode 0700
    .dicomveil-7.replaced  an earlier output of job 7, on its way out

A later attempt takes up what an earlier one staged, under its own name: an attempt that lost its
job and does not know it yet finds its folder gone, and can neither add to it nor publish it.

Jobs that share a destination never touch each other's names.
"""

import os
import shutil
from typing import Final

from dicomveil.job_errors import JobRefused
from dicomveil.jobs.model import Output
from dicomveil.places.confined import Root

_STAGED: Final = b".dicomveil-%d.%d.staged"
_REPLACED: Final = b".dicomveil-%d.replaced"
_PRIVATE: Final = 0o700
_PUBLIC: Final = 0o777


class Berth:
    """A job's place in its destination folder, held open; raises OSError where the machine fails.

    Folders on the way are opened beneath the project's root, and made where they are not there.
    """

    def __init__(self, root: bytes, relative: bytes, job: int, attempt: int) -> None:
        """Open the destination folder `relative` beneath `root` for an attempt at the job."""
        opened = Root(root)
        try:
            self.fd = opened.folder(relative)
        finally:
            opened.close()
        self._final = b"%d" % job
        self._staged = _STAGED % (job, attempt)
        self._earlier = [_STAGED % (job, number) for number in range(attempt - 1, 0, -1)]
        self._replaced = _REPLACED % job

    def take_up(self) -> None:
        """Let what the latest of the earlier attempts staged be this one's; older ones go."""
        for name in filter(self._is_there, self._earlier):
            if self.is_staged():
                self._remove(name)
            else:
                os.rename(name, self._staged, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def stage(self) -> bytes:
        """The path of the staging folder by way of the open destination; it is there afterwards.

        The path is good in this process and in those that it forks.
        """
        if not self.is_staged():
            os.mkdir(self._staged, _PRIVATE, dir_fd=self.fd)
        return b"/proc/self/fd/%d/%b" % (self.fd, self._staged)

    def is_staged(self) -> bool:
        """Whether there is a staging folder of this attempt."""
        return self._is_there(self._staged)

    def is_published(self) -> bool:
        """Whether something has the final name."""
        return self._is_there(self._final)

    def discard(self) -> None:
        """Remove what this attempt and earlier ones staged.

        An earlier output that was on its way out when an attempt was killed comes back, unless
        the new one has taken its place already: an output is there whole, or not at all.
        """
        for name in (self._staged, *self._earlier):
            self._remove(name)
        self._remove_replaced()

    def publish(self, output: Output) -> None:
        """Give the staged output its final name, in place of an earlier output of this job.

        `output` is what the ledger knows to be there: nothing else is ever replaced. Raises
        JobRefused when the name is taken by something that is not known, and FileNotFoundError
        when nothing is staged: a later attempt has taken it up.
        """
        os.stat(self._staged, dir_fd=self.fd, follow_symlinks=False)
        self._remove_replaced()
        if self.is_published():
            if output is Output.NONE:
                text = "the destination has a folder of this job's number that is not its output"
                raise JobRefused("destination-taken", text)
            os.rename(self._final, self._replaced, src_dir_fd=self.fd, dst_dir_fd=self.fd)
        self._open_to_readers()
        os.rename(self._staged, self._final, src_dir_fd=self.fd, dst_dir_fd=self.fd)
        os.fsync(self.fd)
        self._remove(self._replaced)

    def close(self) -> None:
        """Let go of the destination."""
        os.close(self.fd)

    def _open_to_readers(self) -> None:
        """The mode that a new folder would have: whoever may see the destination may see it."""
        mask = os.umask(0)
        os.umask(mask)
        staged = os.open(self._staged, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self.fd)
        try:
            os.fchmod(staged, _PUBLIC & ~mask)
            os.fsync(staged)
        finally:
            os.close(staged)

    def _is_there(self, name: bytes) -> bool:
        try:
            os.stat(name, dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def _remove_replaced(self) -> None:
        """Remove an earlier output on its way out; where it is the only one, it comes back."""
        if self._is_there(self._replaced) and not self.is_published():
            os.rename(self._replaced, self._final, src_dir_fd=self.fd, dst_dir_fd=self.fd)
        self._remove(self._replaced)

    def _remove(self, name: bytes) -> None:
        if self._is_there(name):
            shutil.rmtree(name, dir_fd=self.fd)
