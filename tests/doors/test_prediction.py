"""What is read from predictions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from oven.domain.asset import AssetType
from oven.doors.prediction import MAX_OUTPUTS, Prediction, wanted_of

CDN = "https://replicate.delivery/pbxt"


def prediction(output: Any, **more: Any) -> Prediction:
    return Prediction.model_validate({"id": "abcdefghijkl", "status": "succeeded", "output": output, **more})


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (f"{CDN}/a.mp4", [(0, f"{CDN}/a.mp4")]),
        ([f"{CDN}/a.png", f"{CDN}/b.png"], [(0, f"{CDN}/a.png"), (1, f"{CDN}/b.png")]),
        (["x", f"{CDN}/b.png", 7, None], [(1, f"{CDN}/b.png")]),
        ({"video": f"{CDN}/a.mp4", "text": "x"}, [(0, f"{CDN}/a.mp4")]),
        (
            {"all": [f"{CDN}/a", f"{CDN}/b"], "one": f"{CDN}/c"},
            [(0, f"{CDN}/a"), (1, f"{CDN}/b"), (2, f"{CDN}/c")],
        ),
        ([f"{CDN}/a.png", f"{CDN}/a.png", f"{CDN}/b.png"], [(0, f"{CDN}/a.png"), (2, f"{CDN}/b.png")]),
        (f"{CDN}/a.mp4?sig=1", [(0, f"{CDN}/a.mp4?sig=1")]),
        ("HTTPS://h/x", [(0, "HTTPS://h/x")]),
        ("https://[", [(0, "https://[")]),
        (None, []),
        ("https://example.com is where it is", []),
        ("https://example.com/\nand more", []),
        ("https://" + "x" * 5_000, []),
        ("data:image/png;base64,iVBORw0KGgo=", []),
        ("ftp://h/x", []),
        ([[[[f"{CDN}/a.png"]]]], []),
        ([], []),
        (7, []),
    ],
)
def test_urls_of_outputs(output: Any, found: list[tuple[int, str]]) -> None:
    """In their order, each once; nothing else."""
    wanted = wanted_of(prediction(output), "alice")
    assert [((each.metadata or {})["output_index"], each.url) for each in wanted] == found


@pytest.mark.parametrize("status", ["starting", "processing", "failed", "canceled", "aborted", "", "?"])
def test_nothing_of_what_did_not_succeed(status: str) -> None:
    """Though it may have put something out."""
    assert wanted_of(prediction(f"{CDN}/a.mp4", status=status), "") == []


def test_no_more_than_fifty() -> None:
    """The first of them."""
    wanted = wanted_of(prediction([f"{CDN}/{number}.png" for number in range(99)]), "")
    assert [each.url for each in wanted] == [f"{CDN}/{number}.png" for number in range(MAX_OUTPUTS)]


def test_what_is_kept_with_them() -> None:
    """Names that tell them apart, the type by the ending, and what made them."""
    made = prediction(
        [f"{CDN}/out-0.png", f"{CDN}/caf%C3%A9.WAV", f"{CDN}/", f"{CDN}/{'x' * 400}.mp4"],
        model="wan-video/wan-2.5-t2v",
        input={"prompt": "p" * 9_000},
    )
    image, sound, unnamed, long = wanted_of(made, "")
    assert (image.name, image.type) == ("abcdefgh-0-out-0.png", AssetType.IMAGE)
    assert (sound.name, sound.type) == ("abcdefgh-1-café.WAV", AssetType.AUDIO)
    assert (unnamed.name, unnamed.type) == ("abcdefgh-2-pbxt", AssetType.VIDEO)
    assert (len(long.name), long.name[:11], long.name[-4:]) == (255, "abcdefgh-3-", ".mp4")
    assert image.metadata == {
        "aiGenerated": True,
        "source": "ai_generation",
        "prediction_id": "abcdefghijkl",
        "output_index": 0,
        "model": "wan-video/wan-2.5-t2v",
        "prompt": "p" * 4_000,
    }
    (nameless,) = wanted_of(prediction("https://[", model=7, input=["prompt"]), "")
    assert nameless.name == "abcdefgh-0"
    assert set(nameless.metadata or {}) == {"aiGenerated", "source", "prediction_id", "output_index"}


def test_ids_are_of_owner_prediction_and_place() -> None:
    """The same for repeats, whatever else is in them; no two alike."""
    one, two = wanted_of(prediction([f"{CDN}/a.png?sig=1", f"{CDN}/b.png"]), "alice")
    again, _ = wanted_of(prediction([f"{CDN}/c.mp4", f"{CDN}/d.png"], model="x"), "alice")
    (bobs,) = wanted_of(prediction(f"{CDN}/a.png"), "bob")
    (other,) = wanted_of(prediction(f"{CDN}/a.png", id="another"), "alice")
    assert one.asset_id == again.asset_id == "16d31d5a-7224-5023-bd15-165f17e98bf0"
    assert len({each.asset_id for each in (one, two, bobs, other)}) == 4


@pytest.mark.parametrize(
    "change", [{"id": None}, {"id": ""}, {"id": "a\nb"}, {"status": None}, {"status": 7}]
)
def test_what_is_none(change: dict[str, Any]) -> None:
    """Without a name or a state."""
    with pytest.raises(ValidationError):
        prediction(None, **change)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(f"{CDN}/a.mp4"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(output=JSON, model=JSON, input_=JSON)
def test_whatever_is_put_out(output: Any, model: Any, input_: Any) -> None:
    """Is read without complaint, for it is authentic."""
    for each in wanted_of(prediction(output, model=model, input=input_), "alice"):
        assert each.url.lower().startswith(("https://", "http://"))
        assert 0 < len(each.name) <= 255
