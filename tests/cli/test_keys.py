"""`oven keys`, against a running daemon."""

import json
from pathlib import Path

import aiohttp

from tests.commands import run
from tests.daemons import running_daemon


async def test_create_list_revoke(environment: dict[str, str], tmp_path: Path) -> None:
    """A key is printed once, works, is listed without its text, and works no more."""
    with running_daemon(tmp_path / "data") as daemon:
        env = environment | {"PORT": daemon.base.rsplit(":", 1)[1]}

        def oven(*arguments: str) -> tuple[int, str, str]:
            done = run("keys", *arguments, env=env, cwd=tmp_path)
            return done.returncode, done.stdout, done.stderr

        async def status(text: str) -> int:
            headers = {"Authorization": f"Bearer {text}"}
            async with (
                aiohttp.ClientSession() as client,
                client.get(f"{daemon.base}/v1/jobs", headers=headers) as answer,
            ):
                return answer.status

        code, text, said = oven("create", "--owner", "auth0|alice")
        assert (code, said.count("auth0|alice: read, write; it is not shown again")) == (0, 1)
        made = json.loads(oven("create", "--owner", "bob", "--scope", "read", "--days", "9", "--json")[1])
        assert (await status(text.strip()), await status(made["key"])) == (200, 200)
        listed = oven("list")[1].splitlines()
        assert [line.split()[1:3] for line in listed] == [["bob", "read"], ["auth0|alice", "read,write"]]
        assert made["key"] not in oven("list", "--json")[1]
        code, said, _ = oven("revoke", made["id"])
        assert (code, "of bob was revoked" in said) == (0, True)
        assert "revoked" in oven("list", "--owner", "bob")[1]
        assert (await status(text.strip()), await status(made["key"])) == (200, 401)
        assert json.loads(oven("revoke", made["id"], "--json")[1])["revokedAt"]
        assert oven("revoke", "nobody")[2] == "oven: there is no such key [NOT_FOUND]\n"
        assert "owner must be one segment of a path" in oven("create", "--owner", "a/b")[2]
