"""What is refused before anything is written: each check says which argument is at fault.

Arguments are named by what they are (DST, the private folder, SRC by its number), not by their
paths, which may name a patient.
"""

import os
import stat

from dicomveil.errors import CannotStart, KeyRefused
from dicomveil.jobs import manifest, private
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.plan import Existing, Order, Overlap, Purpose


def check(order: Order) -> None:
    """Raise CannotStart or KeyRefused for an order that cannot or may not be carried out."""
    for number, source in enumerate(order.sources, 1):
        _check_readable(number, source)
    _check_apart(order)
    _check_names(order)
    check_destination(order)
    if order.purpose is Purpose.DELIVER:
        _check_space(order)


def inside(path: bytes, folder: bytes) -> bool:
    """Whether the path is this folder or lies in it; both without links."""
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


def _check_readable(number: int, source: bytes) -> None:
    """A SRC must be a folder that can be listed or a regular file that can be opened."""
    try:
        mode = os.stat(source).st_mode
        if stat.S_ISDIR(mode):
            os.scandir(source).close()
        elif stat.S_ISREG(mode):
            os.close(os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        else:
            raise CannotStart(f"SRC {number} is neither a folder nor a regular file")
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise CannotStart(f"SRC {number} cannot be read: {reason}") from None


def _check_apart(order: Order) -> None:
    """No place that is written to may lie in one that is read, and the other way round."""
    if order.key is not None:
        _check_key(order, os.path.realpath(os.fsencode(order.key.place)))
    if order.overlap is Overlap.ALLOW:
        return
    for number, source in enumerate(order.sources, 1):
        real = os.path.realpath(source)
        if inside(order.destination, real):
            raise CannotStart(f"DST lies in SRC {number}")
        if inside(real, order.destination):
            raise CannotStart(f"SRC {number} lies in DST")
        if inside(order.private, real) or inside(real, order.private):
            raise CannotStart(f"the private folder and SRC {number} lie in each other")
    if inside(order.private, order.destination) or inside(order.destination, order.private):
        raise CannotStart("the private folder and DST lie in each other")


def _check_key(order: Order, key_place: bytes) -> None:
    """A key may not lie in what is read or handed on."""
    for number, source in enumerate(order.sources, 1):
        if inside(key_place, os.path.realpath(source)):
            raise KeyRefused(f"the key lies in SRC {number}")
    if inside(key_place, order.destination):
        raise KeyRefused("the key lies in DST")


def _check_names(order: Order) -> None:
    """Several SRC of one name would fall together where names are kept or mirrored."""
    names = [os.path.basename(source) for source in order.sources]
    if order.layout not in (Layout.UID, Layout.MEDIA) and len(set(names)) < len(names):
        raise CannotStart(f"two SRC have one name, which --layout {order.layout} cannot tell apart")


def check_destination(order: Order) -> None:
    """DST and the private folder must be as the run was told to expect them."""
    for name, folder in (("DST", order.destination), ("the private folder", order.private)):
        if os.path.lexists(folder) and not os.path.isdir(folder):
            raise CannotStart(f"{name} is no folder")
    if order.purpose is Purpose.REHEARSE:
        return
    match order.existing:
        case Existing.ADD:
            return
        case Existing.REFUSE:
            _check_new(order)
        case Existing.RESUME:
            _check_resumable(order)
        case Existing.OVERWRITE:
            _check_replaceable(order)


def _check_new(order: Order) -> None:
    if not _is_empty(order.destination):
        raise CannotStart("DST is not empty; --resume finishes a run, --overwrite replaces one")
    if not private.is_empty(order.private):
        raise CannotStart("the private folder is not empty; --private names another")


def _check_resumable(order: Order) -> None:
    if not _is_ours(order.books):
        raise CannotStart("DST holds no run that could be resumed")
    if manifest.read_ending(order.books) is None and not os.path.isdir(order.journal):
        raise CannotStart("the private folder holds no journal of the run to be resumed")


def _check_replaceable(order: Order) -> None:
    if not _is_ours(order.destination) and not _is_empty(order.destination):
        raise CannotStart("DST is no earlier output of dicomveil: it has no manifest")
    if private.foreign(order.private):
        raise CannotStart("the private folder holds files that are not of a run's making")


def _is_ours(destination: bytes) -> bool:
    return manifest.read_header(destination) is not None


def _check_space(order: Order) -> None:
    """The first file must fit; later ones end the run when they do not, and it can be resumed."""
    first = next(iter(order.scan), None)
    here = order.destination
    while not os.path.isdir(here):
        here = os.path.dirname(here)
    space = os.statvfs(here)
    if first is not None and space.f_blocks and space.f_bavail * space.f_frsize < first.size:
        raise CannotStart("there is no space for the first file where DST is")


def _is_empty(folder: bytes) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except FileNotFoundError:
        return True
    except OSError as error:
        raise CannotStart(f"DST cannot be read: {os.strerror(error.errno or 0)}") from None
