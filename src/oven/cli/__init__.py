"""The `oven` command: parses, calls, prints."""

from typing import Annotated

import typer

from oven import __version__
from oven.cli.backup import backup
from oven.cli.bake import bake
from oven.cli.check import check
from oven.cli.imports import import_url
from oven.cli.jobs import jobs
from oven.cli.keys import keys
from oven.cli.replicate_url import replicate_url
from oven.cli.serve import serve
from oven.cli.show import show
from oven.cli.terminal import tolerate_terminals, write

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.command()(backup)
cli.command()(bake)
cli.command()(check)
cli.command()(replicate_url)
cli.command("import")(import_url)
cli.command()(serve)
cli.command()(show)
cli.add_typer(jobs, name="jobs")
cli.add_typer(keys, name="keys")


def main() -> None:
    """Run the command line."""
    tolerate_terminals()
    cli()


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        write(f"oven {__version__}\n")
        raise typer.Exit


@cli.callback()
def oven(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Turn jobs into finished media."""
