"""Exports of odd films, by the real tools: what is seen and heard in them stays where it was.

Each film shows a red corner, and turns white in its midst when a sound begins, a second after its begin.
"""

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from oven import app
from oven.adapters.storage.local import LocalStorage
from oven.adapters.workspace import FolderWorkspace
from oven.domain.job import Job
from oven.media.operations import Thumbnail
from oven.pipeline.attempt import attempt, unfenced
from oven.pipeline.ports import Tools
from oven.pipeline.trace import Trace
from oven.recipes.export import RECIPE
from oven.recipes.export_request import ExportRequest
from oven.recipes.steps import Target
from oven.settings import Settings, read_settings
from tests.plans import operations_of

BOXES = (
    "drawbox=w=iw/4:h=ih/3:color=red:t=fill,"
    "drawbox=x=iw/4:y=ih/3:w=iw/2:h=ih/3:color=white:t=fill:enable=gte(t\\,0.999)"
)
BEEP = ("-f", "lavfi", "-i", "aevalsrc=gte(t\\,1)*sin(2*PI*1000*t)/2:s=48000:d=2")
X264 = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "14", "-bf", "2", "-g", "20"),
    *("-pix_fmt", "yuv420p"),
)
JOINED = "joined"


def _pictures(size: str = "96x72", *, rate: str = "25", more: str = "") -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"color=gray:s={size}:r={rate}:d=2,{BOXES}{more}")


PLAIN = (*_pictures(), *BEEP, *X264, "-c:a", "aac")
# What ffmpeg is told, by the name of the film; "@name" is another of these as its input.
FILMS: Mapping[str, tuple[str, ...]] = {
    "plain.mp4": PLAIN,
    "plain.ts": ("-i", "@plain.mp4", "-c", "copy"),
    "plain.flv": ("-i", "@plain.mp4", "-c", "copy"),
    "turned.mp4": ("-i", "@plain.mp4", "-c", "copy", "-metadata:s:v", "rotate=90"),
    "wide.mp4": (*_pictures(more=",setsar=4/3"), *BEEP, *X264, "-c:a", "aac"),
    "odd.mkv": (*_pictures("97x73"), *BEEP, "-c:v", "ffv1", "-pix_fmt", "yuv444p", "-c:a", "flac"),
    "full.mp4": (*_pictures(more=",scale=out_range=pc"), *BEEP, *X264, "-pix_fmt", "yuvj420p", "-c:a", "aac"),
    "sparse.mp4": (*_pictures(rate="5"), *BEEP, *X264, "-c:a", "aac"),
    "gappy.mkv": (
        *(*_pictures(more=r",select=lt(t\,0.2)+gte(t\,0.999)"), *BEEP, "-fps_mode", "vfr"),
        *(*X264, "-c:a", "flac"),
    ),
    "late.mkv": (*_pictures(), "-itsoffset", "0.3", *BEEP, *X264, "-c:a", "flac"),
    "telephone.mp4": (*_pictures(), *BEEP, *X264, "-c:a", "aac", "-ar", "8000"),
    "hiding.mp4": ("-ss", "0.5", "-i", "@plain.mp4", "-c", "copy"),
    "offset.mkv": ("-i", "@plain.mp4", "-c", "copy", "-output_ts_offset", "10"),
    "larger.ts": (*_pictures("128x72"), *BEEP, *X264, "-c:a", "mp2", "-ac", "1", "-output_ts_offset", "2"),
    "smaller.ts": (*_pictures(), *BEEP, *X264, "-c:a", "mp2", "-ac", "2"),
    JOINED: ("@smaller.ts", "@larger.ts"),
}
# Film; operations; when it turns white and the sound begins, and how long it lasts, in seconds; the corner.
EXPORTS = """
plain.mp4     | trim start=0.51 end=1.49                     | 0.49 0.49 | 0.98 | top left
plain.mp4     | trim start=0.9 end=1.8 mode=keyframes        | 0.2  0.2  | 1.1  | top left
plain.ts      | trim start=0.9 end=1.8 mode=keyframes        | 0.2  0.2  | 1.1  | top left
plain.flv     | trim start=0.9 end=1.8 mode=keyframes        | 0.2  0.2  | 1.1  | top left
plain.mp4     | convert format=avi                           | 1.0  1.0  | 2.0  | top left
turned.mp4    | convert format=mkv                           | 1.0  1.0  | 2.0  | bottom left
wide.mp4      | transcode resolution=64x48 preset=ultrafast  | 1.0  1.0  | 2.0  | top left
odd.mkv       | convert format=mp4                           | 1.0  1.0  | 2.0  | top left
full.mp4      | transcode preset=ultrafast                   | 1.0  1.0  | 2.0  | top left
full.mp4      | convert format=mov + thumbnail timestamps=50% format=webp | 1.0 1.0 | 2.0 | top left
sparse.mp4    | trim start=0.85 end=1.85                     | 0.2  0.15 | 1.0  | top left
gappy.mkv     | trim start=0.4 end=0.9 + convert format=mp4  | none none | 0.5  | top left
gappy.mkv     | trim start=0.5 end=1.5 + convert format=mp4  | 0.5  0.5  | 1.0  | top left
late.mkv      | trim start=0.9 end=1.8 mode=keyframes        | 0.2  0.5  | 1.1  | top left
telephone.mp4 | convert format=mkv                           | 1.13 1.13 | 2.13 | top left
telephone.mp4 | convert format=avi                           | 1.0  1.0  | 2.0  | top left
hiding.mp4    | convert format=mkv                           | 0.5  0.5  | 1.5  | top left
offset.mkv    | convert format=mp4                           | 1.0  1.0  | 2.0  | top left
joined        | transcode preset=ultrafast audioCodec=aac    | 1.0  1.0  | 4.0  | top left
"""
CELLS = {"top left": 0, "top right": 7, "bottom left": 40, "bottom right": 47}
FRAME_S, BEEP_S, LASTS_S = 0.045, 0.040, 0.13
LOUD = 3_000
RED, NEAR = (254, 0, 0), 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Odd films, each made once, and what exports them."""

    folder: Path
    settings: Settings
    tools: Tools

    def film(self, name: str) -> Path:
        file = self.folder / name
        if file.exists():
            return file
        if name == JOINED:
            file.write_bytes(b"".join(self.film(word[1:]).read_bytes() for word in FILMS[name]))
            return file
        words = [str(self.film(word[1:])) if word.startswith("@") else word for word in FILMS[name]]
        command: list[str | Path] = ["ffmpeg", "-nostdin", "-v", "fatal", *words, file]
        subprocess.run(command, check=True)
        return file

    async def export(self, name: str, operations: str, work: Path) -> Path:
        """Carry an export out → the folder of what it made."""
        taken = self.folder / "b" / name
        if not taken.exists():
            taken.parent.mkdir(exist_ok=True)
            taken.hardlink_to(self.film(name))
        asked = operations_of(operations)
        request = ExportRequest(
            asset_id="a",
            source=Target("b", name),
            operations=asked,
            marks=(),
            folder=Target("b", f"{work.name}/"),
            name="film",
            duration_s=2.0,
        )
        outcome = await attempt(
            Job(id="j", kind="export", request=request.as_json()),
            RECIPE,
            tools=self.tools,
            workspace=FolderWorkspace(work, job="j", token="t"),
            limits=app.limits_of(self.settings),
            watch=lambda _: None,
            trace=Trace(now_ms=lambda: 0),
            confirm=unfenced,
        )
        assert outcome.error is None
        stills = sum(isinstance(each, Thumbnail) for each in asked)
        assert len(outcome.artifacts) == 1 + stills
        return taken.parent / work.name


@pytest.fixture(scope="module")
async def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The films' shelf."""
    folder = tmp_path_factory.mktemp("films")
    settings = read_settings({"TEMP_DIR": str(folder)})
    storage = LocalStorage(buckets={"b": folder}, private=folder)
    return Shelf(folder=folder, settings=settings, tools=await app.tools_of(settings, storage))


