"""What the gate refuses, for which reason, and what excuses it."""

import pytest
from pydicom._uid_dict import UID_dictionary

from dicomveil.dicom.packaged import packaged
from dicomveil.dicom.uids import uid_name, uid_type
from dicomveil.engine import gate
from dicomveil.engine.gate import Content, Facts, PixelTrust, admit, content_of
from dicomveil.errors import Refused

STORAGE = "1.2.840.10008.5.1.4.1.1"
CT = f"{STORAGE}.2"
ULTRASOUND = f"{STORAGE}.6.1"
CAPTURE = f"{STORAGE}.7"
SLIDE = f"{STORAGE}.77.1.6"
# Label maps, height maps and thermography: PS3.6 has them, pydicom 3.0.2 not yet.
NEWER = {f"{STORAGE}.{end}" for end in ("66.7", "66.8", "601.3", "601.4")}

PLAIN = Facts(
    sop_class=CT,
    syntax="1.2.840.10008.1.2.1",
    burned_in="",
    label_in_image="",
    image_type=("ORIGINAL", "PRIMARY", "AXIAL"),
    conversion_type="",
    modality="CT",
    overlay_in_pixels=False,
    has_rows=True,
    has_pixels=True,
    has_directory=False,
    has_document=False,
)
# Each is a sign of its own, whatever the class; the element is what the refusal names.
SIGNS = [
    pytest.param(PLAIN._replace(burned_in="YES"), "(0028,0301)", id="burned in"),
    pytest.param(
        PLAIN._replace(image_type=("DERIVED", "SECONDARY", "SCREEN SAVE")),
        "(0008,0008)",
        id="screen save",
    ),
    pytest.param(PLAIN._replace(conversion_type="WSD"), "(0008,0064)", id="conversion type"),
    pytest.param(PLAIN._replace(overlay_in_pixels=True), "(60xx,0102)", id="overlay in pixels"),
    pytest.param(PLAIN._replace(label_in_image="YES"), "(0048,0010)", id="label in image"),
]
SUSPECT = [
    pytest.param(f"{STORAGE}.6", id="ultrasound, retired"),
    pytest.param(f"{STORAGE}.6.1", id="ultrasound"),
    pytest.param(f"{STORAGE}.3", id="ultrasound multi-frame, retired"),
    pytest.param(f"{STORAGE}.3.1", id="ultrasound multi-frame"),
    pytest.param(f"{STORAGE}.6.2", id="ultrasound volume"),
    pytest.param(f"{STORAGE}.7", id="capture"),
    pytest.param(f"{STORAGE}.7.1", id="capture, single bit"),
    pytest.param(f"{STORAGE}.7.2", id="capture, grayscale byte"),
    pytest.param(f"{STORAGE}.7.3", id="capture, grayscale word"),
    pytest.param(f"{STORAGE}.7.4", id="capture, true color"),
    pytest.param(f"{STORAGE}.77.1.1.1", id="video endoscopy"),
    pytest.param(f"{STORAGE}.77.1.2.1", id="video microscopy"),
    pytest.param(f"{STORAGE}.77.1.4.1", id="video photography"),
    pytest.param(f"{STORAGE}.77.1.1", id="endoscopy"),
    pytest.param(f"{STORAGE}.77.1.2", id="microscopy"),
    pytest.param(f"{STORAGE}.77.1.3", id="microscopy in slide coordinates"),
    pytest.param(f"{STORAGE}.77.1.4", id="photography"),
    pytest.param(f"{STORAGE}.77.1.5.1", id="ophthalmic photography, 8 bit"),
    pytest.param(f"{STORAGE}.77.1.5.2", id="ophthalmic photography, 16 bit"),
    pytest.param(f"{STORAGE}.77.1.7", id="dermoscopy"),
]
UNCLEANABLE = [
    pytest.param(
        PLAIN._replace(sop_class=f"{STORAGE}.104.{number}"), "encapsulated-document", id=name
    )
    for number, name in enumerate(("PDF", "CDA", "STL", "OBJ", "MTL"), start=1)
] + [
    pytest.param(PLAIN._replace(has_document=True), "encapsulated-document", id="in any class"),
    pytest.param(PLAIN._replace(sop_class=f"{STORAGE}.9.4.1"), "audio", id="voice"),
    pytest.param(PLAIN._replace(sop_class=f"{STORAGE}.9.4.2"), "audio", id="sounds"),
    pytest.param(PLAIN._replace(sop_class="1.2.3.4.5"), "private-sop-class", id="private"),
    pytest.param(
        PLAIN._replace(sop_class=f"{CT}.99"), "private-sop-class", id="begins like a standard one"
    ),
    pytest.param(
        PLAIN._replace(sop_class="1.2.840.10008.1.2"), "private-sop-class", id="no SOP class"
    ),
    pytest.param(
        PLAIN._replace(sop_class="1.2.840.10008.1.1"), "private-sop-class", id="a service class"
    ),
    pytest.param(PLAIN._replace(sop_class=""), "uid-missing", id="no class at all"),
    pytest.param(PLAIN._replace(has_directory=True), "dicomdir", id="directory records"),
    pytest.param(
        PLAIN._replace(sop_class="1.2.840.10008.1.3.10"), "dicomdir", id="the directory class"
    ),
    pytest.param(PLAIN._replace(has_pixels=False), "pixels-missing", id="rows without pixels"),
]


