"""What ffmpeg says of itself while it works (`-progress`)."""

from dataclasses import dataclass, field

# More digits than a count of frames can have.
MAX_DIGITS = 12


@dataclass(slots=True)
class ProgressReader:
    """Reads `key=value` lines as they come; a block ends with `progress=continue` or `progress=end`."""

    frames: int = 0
    _movement: tuple[str, str, str] = field(default=("", "", ""))
    _block: dict[str, str] = field(default_factory=dict)

    def read(self, line: str) -> bool:
        """Take one line; true when it ended a block that shows work done since the last one."""
        key, _, value = line.strip().partition("=")
        self._block[key] = value.strip()
        if key != "progress":
            return False
        block, self._block = self._block, {}
        frames = block.get("frame", "")
        if frames.isdecimal() and len(frames) <= MAX_DIGITS:
            self.frames = int(frames)
        movement = (frames, block.get("total_size", ""), block.get("out_time_us", ""))
        moved = movement != self._movement
        self._movement = movement
        return moved
