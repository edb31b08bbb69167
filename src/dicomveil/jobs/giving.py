"""Pseudonyms that people give: to which patients, and whether they may have them.

A given pseudonym is for one original patient, and is none of the identifiers of that patient's
objects. Both are settled by a survey before anything is de-identified.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TextIO

from dicomveil.engine.pseudonyms import Given, GivenTo, patient_message
from dicomveil.errors import Place, Unusable
from dicomveil.job_errors import JobRefused, Unfit
from dicomveil.jobs.survey import Patient

HEADER: Final = ("issuer", "patient_id", "study_instance_uid", "pseudo_id", "pseudo_name")
_PSEUDONYM: Final = re.compile(r"(?! )[\x20-\x5b\x5d-\x7e]{1,64}(?<! )")


def check_pseudonym(field: str, text: str) -> None:
    """Raise Unfit for what no object can carry as a pseudonym."""
    if not _PSEUDONYM.fullmatch(text):
        raise Unfit(field, "1 to 64 printable ASCII characters without a backslash")


def one_for_all(patients: Sequence[Patient], given: Given) -> GivenTo:
    """The pseudonyms for the one patient there is; JobRefused when there are more."""
    if len(patients) > 1:
        text = f"the objects are of {len(patients)} patients, and one pseudonym is given for all"
        raise JobRefused("several-patients", text)
    return tuple((patient.person.message, given) for patient in patients)


def check_given(patients: Iterable[Patient], given: Mapping[bytes, Given]) -> None:
    """Raise JobRefused when a patient's objects call somebody by the pseudonym already."""
    called = sum(
        any(map(patient.is_called, given.get(patient.person.message, ()))) for patient in patients
    )
    if called:
        text = "a pseudonym is an identifier of the original objects"
        raise JobRefused("pseudonym-is-original", text)


def read_given(file: TextIO) -> GivenTo:
    """Who gets which pseudonyms, of a CSV file with the columns of HEADER.

    A patient is told by Patient ID and its issuer, or, without an ID, by the study. Unusable says
    where it is wrong.
    """
    rows = csv.DictReader(file, restkey="", restval="")
    if set(rows.fieldnames or ()) != set(HEADER):
        raise Unusable(f"the first row needs the columns {', '.join(HEADER)}", Place(row=1))
    given: dict[bytes, Given] = {}
    for number, row in enumerate(rows, 2):
        whom = patient_message(row["issuer"], row["patient_id"], row["study_instance_uid"])
        if not whom or whom in given:
            raise Unusable("each row names a patient, and each patient has one", Place("", number))
        try:
            for column in HEADER[-2:]:
                check_pseudonym(column, row[column])
        except Unfit as error:
            raise Unusable(error.problem, Place("", number, error.field)) from None
        given[whom] = Given(row["pseudo_id"], row["pseudo_name"])
    return tuple(sorted(given.items()))


def write_given(file: TextIO, given: GivenTo) -> None:
    """The CSV file that `read_given` reads; it identifies patients."""
    rows = csv.writer(file)
    rows.writerow(HEADER)
    for whom, pair in given:
        kind, *named = whom.decode().split("\0")
        who = ("", "", *named) if kind == "study" else (*named, "")
        rows.writerow((*who, *pair))
