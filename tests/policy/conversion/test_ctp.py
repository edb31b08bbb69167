"""A script of CTP becomes a recipe that reads, and what it cannot do is listed and removed."""

from pathlib import Path

import pytest

from dicomveil.errors import BadRecipe
from dicomveil.policy.conversion.calls import Call, parse
from dicomveil.policy.conversion.draft import Converted
from dicomveil.policy.conversion.scripts import convert_script
from dicomveil.policy.recipe.reading import read_recipe

STRICT = '<r en="T" t="unspecifiedelements"/><r en="T" t="privategroups"/>'


def converted(elements: str, rest: str = STRICT) -> Converted:
    found = convert_script(f"<script>\n{elements}\n{rest}\n</script>", "study")
    read_recipe(found.text, "study.yaml", Path())
    return found


def element(tag: str, script: str) -> str:
    return f'<e en="T" t="{tag}" n="x">{script}</e>'


def lines(found: Converted) -> list[str]:
    return [line.strip() for line in found.text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(
    ("tag", "script", "rule"),
    [
        ("00100040", "@keep()", "PatientSex: keep"),
        ("00100040", "@remove()", "PatientSex: remove"),
        ("00100040", "@empty()", "PatientSex: empty"),
        ("00100040", "", "PatientSex: empty"),
        ("00080018", "@hashuid(@UIDROOT,this)", "SOPInstanceUID: uid"),
        ("00080050", "@hash(this,10)", "AccessionNumber: {hash: 10}"),
        ("00080050", "@hash(this,4)", "AccessionNumber: {hash: 8}"),
        ("00100010", "@hashname(this,6,2)", "PatientName: {pseudonym: patient-name}"),
        ("00100020", "@hashptid(@SITEID,this)", "PatientID: {pseudonym: patient-id}"),
        ("00080020", "@incrementdate(this,@DATEINC)", "StudyDate: shift-date"),
        ("00080030", "@incrementdate(this,@DATEINC)", "StudyTime: keep"),
        ("00081030", "@truncate(this,4)", "StudyDescription: {truncate: 4}"),
        ("00081030", "@param(@SITE)", 'StudyDescription: {replace: "My Site"}'),
        ("00081030", "CT of: all", 'StudyDescription: {replace: "CT of: all"}'),
        ("(0008,1030)", "@contents(this)", "StudyDescription: keep"),
        ("0009[GEMS_IDEN_01]02", "@keep()", '(0009,"GEMS_IDEN_01",02): keep'),
        (
            "00180015",
            '@if(Modality,equals,"CT"){@keep()}{@empty()}',
            "BodyPartExamined: [{when: {Modality: {equals: CT}}, action: keep}, empty]",
        ),
        (
            "00180015",
            "@if(this,isblank){@remove()}{@keep()}",
            "BodyPartExamined: [{when: {BodyPartExamined: {is: empty}}, action: remove}, keep]",
        ),
    ],
)
def test_a_script_becomes_a_rule(tag: str, script: str, rule: str) -> None:
    found = converted('<p t="SITE">My Site</p>' + element(tag, script))

    assert rule in lines(found)
    assert found.left == ()


@pytest.mark.parametrize(
    ("tag", "script", "rule"),
    [
        ("00081030", "@modifydate(this,*,1,1)", "StudyDescription: remove"),
        ("00081030", "@lookup(this,key)", "StudyDescription: remove"),
        ("00081030", "@unheardof(this)", "StudyDescription: remove"),
        ("00081030", "Made @date()", "StudyDescription: remove"),
        ("00081030", '@if(Modality,matches,"C.*"){@keep()}{@remove()}', "StudyDescription: remove"),
        ("00100020", "@lookup(this,ptid)", "PatientID: {pseudonym: patient-id}"),
        ("00081030", "@hash(PatientID,8)", "StudyDescription: remove"),
        ("00080018", "@incrementdate(this,@D)", "SOPInstanceUID: remove"),
    ],
)
def test_what_cannot_be_done_is_listed_and_withheld(tag: str, script: str, rule: str) -> None:
    found = converted(element(tag, script))

    assert rule in lines(found)
    assert [left.line for left in found.left] == [2]
    assert f"# not converted, line 2: {found.left[0].reason}" in found.text


@pytest.mark.parametrize(
    ("tag", "script"),
    [
        pytest.param("00120062", "@always()YES", id="what dicomveil writes itself"),
        pytest.param("00020016", "@keep()", id="the file meta"),
        pytest.param("00131010", "@always()X", id="a private element without a creator"),
        pytest.param("name", "@keep()", id="no tag"),
    ],
)
def test_an_element_that_no_recipe_can_name_is_listed(tag: str, script: str) -> None:
    found = converted(element(tag, script))

    assert found.left
    assert {left.line for left in found.left} == {2}


@pytest.mark.parametrize(("tag", "unlisted"), [("name", "by-review"), ("00131010", "keep")])
def test_nothing_is_simply_kept_where_a_line_names_what_no_recipe_can(
    tag: str, unlisted: str
) -> None:
    found = converted(element(tag, "@remove()"), '<r en="T" t="privategroups"/>')

    assert f"unlisted: {unlisted}" in lines(found)


def test_an_entry_that_is_switched_off_says_nothing() -> None:
    found = converted('<e en="F" t="00100040" n="x">@keep()</e>')

    assert "PatientSex" not in found.text


def test_a_rule_at_the_root_is_apart_from_one_in_items() -> None:
    found = converted(element("0020000d", "@select(){@keep()}{@hashuid(@UIDROOT,this)}"))

    assert {"/StudyInstanceUID: keep", "StudyInstanceUID: uid"} <= set(lines(found))


def test_a_call_that_quarantines_becomes_a_filter() -> None:
    script = '@if(BurnedInAnnotation,equals,"YES"){@quarantine()}{@remove()}'

    found = converted(element("00081030", script))

    assert '- quarantine: {BurnedInAnnotation: {equals: "YES"}}' in lines(found)
    assert "StudyDescription: remove" in lines(found)


def test_what_ctp_keeps_without_a_script_is_kept() -> None:
    allowed = converted("", STRICT + '<k en="T" t="18"/><r en="T" t="overlays"/>')
    kept = converted("", '<r en="F" t="unspecifiedelements"/>')

    assert {"unlisted: remove", "(0018,xxxx): keep", "(0028,xxxx): keep"} <= set(lines(allowed))
    assert "(60xx,xxxx): remove" in lines(allowed)
    assert "unlisted: keep" in lines(kept)
    assert [left.line for left in kept.left] == [1]


def test_the_older_form_of_properties_is_read() -> None:
    script = (
        "param.SITE=Here\n#set.[0010,0040]PatientSex=@keep()\n"
        "set.[0010,0010]PatientName=@param(@SITE)\nremove.unspecifiedelements=\nkeep.group18=\n"
        "remove.privategroups=\n"
    )

    found = convert_script(script, "study")

    assert 'PatientName: {replace: "Here"}' in lines(found)
    assert "(0018,xxxx): keep" in lines(found)
    assert "PatientSex" not in found.text


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("<script><e></script>", id="no XML"),
        pytest.param('<!DOCTYPE s [<!ENTITY a "aa">]><script>&a;</script>', id="entities"),
        pytest.param("hello", id="no script"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_script_is_refused(script: str) -> None:
    with pytest.raises(BadRecipe):
        convert_script(script, "study")


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("@keep()", Call("keep", (), (), "")),
        ('@if(A,is,"x,(y"){@a(){b}}{c}d', Call("if", ("A", "is", '"x,(y"'), ("@a(){b}", "c"), "d")),
        ("text", None),
        ("@cut(", None),
        ("@cut(){", None),
        ("@", None),
    ],
)
def test_a_call_is_read_with_its_brackets(text: str, call: Call | None) -> None:
    assert parse(text) == call
