"""`dicomveil serve`: the anonymization server of one machine."""

import os

import click

from dicomveil.cli.exits import Exit


@click.command()
@click.option("--settings", metavar="FILE", help="The settings; by default ./dicomveil.toml.")
@click.option("--host", metavar="ADDRESS", help="Where to listen; by default this machine alone.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="By default 8080.")
@click.option(
    "--behind-proxy", is_flag=True, help="A proxy stands before the server and speaks TLS."
)
def serve(settings: str | None, host: str | None, port: int | None, behind_proxy: bool) -> Exit:
    """Answer anonymization jobs over HTTP, carry them out, and deliver them.

    `dicomveil admin init` makes the server first. It listens on this machine alone unless there is
    TLS, or a proxy that speaks it. SIGTERM stops it: what is under way is taken up at the next
    start.
    """
    from dataclasses import replace

    from dicomveil.server.serving import Proxy
    from dicomveil.settings import load_settings
    from dicomveil.window import run

    given = load_settings(os.environ, settings)
    given = replace(given, host=host or given.host, port=given.port if port is None else port)
    run(given, Proxy.BEFORE if behind_proxy else Proxy.NONE, click.echo)
    return Exit.DONE
