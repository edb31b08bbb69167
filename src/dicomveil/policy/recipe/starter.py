"""The text of a new recipe: every section, each with a comment that says what it may hold."""

from string import Template

_TEXT = Template("""\
# A recipe of dicomveil: what happens to each element of an object.
# Check it with `dicomveil profile lint $file`, look at it with `dicomveil profile show $file`,
# run it with `dicomveil deid --profile $file SRC DST`.

name: $name                      # small letters, digits, hyphens; written into each output
description: Says in a sentence what this recipe is for.

# What it starts from: a profile of the package, or another recipe's file.
extends: $extends

# Options of DICOM PS3.15 E.3.
options:
#  - retain-patient-characteristics
#  - retain-device-identity
#  - retain-modified-dates
#  - clean-descriptors           # or clean-descriptors: strict

# What becomes of elements that no rule names: by-review, remove or keep.
# unlisted: by-review

# selector: action. The more specific of two rules decides, wherever it is written:
# the number of tags counts first, then the length of the path, then the conditions.
rules:
  PatientSex: keep
#  (0008,1030): remove                            # a tag
#  (60xx,3000): remove                            # x stands for any digit
#  (0019,"SIEMENS MR HEADER",0C): keep            # private, by its creator
#  RequestAttributesSequence/AccessionNumber: remove   # in an item of a sequence
#  /PatientID: {hash: 12}                         # at the root of the object alone
#  vr:TM: remove                                  # every element of a VR
#  regex:.*Comments: empty                        # every keyword that matches as a whole
#  StationName:                                   # by conditions on other elements
#    - {when: {Modality: [CT, MR]}, action: keep}
#    - remove
# Actions: keep, remove, empty, dummy, uid, clean, clean-strict, shift-date, hash,
#  {hash: 8}, {replace: ANON}, {truncate: 4}, {mask: "[0-9]+"}, {date-jitter: 7},
#  {pseudonym: patient-id}

# Which objects: the first line that fits decides.
# filters:
#  - quarantine: {BurnedInAnnotation: YES}
#  - include: {Modality: [CT, MR]}
#  - skip: everything

# How far dates move into the past, in days (retain-modified-dates, shift-date).
# dates: {at-least: 30, at-most: 3650}

# Private elements that no rule names: remove, safe (PS3.15 Table E.3.10-1) or known.
# private: remove

# Who the patient becomes. {code} is the keyed pseudonym, {code:8} its first characters.
# identity:
#  patient-id: "STUDY-{code:8}"
#  patient-name: "{patient-id}"
#  mapping: {file: patients.csv, old: id_old, patient-id: id_new, others: quarantine}
""")


def starter(name: str, extends: str, file: str) -> str:
    """A recipe that can be used as it is, and says what else can be written."""
    text = _TEXT.substitute(name=name, extends=extends, file=file)
    return text.replace("options:\n#", "# options:\n#", 1)
