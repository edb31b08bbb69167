"""One connection to one share: list, read, write, publish, over smbprotocol.

Each message is signed or encrypted both ways: an answer without a signature ends the connection
(the library lets those pass). Referrals of DFS and links are never followed, and nothing waits
longer than its time. What the library raises becomes PlaceBusy or PlaceRefuses here; what it logs
names files and users, so it is silenced.
"""

import logging
import socket
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import smbprotocol
from smbprotocol.connection import Connection, Request
from smbprotocol.exceptions import (
    NoMoreFiles,
    NoSuchFile,
    SMBAuthenticationError,
    SMBException,
    SMBResponseException,
)
from smbprotocol.file_info import (
    FileAttributes,
    FileIdFullDirectoryInformation,
    FileInformationClass,
    FileRenameInformation,
)
from smbprotocol.header import Commands, NtStatus, SMB2HeaderResponse
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    DirectoryAccessMask,
    FilePipePrinterAccessMask,
    ImpersonationLevel,
    Open,
    QueryDirectoryFlags,
    ShareAccess,
    SMB2SetInfoRequest,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from dicomveil.errors import PlaceBusy, PlaceFailed, PlaceRefuses
from dicomveil.places.smb_paths import Share

_PIECE: Final = 1 << 20
_LINKS: Final = frozenset({0xA000000C, 0xA0000003, 0x8000000A, 0x80000012})
"""MS-FSCC 2.1.2.1: symbolic links, mount points, links of DFS. Other reparse points are files."""

_REFUSED: Final = {
    NtStatus.STATUS_LOGON_FAILURE: "the login was refused",
    NtStatus.STATUS_WRONG_PASSWORD: "the login was refused",
    NtStatus.STATUS_PASSWORD_EXPIRED: "the password has expired",
    NtStatus.STATUS_ACCESS_DENIED: "access was denied",
    NtStatus.STATUS_BAD_NETWORK_NAME: "the server has no such share",
    NtStatus.STATUS_OBJECT_NAME_NOT_FOUND: "there is no such folder or file",
    NtStatus.STATUS_OBJECT_PATH_NOT_FOUND: "there is no such folder or file",
    NtStatus.STATUS_NOT_A_DIRECTORY: "what is there is no folder",
    NtStatus.STATUS_FILE_IS_A_DIRECTORY: "what is there is a folder",
    NtStatus.STATUS_PATH_NOT_COVERED: "the path leads to another server by DFS: not followed",
    NtStatus.STATUS_STOPPED_ON_SYMLINK: "the path leads over a link: not followed",
}
_BUSY: Final = {
    NtStatus.STATUS_INSUFFICIENT_RESOURCES: "the server is out of resources",
    NtStatus.STATUS_INSUFF_SERVER_RESOURCES: "the server is out of resources",
    NtStatus.STATUS_SHARING_VIOLATION: "a file is in use",
    NtStatus.STATUS_DELETE_PENDING: "a file is being deleted",
    NtStatus.STATUS_NETWORK_NAME_DELETED: "the share was closed",
    NtStatus.STATUS_USER_SESSION_DELETED: "the session was closed",
    NtStatus.STATUS_REQUEST_NOT_ACCEPTED: "the server accepts no more connections",
    NtStatus.STATUS_IO_TIMEOUT: "the server's disk did not answer",
    NtStatus.STATUS_SERVER_UNAVAILABLE: "the server is not available",
    NtStatus.STATUS_DISK_FULL: "the share has no space left",
}


class Taken(Exception):
    """The final name is taken."""


class Otherwise(Exception):
    """A file has not the size that was expected."""


class Entry(NamedTuple):
    """What a folder of a share holds."""

    name: str
    size: int
    modified: float  # seconds since 1970
    is_folder: bool


@dataclass(frozen=True, slots=True)
class Login:
    """Who connects to a place, and how."""

    place: str
    user: str = ""  # "" for the ticket of Kerberos that this process has
    password: str = field(default="", repr=False)
    port: int = 445
    seconds: float = 30  # for any one answer
    encrypted: bool = False


