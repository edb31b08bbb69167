"""The register of patients who refuse research: administrators keep it."""

import csv
from io import StringIO
from itertools import islice
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints
from starlette.concurrency import run_in_threadpool

from dicomveil.errors import Unusable
from dicomveil.jobs.opt_outs import read_patients
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.mappings import CSV, Body
from dicomveil.server.api.models import REFUSALS, Given
from dicomveil.server.documentation import API
from dicomveil.server.refusals import RequestRefused

router = APIRouter(prefix=f"{API}/opt-outs", tags=["opt-outs"], responses=REFUSALS)
MOST = 100_000
Patient = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class Refusing(Given):
    """Patients who refuse, by their Patient ID in the hospital."""

    patients: list[Patient] = Field(min_length=1, max_length=10_000)


class Consenting(Given):
    """A patient who refuses no longer."""

    patient: Patient


class Register(BaseModel):
    """How many patients the register holds, and how many of them are new."""

    count: int
    new: int = 0


class Gone(BaseModel):
    """Whether the patient was in the register."""

    found: bool


class Everybody(BaseModel):
    """Every patient in the register."""

    patients: list[str]


@router.get("", summary="How many patients refuse", response_model_exclude_unset=True)
def count(caller: ACaller, office: AnOffice) -> Register:
    """Their number alone."""
    del caller
    return Register(count=office.opt_outs.count())


@router.post("", summary="Enter patients who refuse")
def add(refusing: Refusing, caller: ACaller, office: AnOffice) -> Register:
    """One who is there already stays."""
    new = office.opt_outs.add(refusing.patients, caller.name)
    return Register(count=office.opt_outs.count(), new=new)


@router.post("/import", summary="Enter a CSV file of patients who refuse", openapi_extra=CSV)
async def import_csv(body: Body, caller: ACaller, office: AnOffice) -> Register:
    """The file has a column `patient_id`; all of it is entered or none."""
    refusing = await run_in_threadpool(_patients, body)
    new = await run_in_threadpool(office.opt_outs.add, refusing, caller.name)
    return Register(count=await run_in_threadpool(office.opt_outs.count), new=new)


@router.post("/remove", summary="Take a patient out")
def remove(consenting: Consenting, caller: ACaller, office: AnOffice) -> Gone:
    """A body says who: an address would stand in the logs of proxies."""
    return Gone(found=office.opt_outs.remove(consenting.patient, caller.name))


@router.get("/patients", summary="Every patient who refuses")
def patients(caller: ACaller, office: AnOffice) -> Everybody:
    """Asking is audited."""
    return Everybody(patients=office.opt_outs.listed(caller.name))


def _patients(body: bytes) -> list[str]:
    try:
        read = read_patients(StringIO(body.decode("utf-8-sig"), newline=""))
        found = list(islice(read, MOST + 1))
    except UnicodeDecodeError:
        raise RequestRefused({"patients": "This is not UTF-8"}) from None
    except csv.Error:
        raise RequestRefused({"patients": "This is not a CSV file"}) from None
    except Unusable as error:
        raise RequestRefused({"patients": str(error)}) from error
    if len(found) > MOST:
        raise RequestRefused({"patients": f"More than {MOST} rows at once are not accepted"})
    return found
