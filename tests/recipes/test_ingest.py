"""Ingest: what follows from what was learned."""

from typing import Any

import pytest

from oven.domain.asset import AssetStatus, AssetType
from oven.domain.errors import BadInputError, Code
from oven.domain.job import JobState, Lane
from oven.recipes.ingest import IMAGE, KINDS, MEDIA, finish, next_steps
from oven.recipes.ingest_request import IngestRequest
from oven.recipes.plan import Limits, Results
from oven.recipes.steps import Fetch, FetchObject, ProbePicture, ProbeSource, Publish, Step, Stills, Target
from tests.media.test_source import FILM, SOUND, probe

TAKEN = {"sha256": "c", "sizeBytes": 7}
PICTURE = {"format": "png", "contentType": "image/png", "width": 4, "height": 3, "hasAlpha": True}


def request(**changes: Any) -> IngestRequest:
    fields = {
        "asset_id": "a1",
        "type": AssetType.VIDEO,
        "target": Target("b", "media/alice/a1/original.mp4"),
        "thumbnails": "media/alice/a1/",
        "url": "https://h/v.mp4",
        **changes,
    }
    return IngestRequest(**fields)


def published(step: Publish) -> dict[str, Any]:
    return {
        "bucket": step.target.bucket,
        "key": step.target.key,
        "contentType": step.content_type,
        "isPublic": step.is_public,
        "sizeBytes": 1,
        "sha256": "s",
    }


def learned(asked: IngestRequest, limits: Limits, **results: Any) -> tuple[Step, ...]:
    return next_steps(asked, {"take": TAKEN, **results}, limits)


def test_the_way_of_a_video(limits: Limits) -> None:
    """Fetched and sent on; probed; pictures taken; they appear, and the original last."""
    asked = request(times_s=(2.0,))
    (take,) = next_steps(asked, {}, limits)
    assert isinstance(take, Fetch)
    assert (take.tee and take.tee.target, take.tee and take.tee.is_public) == (asked.target, False)
    assert (take.max_bytes, take.timeout_s) == (limits.media_bytes, limits.media_s)
    (look,) = learned(asked, limits)
    assert isinstance(look, ProbeSource)
    (stills,) = learned(asked, limits, probe=probe(SOUND, FILM))
    assert isinstance(stills, Stills)
    known: dict[str, Any] = {"probe": probe(SOUND, FILM), "stills": {"files": {"thumbnail.jpg": 5}}}
    (moments,) = learned(asked, limits, **known)
    assert isinstance(moments, Stills)
    assert (stills.optional, moments.optional) == (False, True)
    known["moments"] = {"files": {"thumbnail-1.jpg": 5}}
    pictures = learned(asked, limits, **known)
    done = {each.name: published(each) for each in pictures if isinstance(each, Publish)}
    *_, original = learned(asked, limits, **known, **done)
    assert isinstance(original, Publish)
    assert (original.target, original.content_type, original.is_public) == (asked.target, "video/mp4", False)
    assert [each.target.key for each in pictures if isinstance(each, Publish)] == [
        "media/alice/a1/thumbnail.jpg",
        "media/alice/a1/thumbnail-1.jpg",
    ]


def test_what_a_video_is(limits: Limits) -> None:
    """Its asset is ready, with facts, pictures, and what a callback tells."""
    asked = request(times_s=(2.0, 9.0))
    results: dict[str, Any] = {
        "take": TAKEN,
        "probe": probe(SOUND, FILM),
        "stills": {"files": {"thumbnail.jpg": 5}},
        "moments": {"files": {"thumbnail-1.jpg": 5}},
    }
    for _ in ("pictures", "original"):
        for step in next_steps(asked, results, limits):
            assert isinstance(step, Publish)
            results[step.name] = published(step)
    outcome = finish(asked, results, limits)
    assert outcome.state is JobState.DONE
    assert outcome.asset is not None
    assert (outcome.asset.status, outcome.asset.size_bytes, outcome.asset.checksum) == (
        AssetStatus.READY,
        7,
        "c",
    )
    assert outcome.asset.thumbnail_key == "media/alice/a1/thumbnail.jpg"
    assert outcome.asset.facts["thumbnails"] == [{"time": 2.0, "key": "media/alice/a1/thumbnail-1.jpg"}]
    assert (outcome.asset.facts["width"], outcome.asset.facts["codec"]) == (1280, "h264")
    assert [artifact.name for artifact in outcome.artifacts] == ["thumbnail", "thumbnail-1", "original"]
    assert outcome.callback is not None
    assert (outcome.callback["asset_id"], outcome.callback["status"]) == ("a1", "complete")