def refusal(facts: Facts, pixels: PixelTrust = PixelTrust.UNPROVEN) -> Refused:
    with pytest.raises(Refused) as refused:
        admit(facts, pixels)
    return refused.value


def test_a_plain_picture_passes() -> None:
    admit(PLAIN, PixelTrust.UNPROVEN)


def test_an_object_without_pixels_passes() -> None:
    report = PLAIN._replace(
        sop_class=f"{STORAGE}.88.11", image_type=(), has_rows=False, has_pixels=False
    )

    admit(report, PixelTrust.UNPROVEN)


@pytest.mark.parametrize(("facts", "path"), SIGNS)
def test_a_sign_of_text_in_the_pixels_is_refused(facts: Facts, path: str) -> None:
    refused = refusal(facts)

    assert (refused.code, refused.path) == ("pixels-unproven", path)


@pytest.mark.parametrize(("facts", "path"), SIGNS[1:])  # the first is that very word
def test_a_sign_outweighs_the_word_that_nothing_is_burned_in(facts: Facts, path: str) -> None:
    assert refusal(facts._replace(burned_in="NO")).path == path


@pytest.mark.parametrize(("facts", "path"), SIGNS[1:])
def test_a_sign_says_nothing_where_there_are_no_pixels(facts: Facts, path: str) -> None:
    header = facts._replace(has_rows=False, has_pixels=False)

    admit(header, PixelTrust.UNPROVEN)
    admit(header._replace(sop_class=ULTRASOUND), PixelTrust.UNPROVEN)
    assert refusal(header._replace(burned_in="YES")).path == "(0028,0301)" != path


@pytest.mark.parametrize("text", ["SCREEN SAVE", "screen save ", "SCREEN_SAVE", "CSA SCREENSAVE"])
def test_a_screen_save_is_known_in_every_spelling_and_place(text: str) -> None:
    facts = PLAIN._replace(image_type=("DERIVED", "SECONDARY", "OTHER", text), burned_in="NO")

    assert refusal(facts).path == "(0008,0008)"


@pytest.mark.parametrize("sop_class", SUSPECT)
def test_a_class_of_pictures_that_carry_text_is_refused(sop_class: str) -> None:
    refused = refusal(PLAIN._replace(sop_class=sop_class))

    assert (refused.code, refused.path) == ("pixels-unproven", "(0008,0016)")


@pytest.mark.parametrize("sop_class", SUSPECT)
def test_a_suspect_class_passes_when_the_object_denies_it(sop_class: str) -> None:
    admit(PLAIN._replace(sop_class=sop_class, burned_in="NO"), PixelTrust.UNPROVEN)


@pytest.mark.parametrize("word", ["", "N", "UNKNOWN", "NO?", "NOT"])
def test_only_the_word_no_denies(word: str) -> None:
    facts = PLAIN._replace(sop_class=ULTRASOUND, burned_in=word)

    assert refusal(facts).code == "pixels-unproven"


@pytest.mark.parametrize("word", ["NO ", "no", "NO\0"])
def test_padding_and_case_do_not_change_a_word(word: str) -> None:
    admit(PLAIN._replace(sop_class=ULTRASOUND, burned_in=word), PixelTrust.UNPROVEN)
    assert refusal(PLAIN._replace(burned_in="yes ")).code == "pixels-unproven"


@pytest.mark.parametrize("third", ["LABEL", "OVERVIEW", "THUMBNAIL", "label "])
def test_the_label_of_a_slide_is_refused_unless_it_denies(third: str) -> None:
    label = PLAIN._replace(sop_class=SLIDE, image_type=("ORIGINAL", "PRIMARY", third, "NONE"))

    assert refusal(label).path == "(0008,0008)"
    admit(label._replace(burned_in="NO"), PixelTrust.UNPROVEN)


