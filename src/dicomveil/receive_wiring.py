"""What `dicomveil receive` is built from, apart from `wiring.py`: `deid` starts without it."""

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dicomveil.engine.cleaner import Options
from dicomveil.engine.gate import PixelTrust
from dicomveil.errors import CannotStart
from dicomveil.jobs.gateway import Bounds, Gateway, Project, Say
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.plan import Alignment, Checksum, Crosswalk, Existing, Order, Purpose
from dicomveil.jobs.receive_settings import Onward, ProjectSettings, Settings, TlsFiles
from dicomveil.jobs.reception import Reception
from dicomveil.places.dimse import Pacs
from dicomveil.places.dimse_peer import Peer, check_title
from dicomveil.places.scan import Links
from dicomveil.policy.options import Option
from dicomveil.wiring import Asked, order_of


def gateway(settings: Settings, environment: Mapping[str, str], say: Say) -> Gateway:
    """The gateway of these settings; raises CannotStart, KeyRefused and ProfileError."""
    projects = {one.called: _project(one, environment) for one in settings.projects}
    bounds = Bounds(
        watermark=settings.keep_free,
        largest=settings.largest,
        associations=settings.associations,
    )
    return Gateway(Reception(settings.spool), projects, bounds, say)


def server_tls(files: TlsFiles | None) -> ssl.SSLContext | None:
    """How a listener speaks TLS; with authorities, only to those who have a certificate of one."""
    if files is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with _loading():
        context.load_cert_chain(files.certificate, files.key or None)
        if files.authorities:
            context.load_verify_locations(files.authorities)
            context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_tls(files: TlsFiles | None) -> ssl.SSLContext | None:
    """How we speak TLS to a node, whose certificate and name are checked."""
    if files is None:
        return None
    with _loading():
        context = ssl.create_default_context(cafile=files.authorities or None)
        if files.certificate:
            context.load_cert_chain(files.certificate, files.key or None)
    return context


def _project(settings: ProjectSettings, environment: Mapping[str, str]) -> Project:
    check_title(settings.called)
    pattern = _order(settings, environment)

    def order(source: Path, destination: Path, private: Path) -> Order:
        return pattern._replace(
            sources=(os.fsencode(source),),
            destination=os.path.realpath(os.fsencode(destination)),
            private=os.path.realpath(os.fsencode(private)),
        )

    return Project(
        title=settings.called,
        callers=settings.callers,
        networks=settings.networks,
        quiet=settings.quiet,
        order=order,
        destination=Path(settings.destination).absolute() if settings.destination else None,
        onward=_onward(settings.pacs),
    )


def _order(settings: ProjectSettings, environment: Mapping[str, str]) -> Order:
    """The pattern of the project's runs: the profile is found, and the key read, once."""
    asked = Asked(
        sources=(),
        destination=settings.destination or ".",
        profile=settings.profile,
        further=tuple(Option.named(name) for name in settings.options),
        engine=Options(
            pixels=PixelTrust.ACCEPTED if settings.accept_pixels else PixelTrust.UNPROVEN
        ),
        key_file=settings.key_file,
        workers=1,
        layout=Layout.UID,
        private=None,
        links=Links.IGNORE,
        existing=Existing.ADD,
        checksum=Checksum.NONE,
        alignment=Alignment.NONE,
        crosswalk=Crosswalk.NONE,
        purpose=Purpose.DELIVER,
    )
    return order_of(asked, environment)._replace(kept_apart=True)


def _onward(settings: Onward | None) -> Pacs | None:
    if settings is None:
        return None
    return Pacs(
        Peer(
            name=settings.called,
            host=settings.host,
            port=settings.port,
            called=settings.called,
            calling=settings.calling,
            tls=client_tls(settings.tls),
        )
    )


@contextmanager
def _loading() -> Iterator[None]:
    """What cannot be read of TLS's files is a refusal to start; no path is in its message."""
    try:
        yield
    except OSError:
        raise CannotStart("a certificate or key of TLS cannot be read") from None
