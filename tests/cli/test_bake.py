"""The command line, as its users meet it: real processes, real signals."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.test_process import is_running
from tests.commands import OVEN, run
from tests.media_files import decode
from tests.tapes import numbered_png, read_numbers, small_entries, tape_entries, write_zip

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return write_zip(tmp_path / "tape.zip", small_entries(sound=True))


def test_a_bake(environment: dict[str, str], tape: Path, tmp_path: Path, work: Path) -> None:
    """Says where the files are and what was measured; leaves the two files and nothing else."""
    folder = tmp_path / "new folder"
    done = run(
        "bake", tape, "-o", folder / "o.mp4", "--thumbnail", folder / "t.jpg", env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    for expected in (
        str(folder / "o.mp4"),
        str(folder / "t.jpg"),
        "4 at 30 a second, from 4\n",
        "192×192, from 64×64\n",
        "0.133 s",
        "largest start error",
        "dropped              0, ",
        "repeated             0, ",
        "A/V offset           0.0 ms at the start, ",
        "identical            0, ",
        "color                bt709 (bt709, bt709), range tv\n",
        "encoder              libx264 for pixel, quality 50 (qp ",
        "encode time",
    ):
        assert expected in done.stdout
    assert done.stderr == ""
    assert sorted(file.name for file in folder.iterdir()) == ["o.mp4", "t.jpg"]
    assert list(work.iterdir()) == []


def test_a_bake_in_json(environment: dict[str, str], tape: Path, tmp_path: Path) -> None:
    """Stdout is one JSON document; relative paths work."""
    done = run(
        "bake",
        tape.name,
        "-o",
        "o.mp4",
        "--json",
        "--scale",
        "2",
        "--fps",
        "60",
        "--quality",
        "75",
        env=environment,
        cwd=tmp_path,
    )
    said = json.loads(done.stdout)
    assert (said["state"], said["video"], said["thumbnail"]) == ("done", "o.mp4", None)
    assert said["result"]["resolution"] == [128, 128]
    assert said["result"]["rate"] == "60"
    assert (said["result"]["encoder"]["quality"], said["result"]["encoder"]["qp"]) == (75, 14)
    assert read_numbers(decode(tmp_path / "o.mp4", 128, 128)) == [0, 0, 1, 1, 2, 2, 3]


def test_a_size(environment: dict[str, str], tape: Path, tmp_path: Path) -> None:
    """Width and height, with either sign between."""
    for size in ("100x50", "100×50"):
        done = run("bake", tape, "-o", "o.mp4", "--json", "--size", size, env=environment, cwd=tmp_path)
        assert json.loads(done.stdout)["result"]["resolution"] == [100, 50]


def test_warnings_are_told(environment: dict[str, str], tmp_path: Path) -> None:
    """After the result, on their own lines."""
    tape = write_zip(tmp_path / "tape.zip", small_entries() | {"metadata.json": b'{"frameCount": 99}'})
    done = run("bake", tape, "-o", "o.mp4", env=environment, cwd=tmp_path)
    assert "warning: metadata.json speaks of 99 frames; the tape has 4 [METADATA_MISMATCH]\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["tape.zip", "-o", "o.mov"], "--output is o.mov; its name must end in .mp4"),
        (["tape.zip", "-o", "x.mp4"], "--output is x.mp4, which is a folder"),
        (["tape.zip", "-o", "n" * 300 + ".mp4"], "file name too long"),
        (["tape.zip", "-o", "tape.zip/o.mp4"], "nothing can be written there"),
        (["tape.zip", "-o", "\udcff.mp4"], "its name must be UTF-8"),
        (["\udcff.zip", "-o", "o.mp4"], "its name must be UTF-8"),
        (["tape.zip", "-o", "o.mp4", "--scale", "99"], "--scale is '99'"),
        (["tape.zip", "-o", "o.mp4", "--quality", "101"], "--quality is '101'"),
        (["tape.zip", "-o", "o.mp4", "--scale", "2.5"], "--scale is '2.5'"),
        (["tape.zip", "-o", "o.mp4", "--thumbnail", "t.png"], "--thumbnail is t.png"),
        (["tape.zip", "-o", "o.mp4", "--size", "big"], "--size is 'big'"),
        (["tape.zip", "-o", "o.mp4", "--size", "0x5"], "--size is '0x5'"),
        (["tape.zip", "-o", "o.mp4", "--fps", "0"], "--fps is '0'"),
        (["tape.zip", "-o", "o.mp4", "--fps", "1/0"], "--fps is '1/0'"),
        (["tape.zip", "-o", "o.mp4", "--fps", "nan"], "--fps is 'nan'"),
        (["tape.zip", "-o", "o.mp4", "--fps", "1e999999999"], "--fps is '1e999999999'"),
        (["tape.zip", "-o", "o.mp4", "--scale", "2", "--size", "4x4"], "exclude each other"),
        (["missing.zip", "-o", "o.mp4"], "missing.zip does not exist"),
        ([".", "-o", "o.mp4"], ". is not a regular file"),
        (["pipe", "-o", "o.mp4"], "pipe is not a regular file"),
        (["own.mp4", "-o", "./own.mp4"], "--output would overwrite the tape"),
        (["own.mp4", "-o", "link.mp4"], "--output would overwrite the tape"),
        (["own.jpg", "-o", "o.mp4", "--thumbnail", "own.jpg"], "--thumbnail would overwrite the tape"),
    ],
)
def test_wrong_input(
    environment: dict[str, str], tape: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    """One sentence with its code on stderr, status 1, and nothing made."""
    (tmp_path / "x.mp4").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("own.mp4", "own.jpg"):
        (tmp_path / name).write_bytes(tape.read_bytes())
    (tmp_path / "link.mp4").symlink_to("own.mp4")
    before = sorted(tmp_path.rglob("*"))
    done = run("bake", *arguments, env=environment, cwd=tmp_path)
    assert done.returncode == 1
    first_line = done.stderr.splitlines()[0]
    assert first_line.startswith("oven: ")
    assert says in first_line
    assert first_line.endswith("]")
    assert done.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before
    assert tape.exists()


def test_an_error_in_json(environment: dict[str, str], tmp_path: Path, work: Path) -> None:
    """The same error as data, with the phase it happened in."""
    tape = write_zip(tmp_path / "tape.zip", {"readme.txt": b""})
    done = run("bake", tape, "-o", "o.mp4", "--json", env=environment, cwd=tmp_path)
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["state"] == "failed"
    assert (said["error"]["code"], said["error"]["stage"]) == ("NO_FRAMES", "unpack")
    assert said["error"]["retryable"] is False
    assert list(work.iterdir()) == []


def test_an_operators_error_shows_its_detail(environment: dict[str, str], tape: Path, tmp_path: Path) -> None:
    """Where the fault is not in the tape, the tool's own words help, in JSON as well."""
    program = tmp_path / "ffmpeg"
    program.write_text(
        '#!/bin/sh\n[ "$2" = -version ] && echo "ffmpeg version 6.1" || { echo "why" >&2; exit 1; }\n'
    )
    program.chmod(0o755)
    done = run("bake", tape, "-o", "o.mp4", env=environment | {"OVEN_FFMPEG": str(program)}, cwd=tmp_path)
    assert done.returncode == 1
    assert "[ENCODE_FAILED]" in done.stderr
    assert "why" in done.stderr
    done = run(
        "bake", tape, "-o", "o.mp4", "--json", env=environment | {"OVEN_FFMPEG": str(program)}, cwd=tmp_path
    )
    assert "why" in json.loads(done.stdout)["error"]["detail"]
    assert not (tmp_path / "o.mp4").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_in_the_middle(
    environment: dict[str, str], tmp_path: Path, work: Path, number: signal.Signals
) -> None:
    """Ffmpeg is gone and nothing is left; after SIGKILL the next bake removes what was left."""
    pid_file = tmp_path / "pid"
    program = tmp_path / "ffmpeg"
    program.write_text(
        '#!/bin/sh\n[ "$2" = -version ] && { echo "ffmpeg version 6.1"; exit; }\n'
        f"echo $$ > {pid_file}; exec sleep 600\n"
    )
    program.chmod(0o755)
    entries = {f"frame-{index}.png": numbered_png(index) for index in range(3)}
    tape = write_zip(tmp_path / "tape.zip", entries)
    env = environment | {"OVEN_FFMPEG": str(program)}
    command = [*OVEN, "bake", str(tape), "-o", str(tmp_path / "out" / "o.mp4")]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not (pid_file.exists() and pid_file.read_text().strip()):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        ffmpeg = int(pid_file.read_text())
        process.send_signal(number)
        _, stderr = process.communicate(timeout=20)
    while is_running(ffmpeg):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    if number is signal.SIGKILL:
        assert len(list(work.iterdir())) == 1
        assert run("bake", tape, "-o", "o.mp4", env=environment, cwd=tmp_path).returncode == 0
    else:
        assert process.returncode == 128 + number
        assert stderr == f"oven: stopped by {number.name}\n"
    assert list(work.iterdir()) == []
    assert not (tmp_path / "out" / "o.mp4").exists()