@pytest.mark.parametrize("line", EXPORTS.strip().splitlines(), ids=lambda line: " ".join(line.split()))
async def test_an_odd_film(shelf: Shelf, tmp_path: Path, line: str) -> None:
    """It is made, and is right: its length, its corner, and when it is seen to turn white and heard."""
    name, operations, events, lasts, corner = (part.strip() for part in line.split("|"))
    made = await shelf.export(name, operations, tmp_path)
    white_s, loud_s = (None if word == "none" else float(word) for word in events.split())
    frames, samples = watched(next(made.glob("film.*")))
    for at in (frames[len(frames) // 4], *(seen(still) for still in made.glob("thumbnail-*"))):
        cell = CELLS[corner]
        assert at[cell * 3 : cell * 3 + 3] == pytest.approx(RED, abs=NEAR)
    assert first(frame[20 * 3] > 220 for frame in frames) == pytest.approx(
        white_s and white_s * 100, abs=FRAME_S * 100
    )
    assert first(abs(sample) > LOUD for sample in samples) == pytest.approx(
        loud_s and loud_s * 8000, abs=BEEP_S * 8000
    )
    assert max(len(frames) / 100, len(samples) / 8000) == pytest.approx(float(lasts), abs=LASTS_S)


def watched(film: Path) -> tuple[list[bytes], memoryview]:
    """Play a film → what is seen each hundredth of a second, as 8×6 pixels, and samples at 8 kHz."""
    raw, pcm = film.with_suffix(".rgb"), film.with_suffix(".pcm")
    graph = "[0:v]scale=8:6:flags=area+accurate_rnd,format=rgb24,fps=100:start_time=0[v]"
    sound = ("-map", "0:a", "-af", "aresample=8000:async=1:first_pts=0", "-ac", "1", "-f", "s16le", pcm)
    words = ("-i", film, "-filter_complex", graph, "-map", "[v]", "-f", "rawvideo", raw, *sound)
    command: list[str | Path] = ["ffmpeg", "-nostdin", "-v", "fatal", *words]
    subprocess.run(command, check=True)
    pictures = raw.read_bytes()
    frames = [pictures[at : at + 144] for at in range(0, len(pictures), 144)]
    return frames, memoryview(pcm.read_bytes()).cast("h")


def seen(still: Path) -> bytes:
    """Give a picture as 8×6 pixels."""
    words = ("-i", still, "-vf", "scale=8:6:flags=area+accurate_rnd,format=rgb24", "-f", "rawvideo", "-")
    command: list[str | Path] = ["ffmpeg", "-nostdin", "-v", "fatal", *words]
    return subprocess.run(command, check=True, capture_output=True).stdout


def first(happens: Iterable[bool]) -> int | None:
    """Tell when something happens first."""
    return next((at for at, does in enumerate(happens) if does), None)
