"""What goes by its shape alone, and what only looks like it and stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomveil.engine.cleaning import SHAPES, Known
from dicomveil.engine.cleaning_folds import fold
from dicomveil.engine.cleaning_shapes import spans_of

NOBODY = Known.of([])


def clean(text: str) -> str:
    return NOBODY.clean(text).text


@pytest.mark.parametrize(
    "date",
    [
        "20240131",
        "20240131_1530",
        "20240131153000.000",
        "31012024",
        "2024-01-31",
        "2024-01-31T15:30:00+01:00",
        "2024/1/31",
        "2024.01.31 15:30",
        "31.01.2024",
        "31.01.2024 15:30 +0100",
        "31.1.2024 um 15:30",
        "31. 1. 2024",
        "1/31/2024 3:30 pm",
        "31/01/2024",
        "31.01.24",
        "1/31/24",
        "01-31-24",
        "31 January 2024",
        "31st of January, 2024",
        "31JAN2024",
        "31-Jan-24",
        "Jan 31, 2024",
        "January 2024",
        "2024-JAN-31",
        "31 January",
        "January 31st",
        "31. Januar 2024",
        "1er février 2024",
        "31 de enero de 2024",
        "31 gennaio 2024",
        "31 januari 2024",
        "31 mrt 2024",
        "31 stycznia 2024",
        "2024年1月31日",
        "昭和55年1月12日",
        "2024년 1월 31일",
        "S55.1.12",
        "２０２４年１月３１日",
    ],
)
def test_a_date_goes(date: str) -> None:
    assert clean(f"knee {date}, left") == "knee left"


@pytest.mark.parametrize(
    ("number", "left"),
    [
        ("+49 (0)30 1234-567", ""),
        ("0049 30 1234567", ""),
        ("tel. 555-1234", "tel"),
        ("Fax: 5551234", "Fax"),
        ("(555) 123-4567", ""),
        ("555.123.4567x123", ""),
        ("1-555-123-4567", ""),
        ("030/123 45 67", ""),
        ("01 23 45 67 89", ""),
        ("090-1234-5678", ""),
        ("08-72 46 90", ""),
        ("34 5140-7396", ""),
        ("612 34 56 78", ""),
    ],
)
def test_a_telephone_number_goes(number: str, left: str) -> None:
    assert clean(f"knee {number}") == f"knee {left}".strip()


@pytest.mark.parametrize(
    "place",
    [
        "a.b-c@example.org",
        "john.doe[at]example.co.uk",
        "https://pacs.example.org/study?id=3#x",
        "www.example.org/x",
        "example.com",
        "c:/users/smith/out",
        "1.2.826.0.1.3680043.8.498.1234567890",
        "192.168.17.4",
        "00:1b:44:11:3a:b7",
        "123e4567-e89b-12d3-a456-426614174000",
    ],
)
def test_an_address_of_the_net_goes(place: str) -> None:
    assert clean(f"knee {place} left") == "knee left"


@pytest.mark.parametrize(
    ("number", "left"),
    [
        ("123-45-6789", ""),
        ("943 476 5919", ""),
        ("QQ 12 34 56 C", ""),
        ("131052-308T", ""),
        ("640823-3234", ""),
        ("19640823-3234", ""),
        ("900101-1234567", ""),
        ("1 85 05 78 006 084 91", ""),
        ("RSSMRA85T10A562S", ""),
        ("12345678Z", ""),
        ("123.456.789-09", ""),
        ("756.9217.0769.85", ""),
        ("85.07.30-033.28", ""),
        ("1234 5678 9012", ""),
        ("11010519491231002X", ""),
        ("MRN: 12345", "MRN"),
        ("Pat.-Nr. 44123", "Pat.-Nr"),
        ("ID=AB-1234", "ID"),
        ("Acc# 30112/24", "Acc#"),
        ("A1234567", ""),
        ("9876543", ""),
    ],
)
def test_a_number_of_a_person_goes(number: str, left: str) -> None:
    assert clean(f"knee {number}") == f"knee {left}".strip()


@pytest.mark.parametrize(
    "address",
    [
        "12 Main Street",
        "221B Baker Street",
        "7 N Elm Ave Apt 4, Springfield, IL 62701",
        "561 Long St.",
        "623 O'Neill Drive",
        "Hauptstraße 12",
        "Bockenheimer Landstrasse 23",
        "Jens-Drubin-Straße 47-26",
        "Ullmannweg 9",
        "Escherweg 2, D-26121 Oldenburg",
        "Am Kirchplatz 3",
        "12 bis, rue de la Paix",
        "8 avenue Charlotte Gilles",
        "boulevard Gilles Le Roux",
        "Peer-Warmer-Allee 4614",
        "Calle de Alcalá 55",
        "C/ Alcalá 55",
        "Via Garibaldi, 12",
        "Rua das Flores 8",
        "ul. Kilińskiego 41/58",
        "Keizersgracht 12",
        "Storgatan 7",
        "Havnegade 87",
        "P.O. Box 123",
        "Postfach 12 34",
        "〒100-0005",
        "東京都千代田区丸の内1-2-3",
        "北京市朝阳区建国路88号",
        "서울특별시 종로구 개포길 541",
    ],
)
def test_a_street_address_goes(address: str) -> None:
    assert clean(f"knee; {address}") == "knee"


@pytest.mark.parametrize(
    "text",
    [
        "T1 2.5mm 3x3",
        "1-2-3",
        "p4",
        "DR.IYER",
        "C7-T1",
        "L3-S1^L1-L4",
        "8.5.2",
        "version 10.11.12",
        "10/12 phases",
        "10/12/14/16 phases",
        "5/5mm Plain",
        "5/10/15mm",
        "12 in 16,range -2048 to +2047,signed,mono2",
        "b0 b500 b1000 b2000",
        "7.1 L-Spine 3 Level 2.5mm",
        "t2_tse_tra_p2_320",
        "T1W/SE/1024",
        "0.2x0.2x1.25 512 512",
        "TE 12 24 36 48 ms",
        "TR/TE 3200/92",
        "TR 2000 TE 30 FA 90",
        "IJG quality factor 90, compression ratio 21.521",
        "slope 0.0012345678",
        "syngo MR E11 VB17A 2.6.3.6",
        "1.2.840.10008.1.2.1",
        "2 may be seen",
        "phase 2 mar 3",
        "may need 2 views",
        "spring 2",
        "monitoring 3",
        "scoring 5",
        "via catheter 3",
        "3 place markers",
        "2 views dr",
        "8 mm lower way",
        "case 3",
        "acc 2",
        "ID 7",
        "no 3",
        "patient 5",
        "5 weg",
        "ISOVUE300/100",
        "2000 ms 120 kV 200 mA",
        "100 ml 300 mg",
        "1:30 delay",
        "16:1",
        "in 2019",
        "16 x 0.625",
        "MRT 2019",
        "Fuchs C. hand 3",
        "e+1",
        "+2047 -1024",
        "a@b",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert clean(text) == text


LONG = "ct of the head " * 300
TABLES = (
    test_a_date_goes,
    test_a_telephone_number_goes,
    test_an_address_of_the_net_goes,
    test_a_number_of_a_person_goes,
    test_a_street_address_goes,
)
EXAMPLES = [str(case) for table in TABLES for case in vars(table)["pytestmark"][0].args[1]]
PIECES = st.sampled_from(EXAMPLES) | st.text("0123456789 -./_:,()+abxjanstr", max_size=12)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=8), around=st.sampled_from(["", LONG]))
def test_looking_over_a_text_first_hides_nothing(pieces: list[str], around: str) -> None:
    text = fold(around + " ".join(pieces) + around)

    found = sorted(spans_of(SHAPES, text))

    looked_for = [shape._replace(needs=(), drawn=()) for shape in SHAPES]
    assert found == sorted(spans_of(looked_for, text))