def test_a_bar_on_a_terminal(environment: dict[str, str], tape: Path, tmp_path: Path) -> None:
    """With the phase and the percentage; script(1) gives it a terminal."""
    command = " ".join([*OVEN, "bake", str(tape), "-o", "o.mp4"])
    done = subprocess.run(
        ["/usr/bin/script", "-qec", command, "/dev/null"],
        env=environment | {"TERM": "xterm"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "%" in done.stdout
    assert "━" in done.stdout
    assert "192×192" in done.stdout


def peak_mb(process: subprocess.Popen[Any]) -> dict[str, float]:
    """Watch a process tree to its end → the largest resident size of each program, in MB."""
    peaks: dict[str, float] = {}
    while process.poll() is None:
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                facts = dict(
                    line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
                )
                is_ours = facts["Pid"] == str(process.pid) or facts["PPid"] == str(process.pid)
                if is_ours and "VmHWM" in facts:
                    name = "oven" if facts["Pid"] == str(process.pid) else facts["Name"].strip()
                    peaks[name] = max(peaks.get(name, 0), int(facts["VmHWM"].split()[0]) / 1024)
            except (OSError, KeyError):
                continue
        time.sleep(0.01)
    return peaks


def test_large_pictures_fit_a_small_machine(environment: dict[str, str], tmp_path: Path) -> None:
    """640×480 to 3840×2880 takes ffmpeg under 460 MB and Oven itself under 150 MB."""
    starts = [index * 1000 / 30 for index in range(45)]
    tape = write_zip(tmp_path / "tape.zip", tape_entries(starts, width=640, height=480))
    command = [*OVEN, "bake", str(tape), "-o", str(tmp_path / "o.mp4"), "--size", "3840x2880"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        peaks = peak_mb(process)
    assert process.returncode == 0
    assert 100 < peaks["ffmpeg"] < 460
    assert peaks["oven"] < 150


def test_the_sample_tape(environment: dict[str, str], tmp_path: Path) -> None:
    """The repository's own bakes without a warning."""
    tape = ROOT / "examples" / "tape.zip"
    done = run("bake", tape, "-o", "o.mp4", "--json", env=environment, cwd=tmp_path)
    result = json.loads(done.stdout)["result"]
    assert result["warnings"] == []
    assert result["avOffsetMs"] == {"start": 0.0, "end": 0.0}
    assert result["sourceFrames"] == 150


def test_a_cancelled_bake_in_json(environment: dict[str, str], tape: Path, tmp_path: Path) -> None:
    """Also a bake that is stopped says so on stdout."""
    program = tmp_path / "ffmpeg"
    program.write_text(
        '#!/bin/sh\n[ "$2" = -version ] && { echo "ffmpeg version 6.1"; exit; }\nkill $PPID; exec sleep 60\n'
    )
    program.chmod(0o755)
    done = run(
        "bake", tape, "-o", "o.mp4", "--json", env=environment | {"OVEN_FFMPEG": str(program)}, cwd=tmp_path
    )
    assert done.returncode == 128 + signal.SIGTERM
    said = json.loads(done.stdout)
    assert (said["state"], said["error"]["code"]) == ("cancelled", "CANCELLED")


def test_an_ffmpeg_that_makes_nothing(environment: dict[str, str], tape: Path, tmp_path: Path) -> None:
    """It ended well, and there is no file."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho ffmpeg version 6.1\n")
    program.chmod(0o755)
    done = run("bake", tape, "-o", "o.mp4", env=environment | {"OVEN_FFMPEG": str(program)}, cwd=tmp_path)
    assert "[ENCODE_FAILED]" in done.stderr
