"""A profile gives each element one action, and says who it is."""

import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import pytest

from dicomveil.errors import ProfileError
from dicomveil.policy.actions import (
    Action,
    Dummy,
    Empty,
    Keep,
    Kind,
    NewUid,
    Pseudonym,
    Recurse,
    Remove,
)
from dicomveil.policy.compiled import fitted
from dicomveil.policy.options import Option
from dicomveil.policy.profile import Profile, load_profile
from dicomveil.policy.rules import Rule
from dicomveil.policy.selectors import PRIVATE, selector

BASIC = load_profile("basic")


def rule(text: str, action: Action) -> Rule:
    return Rule(selector(text), action, "here")


def test_a_profile_cannot_be_built_without_the_unlisted() -> None:
    with pytest.raises(TypeError, match="unlisted"):
        Profile(name="research", rules=())  # type: ignore[call-arg] # the claim itself


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        BASIC.name = "other"  # type: ignore[misc] # the claim itself


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match="basic"):
        load_profile("bsaic")


def test_a_tie_is_found_when_the_profile_is_built() -> None:
    rules = (rule("(0010,0010)", Keep()), rule("(0010,0010)", Remove()))

    with pytest.raises(ProfileError, match="two rules"):
        Profile(name="torn", rules=rules, unlisted=Remove())


def test_the_narrower_rule_decides() -> None:
    rules = (rule("(60xx,xxxx)", Remove()), rule("(6000,0010)", Keep()))
    compiled = Profile(name="narrow", rules=rules, unlisted=Empty()).compiled

    assert compiled.action(0x60000010, "US") == Keep()
    assert compiled.action(0x60020010, "US") == Remove()
    assert compiled.action(0x00280010, "US") == Empty()


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        pytest.param(0x00091001, "LO", id="private"),
        pytest.param(0x00090010, "LO", id="a private creator"),
        pytest.param(0x00290000, "UL", id="a private group length"),
        pytest.param(0x00291010, "SQ", id="a private sequence"),
        pytest.param(0x50000010, "US", id="a curve"),
        pytest.param(0x50FE3000, "OW", id="the last curve"),
        pytest.param(0x5000200C, "OW", id="audio of a curve"),
        pytest.param(0x60003000, "OW", id="an overlay"),
        pytest.param(0x60000010, "US", id="the size of an overlay without data"),
        pytest.param(0x60020045, "LO", id="the kind of an overlay without data"),
        pytest.param(0x601E4000, "LT", id="a comment on an overlay"),
        pytest.param(0x00080000, "UL", id="a group length"),
        pytest.param(0x00000002, "UI", id="a command"),
        pytest.param(0x00001000, "UI", id="a command that the table lists"),
        pytest.param(0x00020003, "UI", id="file meta in the data set"),
        pytest.param(0x00041220, "SQ", id="directory records"),
        pytest.param(0x00041511, "UI", id="a directory element that the table lists"),
        pytest.param(0xFFFAFFFA, "SQ", id="digital signatures"),
        pytest.param(0xFFFA0001, "OB", id="beside digital signatures"),
        pytest.param(0xFFFCFFFC, "OB", id="padding"),
        pytest.param(0x04000561, "SQ", id="original attributes"),
        pytest.param(0x00880200, "SQ", id="an icon"),
        pytest.param(0x00189999, "LO", id="a tag of no dictionary"),
        pytest.param(0x3004007F, "LO", id="the newest row, which no dictionary knows"),
    ],
)
def test_what_has_no_place_in_an_output_is_removed(tag: int, vr: str) -> None:
    assert BASIC.compiled.action(tag, vr) == Remove()


@pytest.mark.parametrize(
    ("tag", "action"),
    [
        pytest.param(0x0040A730, Dummy(), id="D: one item of dummies"),
        pytest.param(0x00081111, Dummy(), id="X/Z/D: one item of dummies"),
        pytest.param(0x00081110, Empty(), id="X/Z: no items"),
        pytest.param(0x00400610, Empty(), id="Z: no items"),
        pytest.param(0x00081140, Recurse(), id="X/Z/U*: new UIDs inside"),
        pytest.param(0x00101002, Remove(), id="X: with all items"),
        pytest.param(0x52009230, Recurse(), id="unlisted: each element by itself"),
    ],
)
def test_an_action_on_a_sequence_is_for_all_it_holds(tag: int, action: Action) -> None:
    assert BASIC.compiled.action(tag, "SQ") == action


