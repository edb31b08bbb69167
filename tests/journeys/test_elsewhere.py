"""SRC that lie elsewhere: a share of Samba, a store of S3, a PACS, an archive.

What comes out is, byte for byte, what `deid` makes of the same files in a folder.
"""

import os
import signal
import stat
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest

from dicomveil.cli.exits import Exit
from tests.journeys.world import PLANTED, World, ct
from tests.servers.orthanc import Orthanc
from tests.servers.samba import PASSWORD, SHARE, USER, Samba
from tests.servers.store import BUCKET, KEY, S3, SECRET

PACKAGED = Path(pydicom.data.__file__).parent / "test_files"
ACCESSION = f"ACC-{PLANTED}"


def files() -> dict[str, bytes]:
    """Real files, some of which cannot be cleaned, and one person's slices."""
    real = {f"real/{path.name}": path.read_bytes() for path in sorted(PACKAGED.glob("*.dcm"))[:30]}
    planted = {f"{PLANTED}/IM{number:05}": ct(number) for number in range(8)}
    return real | planted | {"notes.txt": b"no DICOM", "bad.dcm": b"no DICOM either"}


def place(world: World, *arguments: str, secret: str = "") -> subprocess.CompletedProcess[str]:
    """Run `dicomveil place`."""
    command = [sys.executable, "-m", "dicomveil", "place", *arguments]
    return subprocess.run(
        command,
        input=f"{secret}\n",
        capture_output=True,
        text=True,
        env=world.environment,
        check=False,
        timeout=120,
    )


