"""How commands of `anon` are made: what each has in common, and how each ends."""

import functools
import json
import sys
from collections.abc import Callable
from typing import Any, Concatenate, NamedTuple, ParamSpec

import click

from dicomveil.cli.anon.session import Failure, Session, here
from dicomveil.errors import DicomveilError

P = ParamSpec("P")


class Ended(NamedTuple):
    """What a command found, for programs, and its exit code."""

    found: object
    code: int = 0


class AnonCommand(click.Command):
    """A command with `--json` and `--show-values`, whose errors are one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - click's own signature
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(["--json", "as_json"], is_flag=True, help="Print JSON on stdout."),
            click.Option(
                ["--show-values"],
                is_flag=True,
                help="Show identifiers in progress and error lines, on a terminal.",
            ),
        ]

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; print what it found when a program asks."""
        session = ctx.obj if isinstance(ctx.obj, Session) else here()
        ctx.obj = session
        session.json = session.json or ctx.params.pop("as_json", False)
        shown = ctx.params.pop("show_values", False)
        session.show_values = shown and sys.stdout.isatty()
        try:
            ended = super().invoke(ctx)
        except DicomveilError as error:
            if session.json:
                click.echo(json.dumps({"error": error.code, "message": str(error)}))
            raise Failure(str(error)) from error
        except OSError as error:
            raise Failure(f"the machine failed: {error.strerror}") from error
        if isinstance(ended, Ended):
            if session.json:
                click.echo(json.dumps(ended.found, indent=2, default=str))
            ctx.exit(ended.code)
        return ended


class AnonGroup(click.Group):
    """A group whose commands are AnonCommands and whose groups are AnonGroups."""

    command_class = AnonCommand
    group_class = type


def with_session(
    command: Callable[Concatenate[Session, P], Ended],
) -> Callable[P, Ended]:
    """Hand the session to a command as its first argument."""

    @functools.wraps(command)
    def handed(*args: P.args, **kwargs: P.kwargs) -> Ended:
        session = click.get_current_context().obj
        assert isinstance(session, Session)  # AnonCommand.invoke made it
        return command(session, *args, **kwargs)

    return handed


yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask, do it.")


def agreed(session: Session, question: str, *, yes: bool) -> bool:
    """Whether the user says yes; asked on the terminal, No being the default."""
    return yes or click.confirm(question, err=session.json)
