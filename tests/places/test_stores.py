"""A store of moto's S3: large objects, names that are no paths, and what can go wrong."""

import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from dicomveil.errors import NothingFound, PlaceBusy, PlaceFailed, PlaceRefuses
from dicomveil.places.manners import Limits, Manners
from dicomveil.places.place import Arrival, Asked
from dicomveil.places.stores import Store
from dicomveil.places.together import Lines
from tests.contracts.store import store_of
from tests.servers.network import free_port
from tests.servers.store import BUCKET, S3, SECRET

LARGE = os.urandom(20 << 20)


def test_a_large_object_comes_in_ranges_and_goes_in_parts(s3: S3, tmp_path: Path) -> None:
    s3.put({"in/large": LARGE, "in/empty": b""})

    came = sorted(store_of(s3).fetch(Asked(below="in"), tmp_path / "spool"))
    delivered = list(store_of(s3, "out").deliver(tmp_path / "spool", [came[1].name]))

    assert [path.read_bytes() for path in came] == [b"", LARGE]
    assert s3.held()[f"out/{came[1].name}"] == LARGE
    assert delivered == [(came[1].name, Arrival.DELIVERED)]
    tag = s3.client.head_object(Bucket=BUCKET, Key=f"out/{came[1].name}")["ETag"]
    assert "-" in tag  # it went in parts
    assert next(store_of(s3, "out").deliver(tmp_path / "spool", [came[1].name]))[1] is (
        Arrival.ALREADY_THERE
    )


def test_the_names_of_objects_are_no_paths_here(s3: S3, tmp_path: Path) -> None:
    hostile = ["in/../../etc/passwd", "in//a", "in/" + "n" * 800, "in/CON", "in/%2e%2e/x"]
    s3.put({name: name.encode() for name in hostile})
    spool = tmp_path / "deep" / "spool"

    list(store_of(s3).fetch(Asked(below="in"), spool))

    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert everything
    assert {path.parent for path in everything} == {spool}


def test_an_object_of_another_prefix_that_begins_alike_does_not_come(
    s3: S3, tmp_path: Path
) -> None:
    s3.put({"patient1/a": b"1", "patient10/a": b"10", "patient1": b"itself"})

    came = list(store_of(s3).fetch(Asked(below="patient1"), tmp_path / "spool"))

    assert b"10" not in [path.read_bytes() for path in came]


def test_one_object_may_be_asked_for(s3: S3, tmp_path: Path) -> None:
    s3.put({"in/a": b"a", "in/b": b"b"})

    (came,) = store_of(s3).fetch(Asked(below=f"s3://{BUCKET}/in/a"), tmp_path / "spool")

    assert came.read_bytes() == b"a"


@pytest.mark.parametrize(
    "below", [f"s3://{BUCKET}/other/a", f"s3://{BUCKET}/inner", "s3://other/in", "gs://research/in"]
)
def test_what_lies_outside_the_address_is_refused(s3: S3, tmp_path: Path, below: str) -> None:
    with pytest.raises(PlaceRefuses, match="not on the place's list"):
        list(store_of(s3, "in").fetch(Asked(below=below), tmp_path / "spool"))


@pytest.mark.parametrize("name", ["../a", "a/../../b"])
def test_an_output_is_not_put_outside_the_address(s3: S3, tmp_path: Path, name: str) -> None:
    with pytest.raises(PlaceRefuses):
        list(store_of(s3, "out").deliver(tmp_path, [name]))


def test_a_name_that_was_taken_meanwhile_is_not_replaced(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put({"a": b"theirs"})
    (tmp_path / "a").write_bytes(b"our own")
    place, look = store_of(s3), Store._at
    looked: list[str] = []

    def too_early(store: Store, key: str) -> object:
        looked.append(key)
        return look(store, key) if len(looked) > 1 else None

    monkeypatch.setattr(Store, "_at", too_early)

    with pytest.raises(PlaceRefuses, match="not replaced"):
        list(place.deliver(tmp_path, ["a"]))

    assert s3.held() == {"a": b"theirs"}


def test_a_bucket_that_is_not_there_is_nothing_found(s3: S3, tmp_path: Path) -> None:
    place = Store("archive", "s3://no-such-bucket", Manners("archive"), s3.options)

    with pytest.raises(NothingFound):
        list(place.fetch(Asked(below="in"), tmp_path / "spool"))
    assert [step.fine for step in place.steps()] == [False]


def test_a_store_that_is_not_there_is_busy(s3: S3) -> None:
    place = store_of(s3, endpoint_url=f"http://127.0.0.1:{free_port()}")

    with pytest.raises(PlaceBusy):
        place.find(Asked(below="in"))


def test_a_delivery_to_a_store_that_is_not_there_is_busy(s3: S3, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    place = store_of(s3, endpoint_url=f"http://127.0.0.1:{free_port()}")

    with pytest.raises(PlaceBusy):
        list(place.deliver(tmp_path, ["a"]))


def test_the_secret_is_in_no_representation(s3: S3) -> None:
    place = store_of(s3)

    assert SECRET not in repr(place)
    with pytest.raises(PlaceFailed) as raised:
        store_of(s3, endpoint_url="nonsense").find(Asked(below="in"))
    assert SECRET not in repr(raised.value)


@pytest.mark.parametrize("scheme", ["gs", "az"])
def test_a_store_whose_library_is_missing_says_so(scheme: str) -> None:
    program = (
        "import sys\n"
        "sys.modules['gcsfs'] = sys.modules['adlfs'] = None\n"
        "from dicomveil.errors import PlaceRefuses\n"
        "from dicomveil.places.manners import Manners\n"
        "from dicomveil.places.place import Asked\n"
        "from dicomveil.places.stores import Store\n"
        "try:\n"
        f"    Store('s', '{scheme}://bucket', Manners('s')).find(Asked(below='a'))\n"
        "except PlaceRefuses as error:\n"
        "    print(error)\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout == "s: the library for such a store is not installed\n"


class Waiting:
    """A connection that does nothing."""

    def close(self) -> None:
        pass


def test_the_last_of_a_delivery_goes_when_all_others_are_there() -> None:
    done: list[int] = []
    at_last: list[int] = []

    def deliver(_: Waiting, number: int) -> int:
        if number == 9:
            at_last.append(len(done))
        done.append(number)
        return number

    came = list(Lines(Manners("s", Limits(at_once=4)), Waiting).each(deliver, range(10)))

    assert came == list(range(10))
    assert at_last == [9]


def test_what_is_asked_for_is_taken_a_little_ahead() -> None:
    taken: list[int] = []

    def numbers() -> Generator[int, None, None]:
        for number in range(1000):
            taken.append(number)
            yield number

    handing = Lines(Manners("s", Limits(at_once=2)), Waiting).each(lambda _, n: n, numbers())
    next(handing)

    assert len(taken) < 20
    handing.close()