class Line:
    """An open connection to one share; for one thread at a time."""

    def __init__(self, login: Login, share: Share) -> None:
        """Connect, log in and open the share; PlaceBusy and PlaceRefuses when that fails."""
        self._place = login.place
        _hush()
        self._connection = _Guarded(login, share.server)
        try:
            with translated(login.place):
                self._connection.connect(timeout=login.seconds)
                session = Session(
                    self._connection,
                    login.user or None,
                    login.password or None,
                    require_encryption=login.encrypted,
                )
                session.connect()
                self._tree = TreeConnect(session, share.unc)
                self._tree.connect()
        except PlaceFailed:
            self.close()
            raise

    def listed(self, folder: str) -> Iterator[Entry]:
        """The files and folders in a folder, as the server gives them; links are passed by."""
        opened = Open(self._tree, folder)
        with translated(self._place):
            opened.create(
                ImpersonationLevel.Impersonation,
                DirectoryAccessMask.FILE_LIST_DIRECTORY,
                FileAttributes.FILE_ATTRIBUTE_DIRECTORY,
                ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE,
                CreateDisposition.FILE_OPEN,
                CreateOptions.FILE_DIRECTORY_FILE,
            )
        try:
            yield from self._entries(opened)
        finally:
            _let_go(opened)

    def read(self, path: str, size: int) -> Generator[bytes, None, None]:
        """The file's bytes, piece by piece; Otherwise when it has not this size."""
        opened = Open(self._tree, path)
        with translated(self._place):
            opened.create(
                ImpersonationLevel.Impersonation,
                FilePipePrinterAccessMask.GENERIC_READ,
                0,
                ShareAccess.FILE_SHARE_READ,
                CreateDisposition.FILE_OPEN,
                CreateOptions.FILE_NON_DIRECTORY_FILE,
            )
        try:
            if opened.end_of_file != size:
                raise Otherwise
            for at in range(0, size, _PIECE):
                with translated(self._place):
                    piece: bytes = opened.read(at, min(_PIECE, size - at))
                yield piece
        finally:
            _let_go(opened)

    def make_folder(self, path: str) -> None:
        """Make a folder, unless it is there; its parent must be."""
        with translated(self._place):
            opened = Open(self._tree, path)
            opened.create(
                ImpersonationLevel.Impersonation,
                DirectoryAccessMask.FILE_LIST_DIRECTORY,
                FileAttributes.FILE_ATTRIBUTE_DIRECTORY,
                ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE,
                CreateDisposition.FILE_OPEN_IF,
                CreateOptions.FILE_DIRECTORY_FILE,
            )
            _let_go(opened)

    def publish(self, pieces: Iterator[bytes], passing: str, path: str) -> None:
        """Write a file under a passing name, and give it its final one; Taken when that is taken.

        Of a file that did not get its name nothing stays, unless the connection is lost.
        """
        with translated(self._place):
            opened = Open(self._tree, passing)
            opened.create(
                ImpersonationLevel.Impersonation,
                FilePipePrinterAccessMask.GENERIC_WRITE | FilePipePrinterAccessMask.DELETE,
                0,
                0,
                CreateDisposition.FILE_OVERWRITE_IF,
                CreateOptions.FILE_NON_DIRECTORY_FILE,
            )
            try:
                at = 0
                for piece in pieces:
                    at += opened.write(piece, at)
                opened.flush()
                self._rename(opened, path)
            except BaseException:
                self._discard(opened, passing)
                raise
            _let_go(opened)

    def close(self) -> None:
        """Let go of the connection."""
        with suppress(SMBException, OSError, ValueError, KeyError):
            self._connection.disconnect(close=False)

    def _entries(self, opened: Open) -> Iterator[Entry]:
        flags = QueryDirectoryFlags.SMB2_RESTART_SCANS
        while True:
            with translated(self._place):
                try:
                    found = opened.query_directory(
                        "*", FileInformationClass.FILE_ID_FULL_DIRECTORY_INFORMATION, flags
                    )
                except (NoMoreFiles, NoSuchFile):
                    return
            flags = 0
            yield from filter(None, map(_entry, found))

    def _rename(self, opened: Open, path: str) -> None:
        renaming = FileRenameInformation()
        renaming["replace_if_exists"] = False
        renaming["file_name"] = path.encode("utf-16-le")
        request = SMB2SetInfoRequest()
        request["info_type"] = renaming.INFO_TYPE
        request["file_info_class"] = renaming.INFO_CLASS
        request["file_id"] = opened.file_id
        request["buffer"] = renaming
        session = self._tree.session.session_id
        sent = self._connection.send(request, session, self._tree.tree_connect_id)
        try:
            self._connection.receive(sent)
        except SMBResponseException as error:
            if error.status == NtStatus.STATUS_OBJECT_NAME_COLLISION:
                raise Taken from None
            raise

    def _discard(self, opened: Open, passing: str) -> None:
        """Delete what has a passing name, as far as the connection lets."""
        _let_go(opened)
        with suppress(SMBException, OSError):
            gone = Open(self._tree, passing)
            gone.create(
                ImpersonationLevel.Impersonation,
                FilePipePrinterAccessMask.DELETE,
                0,
                ShareAccess.FILE_SHARE_DELETE,
                CreateDisposition.FILE_OPEN,
                CreateOptions.FILE_NON_DIRECTORY_FILE | CreateOptions.FILE_DELETE_ON_CLOSE,
            )
            gone.close()


