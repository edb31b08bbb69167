"""A share of a real Samba, for the contracts."""

import pytest

from dicomveil.places.manners import Limits, Manners
from dicomveil.places.smb import SmbPlace
from dicomveil.places.smb_line import Login
from dicomveil.places.smb_paths import share_of
from tests.contracts.rig import Rig
from tests.servers.samba import PASSWORD, USER, Samba

QUICK = Limits(at_once=3, attempts=2, pause=0.01)


def place_of(samba: Samba, limits: Limits = QUICK, **login: object) -> SmbPlace:
    """The share of this server as a place; `login` replaces what it logs in with."""
    given = {"user": USER, "password": PASSWORD, "port": samba.port, "seconds": 10} | login
    shares = (share_of("hospital", samba.unc),)
    return SmbPlace(Login("hospital", **given), shares, Manners("hospital", limits))  # type: ignore[arg-type]  # a table of words


@pytest.fixture
def smb_place(samba: Samba) -> Rig:
    """An empty one."""
    return Rig(
        place_of(samba), lambda files: samba.put(dict(files)), lambda: list(samba.held().values())
    )
