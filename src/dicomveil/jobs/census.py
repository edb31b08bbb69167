"""Look through the files of an order and count what would become of their elements."""

from dicomveil.dicom.sniff import is_directory
from dicomveil.engine.census import Census
from dicomveil.engine.deidentify import Rules
from dicomveil.engine.fate import fates_of
from dicomveil.errors import Changed, InvalidDicom, NotDicom, ProfileError
from dicomveil.jobs.plan import Order
from dicomveil.places.original import FileOriginal
from dicomveil.places.scan import Scan


def census_of(order: Order, rules: Rules) -> Census:
    """The census of all of SRC, in this process; nothing is written."""
    census = Census()
    for found in Scan(order.sources, order.links):
        if found.name:
            _count(census, found.path, rules)
    return census


def _count(census: Census, path: bytes, rules: Rules) -> None:
    """Count one file; what cannot be read is counted by its code."""
    try:
        original = FileOriginal(path)
    except (OSError, Changed):
        return
    with original:
        if not original.size or is_directory(original.head):
            return
        try:
            census.add(fates_of(original, rules))
        except NotDicom:
            return
        except (InvalidDicom, ProfileError) as error:
            census.quarantined[error.code] += 1