class _Guarded(Connection):  # type: ignore[misc]  # the library has no types
    """A connection whose answers are signed or encrypted, and come in time or not at all."""

    def __init__(self, login: Login, server: str) -> None:
        super().__init__(uuid.uuid4(), server, login.port, require_signing=True)
        self._seconds = login.seconds

    def receive(
        self,
        request: Request,
        wait: bool = True,  # noqa: FBT001, FBT002 - the library's signature
        timeout: float | None = None,
        **_: object,
    ) -> SMB2HeaderResponse:
        """The answer, within the time; no link is resolved."""
        try:
            return super().receive(request, wait, timeout or self._seconds, resolve_symlinks=False)
        except SMBException as error:
            if isinstance(error, SMBResponseException):
                raise
            raise SMBException("the connection ended, or no answer came in time") from error

    def verify_signature(
        self,
        header: SMB2HeaderResponse,
        session_id: int,
        force: bool = False,  # noqa: FBT001, FBT002 - the library's signature
    ) -> None:
        """Raise SMBException for an answer of a session that is not signed, or wrongly.

        MS-SMB2 3.2.5.1.3; interim answers alone may come without a signature.
        """
        session = self.session_table.get(session_id)
        interim = header["status"].get_value() == NtStatus.STATUS_PENDING
        setup = header["command"].get_value() == Commands.SMB2_SESSION_SETUP
        if session is not None and not (interim or setup):
            if session.encrypt_data:
                raise SMBException("an answer was not encrypted")
            force = True
        super().verify_signature(header, session_id, force)


@contextmanager
def translated(place: str) -> Iterator[None]:
    """What the library raises, as trouble of this place; messages of servers are not passed on."""
    try:
        yield
    except SMBResponseException as error:
        raise _of_status(place, error.status) from None
    except SMBAuthenticationError:
        raise PlaceRefuses(place, "the login was refused") from None
    except SMBException as error:
        if "guest" in str(error):
            raise PlaceRefuses(place, "the server lets in guests, who cannot sign") from None
        raise PlaceBusy(place, "the connection was lost, or no answer came in time") from None
    except ValueError as error:
        raise _unconnected(place, error) from None
    except OSError:
        raise PlaceBusy(place, "the connection was lost") from None


def _of_status(place: str, status: int) -> PlaceFailed:
    busy = _BUSY.get(status)
    if busy:
        return PlaceBusy(place, busy)
    return PlaceRefuses(place, _REFUSED.get(status, f"the server refused: status {status:#010x}"))


def _unconnected(place: str, error: ValueError) -> PlaceFailed:
    """Why no connection was made; the library wraps that in a ValueError."""
    cause = error.__cause__
    if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
        return PlaceRefuses(place, "the server's name is not known")
    if isinstance(cause, OSError):
        return PlaceBusy(place, "the server cannot be reached")
    return PlaceRefuses(place, "the server's answer is not one of the protocol")


def _entry(found: FileIdFullDirectoryInformation) -> Entry | None:
    attributes = found["file_attributes"]
    reparses = attributes.has_flag(FileAttributes.FILE_ATTRIBUTE_REPARSE_POINT)
    if reparses and found["ea_size"].get_value() in _LINKS:  # there it holds the tag
        return None
    name = found["file_name"].get_value().decode("utf-16-le", "surrogatepass")
    if name in (".", ".."):
        return None
    return Entry(
        name,
        found["end_of_file"].get_value(),
        found["last_write_time"].get_value().timestamp(),
        attributes.has_flag(FileAttributes.FILE_ATTRIBUTE_DIRECTORY),
    )


def _let_go(opened: Open) -> None:
    with suppress(SMBException, OSError):
        opened.close()


def _hush() -> None:
    """Let the libraries log nothing: their lines name files, users and parts of messages."""
    for library in (smbprotocol.__name__, "spnego"):
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
