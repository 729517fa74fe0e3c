"""Who deploys: a checkout, a vault, and whom they trust."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio

HERE = Path(__file__).parents[2]
DEPLOY_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """How a run ended, and all that it said."""

    status: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Works in `folder`: `code` is a clone of this checkout, `vault` what is secret."""

    folder: Path

    @property
    def code(self) -> Path:
        return self.folder / "code"

    @property
    def vault(self) -> Path:
        return self.folder / "vault"

    @property
    def authorities(self) -> Path:
        """Whom the operator's programs trust."""
        return self.folder / "authorities.crt"

    def move_in(self, *, deploy: Mapping[str, str], settings: Mapping[str, str]) -> None:
        """Clone what is committed here, and write the vault."""
        self.vault.mkdir(mode=0o700)
        _run("git", "clone", "--quiet", str(HERE), str(self.code))
        self.git("config", "user.name", "Operator")
        self.git("config", "user.email", "operator@localhost")
        self.authorities.write_text("")
        self.write("deploy.env", deploy)
        self.write(".env", settings)

    def write(self, name: str, values: Mapping[str, str]) -> None:
        """Write a file of the vault."""
        file = self.vault / name
        file.touch(mode=0o600)
        file.write_text("".join(f"{key}={value}\n" for key, value in values.items()))

    def git(self, *words: str) -> None:
        _run("git", "-C", str(self.code), *words)

    def change(self, file: str, old: str, new: str) -> None:
        """Commit a change of one place in the code."""
        path = self.code / file
        text = path.read_text()
        assert text.count(old) == 1, (file, old)
        path.write_text(text.replace(old, new))
        self.git("commit", "--quiet", "--all", "--message", f"Change {file}")

    def undo(self) -> None:
        """Commit the opposite of the last change."""
        self.git("revert", "--no-edit", "HEAD")

    async def deploy(self, *words: str, said: str = "") -> Deployed:
        """Run deploy.fish."""
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "CURL_CA_BUNDLE": str(self.authorities),
        }
        command = [str(self.code / "deploy.fish"), "--vault", str(self.vault), *words]
        with anyio.fail_after(DEPLOY_S):
            done = await anyio.run_process(
                command,
                env=environment,
                input=said.encode(),
                check=False,
                stderr=subprocess.STDOUT,
            )
        return Deployed(status=done.returncode, said=done.stdout.decode(errors="replace"))


def _run(*words: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
