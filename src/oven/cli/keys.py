"""`oven keys`: the API keys of users."""

from typing import Annotated

import typer

from oven.cli.ask import ask
from oven.cli.show import AsJson
from oven.cli.terminal import complain, write, write_json
from oven.domain.text import printable

keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke users' API keys.", rich_markup_mode=None)


@keys.command()
def create(
    *,
    owner: Annotated[
        str,
        typer.Option(metavar="USER", help="Whose jobs and assets it opens; a JWT's sub is the same user."),
    ],
    scope: Annotated[
        list[str] | None, typer.Option(metavar="SCOPE", help="read or write; both where none is given.")
    ] = None,
    days: Annotated[int | None, typer.Option(metavar="N", help="Expire after so many days.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it this once."""
    given = {"owner": owner, "scopes": scope or None, "expiresInDays": days}
    key = ask("POST", "keys", as_json=as_json, body=given)
    if as_json:
        write_json(key)
        return
    write(f"{key['key']}\n")
    until = f", until {key['expiresAt']}" if key["expiresAt"] else ""
    complain(
        f"key {key['id']} of {printable(owner)}: {', '.join(key['scopes'])}{until}; it is not shown again\n"
    )


@keys.command("list")
def list_keys(
    *,
    owner: Annotated[str | None, typer.Option(metavar="USER", help="Only keys of this user.")] = None,
    as_json: AsJson = False,
) -> None:
    """List keys, newest first, without their text, which nobody knows any more."""
    answer = ask("GET", "keys", as_json=as_json, query={} if owner is None else {"owner": owner})
    if as_json:
        write_json(answer)
        return
    for key in answer["keys"]:
        ended = f"revoked {key['revokedAt']}" if key["revokedAt"] else key["expiresAt"] or "does not expire"
        scopes = ",".join(key["scopes"])
        write(f"{key['id']}  {key['owner']:<36}  {scopes:<10}  {key['createdAt']}  {ended}\n")


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id.")], *, as_json: AsJson = False
) -> None:
    """Let a key open nothing any more, from now on."""
    key = ask("DELETE", "keys", key_id, as_json=as_json)
    if as_json:
        write_json(key)
    else:
        write(f"key {key['id']} of {key['owner']} was revoked at {key['revokedAt']}\n")
