"""A scene: a part of a video, from one moment to another."""

import math
from dataclasses import dataclass

from oven.domain.errors import BadInputError, Code

# Less is hardly a picture or two.
MIN_SCENE_S = 0.1
# Players and browsers tell a film's length a little longer than it is.
TOLERANCE_S = 0.1
# Where nobody knows how long a video is: no film is longer.
MAX_VIDEO_S = 86_400.0
MAX_SCENES = 1_000
TOO_SHORT = f" must be at least {MIN_SCENE_S:g} s after start_s"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScene:
    """A scene as it is asked for; `asset_id` names its video, and `owner` whose that is.

    Its times are seconds from the video's begin; `name` is empty where it has none.
    """

    id: str
    asset_id: str
    owner: str
    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A scene as it is stored; instants are milliseconds since 1970, UTC."""

    id: str
    asset_id: str
    owner: str
    name: str
    start_s: float
    end_s: float
    created_ms: int
    updated_ms: int

    @property
    def duration_s(self) -> float:
        return length_s(self.start_s, self.end_s)


class SceneError(BadInputError):
    """The times of a scene cannot be; `errors` are (field, message) pairs."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__(Code.FIELD_INVALID, "; ".join(message for _, message in errors))
        self.errors = errors


def check_times(start_s: float, end_s: float, video_s: float, *, whole: str = "video") -> tuple[float, float]:
    """Hold the times of a scene against its video → its start and its end, which is the video's at most.

    Args:
        start_s: finite, 0 or more.
        end_s: likewise.
        video_s: how long the video is; 0 where nobody knows.
        whole: what they are held against, where that is no video.

    Raises:
        SceneError: all that is wrong.

    >>> check_times(1.5, 10.05, 10.0)
    (1.5, 10.0)

    """
    wrong: list[tuple[str, str]] = []
    last_s = video_s or MAX_VIDEO_S
    # Told with three digits, and meant so.
    latest_s = math.floor(round((last_s - MIN_SCENE_S) * 1_000, 3)) / 1_000
    if latest_s < 0:
        raise SceneError(
            ("start_s", f"the video is shorter than a scene may be, which is {MIN_SCENE_S:g} s at least")
        )
    if start_s > latest_s:
        wrong.append(("start_s", f"start_s must be at most {latest_s:.12g}, for the {whole} ends soon after"))
    if end_s > last_s + TOLERANCE_S:
        wrong.append(("end_s", f"end_s must be at most {round(last_s, 3):.12g}, where the {whole} ends"))
    elif length_s(start_s, end_s) < MIN_SCENE_S:
        wrong.append(("end_s", f"end_s{TOO_SHORT}"))
    if wrong:
        raise SceneError(*wrong)
    return start_s, min(end_s, last_s)


def length_s(start_s: float, end_s: float) -> float:
    """Give the difference as decimals mean it: of 0.2 and 0.3 it is a tenth, not a little less."""
    return round(end_s - start_s, 6)
