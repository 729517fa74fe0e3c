"""Conversions by curl alone, as a script of an operator's would: the document's own commands, too."""

import json
import os
import re
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.daemons import Daemon
from tests.dropin.conftest import ADMIN, BUCKET, TAPE, TOKEN
from tests.media_files import probe
from tests.site import Site
from tests.tapes import tape_entries, write_zip

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
SOURCES, RECEIVER = (
    "https://user-aesthetic-computer.sfo3.digitaloceanspaces.com",
    "https://aesthetic.computer",
)
AUTHORIZED = ("-H", f"Authorization: Bearer {TOKEN}")
AS_ADMIN = ("-H", f"Authorization: Bearer {ADMIN}")
# What a proxy on this machine adds: then the client is not on it.
OUTSIDE = ("-H", "X-Forwarded-For: 203.0.113.9")


async def shell(script: str, daemon: Daemon, **variables: str) -> list[dict[str, Any]]:
    """Run a script with an operator's environment → what it printed, JSON after JSON."""
    environment = {
        "PATH": os.environ["PATH"],
        "MP4_SERVICE_URL": daemon.base,
        "MP4_SERVICE_TOKEN": TOKEN,
        "OVEN_ADMIN_TOKEN": ADMIN,
        **variables,
    }
    with anyio.fail_after(20):
        done = await anyio.run_process(["sh", "-euc", script], env=environment, stderr=None)
    return json_values(done.stdout.decode())


def json_values(text: str) -> list[dict[str, Any]]:
    decoder, values = json.JSONDecoder(), []
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        values.append(value)
        text = text[end:]
    return values


async def curl(*arguments: str) -> tuple[int, str, dict[str, Any]]:
    """Ask once → the status, the kind of answer, and the answer."""
    command = ["curl", "-sS", "-w", "\n%{http_code} %{content_type}", *arguments]
    with anyio.fail_after(20):
        done = await anyio.run_process(command, stderr=None)
    body, _, said = done.stdout.decode().rpartition("\n")
    status, kind = said.split(" ", 1)
    return int(status), kind, json.loads(body)


def commands(site: Site) -> tuple[str, str, str, str]:
    """Give the document's commands for conversions: submit, status, job, retry; with the test's hosts."""
    section = DOCUMENT.read_text().split("## Convert", 1)[1].split("\n## ", 1)[0]
    submit, after = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert SOURCES in submit
    assert RECEIVER in submit
    submit = submit.replace(SOURCES, site.base).replace(RECEIVER, site.base)
    status, job, retry = after.splitlines()
    return submit, status, job, retry


async def ended(command: str, daemon: Daemon, job_id: str) -> dict[str, Any]:
    """Poll as the document says until the job has ended."""
    with anyio.fail_after(30):
        while True:
            (job,) = await shell(command, daemon, JOB_ID=job_id)
            if job["finishedAt"]:
                return job
            await anyio.sleep(0.05)


