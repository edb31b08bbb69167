"""A sender of single data sets, which sends whatever it is given: bytes as they are, any UID."""

import time
from io import BytesIO

from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from dicomveil.places.dimse_association import silence
from tests.builders import CT, EXPLICIT, El, encode

CALLED, CALLER = "RESEARCH", "CT1"


def body(sop: str = "1.2.3.1", study: str = "1.2.3") -> bytes:
    """A data set."""
    return encode(
        [
            El(0x00080016, "UI", CT),
            El(0x00080018, "UI", sop),
            El(0x0020000D, "UI", study),
            El(0x0020000E, "UI", f"{study}.9"),
        ]
    )


def associate(port: int, called: str = CALLED, caller: str = CALLER) -> Association:
    """A sender's association."""
    silence()
    entity = AE(caller)
    entity.add_requested_context(CT, EXPLICIT)
    entity.dimse_timeout = entity.acse_timeout = entity.network_timeout = 10
    return entity.associate("127.0.0.1", port, ae_title=called)


def store(association: Association, content: bytes, sop: str = "1.2.3.1") -> int:
    """Send these bytes as they are, under this UID; the status, or -1 for none."""
    request = C_STORE()
    request.MessageID = 1
    request.Priority = 2
    request.AffectedSOPClassUID = CT
    request.AffectedSOPInstanceUID = sop
    request.DataSet = BytesIO(content)
    association._reactor_checkpoint.clear()
    while not association._is_paused:
        time.sleep(0.001)
    association.dimse.send_msg(request, association.accepted_contexts[0].context_id or 0)
    _, answer = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    return int(getattr(answer, "Status", -1))
