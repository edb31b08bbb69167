"""`anon completion`: what a shell needs to complete commands, options and what a folder knows."""

import click
from click.shell_completion import CompletionItem, get_completion_class

from dicomveil.cli.anon.commands import AnonCommand, Ended, with_session
from dicomveil.cli.anon.session import Session, here
from dicomveil.client.settings import load_settings
from dicomveil.errors import DicomveilError
from dicomveil.mapping.batch import load_batch
from dicomveil.mapping.sources import PATH_TYPES, SourceType


@click.command(cls=AnonCommand)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@with_session
def completion(session: Session, shell: str) -> Ended:
    """Print the completion script of a shell.

    Bash: add `eval "$(anon completion bash)"` to ~/.bashrc; zsh: the same with zsh in ~/.zshrc;
    fish: `anon completion fish > ~/.config/fish/completions/anon.fish`.
    """
    kind = get_completion_class(shell)
    assert kind is not None  # the choice above names the shells that click knows
    root = click.get_current_context().find_root().command
    script = kind(root, {}, "anon", "_ANON_COMPLETE").source()
    session.say(script)
    return Ended({"script": script})


def server_names(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The servers whose name begins so; none while there are no settings."""
    del ctx, parameter
    try:
        known = load_settings(here().settings_path).servers
    except DicomveilError:
        return []
    return [
        CompletionItem(one.name, help=one.url) for one in known if one.name.startswith(incomplete)
    ]


def batch_ids(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The jobs of this folder's batch whose number begins so; no server is asked."""
    del ctx, parameter
    try:
        ids = load_batch(here().batch_path).ids
    except DicomveilError:
        return []
    return [CompletionItem(str(number)) for number in ids if str(number).startswith(incomplete)]


def source_types(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The types of source that an archive knows, as they stand before the colon."""
    del ctx, parameter
    types = (kind for kind in SourceType if kind not in PATH_TYPES)
    return [CompletionItem(f"{kind}:") for kind in types if kind.startswith(incomplete)]


def folders(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """What tells the shell to complete folders itself."""
    del ctx, parameter
    return [CompletionItem(incomplete, type="dir")]