def test_moments_that_cannot_be_had(limits: Limits) -> None:
    """Are a warning: the video is none the worse."""
    asked = request(times_s=(2.0,))
    error = BadInputError(Code.ENCODE_TIMEOUT, "it took too long").as_json()
    results: dict[str, Any] = {
        "take": TAKEN,
        "probe": probe(FILM),
        "stills": {"files": {"thumbnail.jpg": 5}},
        "moments": {"error": error},
    }
    for _ in ("pictures", "original"):
        for step in next_steps(asked, results, limits):
            assert isinstance(step, Publish)
            results[step.name] = published(step)
    outcome = finish(asked, results, limits)
    assert outcome.state is JobState.DONE
    assert outcome.asset is not None
    assert outcome.asset.facts["thumbnails"] == []
    assert outcome.result is not None
    assert [warning["code"] for warning in outcome.result["warnings"]] == ["THUMBNAIL_FAILED"]


def test_a_sound_has_no_pictures(limits: Limits) -> None:
    """Nor is one looked for."""
    (original,) = learned(request(type=AssetType.AUDIO), limits, probe=probe(SOUND))
    assert isinstance(original, Publish)


def test_an_image(limits: Limits) -> None:
    """Is proved by its pixels; its picture is made by the way; its bounds are its own."""
    asked = request(type=AssetType.IMAGE)
    (take,) = next_steps(asked, {}, limits)
    assert isinstance(take, Fetch)
    assert (take.timeout_s, take.label) == (limits.image_s, "the image")
    (look,) = learned(asked, limits)
    assert isinstance(look, ProbePicture)
    (picture,) = learned(asked, limits, probe=PICTURE)
    assert isinstance(picture, Publish)
    _, original = learned(asked, limits, probe=PICTURE, **{picture.name: published(picture)})
    assert isinstance(original, Publish)
    assert (original.content_type, picture.source) == ("image/png", "probe/thumbnail.jpg")
    done = {
        "take": TAKEN,
        "probe": PICTURE,
        original.name: published(original),
        picture.name: published(picture),
    }
    outcome = finish(asked, done, limits)
    assert outcome.asset is not None
    assert outcome.asset.facts == {"format": "png", "width": 4, "height": 3, "has_alpha": True}


def test_what_was_uploaded(limits: Limits) -> None:
    """Is taken from the store, and stays where it is."""
    asked = request(url="")
    (take,) = next_steps(asked, {}, limits)
    assert isinstance(take, FetchObject)
    assert take.source == asked.target
    steps = learned(asked, limits, probe=probe(FILM), stills={"files": {"thumbnail.jpg": 1}})
    assert [step.name for step in steps] == ["publish-thumbnail.jpg"]


@pytest.mark.parametrize(
    ("type_", "found", "code"),
    [
        (AssetType.VIDEO, {"probe": probe(SOUND)}, Code.MEDIA_TYPE_MISMATCH),
        (AssetType.AUDIO, {"probe": probe(FILM)}, Code.MEDIA_TYPE_MISMATCH),
        (AssetType.VIDEO, {"probe": probe(FILM), "stills": {"files": {}}}, Code.MEDIA_INVALID),
    ],
)
def test_what_is_refused(limits: Limits, type_: AssetType, found: Results, code: Code) -> None:
    """Before anything of it appears."""
    with pytest.raises(BadInputError) as refused:
        learned(request(type=type_), limits, **found)
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("code", "state"), [(Code.DOWNLOAD_REJECTED, JobState.FAILED), (Code.CANCELLED, JobState.CANCELLED)]
)
def test_a_failure(limits: Limits, code: Code, state: JobState) -> None:
    """Is the asset's, too."""
    outcome = finish(request(), BadInputError(code, "no"), limits)
    assert outcome.asset is not None
    assert (outcome.state, outcome.asset.status) == (state, AssetStatus.FAILED)
    assert outcome.asset.thumbnail_key == "media/alice/a1/thumbnail.jpg"
    assert (outcome.asset.error or {})["code"] == code
    assert outcome.callback == {"asset_id": "a1", "status": "error", "error": "no", "errorCode": code}


def test_lanes() -> None:
    """Whoever waits for an image does not wait for films."""
    assert (MEDIA.lane, IMAGE.lane) == (Lane.IMPORT, Lane.IMAGE)
    assert KINDS == {AssetType.VIDEO: "import", AssetType.AUDIO: "import", AssetType.IMAGE: "image"}
