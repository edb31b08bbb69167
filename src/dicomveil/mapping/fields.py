"""The parameters of a job as people write them in a mapping, and their names."""

import difflib
from enum import StrEnum


class Field(StrEnum):
    """One parameter of a mapping; the value is its name in files, in the order files have it."""

    SOURCE = "source"
    PSEUDO_ID = "pseudo_id"
    PSEUDO_NAME = "pseudo_name"
    DESCRIPTION = "description"
    PIMS_KEY = "pims_key"
    DESTINATION_PATH = "destination_path"
    ROOT_SOURCE_PATH = "root_source_path"
    PROJECT = "project"


MEANING = {
    Field.SOURCE: "Data to anonymize comes from this source",
    Field.PSEUDO_ID: "Pseudonym for Patient ID to set in anonymized data",
    Field.PSEUDO_NAME: "Pseudonym for Patient name to set in anonymized data",
    Field.DESCRIPTION: "Job description, free text",
    Field.PIMS_KEY: "Use this PIMS project to pseudonymize",
    Field.DESTINATION_PATH: "Write data to this UNC path after anonymization",
    Field.ROOT_SOURCE_PATH: "Path sources are all relative to this UNC path",
    Field.PROJECT: "Anonymize according to this project",
}

# In a mapping patient_id and patient_name have always meant the pseudonym.
OLD_NAMES = {"patient_id": Field.PSEUDO_ID, "patient_name": Field.PSEUDO_NAME}

NAMES = {str(field): field for field in Field} | OLD_NAMES


def field_named(name: str) -> Field | None:
    """The field of that name, whatever its case and padding; None when there is none."""
    return NAMES.get(name.strip().lower())


def known_names(name: str) -> str:
    """The names that are accepted, the one nearest to `name` first when there is one."""
    near = difflib.get_close_matches(name.strip().lower(), NAMES, n=1)
    listed = ", ".join(NAMES)
    return f"did you mean {near[0]}? Accepted: {listed}" if near else f"accepted: {listed}"
