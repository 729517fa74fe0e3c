"""`oven check`: whether Oven could work here."""

from typing import Annotated

import typer

from oven import app
from oven.cli.interrupt import run_until_signal
from oven.cli.terminal import EXIT_FAILED, write, write_json
from oven.domain.errors import OvenError
from oven.settings import read_settings


def check(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False
) -> None:
    """Check the settings and this machine; changes nothing."""
    try:
        settings = read_settings()
        checks = run_until_signal(lambda: app.check(settings))
    except OvenError as error:
        checks = [app.Check(name="settings", is_right=False, found=error.message, hint=error.hint)]
    all_right = all(found.is_right for found in checks)
    if as_json:
        findings = [
            {"name": found.name, "ok": found.is_right, "found": found.found, "hint": found.hint}
            for found in checks
        ]
        write_json({"ok": all_right, "checks": findings})
    else:
        for found in checks:
            hint = f" ({found.hint})" if found.hint else ""
            write(f"{'ok  ' if found.is_right else 'FAIL'} {found.name}: {found.found}{hint}\n")
    if not all_right:
        raise typer.Exit(EXIT_FAILED)
