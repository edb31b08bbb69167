"""A synthetic study with planted identifiers: what `make demo` de-identifies.

Nobody in it exists. Identifiers stand where they stand in hospitals: the header, nested sequences,
a private block, an overlay, the file meta and the names of folders and files.
"""

from pathlib import Path
from typing import NamedTuple

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, UltrasoundImageStorage

SIDE = 64  # pixels of an image's side
ROOT = "1.2.826.0.1.3680043.8.498."  # pydicom's, for UIDs that belong to nobody
SLICES = 5  # of each patient


class Patient(NamedTuple):
    """Somebody who does not exist, and what the demo plants about them."""

    name: str
    number: str
    birth: str
    accession: str
    physician: str
    phone: str
    folder: str


PATIENTS = (
    Patient(
        name="Müller-Example^Erika",
        number="PAT-4711-08",
        birth="19640812",
        accession="ACC-2024-998877",
        physician="Schneider^Beate",
        phone="+49 30 5550123",
        folder="Mueller-Example_Erika",
    ),
    Patient(
        name="Sample^Otto",
        number="PAT-0815-42",
        birth="19510303",
        accession="ACC-2024-112233",
        physician="Fischer^Karl",
        phone="+49 40 5550456",
        folder="Sample_Otto",
    ),
)
INSTITUTION = "Hospital of Nowhere"
STATION = "CT-ROOM-7"


class Study(NamedTuple):
    """What was written: how many files, how many of them sound CT slices, and what was planted."""

    files: int
    slices: int
    shown: Path  # the slice whose elements the demo shows
    planted: tuple[str, ...]


def write_study(folder: Path) -> Study:
    """Write ten CT slices, an ultrasound, a text file and a broken file of two patients."""
    for patient in PATIENTS:
        for number in range(1, SLICES + 1):
            _save(_slice(patient, number), folder / patient.folder / f"CT{number:05}.dcm")
    erika, otto = PATIENTS
    _save(_ultrasound(otto), folder / otto.folder / "US00001.dcm")
    whole = (folder / otto.folder / "CT00005.dcm").read_bytes()
    (folder / otto.folder / "CT00006.dcm").write_bytes(whole[: len(whole) // 2])
    (folder / f"letter_{erika.folder}.txt").write_text(f"Dear {erika.name},\n", encoding="utf-8")
    files = sum(path.is_file() for path in folder.rglob("*"))
    return Study(files, SLICES * len(PATIENTS), folder / erika.folder / "CT00001.dcm", _planted())


def _planted() -> tuple[str, ...]:
    """Every text that must not be found in the output: values, and the parts of names."""
    texts = [INSTITUTION, STATION, ROOT]
    for patient in PATIENTS:
        texts += [patient.number, patient.birth, patient.accession, patient.phone, patient.folder]
        texts += patient.name.split("^") + patient.physician.split("^")
    return tuple(texts)


def _slice(patient: Patient, number: int) -> Dataset:
    """One CT slice with identifiers in every place the demo speaks of."""
    image = _image(patient, "CT", CTImageStorage, f"3.{number}")
    image.InstanceNumber = number
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.SliceThickness = "2.5"
    image.PixelSpacing = ["0.7", "0.7"]
    image.ImageComments = f"Compare with the study of {patient.name.replace('^', ', ')}"
    image.ReferencedImageSequence = [_reference(image, number) for number in (1, 2)]
    request = Dataset()
    request.RequestedProcedureID = patient.accession
    request.ScheduledProcedureStepDescription = f"Chest, for {patient.physician}"
    image.RequestAttributesSequence = [request]
    block = image.private_block(0x0029, "DEMO SCANNER", create=True)
    block.add_new(0x01, "LO", f"{patient.name} {patient.phone}")
    _lay_over(image, patient)
    return image


def _ultrasound(patient: Patient) -> Dataset:
    """An ultrasound image: nothing says that its pixels show no name, so it may not leave."""
    image = _image(patient, "US", UltrasoundImageStorage, "4.1")
    image.InstanceNumber = 1
    image.ImageType = ["ORIGINAL", "PRIMARY"]
    return image


def _image(patient: Patient, modality: str, sop_class: str, ending: str) -> Dataset:
    """What every image of the study says: who, when, where, and how its pixels lie."""
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 100"
    image.SOPClassUID = sop_class
    study, series = PATIENTS.index(patient) + 1, int(ending[0])
    _name_uids(image, f"{ROOT}{study}", ending)
    image.Modality = modality
    image.SeriesNumber = 100 * study + series
    image.StudyDate = image.SeriesDate = image.ContentDate = "20240229"
    image.StudyTime = image.ContentTime = "101500"
    image.StudyDescription = "Chest"
    _identify(image, patient)
    _add_pixels(image)
    return image


def _name_uids(image: Dataset, study: str, ending: str) -> None:
    """UIDs below the study's, the same in every run; `ending` is series and instance."""
    image.StudyInstanceUID = study
    image.SeriesInstanceUID = f"{study}.{ending[0]}"
    image.SOPInstanceUID = f"{study}.{ending}"
    image.FrameOfReferenceUID = f"{study}.9"


def _identify(image: Dataset, patient: Patient) -> None:
    """The identifiers of the header itself."""
    image.PatientName = patient.name
    image.PatientID = patient.number
    image.PatientBirthDate = patient.birth
    image.PatientSex = "O"
    image.PatientTelephoneNumbers = patient.phone
    image.AccessionNumber = patient.accession
    image.StudyID = patient.accession[-6:]
    image.ReferringPhysicianName = patient.physician
    image.InstitutionName = INSTITUTION
    image.StationName = STATION


def _add_pixels(image: Dataset) -> None:
    """A grey disc, which shows nobody."""
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows = image.Columns = SIDE
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit = 7
    image.PixelRepresentation = 0
    middle = SIDE // 2
    image.PixelData = bytes(
        200 if (row - middle) ** 2 + (column - middle) ** 2 < (SIDE // 3) ** 2 else 20
        for row in range(SIDE)
        for column in range(SIDE)
    )


def _reference(image: Dataset, number: int) -> Dataset:
    """An item that names another slice of the same series."""
    item = Dataset()
    item.ReferencedSOPClassUID = image.SOPClassUID
    item.ReferencedSOPInstanceUID = f"{image.SeriesInstanceUID}.{number}"
    return item


def _lay_over(image: Dataset, patient: Patient) -> None:
    """An overlay (group 6000), as scanners write names into."""
    image.add_new(0x60000010, "US", SIDE)
    image.add_new(0x60000011, "US", SIDE)
    image.add_new(0x60000040, "CS", "G")
    image.add_new(0x60000050, "SS", [1, 1])
    image.add_new(0x60000100, "US", 1)
    image.add_new(0x60000102, "US", 0)
    image.add_new(0x60001500, "LO", patient.name)
    image.add_new(0x60003000, "OW", bytes(SIDE * SIDE // 8))


def _save(image: Dataset, path: Path) -> None:
    """Write a Part 10 file whose meta names the station too."""
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta.SourceApplicationEntityTitle = STATION
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save_as(path, enforce_file_format=True)