async def test_the_documents_commands(cloud: Daemon, site: Site, tmp_path: Path) -> None:
    """Submit, poll, and fetch what was made; where it has failed, run it once more."""
    submit, status, job, retry = commands(site)
    del site.files[TAPE]
    (accepted,) = await shell(submit, cloud)
    assert (set(accepted), accepted["status"]) == ({"status", "jobId"}, "accepted")
    failed = await ended(job, cloud, accepted["jobId"])
    assert (failed["state"], failed["run"], failed["attempt"]) == ("failed", 1, 1)
    assert failed["error"]["code"] == "DOWNLOAD_REJECTED"
    await site.wait_for(1)
    # Few frames, for the document asks for a large picture.
    tape = tape_entries([0, 50, 100], width=64, height=48)
    site.files[TAPE] = write_zip(tmp_path / "few.zip", tape).read_bytes()
    (again,) = await shell(retry, cloud, JOB_ID=accepted["jobId"])
    assert (again["id"], again["run"]) == (accepted["jobId"], 2)
    done = await ended(job, cloud, accepted["jobId"])
    assert (done["state"], done["kind"], done["progress"], done["error"]) == ("done", "convert", 1, None)
    assert (done["bucket"], done["output"]) == (BUCKET, "auth0|123/wand-1729177200000.mp4")
    error, complete = await site.wait_for(2)
    assert error.headers["webhook-id"] != complete.headers["webhook-id"]
    assert [json.loads(one.body)["status"] for one in (error, complete)] == ["error", "complete"]
    (seen,) = await shell(status, cloud, JOB_ID=accepted["jobId"])
    assert (seen["status"], seen["success"], seen["mongoId"]) == (
        "complete",
        True,
        "507f1f77bcf86cd799439011",
    )
    url = json.loads(complete.body)["mp4Url"]
    assert seen["mp4Url"] == done["result"]["videoUrl"] == url
    video = tmp_path / "v.mp4"
    await anyio.run_process(["curl", "-sSf", "-o", str(video), url])
    (stream,) = probe(video)["streams"]
    assert (stream["width"], stream["height"], stream["r_frame_rate"]) == (3840, 2880, "30/1")
    assert video.stat().st_size == done["result"]["size"]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ((), 401, "AUTH_REQUIRED"),
        (OUTSIDE, 401, "AUTH_REQUIRED"),
        (("-H", "Authorization: Bearer another"), 401, "AUTH_INVALID"),
        (("-u", f"anybody:{TOKEN}"), 401, "AUTH_INVALID"),
        ((*AUTHORIZED, "-d", "{"), 400, "BODY_INVALID"),
        ((*AUTHORIZED, "-d", "[]"), 400, "BODY_INVALID"),
        ((*AUTHORIZED, "-X", "PUT"), 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_what_is_refused(cloud: Daemon, sent: tuple[str, ...], *, status: int, code: str) -> None:
    """By its status for a script, by a code and in words for whoever reads its output."""
    body = () if "-d" in sent else ("-d", "{}")
    url = f"{cloud.base}/convert"
    found, kind, said = await curl(url, "-H", "Content-Type: application/json", *body, *sent)
    assert (found, kind, said["code"]) == (status, "application/problem+json", code)
    assert said["error"]
    assert TOKEN not in str(said)


async def test_all_that_is_missing(cloud: Daemon) -> None:
    """Is named at once."""
    status, _, said = await curl(f"{cloud.base}/convert", *AUTHORIZED, "--json", '{"slug": 7}')
    assert status == 400
    missing = ["mongoId", "bucket", "slug", "zipUrl", "callbackUrl"]
    assert sorted(error["pointer"] for error in said["errors"]) == sorted(f"/{name}" for name in missing)
    assert all(name in said["error"] for name in missing)


async def test_a_bucket_that_is_not_listed(cloud: Daemon, site: Site) -> None:
    """Nothing is accepted, fetched or told."""
    body = {
        "mongoId": "1",
        "bucket": "somebody-elses",
        "slug": "wand",
        "zipUrl": site.base + TAPE,
        "callbackUrl": f"{site.base}/done",
    }
    status, _, said = await curl(f"{cloud.base}/convert", *AUTHORIZED, "--json", json.dumps(body))
    assert (status, said["code"], said["errors"][0]["pointer"]) == (400, "FIELD_INVALID", "/bucket")
    url = f"{cloud.base}/v1/jobs?output=auth0|123/wand.mp4"
    assert (await curl(url, *AS_ADMIN, *OUTSIDE))[2]["jobs"] == []
    assert (site.fetched, site.received) == ([], [])


async def test_jobs_are_the_admins(cloud: Daemon) -> None:
    """The service's token opens none of them."""
    url = f"{cloud.base}/v1/jobs/{'0' * 32}"
    assert [(await curl(url, *OUTSIDE, *token))[0] for token in ((), AUTHORIZED, AS_ADMIN)] == [401, 401, 404]
