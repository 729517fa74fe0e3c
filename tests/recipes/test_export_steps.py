"""The steps that exports alone have."""

from dataclasses import replace

import pytest

from oven.media.operations import CutMode, Format, Moment, Trim, Watermark
from oven.recipes.export_request import ExportRequest, MarkSource
from oven.recipes.export_steps import (
    key_frame,
    plain_marks,
    publish_film,
    publish_still,
    take_marks,
)
from oven.recipes.plan import Limits
from oven.recipes.steps import Fetch, FetchObject, Target
from tests.edits import STILLS, edit
from tests.plans import FILM

ASKED = ExportRequest(
    asset_id="a1",
    source=Target("b", "media/alice/a1/film.mp4"),
    operations=(Trim(start=Moment(1.0), end=Moment(2.0)), Watermark(), Watermark()),
    marks=(MarkSource(url="https://example.com/logo.png"), MarkSource(target=Target("b", "media/logo.png"))),
    folder=Target("b", "made/"),
    name="film",
    duration_s=1.0,
)


def test_marks_come_from_where_they_are(limits: Limits) -> None:
    """One from its URL, another from the store; each is made plain under its own name."""
    first, second = take_marks(ASKED, limits)
    assert isinstance(first, Fetch)
    assert isinstance(second, FetchObject)
    assert (first.url, second.source.key) == ("https://example.com/logo.png", "media/logo.png")
    taken = {"mark-0": {"sizeBytes": 1_000}, "mark-1": {"sizeBytes": 1 << 30}}
    plain = list(plain_marks(ASKED, taken, limits))
    assert [step.source for step in plain] == ["mark-0/source", "mark-1/source"]
    assert plain[0].resident_bytes < 50 << 20 < plain[1].resident_bytes < 1 << 30
    assert first.label == "the watermark of operation 1"


def test_a_key_frame_is_looked_for_where_a_cut_needs_one() -> None:
    """A cut at the very frame needs none."""
    by_keys = replace(ASKED, operations=(Trim(start=Moment(50, "%"), mode=CutMode.KEYFRAMES),), marks=())
    assert key_frame(ASKED, FILM) is None
    step = key_frame(by_keys, FILM)
    assert step is not None
    assert step.at_s == FILM.duration_s / 2


@pytest.mark.parametrize(
    ("kind", "content_type"), [(Format.MP4, "video/mp4"), (Format.MKV, "video/x-matroska")]
)
def test_a_film_is_published_as_what_it_is(kind: Format, content_type: str) -> None:
    """Below the job's own folder, and for nobody else's eyes."""
    step = publish_film(ASKED, edit(format=kind), "encode")
    assert (step.target, step.content_type) == (Target("b", f"made/film.{kind}"), content_type)
    assert not step.is_public


def test_pictures_are_published_as_what_they_are() -> None:
    """JPEG, PNG and WebP."""
    steps = [publish_still(ASKED, still) for still in STILLS]
    assert [step.content_type for step in steps] == ["image/jpeg", "image/png", "image/webp"]
    assert [step.target.key for step in steps] == [f"made/{still.file}" for still in STILLS]
