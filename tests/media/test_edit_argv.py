"""Command lines of edits, as text."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from oven.media.edit import Cut, TargetSize
from oven.media.edit_argv import MUXERS, Pass, first_pass, mark_file, passes_of, second_pass
from oven.media.geometry import Size
from oven.media.operations import CutMode, Format, Preset
from oven.media.short import Quality, StrategyName, plan_short
from tests.edits import COPY as WHOLE_COPY
from tests.edits import CUT, H264, MARK, PICTURES, PLAIN, WHOLE, edit
from tests.plans import SOURCES

COPY = replace(WHOLE_COPY, cut=Cut(1.0, 4.5, CutMode.KEYFRAMES), duration_s=3.5, frames=105)
TARGET = edit(video=replace(H264, rate=TargetSize(100_000, 64_000)))


def short(source: str, strategy: StrategyName, quality: Quality) -> Pass:
    """Plan a scene of three seconds."""
    edit = plan_short(SOURCES[source], start_s=2.0, end_s=5.0, strategy=strategy, quality=quality)
    return first_pass(edit, threads=2)


RUNS: Mapping[str, Pass] = {
    "all of it": first_pass(WHOLE, threads=2),
    "an encode": first_pass(PLAIN, threads=2),
    "a cut where nothing can be sought": first_pass(edit(cut=CUT, demuxer="mpegts"), threads=1),
    "a copy from a key frame": first_pass(COPY, threads=2),
    "a copy where nothing can be sought": first_pass(replace(COPY, demuxer="mpegts"), threads=2),
    "a copy, and pictures": first_pass(replace(COPY, stills=WHOLE.stills[:2]), threads=2),
    "pictures": first_pass(PICTURES, threads=2),
    "marked pictures": first_pass(replace(PICTURES, marks=(MARK,), cut=CUT), threads=2),
    "towards a size": first_pass(TARGET, threads=2),
    "a short of the middle": short("film", StrategyName.CENTER_CROP, Quality.HIGH),
    "a short between bars": short("phone", StrategyName.LETTERBOX, Quality.MEDIUM),
    "a short over itself": short("wide", StrategyName.BLUR, Quality.HIGH),
    "a short that is silent": short("silent", StrategyName.LETTERBOX, Quality.HIGH),
    "nearer to a size": second_pass(TARGET, TargetSize(100_000, 50_000), threads=2),
}
GOLDEN = Path(__file__).with_suffix(".txt")


def lined(run: Pass) -> str:
    """Write a command line as text, a part a line; the bounds of each input are left out."""
    text = re.sub(r"-max_pixels .*? -f (\w+)", r"<\1>", " ".join(run.arguments))
    return re.sub(r" (?=-i |-threads|-filter_complex |-map |-f )|(?<=;)", "\n", text)


def golden() -> Mapping[str, str]:
    """Read the command lines by their names."""
    sections = re.split(r"^# (.*)\n", GOLDEN.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(sections[::2], (text.strip() for text in sections[1::2]), strict=True))


@pytest.mark.parametrize("name", RUNS)
def test_golden(name: str) -> None:
    """Each is just this line."""
    assert lined(RUNS[name]) == golden()[name]


def test_all_golden_lines_are_used() -> None:
    """No line stands there that nobody makes."""
    assert set(golden()) == set(RUNS)


def test_all_in_one_decode() -> None:
    """A cut, a scaling, a mark, an encode and three thumbnails: one run, which opens the source once."""
    (run,) = passes_of(WHOLE, threads=2)
    words = run.arguments
    assert words.count("in/source") == 1
    graph = words[words.index("-filter_complex") + 1]
    assert graph.count("[0:0]") == 1
    assert (run.output, len(run.stills), run.marks) == ("film.mp4", 3, 1)


@pytest.mark.parametrize("run", RUNS.values(), ids=list(RUNS))
def test_bounds(run: Pass) -> None:
    """Every input opens one file by one demuxer; every decoder, graph and encoder has its threads."""
    words = run.arguments
    inputs = words.count("-i")
    assert words.count("-protocol_whitelist") == words.count("-format_whitelist") == inputs
    for at in (index for index, word in enumerate(words) if word == "-i"):
        assert "-threads" in words[max(0, at - 17) : at]
    # It is said once for all graphs.
    assert words.count("-filter_complex_threads") == ("-filter_complex" in words)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of pictures and sound, with a key frame every second."""
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    pictures = ("-f", "lavfi", "-i", "testsrc2=s=128x96:r=30:d=6")
    sound = ("-f", "lavfi", "-i", "sine=r=48000:d=6")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-bf", "2", "-c:a", "aac")
    command: list[str | Path] = ["ffmpeg", "-v", "error", *pictures, *sound, *coded, file]
    subprocess.run(command, check=True)
    return file