@pytest.mark.parametrize(
    ("action", "tag", "vr", "done"),
    [
        pytest.param(Dummy(), 0x006A0003, "UI", NewUid(), id="a dummy UID is a new one"),
        pytest.param(Dummy(), 0x00120010, "SQ", Remove(), id="no item for this tag"),
        pytest.param(NewUid(), 0x00081140, "SQ", Recurse(), id="UIDs lie inside"),
        pytest.param(NewUid(), 0x00080018, "LO", Remove(), id="a UID that is text"),
        pytest.param(Pseudonym(Kind.PATIENT_ID), 0x00100020, "SH", None, id="another text"),
        pytest.param(Pseudonym(Kind.PATIENT_ID), 0x00100020, "OB", Empty(), id="bytes"),
        pytest.param(Pseudonym(Kind.PATIENT_ID), 0x00100020, "SQ", Empty(), id="items"),
        pytest.param(Recurse(), 0x00081140, "LO", Remove(), id="a sequence that is none"),
        pytest.param(Keep(), 0x00280010, "US", None, id="keep"),
        pytest.param(Remove(), 0x00280010, "SQ", None, id="remove"),
        pytest.param(Empty(), 0x00280010, "SQ", None, id="empty"),
    ],
)
def test_an_action_fits_the_vr_that_the_file_writes(
    action: Action, tag: int, vr: str, done: Action | None
) -> None:
    assert fitted(action, tag, vr) == (done or action)


def test_a_second_question_gets_the_first_answer() -> None:
    compiled = load_profile("basic").compiled

    first = compiled.action(0x00080018, "UI")

    assert compiled.action(0x00080018, "UI") is first


def test_memory_does_not_grow_with_the_tags_a_file_can_name() -> None:
    compiled = load_profile("basic").compiled

    for tag in range(0x00090000, 0x0009A000):
        assert compiled.action(tag, "LO") == compiled.action(tag, "SH") == Remove()

    assert len(compiled._met) <= 65_536


def test_two_loads_have_one_digest() -> None:
    assert load_profile("basic").digest == BASIC.digest
    assert len(bytes.fromhex(BASIC.digest)) == 16


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(BASIC, name="other"), id="name"),
        pytest.param(replace(BASIC, rules=BASIC.rules[1:]), id="a rule less"),
        pytest.param(replace(BASIC, unlisted=Remove()), id="the unlisted"),
        pytest.param(replace(BASIC, method="another"), id="method"),
        pytest.param(replace(BASIC, codes=()), id="codes"),
        pytest.param(replace(BASIC, longitudinal="MODIFIED"), id="dates"),
    ],
)
def test_what_decides_differently_has_another_digest(other: Profile) -> None:
    assert other.digest != BASIC.digest


def test_the_basic_profile_says_what_it_did() -> None:
    assert [code.value for code in BASIC.codes] == ["113100"]  # PS3.16 CID 7050
    assert BASIC.codes[0].scheme == "DCM"
    assert BASIC.method.startswith("dicomveil PS3.15 2026d ")
    assert len(BASIC.method) <= 64  # LO
    assert BASIC.longitudinal == "REMOVED"


def test_a_profile_without_a_method_says_its_name() -> None:
    profile = Profile(name="n" * 80, rules=(Rule(PRIVATE, Remove(), "here"),), unlisted=Remove())

    assert profile.method.startswith("dicomveil profile n")
    assert len(profile.method) == 64


def test_loading_a_profile_imports_neither_pydicom_nor_the_network() -> None:
    script = (
        "import sys; from dicomveil.policy.profile import load_profile as l; "
        "l('basic').compiled.action(0x00080018, 'UI'); "
        "print({'pydicom', 'socket', 'pydantic', 'random'} & set(sys.modules))"
    )

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize("options", [(), (Option.UIDS,)])
def test_a_preset_travels_by_its_name_and_is_the_same_there(options: tuple[Option, ...]) -> None:
    profile = load_profile("basic", options)
    sent = pickle.dumps(profile)

    assert len(sent) < 1000
    assert pickle.loads(sent).digest == profile.digest  # noqa: S301 - our own bytes


def test_a_profile_that_is_no_preset_travels_whole() -> None:
    profile = replace(load_profile("basic"), name="ours")
    there = pickle.loads(pickle.dumps(profile))  # noqa: S301 - our own bytes

    assert there.digest == profile.digest
    assert there.digest != load_profile("basic").digest
