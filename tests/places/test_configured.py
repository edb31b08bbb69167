"""What configured places are built of, and what does not fit together."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from dicomveil.errors import NothingFound, PlaceBusy, PlaceRefuses, Unusable
from dicomveil.places.configured import Polite, limits_of, opened
from dicomveil.places.directory import Directory
from dicomveil.places.manners import Limits, Manners
from dicomveil.places.place import Arrival, Asked
from dicomveil.places.register import KINDS, Configured, checked
from dicomveil.places.wado_uri import WadoUri

WEB = {"kind": "dicomweb", "address": "https://pacs/web"}


def configured(folder: Path, **tables: Mapping[str, object]) -> dict[str, Configured]:
    return {name: checked(name, table, folder / "places.toml") for name, table in tables.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_built_and_shows_no_secret(tmp_path: Path, kind: str) -> None:
    addresses = {"smb": "\\\\srv\\x", "dimse": "pacs:104", "folder": str(tmp_path)}
    address = addresses.get(kind, f"{kind}://bucket" if len(kind) == 2 else "https://pacs/web")
    table: dict[str, object] = {"kind": kind, "address": address, "secret_variable": "WORD"}
    if kind == "dimse":
        table["called"] = "PACS"
    if kind == "wado-uri":
        table["index"] = "web"
    places = configured(tmp_path, one=table, web=WEB)

    with opened("one", places, {"WORD": "the-secret"}) as built:
        assert "the-secret" not in repr(built)
        assert [callable(getattr(built, side)) for side in ("find", "fetch", "deliver", "steps")]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"kind": "dimse", "address": "pacs", "called": "X"}, "host:port"),
        ({"kind": "dimse", "address": "pacs:104"}, "AE title"),
        ({"kind": "dimse", "address": "p:1", "called": "X", "retrieval": "push"}, "get or move"),
        ({"kind": "s3", "address": "gs://bucket"}, "s3://bucket"),
        ({"kind": "wado-uri", "address": "https://pacs/wado"}, "index"),
        ({"kind": "smb", "address": "\\\\a\\b", "hours": "night"}, "19:00-07:00"),
        ({"kind": "smb", "address": "\\\\a\\b", "at_once": 0}, "at least 1"),
    ],
)
def test_settings_that_do_not_fit_are_refused_before_anything_is_connected(
    tmp_path: Path, table: dict[str, object], words: str
) -> None:
    places = configured(tmp_path, one=table)

    with pytest.raises(Unusable, match=words), opened("one", places, {}):
        pass


def test_a_name_that_is_not_configured_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as raised, opened("Doe^Jane", configured(tmp_path, web=WEB), {}):
        pass

    assert "Doe" not in str(raised.value)


def test_limits_are_those_that_were_set(tmp_path: Path) -> None:
    table = WEB | {"at_once": 2, "per_second": 3, "hours": "19:00-07:00", "attempts": 1}
    limits = limits_of(configured(tmp_path, web=table)["web"])

    assert (limits.at_once, limits.per_second, limits.attempts) == (2, 3.0, 1)
    assert str(limits.hours) == "19:00-07:00"


@pytest.mark.parametrize(
    ("kind", "address", "library"),
    [("smb", "\\\\a\\b", "smbprotocol"), ("s3", "s3://bucket", "fsspec")],
)
def test_a_library_that_is_missing_is_named(kind: str, address: str, library: str) -> None:
    program = (
        "import sys\n"
        f"sys.modules[{library!r}] = None\n"
        "from pathlib import Path\n"
        "from dicomveil.errors import PlaceRefuses\n"
        "from dicomveil.places.configured import opened\n"
        "from dicomveil.places.register import checked\n"
        f"place = checked('one', {{'kind': {kind!r}, 'address': {address!r}}}, Path('x'))\n"
        "try:\n"
        "    with opened('one', {'one': place}, {}): pass\n"
        "except PlaceRefuses as error:\n"
        "    print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"one: {library} is not installed: pip install 'dicomveil[{kind}]'\n"


def test_a_place_is_asked_within_its_manners(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(b"a")
    folder = Directory("folder", tmp_path / "in")
    polite = Polite(Manners("folder", Limits(trips_after=1, attempts=1)), folder, folder, folder)

    (came,) = polite.fetch(Asked(below="."), tmp_path / "spool")
    delivered = list(polite.deliver(tmp_path / "spool", [came.name]))

    assert delivered == [(came.name, Arrival.DELIVERED)]


def test_a_place_that_takes_nothing_says_so(tmp_path: Path) -> None:
    places = configured(
        tmp_path, web=WEB, one={"kind": "wado-uri", "address": "https://p/w", "index": "web"}
    )

    with (
        opened("one", places, {}) as built,
        pytest.raises(PlaceRefuses, match="a source alone"),
    ):
        list(built.deliver(tmp_path, ["a"]))
    assert not hasattr(WadoUri, "deliver")


class Gone:
    """A source that is not there."""

    def find(self, _: Asked) -> tuple[()]:
        raise PlaceBusy("pacs", "not there")


def test_a_place_that_fails_is_left_alone(tmp_path: Path) -> None:
    folder = Directory("folder", tmp_path)
    gone = Gone()
    manners = Manners("pacs", Limits(trips_after=1, attempts=1))
    polite = Polite(manners, gone, folder, None)  # type: ignore[arg-type]  # one side is enough
    with pytest.raises(PlaceBusy, match="not there"):
        polite.find(Asked(below="a"))

    with pytest.raises(PlaceBusy, match="rests"):
        polite.find(Asked(below="a"))


def test_a_folder_does_not_lead_out_of_itself(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    place = Directory("folder", tmp_path / "in")

    with pytest.raises(PlaceRefuses, match="link"):
        list(place.fetch(Asked(below="link/secret"), tmp_path / "spool"))
    with pytest.raises(NothingFound):
        list(place.fetch(Asked(below="."), tmp_path / "spool"))
