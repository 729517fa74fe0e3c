"""Settings of the work on tapes."""

from pathlib import Path

from oven.settings.tapes import TapeSettings


def test_programs() -> None:
    """A name is looked for on the PATH; a path is made absolute, for children run elsewhere."""
    settings = TapeSettings.model_validate({"OVEN_FFMPEG": "bin/ffmpeg"})
    assert (settings.ffmpeg, settings.ffprobe) == (str(Path.cwd() / "bin/ffmpeg"), "ffprobe")