@pytest.mark.parametrize(
    "image_type",
    [("ORIGINAL", "PRIMARY", "VOLUME", "NONE"), ("ORIGINAL", "PRIMARY"), ()],
    ids=["volume", "two values", "none"],
)
def test_the_tissue_of_a_slide_passes(image_type: tuple[str, ...]) -> None:
    admit(PLAIN._replace(sop_class=SLIDE, image_type=image_type), PixelTrust.UNPROVEN)


@pytest.mark.parametrize("number", ["100", "102", "106.1", "108"])
def test_a_video_is_refused_in_any_class_unless_it_denies(number: str) -> None:
    video = PLAIN._replace(syntax=f"1.2.840.10008.1.2.4.{number}")

    assert refusal(video).path == "(0002,0010)"
    admit(video._replace(burned_in="NO"), PixelTrust.UNPROVEN)


@pytest.mark.parametrize("number", ["50", "90", "110", "201"])
def test_a_compressed_still_picture_is_no_video(number: str) -> None:
    admit(PLAIN._replace(syntax=f"1.2.840.10008.1.2.4.{number}"), PixelTrust.UNPROVEN)


def test_a_label_is_a_word_of_slides_alone() -> None:
    admit(PLAIN._replace(image_type=("ORIGINAL", "PRIMARY", "LABEL")), PixelTrust.UNPROVEN)


@pytest.mark.parametrize("modality", ["US", "IVUS", "ES", "XC", "OP"])
def test_a_suspect_modality_is_refused_in_any_class_of_pictures(modality: str) -> None:
    picture = PLAIN._replace(modality=modality)

    assert refusal(picture).code == "pixels-unproven"
    admit(picture._replace(burned_in="NO"), PixelTrust.UNPROVEN)
    admit(picture._replace(has_rows=False, has_pixels=False), PixelTrust.UNPROVEN)


@pytest.mark.parametrize(("facts", "code"), UNCLEANABLE)
def test_what_cannot_be_cleaned_is_refused_whatever_is_said(facts: Facts, code: str) -> None:
    assert refusal(facts).code == code
    assert refusal(facts._replace(burned_in="NO")).code == code


@pytest.mark.parametrize(("facts", "code"), UNCLEANABLE)
def test_the_users_word_on_pixels_excuses_nothing_else(facts: Facts, code: str) -> None:
    assert refusal(facts, PixelTrust.ACCEPTED).code == code


@pytest.mark.parametrize("facts", [PLAIN, *(sign.values[0] for sign in SIGNS)])
def test_the_users_word_lets_suspect_pixels_pass(facts: Facts) -> None:
    admit(facts, PixelTrust.ACCEPTED)
    admit(facts._replace(sop_class=CAPTURE), PixelTrust.ACCEPTED)


@pytest.mark.parametrize(("facts", "code"), UNCLEANABLE)
def test_every_reason_is_one_of_the_known_codes(facts: Facts, code: str) -> None:
    assert code in Refused.CODES
    assert Refused.CODES[code] in str(refusal(facts))


def registered_storage() -> set[str]:
    """Storage SOP Classes of the registry, but for the services around storage."""
    return NEWER | {
        uid
        for uid, (name, kind, *_) in UID_dictionary.items()
        if kind == "SOP Class" and "Storage" in name and "Commitment" not in name
    }


def test_every_storage_class_of_the_registry_is_decided_and_no_other() -> None:
    assert set(gate._contents()) == registered_storage()


def test_each_decision_names_the_class_as_the_registry_does() -> None:
    with packaged("engine", gate._CLASSES) as file:
        lines = file.read().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]

    assert [uid_name(uid) for uid, _, _ in rows] == [name for _, _, name in rows]
    assert {uid_type(uid) for uid, _, _ in rows} == {"SOP Class"}


@pytest.mark.parametrize(
    ("word", "content"),
    [
        ("Ultrasound", Content.ULTRASOUND),
        ("Secondary Capture", Content.CAPTURE),
        ("Hardcopy", Content.CAPTURE),
        ("Video", Content.VIDEO),
        ("Encapsulated", Content.DOCUMENT),
        ("Whole Slide", Content.SLIDE),
        ("Photography", Content.PHOTOGRAPH),
        ("Audio Waveform", Content.AUDIO),
    ],
)
def test_no_class_is_decided_against_its_own_name(word: str, content: Content) -> None:
    decided = {content_of(u) for u in registered_storage() if word in str(uid_name(u))}

    assert decided == {content}