def deid(world: World, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `dicomveil deid` on another SRC."""
    start = [sys.executable, "-m", "dicomveil", "deid"]
    return world.run([*start, source, str(world.dst), "--jobs", "1", *options])


def of_a_folder(world: World, content: dict[str, bytes]) -> World:
    """What `deid` makes of the files in a folder, under the same key."""
    other = World(world.folder / "other")
    for name, data in content.items():
        other.put(name, data)
    environment = world.environment
    command = other.command("--jobs", "1")
    subprocess.run(command, env=environment, check=False, capture_output=True, timeout=120)
    return other


def with_share(world: World, samba: Samba, content: dict[str, bytes]) -> str:
    """A configured share that holds the files; the SRC."""
    samba.put(content)
    done = place(
        world,
        *("add", "hospital", "smb", samba.unc, "--user", USER, "--secret"),
        *("--set", f"port={samba.port}", "--set", "attempts=2", "--set", "at_once=3"),
        secret=PASSWORD,
    )
    assert done.returncode == Exit.DONE, done.stderr
    return f"smb://127.0.0.1/{SHARE.lower()}"


def with_store(world: World, s3: S3, content: dict[str, bytes]) -> str:
    """A configured store that holds the files; the SRC."""
    s3.put({f"in/{name}": data for name, data in content.items()})
    done = place(
        world,
        *("add", "archive", "s3", f"s3://{BUCKET}/in", "--user", KEY, "--secret"),
        *("--set", f"endpoint={s3.url}", "--set", "region=eu-central-1"),
        secret=SECRET,
    )
    assert done.returncode == Exit.DONE, done.stderr
    return f"s3://{BUCKET}/in"


def zipped(world: World, content: dict[str, bytes]) -> str:
    """A zip of the files, in order."""
    path = world.folder / f"{PLANTED}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            archive.writestr(name, data)
    return str(path)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def nothing_told(world: World, done: subprocess.CompletedProcess[str]) -> bool:
    """Whether neither the terminal nor anything public holds what identifies, or a secret."""
    private = [word.encode() for word in (PLANTED, ACCESSION, PASSWORD, SECRET)]
    public = b"".join(world.public().values()) if world.dst.exists() else b""
    said = (done.stdout + done.stderr).encode().replace(os.fsencode(world.folder), b"")
    return not [word for word in private if word in public + said]


def test_a_share_gives_what_a_folder_gives(world: World, samba: Samba) -> None:
    source = with_share(world, samba, files())

    done = deid(world, source)

    assert done.returncode == Exit.INCOMPLETE, done.stderr  # some cannot be cleaned
    assert world.outputs() == of_a_folder(world, files()).outputs() != {}
    assert nothing_told(world, done)
    assert not (world.folder / "out.spool").exists()


def test_the_same_names_give_the_same_manifest(world: World, samba: Samba) -> None:
    """A share lists the files of a folder before its folders; a tree of one level is in order."""
    flat = {name.replace("/", "-"): data for name, data in files().items()}
    source = with_share(world, samba, flat)

    deid(world, source)

    assert world.public() == of_a_folder(world, flat).public()


def test_a_store_gives_what_a_folder_gives(world: World, s3: S3) -> None:
    source = with_store(world, s3, files())

    done = deid(world, source)

    assert done.returncode == Exit.INCOMPLETE, done.stderr
    assert world.outputs() == of_a_folder(world, files()).outputs() != {}
    assert nothing_told(world, done)
    assert not (world.folder / "out.spool").exists()


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_gives_what_a_folder_gives(world: World, kind: str) -> None:
    source = zipped(world, files())
    if kind == "tar":
        other = Path(source).with_suffix(".tgz")
        with zipfile.ZipFile(source) as archive, tarfile.open(other, "w:gz") as tar:
            for name in archive.namelist():
                tar.add(archive.extract(name, world.folder / "unpacked"), name)
        source = str(other)

    done = deid(world, source)

    assert done.returncode == Exit.INCOMPLETE, done.stderr
    assert world.outputs() == of_a_folder(world, files()).outputs() != {}
    assert nothing_told(world, done)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [("dicomweb", ()), ("dimse", ("--set", "called=CIPACS"))],
)
def test_a_pacs_is_asked_by_accession_number(
    world: World, orthanc: Orthanc, kind: str, settings: tuple[str, ...]
) -> None:
    image = pydicom.dcmread(PACKAGED / "CT_small.dcm")
    image.AccessionNumber = "ACC-12"
    image.PatientName = f"{PLANTED}^A"
    image.save_as(world.folder / "image", enforce_file_format=True)
    content = {"image": (world.folder / "image").read_bytes()}
    orthanc.upload(content.values())
    address = orthanc.web if kind == "dicomweb" else f"127.0.0.1:{orthanc.dicom_port}"
    assert place(world, "add", "main", kind, address, *settings).returncode == Exit.DONE

    tested = place(world, "test", "main")
    done = deid(world, "pacs:main?accession=ACC%2D12")

    assert tested.returncode == Exit.DONE, tested.stdout
    assert done.returncode == Exit.DONE, done.stderr
    assert len(world.outputs()) == 1
    if kind == "dicomweb":
        assert world.outputs() == of_a_folder(world, content).outputs()
    assert "ACC" not in done.stdout + done.stderr


def test_a_number_that_no_study_has_is_an_error_and_nothing_is_written(
    world: World, orthanc: Orthanc
) -> None:
    assert place(world, "add", "main", "dicomweb", orthanc.web).returncode == Exit.DONE

    done = deid(world, f"pacs:main?accession={ACCESSION}")

    assert done.returncode == Exit.INCOMPLETE
    assert done.stderr == "dicomveil: main: nothing there equals what was asked for\n"
    assert not world.dst.exists()
    assert not (world.folder / "out.spool").exists()


@pytest.mark.parametrize(
    "source",
    [
        "pacs:unknown?accession=1",
        f"smb://elsewhere/{PLANTED}",
        f"\\\\elsewhere\\{PLANTED}",
        f"pacs:main?accession={PLANTED}*",
        f"pacs:main?name={PLANTED}",
        f"pacs:main?accession={PLANTED}&patient={PLANTED}",
        f"pacs:main?patient={PLANTED}%0A",
        "pacs:main",
    ],
)
def test_what_cannot_be_asked_is_refused_and_not_repeated(world: World, source: str) -> None:
    assert place(world, "add", "main", "dicomweb", "http://127.0.0.1:9/web").returncode == 0

    done = deid(world, source)

    assert done.returncode == Exit.INCOMPLETE
    assert done.stderr.startswith("dicomveil: ")
    assert "fault" not in done.stderr
    assert nothing_told(world, done)
    assert not world.dst.exists()


def test_a_wrong_password_ends_before_anything_is_written(world: World, samba: Samba) -> None:
    source = with_share(world, samba, files())
    secret = world.folder / "settings" / "dicomveil" / "secrets" / "hospital"
    secret.write_text("wrong")

    done = deid(world, source)

    assert done.returncode == Exit.INCOMPLETE
    assert done.stderr == "dicomveil: hospital: the login was refused\n"
    assert not world.dst.exists()
    assert not (world.folder / "out.spool").exists()


def test_a_secret_that_others_may_read_is_not_used(world: World, samba: Samba) -> None:
    source = with_share(world, samba, files())
    (world.folder / "settings" / "dicomveil" / "secrets" / "hospital").chmod(0o644)

    done = deid(world, source)

    assert "must have mode 0600" in done.stderr
    assert not world.dst.exists()


def test_a_dst_that_is_taken_is_refused_before_anything_is_fetched(
    world: World, samba: Samba
) -> None:
    source = with_share(world, samba, files())
    world.dst.mkdir()
    (world.dst / "notes").write_text("mine")

    done = deid(world, source)

    assert done.returncode == Exit.REFUSED
    assert "fetched" not in done.stderr
    assert not (world.folder / "out.spool").exists()


def started(world: World, source: str) -> "subprocess.Popen[str]":
    """A run that has begun to de-identify."""
    start = [sys.executable, "-m", "dicomveil", "deid", source, str(world.dst), "--jobs", "1"]
    running = subprocess.Popen(
        start, stderr=subprocess.PIPE, text=True, env=world.environment, start_new_session=True
    )
    until((world.dst / "manifest.jsonl").exists)
    return running


def until(happened: Callable[[], bool]) -> None:
    """Wait for it, a minute at most."""
    for _ in range(6000):
        if happened():
            return
        time.sleep(0.01)
    raise TimeoutError


def test_a_killed_run_is_finished_from_the_spool_that_stayed(world: World) -> None:
    content = {f"{PLANTED}/{number:05}": ct(number) for number in range(3000)}
    source = zipped(world, content)
    running = started(world, source)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    spool = world.folder / "out.spool"
    assert stat.S_IMODE(spool.stat().st_mode) == 0o700
    assert PLANTED not in "".join(path.name for path in spool.rglob("*"))

    mistaken = deid(world, source, "--resume", "--option", "retain-uids")
    done = deid(world, source, "--resume")

    assert mistaken.returncode == Exit.REFUSED
    assert done.returncode == Exit.DONE, done.stderr
    assert "fetched" not in done.stderr
    assert world.counts() == {"found": 3000, "delivered": 3000}
    assert not spool.exists()


def test_a_spool_that_a_kill_left_is_swept_by_the_next_run(world: World) -> None:
    source = zipped(world, {"a": ct(1)})
    spool = world.folder / "out.spool"
    (spool / "7").mkdir(parents=True)
    spool.chmod(0o700)
    (spool / "7" / "00000001").write_bytes(ct(9))

    done = deid(world, source)

    assert done.returncode == Exit.DONE, done.stderr
    assert world.counts() == {"found": 1, "delivered": 1}
    assert not spool.exists()


def test_a_spool_that_others_could_read_is_not_used(world: World) -> None:
    source = zipped(world, {"a": ct(1)})
    (world.folder / "out.spool").mkdir(mode=0o755)

    done = deid(world, source)

    assert done.returncode == Exit.REFUSED
    assert not world.dst.exists()


def test_archives_and_folders_may_be_mixed(world: World) -> None:
    source = zipped(world, {"a": ct(1), "b": ct(2)})
    world.put("c", ct(3))

    start = [sys.executable, "-m", "dicomveil", "deid"]
    done = world.run([*start, source, str(world.src), str(world.dst)])

    assert done.returncode == Exit.DONE, done.stderr
    assert world.counts() == {"found": 3, "delivered": 3}


def test_a_folder_that_is_named_as_an_archive_is_a_folder(world: World) -> None:
    folder = world.folder / "study.zip"
    folder.mkdir()
    (folder / "a").write_bytes(ct(1))

    done = deid(world, str(folder))

    assert done.returncode == Exit.DONE, done.stderr
    assert "fetched" not in done.stderr


def test_an_interrupted_fetch_leaves_nothing(world: World, samba: Samba) -> None:
    source = with_share(world, samba, {f"{number:03}": ct(number) for number in range(60)})
    settings = world.folder / "settings" / "dicomveil" / "places.toml"
    settings.write_text(settings.read_text() + "per_second = 5\n")
    spool = world.folder / "out.spool"
    start = [sys.executable, "-m", "dicomveil", "deid", source, str(world.dst)]
    running = subprocess.Popen(start, stderr=subprocess.PIPE, text=True, env=world.environment)
    until((spool / "1" / "00000001").exists)

    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)

    assert running.returncode == Exit.INTERRUPTED
    assert said.strip() == "dicomveil: interrupted"
    assert not spool.exists()
    assert not world.dst.exists()
