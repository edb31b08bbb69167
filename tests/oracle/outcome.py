"""What the product makes of a file, and whether the oracle agrees."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType

import dicomveil
from dicomveil import Options, PixelTrust, Templates, joined
from dicomveil.errors import DicomveilError, InvalidDicom, Refused
from dicomveil.policy.options import Option
from tests.oracle.basic import Expected, Quarantined, expected
from tests.oracle.claims import Same
from tests.oracle.compare import differences
from tests.oracle.presets import Preset
from tests.oracle.pseudonyms import uid
from tests.oracle.tree import Leaf, Read, Tree, read
from tests.oracle.verdict import Pixels, Reason

KEY = bytes(range(32))
SECONDS = 30.0  # no file may take longer
SOP_INSTANCE, META_INSTANCE = 0x00080018, 0x00020003
IMPLEMENTATION = 0x00020012
FORBIDDEN_META = (0x00020016, 0x00020017, 0x00020018, 0x00020026, 0x00020027, 0x00020028)
PRIVATE_META = (0x00020100, 0x00020102)


@dataclass(frozen=True)
class Outcome:
    """What became of one file: delivered or a code, the human's reason, and what is wrong."""

    ended: str
    why: str
    wrong: tuple[str, ...]


@cache
def outcome_of(
    path: Path, pixels: Pixels = Pixels.UNPROVEN, preset: Preset = Preset.BASIC
) -> Outcome:
    """De-identify one file and hold the result against the oracle."""
    wanted = expected(path, KEY, pixels, preset)
    try:
        with _at_most(SECONDS):
            output = _cleaned(path, PixelTrust[pixels.name], preset)
    except (InvalidDicom, Refused) as refusal:
        return _refused(wanted, refusal)
    return _delivered(path, wanted, output, preset)


def _cleaned(path: Path, pixels: PixelTrust, preset: Preset) -> bytes:
    options = Options(templates=Templates.OFF, pixels=pixels)
    profile = dicomveil.load_profile(*profile_of(preset))
    return joined(dicomveil.deidentify(path, profile, KEY, options=options), path)


def profile_of(preset: Preset) -> tuple[str, tuple[Option, ...]]:
    """What the product calls it: a preset's name, or the Basic Profile with the option."""
    if preset in {Preset.BASIC, Preset.RESEARCH, Preset.TCIA}:
        return preset.value, ()
    return Preset.BASIC.value, (Option.named(preset.value),)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still at work after {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _refused(wanted: Expected | Quarantined, refusal: DicomveilError) -> Outcome:
    reasons = wanted.reasons if isinstance(wanted, Quarantined) else wanted.tolerated
    agreed = [reason for reason in reasons if refusal.code in reason.codes]
    if agreed:
        return Outcome(refusal.code, agreed[0].why, ())
    known = _all_told(reasons) or "the file should be delivered"
    return Outcome(refusal.code, "", (f"quarantined: {refusal}; but {known}",))


def _delivered(
    path: Path, wanted: Expected | Quarantined, output: bytes, preset: Preset
) -> Outcome:
    if isinstance(wanted, Quarantined):
        return Outcome("delivered", "", (f"delivered, but {_all_told(wanted.reasons)}",))
    made = read(output)
    wrong = [str(one) for one in differences(wanted.body, made.body)]
    wrong += _wrong_meta(wanted, read(path), made, preset)
    return Outcome("delivered", "equal to the oracle", tuple(wrong))


def _all_told(reasons: tuple[Reason, ...]) -> str:
    return "; ".join(f"{one.why} ({', '.join(sorted(one.codes))})" for one in reasons)


def _wrong_meta(wanted: Expected, original: Read, made: Read, preset: Preset) -> list[str]:
    checks = {
        "the preamble is not 128 zero bytes": made.preamble == bytes(128),
        "the SOP Instance UID is not in step": _instance(made)
        == _new_instance(original, made, preset),
        "the implementation is not named anew": _bytes(made.meta, IMPLEMENTATION)
        not in {b"", _bytes(original.meta, IMPLEMENTATION)},
        "an AE title or address is there": not made.meta.keys() & set(FORBIDDEN_META),
        "private information is there": not made.meta.keys() & set(PRIVATE_META),
        "the encoding changed": (original.implicit, original.little)
        == (made.implicit, made.little),
    }
    kept = (claim for claim in wanted.meta.items() if isinstance(claim[1], Same))
    for tag, claim in kept:
        same = isinstance(claim, Same) and _bytes(made.meta, tag) == claim.raw.rstrip(b"\0 ")
        checks[f"(0002,{tag & 0xFFFF:04X}) changed"] = same
    return [f"file meta: {told}" for told, holds in checks.items() if not holds]


def _instance(made: Read) -> bytes:
    return _bytes(made.meta, META_INSTANCE)


def _new_instance(original: Read, made: Read, preset: Preset) -> bytes:
    """The data set's new UID, else what becomes of the one the old file meta had."""
    old = _bytes(original.meta, META_INSTANCE)
    if preset is Preset.UIDS:
        return _bytes(made.body, SOP_INSTANCE) or old
    return _bytes(made.body, SOP_INSTANCE) or (uid(KEY, old).encode() if old else b"")


def _bytes(tree: Tree, tag: int) -> bytes:
    node = tree.get(tag)
    return node.raw.rstrip(b"\0 ") if isinstance(node, Leaf) else b""
