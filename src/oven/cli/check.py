"""`oven check`: whether Oven could work here."""

from typing import Annotated

import typer

from oven.cli.interrupt import run_until_signal
from oven.cli.terminal import EXIT_FAILED, write, write_json
from oven.domain.errors import OvenError
from oven.settings import read_settings


def check(
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Encode a frame, try each store and the identity provider, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check the settings and this machine; changes nothing but for --live's objects, which it removes."""
    # What bakes takes a third of a second to load: other commands go without it.
    from oven.checks import Check, look_around  # noqa: PLC0415

    async def look() -> list[Check]:
        checks = await look_around(settings)
        if live:
            # The stores' client takes a third of a second to load.
            from oven.trial import check_live  # noqa: PLC0415

            checks += await check_live(settings)
        return checks

    try:
        settings = read_settings()
        checks = run_until_signal(look)
    except OvenError as error:
        checks = [Check(name="settings", is_right=False, found=error.message, hint=error.hint)]
    all_right = all(found.is_right for found in checks)
    if as_json:
        findings = [
            {
                "name": found.name,
                "ok": found.is_right,
                "warning": found.is_warning,
                "found": found.found,
                "hint": found.hint,
            }
            for found in checks
        ]
        write_json({"ok": all_right, "checks": findings})
    else:
        for found in checks:
            hint = f" ({found.hint})" if found.hint else ""
            verdict = "FAIL" if not found.is_right else "warn" if found.is_warning else "ok  "
            write(f"{verdict} {found.name}: {found.found}{hint}\n")
    if not all_right:
        raise typer.Exit(EXIT_FAILED)
