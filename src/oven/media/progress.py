"""What ffmpeg says of itself while it works (`-progress`)."""

import re
from dataclasses import dataclass, field

# More digits than a count of frames can have.
MAX_DIGITS = 12
# "1.25x", "  32x", "4.1e+03x"; N/A before there is anything to tell.
SPEED = re.compile(r"(\d{1,6}(?:\.\d{1,6})?(?:e\+?\d{1,2})?)x")


@dataclass(slots=True)
class ProgressReader:
    """Reads `key=value` lines as they come; a block ends with `progress=continue` or `progress=end`.

    `speed` is how many seconds of media were encoded in a second of time, None until ffmpeg knows;
    `size_bytes` is what stands in the file so far.
    """

    frames: int = 0
    speed: float | None = None
    size_bytes: int = 0
    _movement: tuple[str, str, str] = field(default=("", "", ""))
    _block: dict[str, str] = field(default_factory=dict)

    def read(self, line: str) -> bool:
        """Take one line; true when it ended a block that shows work done since the last one."""
        key, _, value = line.strip().partition("=")
        self._block[key] = value.strip()
        if key != "progress":
            return False
        block, self._block = self._block, {}
        frames, size = block.get("frame", ""), block.get("total_size", "")
        if frames.isdecimal() and len(frames) <= MAX_DIGITS:
            self.frames = int(frames)
        if size.isdecimal() and len(size) <= MAX_DIGITS:
            self.size_bytes = int(size)
        speed = SPEED.fullmatch(block.get("speed", ""))
        # It says 0 until the first frame is out.
        self.speed = (speed and float(speed[1])) or None
        movement = (frames, size, block.get("out_time_us", ""))
        moved = movement != self._movement
        self._movement = movement
        return moved
