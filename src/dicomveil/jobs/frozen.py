"""How one job is carried out, frozen by its first attempt: every later attempt does the very same.

It is kept sealed in the ledger, since it says who gets which pseudonym, and is what `dicomveil
admin job export` writes down.
"""

import json
from dataclasses import asdict, dataclass, field, replace

from dicomveil.engine.pseudonyms import Given, GivenTo
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.model import NotDicomRule, Pixels, QuarantineRule
from dicomveil.policy.recipe.files import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPlan:
    """The recipe of one job; paths are local ones of this server."""

    profile: str  # a preset, or the recipe's name, with its version where it has one
    recipe: Texts = field(default=(), repr=False)  # it may name patients; () for a preset
    digest: str = ""  # of the profile, as the engine knows it
    key: str
    layout: Layout
    pixels: Pixels
    not_dicom: NotDicomRule
    quarantine: QuarantineRule
    sources: tuple[bytes, ...] = field(repr=False)
    beneath: bytes
    selection: str  # the digest of the file selection; "" for a folder
    fetched: str = field(default="", repr=False)  # the SRC of `deid` where a place had it
    given: GivenTo = field(repr=False)
    left_out: int = 0  # objects of SOP Classes that were not asked for
    files: int = 0
    objects: int = 0  # of those: what can be delivered at most
    size: int = 0  # bytes of everything that was found

    def as_begun(self, before: "FrozenPlan") -> "FrozenPlan":
        """A plan of what was fetched anew, by the rules of the attempt `before`."""
        return replace(
            self,
            profile=before.profile,
            recipe=before.recipe,
            digest=before.digest,
            key=before.key,
            layout=before.layout,
            pixels=before.pixels,
            not_dicom=before.not_dicom,
            quarantine=before.quarantine,
        )

    def written(self) -> str:
        """The plan as JSON."""
        plain = asdict(self)
        plain["recipe"] = [list(pair) for pair in self.recipe]
        plain["sources"] = [_text(source) for source in self.sources]
        plain["beneath"] = _text(self.beneath)
        plain["given"] = [[_text(patient), *pair] for patient, pair in self.given]
        return json.dumps(plain, sort_keys=True)


def read_plan(text: str) -> FrozenPlan:
    """The plan that `written` wrote."""
    plain = json.loads(text)
    return FrozenPlan(
        profile=plain["profile"],
        digest=plain.get("digest", ""),
        recipe=tuple((name, text) for name, text in plain.get("recipe", ())),
        key=plain["key"],
        layout=Layout(plain["layout"]),
        pixels=Pixels(plain["pixels"]),
        not_dicom=NotDicomRule(plain["not_dicom"]),
        quarantine=QuarantineRule(plain["quarantine"]),
        sources=tuple(map(_path, plain["sources"])),
        beneath=_path(plain["beneath"]),
        selection=plain["selection"],
        fetched=plain.get("fetched", ""),
        given=tuple((_path(who), Given(*pair)) for who, *pair in plain["given"]),
        left_out=plain["left_out"],
        files=plain["files"],
        objects=plain.get("objects", plain["files"]),
        size=plain["size"],
    )


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _path(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
