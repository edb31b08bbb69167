"""How far a server is reached: its name, its port, its TLS; for `place test`."""

import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from dicomveil.errors import PlaceFailed
from dicomveil.places.link import Access, trust_of
from dicomveil.places.place import Step

_PORTS: Final = {"http": 80, "https": 443}


def reached(access: Access) -> Iterator[Step]:
    """The steps to an HTTP server, ending at the first that fails."""
    parts = urlsplit(access.url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        yield Step("name", fine=True, said=str(found[0][4][0]))
        with socket.create_connection((host, port), timeout=access.seconds) as connection:
            yield Step("port", fine=True, said=str(port))
            if parts.scheme == "https":
                context = trust_of("", access)
                with context.wrap_socket(connection, server_hostname=host) as secured:
                    yield Step("TLS", fine=True, said=str(secured.version()))
    except socket.gaierror:
        yield Step("name", fine=False, said="the name is not known")
    except ssl.SSLCertVerificationError as error:
        yield Step("TLS", fine=False, said=error.verify_message)
    except ssl.SSLError as error:
        yield Step("TLS", fine=False, said=error.reason or "no TLS there")
    except OSError as error:
        yield Step("port", fine=False, said=error.strerror or "no connection")
    except PlaceFailed as error:
        yield Step("TLS", fine=False, said=error.problem)