def made(run: Pass, source: Path, folder: Path) -> None:
    """Carry out a run in a folder."""
    (folder / "in").mkdir(parents=True)
    shutil.copy(source, folder / "in" / "source")
    for number in range(run.marks):
        Image.new("RGBA", (40, 20), (255, 0, 0, 255)).save(folder / mark_file(number))
    command = ["ffmpeg", *run.arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def times_s(file: Path, kind: str) -> list[float]:
    """Give when the packets of a stream are shown, ascending."""
    asked = ("-select_streams", kind, "-show_entries", "packet=pts_time", "-of", "csv=p=0")
    command: list[str | Path] = ["ffprobe", "-v", "error", *asked, file]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    return sorted(float(line.strip(",")) for line in said.stdout.split())


def test_a_cut_is_exact(clip: Path, tmp_path: Path) -> None:
    """Ninety frames of thirty a second from the very first; marks and pictures stand where they should."""
    made(RUNS["all of it"], clip, tmp_path)
    times = times_s(tmp_path / "film.mp4", "v")
    assert len(times) == 90
    assert times == pytest.approx([number / 30 for number in range(90)], abs=0.0001)
    assert times_s(tmp_path / "film.mp4", "a")[0] == pytest.approx(0, abs=0.03)
    with Image.open(tmp_path / "1-thumbnail-1.jpg") as first:
        assert first.size == (64, 48)
        red, green, _ = (band.getpixel((54, 42)) for band in first.convert("RGB").split())
        assert isinstance(red, int)
        assert isinstance(green, int)
        assert red > green + 60
    for file, kind in (("1-thumbnail-2.png", "PNG"), ("1-thumbnail-3.webp", "WEBP")):
        with Image.open(tmp_path / file) as still:
            assert (still.size, still.format) == ((32, 24), kind)


def start_s(file: Path) -> float:
    """Give where a file begins, as ffmpeg counts."""
    asked = ("-show_entries", "format=start_time", "-of", "csv=p=0")
    command: list[str | Path] = ["ffprobe", "-v", "error", *asked, file]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize("source", [".ts", ".mkv", ".mp4"])
def test_a_cut_between_frames(clip: Path, tmp_path: Path, source: str) -> None:
    """Between two frames: the next is shown from the start, and all others keep their times."""
    into = clip if source == ".mp4" else tmp_path / f"clip{source}"
    if into is not clip:
        command: list[str | Path] = ["ffmpeg", "-v", "error", "-i", clip, "-c", "copy", into]
        subprocess.run(command, check=True)
    demuxer = {".ts": "mpegts", ".mkv": "matroska", ".mp4": "mov"}[source]
    run = first_pass(edit(cut=Cut(1.51, 2.51, CutMode.EXACT), demuxer=demuxer), threads=2)
    made(run, into, tmp_path / "work")
    times = times_s(tmp_path / "work" / "film.mp4", "v")
    # Instants count from the source's begin, which may be its sound's.
    begin_s = start_s(into)
    meant = [at - begin_s - 1.51 for at in times_s(into, "v") if 1.51 <= at - begin_s < 2.51]
    assert times == pytest.approx([0, *meant[1:]], abs=0.0015)


@pytest.mark.parametrize("kind", [Format.MP4, Format.MKV, Format.MOV])
def test_a_copy_holds_nothing_from_before(clip: Path, tmp_path: Path, kind: Format) -> None:
    """A copy from a key frame begins with it: no packet from before hides in the file."""
    made(first_pass(replace(COPY, format=kind), threads=2), clip, tmp_path)
    film = tmp_path / f"film.{kind}"
    times = times_s(film, "v")
    assert len(times) == pytest.approx(105, abs=4)
    assert 0 <= times[0] < 0.1
    # All that is stored is shown: 3.5 of the 6 s.
    assert film.stat().st_size < 0.75 * clip.stat().st_size
    assert abs(times_s(film, "a")[0] - times[0]) < 0.05
    assert MUXERS.get(kind, kind)


def test_progress_comes_before_the_last_picture(clip: Path, tmp_path: Path) -> None:
    """However late a picture is taken, ffmpeg tells of itself from the first frames on."""
    late = WHOLE.stills[0]._replace(at_s=5.9)
    slow = replace(H264, scaled=Size(1280, 960), size=Size(1280, 960), preset=Preset.MEDIUM)
    run = first_pass(edit(video=slow, stills=(late,)), threads=2)
    (tmp_path / "in").mkdir()
    shutil.copy(clip, tmp_path / "in" / "source")
    often = [word if word != "0.5" else "0.05" for word in run.arguments]
    command = ["ffmpeg", *often]
    said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    frames = [int(line.partition("=")[2]) for line in said.splitlines() if line.startswith("frame=")]
    assert frames[0] < 150
    assert frames[-1] == 180
    with Image.open(tmp_path / run.stills[0]) as still, Image.open(tmp_path / "0-thumbnail-1.jpg") as first:
        assert still.size == first.size == (1280, 960)
        assert still.tobytes() != first.tobytes()
