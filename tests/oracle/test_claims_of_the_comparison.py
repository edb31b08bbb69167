"""The comparison names every kind of difference, and nothing else."""

import pytest

from tests.oracle.claims import EMPTY, Claim, Codes, Dummy, DummyItem, Items, Same, Tells, Written
from tests.oracle.compare import Kind, differences
from tests.oracle.studies import study, tree, wanted
from tests.oracle.tree import Branch, Leaf, Node, Tree

TAG, PERSON_CODES = 0x00100010, 0x00401101
CODE: Tree = {
    0x00080100: Leaf("SH", b"113100"),
    0x00080102: Leaf("SH", b"DCM "),
    0x00080104: Leaf("LO", b"Basic "),
}

DUMMY: Tree = {
    0x00080100: Leaf("SH", b"DEIDENTIFIED"),
    0x00080102: Leaf("SH", b"99DICOMVEIL "),
    0x00080104: Leaf("LO", b"DEIDENTIFIED"),
}


@pytest.mark.parametrize(
    ("claim", "got"),
    [
        pytest.param(Same("UN", b"1 "), Leaf("PN", b"1 "), id="UN became the known VR"),
        pytest.param(EMPTY, Leaf("PN", b""), id="emptied"),
        pytest.param(Dummy("PN", b"A"), Leaf("PN", b"DEIDENTIFIED"), id="the documented dummy"),
        pytest.param(Items(()), Branch("SQ", ()), id="no items"),
        pytest.param(Tells("tool"), Leaf("LO", b"earlier\\by tool"), id="told"),
        pytest.param(Codes(("113100",), "DCM"), Branch("SQ", (CODE,)), id="coded"),
    ],
)
def test_what_is_as_claimed_is_no_difference(claim: Claim, got: Node) -> None:
    assert list(differences({TAG: claim}, {TAG: got})) == []


@pytest.mark.parametrize(
    ("claim", "got", "kind"),
    [
        pytest.param(None, Leaf("PN", b"A"), Kind.EXTRA, id="should be gone"),
        pytest.param(EMPTY, None, Kind.MISSING, id="is gone"),
        pytest.param(Same("PN", b"A "), Leaf("PN", b"A"), Kind.VALUE, id="padding lost"),
        pytest.param(Same("PN", b"A "), Leaf("LO", b"A "), Kind.VR, id="VR changed"),
        pytest.param(Written(b"B "), Leaf("PN", b"A "), Kind.VALUE, id="not the pseudonym"),
        pytest.param(Dummy("PN", b"A"), Leaf("PN", b""), Kind.VALUE, id="empty dummy"),
        pytest.param(Dummy("PN", b"A"), Leaf("PN", b"A "), Kind.VALUE, id="still the old"),
        pytest.param(Items(()), Branch("SQ", ({},)), Kind.STRUCTURE, id="an item left"),
        pytest.param(Items(()), Leaf("LO", b"AB"), Kind.STRUCTURE, id="no sequence"),
        pytest.param(EMPTY, Branch("SQ", ()), Kind.STRUCTURE, id="a sequence"),
        pytest.param(DummyItem(frozenset()), Branch("SQ", ()), Kind.STRUCTURE, id="no dummy"),
        pytest.param(Codes(("113100",), "DCM"), Branch("SQ", ({},)), Kind.VALUE, id="no code"),
        pytest.param(Tells("tool"), Leaf("LO", b"nothing"), Kind.VALUE, id="not told"),
    ],
)
def test_each_kind_of_difference_is_named(
    claim: Claim | None, got: Node | None, kind: Kind
) -> None:
    claims = {} if claim is None else {TAG: claim}
    left: Tree = {} if got is None else {TAG: got}

    assert [one.kind for one in differences(claims, left)] == [kind]


def test_a_difference_names_its_place_from_the_root() -> None:
    claims = {0x00081140: Items(({TAG: EMPTY},))}
    got: Tree = {0x00081140: Branch("SQ", ({TAG: Leaf("PN", b"A ")},))}

    (found,) = differences(claims, got)

    assert str(found).startswith("(0008,1140)[0] > (0010,0010): another value: ")


def test_a_file_that_nobody_cleaned_differs_in_each_kind() -> None:
    made = study(
        PatientID="1", PatientName="Doe^J", PatientAddress="1 Road", ContentDate="20200101"
    )

    found = {one.kind for one in differences(wanted(made), tree(made))}

    assert found == {Kind.EXTRA, Kind.VALUE, Kind.MISSING}


def test_the_documented_dummy_is_no_difference() -> None:
    claim = DummyItem(frozenset({b"Jane"}))

    got: Tree = {PERSON_CODES: Branch("SQ", (DUMMY,))}

    assert list(differences({PERSON_CODES: claim}, got)) == []


@pytest.mark.parametrize(
    "item",
    [
        pytest.param({**DUMMY, 0x00080104: Leaf("LO", b"Jane")}, id="an old value"),
        pytest.param({**DUMMY, 0x00080104: Leaf("LO", b"Else")}, id="another value"),
        pytest.param({**DUMMY, TAG: Leaf("PN", b"")}, id="an element too many"),
        pytest.param({}, id="nothing"),
    ],
)
def test_another_dummy_than_the_documented_is_a_difference(item: Tree) -> None:
    claim = DummyItem(frozenset({b"Jane"}))

    assert list(differences({PERSON_CODES: claim}, {PERSON_CODES: Branch("SQ", (item,))}))
