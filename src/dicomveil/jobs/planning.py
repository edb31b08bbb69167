"""Make a job's plan: find its source, look through it, and settle who gets which pseudonyms.

Everything that would refuse the job is found out here, before anything is de-identified.
"""

from collections.abc import Callable, Sequence
from typing import Any

from dicomveil.engine.pseudonyms import Given, GivenTo
from dicomveil.job_errors import JobRefused
from dicomveil.jobs import steps
from dicomveil.jobs.frozen import FrozenPlan
from dicomveil.jobs.giving import check_given, one_for_all
from dicomveil.jobs.locating import Located, Locations
from dicomveil.jobs.model import Job, NotDicomRule, Project, Recipe
from dicomveil.jobs.opt_outs import OptOuts
from dicomveil.jobs.pims import Identity, Pims
from dicomveil.jobs.profiles import Profiles, profile_of
from dicomveil.jobs.survey import Patient, Survey

Ask = Callable[..., Any]
"""Has a step done by a worker process."""


class Planner:
    """Makes plans by what the server knows of places, pseudonyms and refusals."""

    def __init__(
        self, locations: Locations, pims: Pims, opt_outs: OptOuts, profiles: Profiles
    ) -> None:
        """Ask these."""
        self._profiles = profiles
        self._locations = locations
        self._pims = pims
        self._opt_outs = opt_outs

    def plan(
        self, job: Job, project: Project, ask: Ask, located: Located | None = None
    ) -> FrozenPlan:
        """How the job is carried out; `located` is where its source was fetched to, if it was.

        Raises JobRefused, NoPlace, Unfit and ProfileError when it cannot be.
        """
        recipe = project.recipe
        profile = self._profiles.frozen(recipe.profile)
        located = located or self._locations.source(job.source_type, job.source, recipe.sources)
        classes = frozenset(job.sop_classes)
        seen: Survey = ask(steps.look, located.sources, located.beneath, classes)
        _check_files(seen, located, recipe)
        patients = list(seen.patients.values())
        self._check_consent(job, patients)
        return FrozenPlan(
            profile=profile.name,
            recipe=profile.recipe,
            digest=profile_of(profile).digest,
            key=recipe.key,
            layout=recipe.layout,
            pixels=recipe.pixels,
            not_dicom=recipe.not_dicom,
            quarantine=recipe.quarantine,
            sources=tuple(seen.wanted) if classes else located.sources,
            beneath=located.beneath,
            selection=located.selection,
            fetched=located.fetched,
            given=self._given(job, patients),
            left_out=seen.found - len(seen.wanted) if classes else 0,
            files=seen.found,
            objects=len(seen.wanted) if classes else seen.objects,
            size=seen.size,
        )

    def _check_consent(self, job: Job, patients: Sequence[Patient]) -> None:
        """Raise JobRefused when a patient refuses research and the job heeds that."""
        ids = [patient.person.patient_id for patient in patients if patient.person.patient_id]
        if not job.opt_out_reason and self._opt_outs.refusing(ids):
            text = 'Patient "***" does not want his or her data to be used for research'
            raise JobRefused("opted-out", text)

    def _given(self, job: Job, patients: Sequence[Patient]) -> GivenTo:
        """Who gets which pseudonyms; nothing when all are by the project's key."""
        if job.pseudo_id:
            given = one_for_all(patients, Given(job.pseudo_id, job.pseudo_name))
        elif job.pims_key:
            given = self._from_pims(job, patients)
        else:
            return ()
        check_given(patients, dict(given))
        self._note(job, patients)
        return tuple(sorted(given))

    def _note(self, job: Job, patients: Sequence[Patient]) -> None:
        """Where the job names a pseudonym key too, the given pseudonym is the patient's in it."""
        if job.pims_key and job.pseudo_id and patients:
            whose = {_identity(patient): job.pseudo_id for patient in patients}
            self._pims.put(job.pims_key, whose, job.owner)

    def _from_pims(self, job: Job, patients: Sequence[Patient]) -> GivenTo:
        nameless = sum(not patient.person.patient_id for patient in patients)
        if nameless:
            text = f"{nameless} studies have no Patient ID to give a pseudonym to"
            raise JobRefused("several-patients", text)
        people = {_identity(patient): patient.person.message for patient in patients}
        assigned = self._pims.assign(job.pims_key, list(people))
        return tuple((people[who], Given(called, called)) for who, called in assigned.items())


def _identity(patient: Patient) -> Identity:
    return Identity(patient.person.patient_id, patient.person.issuer)


def _check_files(seen: Survey, located: Located, recipe: Recipe) -> None:
    """Raise JobRefused for a source that the project does not take."""
    if seen.not_dicom and (located.selection or recipe.not_dicom is NotDicomRule.FAIL):
        text = f"{seen.not_dicom} files of the source are not DICOM"
        raise JobRefused("not-dicom-found", text, "\n".join(seen.names))
    if not seen.objects and not seen.unreadable:
        raise JobRefused("nothing-to-deliver", "nothing to deliver: the source holds no objects")
