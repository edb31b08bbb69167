"""Pseudonym keys: one patient, one pseudonym, for good; and who asks is written down."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomveil.errors import Unusable
from dicomveil.job_errors import NoSuch, Unfit
from dicomveil.jobs.pims import Identity, Pims, read_pairs, write_pairs
from tests.jobs.estate import Estate

ANNA, BERT = Identity("0012"), Identity("4711")


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    yield made
    made.house.close()


def key(estate: Estate, template: str, name: str = "pk") -> Pims:
    """The pseudonym keys, with one of this template."""
    estate.house.pims.add_key(name, template, estate.key, "test")
    return estate.house.pims


TEMPLATES = {
    "{keyed}": r"[A-Z2-7]{16}",
    "P{n:05}": r"P0000[12]",
    "X-{random:10}": r"X-[A-Z2-9]{10}",
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_patient_keeps_the_pseudonym_of_a_template(estate: Estate, template: str) -> None:
    pims = key(estate, template)

    first = pims.assign("pk", [ANNA, BERT])
    again = pims.assign("pk", [BERT, ANNA])

    assert first == again
    assert first[ANNA] != first[BERT]
    assert all(re.fullmatch(TEMPLATES[template], called) for called in first.values())


def test_keyed_pseudonyms_are_the_same_on_another_server(tmp_path: Path) -> None:
    one, other = Estate(tmp_path / "one"), Estate(tmp_path / "other")
    fingerprint = other.house.keyring.add(one.house.keyring.key(one.key))
    one.house.pims.add_key("pk", "{keyed}", one.key, "test")
    other.house.pims.add_key("theirs", "{keyed}", fingerprint, "test")

    assert one.house.pims.assign("pk", [ANNA]) == other.house.pims.assign("theirs", [ANNA])
    one.house.close()
    other.house.close()


def test_two_spellings_of_one_number_are_one_patient(estate: Estate) -> None:
    pims = key(estate, "P{n}")

    assigned = pims.assign("pk", [Identity("ab  1"), Identity("AB 1")])

    assert len(set(assigned.values())) == 1


def test_a_counter_steps_over_what_was_imported(estate: Estate) -> None:
    pims = key(estate, "P{n:02}")
    pims.put("pk", {ANNA: "P01"}, "test")

    assert pims.assign("pk", [BERT]) == {BERT: "P02"}


CONFLICTS = {
    "another pseudonym for a patient": {ANNA: "Q"},
    "another patient for a pseudonym": {BERT: "P"},
}


@pytest.mark.parametrize("pairs", CONFLICTS.values(), ids=CONFLICTS)
def test_an_import_is_refused_whole_for(estate: Estate, pairs: dict[Identity, str]) -> None:
    pims = key(estate, "{keyed}")
    pims.put("pk", {ANNA: "P"}, "test")

    with pytest.raises(Unfit):
        pims.put("pk", {Identity("new"): "N"} | pairs, "test")

    assert dict(pims.exported("pk", "test")) == {ANNA: "P"}


def test_an_export_can_be_imported(estate: Estate) -> None:
    pims = key(estate, "{keyed}")
    pims.put("pk", {Identity("4711", "A, hospital"): "P", ANNA: "Q"}, "test")
    file = io.StringIO(newline="")

    write_pairs(file, pims.exported("pk", "test"))
    file.seek(0)

    assert read_pairs(file) == {Identity("4711", "A, hospital"): "P", ANNA: "Q"}


@pytest.mark.parametrize(
    "text", ["id,name\n1,2\n", "patient_id,pseudonym\n,P\n", "patient_id,pseudonym\n1,P\n1,Q\n"]
)
def test_a_file_that_says_no_pairs_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        read_pairs(io.StringIO(text, newline=""))


def test_who_a_pseudonym_is_is_told_and_written_down(estate: Estate) -> None:
    pims = key(estate, "{keyed}")
    pims.put("pk", {BERT: "P"}, "test")

    assert pims.reidentify("pk", "P", "rita") == BERT

    entry = estate.house.heads.entries(0, 1000)[-1]
    assert (entry.who, entry.what, entry.facts["found"]) == ("rita", "re-identified", True)
    assert "P" not in entry.facts.values()


def test_asking_for_nobody_is_written_down_too(estate: Estate) -> None:
    pims = key(estate, "{keyed}")

    with pytest.raises(NoSuch):
        pims.reidentify("pk", "P", "rita")

    assert estate.house.heads.entries(0, 1000)[-1].facts["found"] is False


@pytest.mark.parametrize("template", ["", "P", "{n", "{name}", "{keyed}{n}", "\\{n}", "{n:999}"])
def test_a_template_that_is_none_is_refused(estate: Estate, template: str) -> None:
    with pytest.raises(Unfit):
        key(estate, template)


def test_sealing_anew_changes_no_pseudonym(estate: Estate) -> None:
    pims = key(estate, "{random:10}")
    before = pims.assign("pk", [ANNA, BERT])
    estate.house.opt_outs.add(["4711"], "test")
    kept = estate.house.uploads.add("forty.csv", b"\xffa mapping", estate.admin.user).id
    number = estate.submit(description="of Zacharias")

    estate.house.rotate("test")
    estate.house.close()

    from dicomveil.serving import open_house

    house = open_house(estate.settings)
    assert house.vault.fingerprint != estate.house.vault.fingerprint
    assert house.pims.assign("pk", [ANNA, BERT]) == before
    assert house.opt_outs.refusing(["4711"]) == 1
    assert house.ledger.job(number).description == "of Zacharias"
    upload, content = house.uploads.one(kept, estate.admin.user)
    assert (upload.name, content) == ("forty.csv", b"\xffa mapping")
    house.close()
