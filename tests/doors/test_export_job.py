"""The job that makes an export."""

from dataclasses import replace
from fractions import Fraction

from oven.domain.asset import Asset, AssetStatus, AssetType
from oven.domain.job import Callback, NewJob
from oven.doors.export_job import export_job
from oven.doors.operation_list import AskedEdit
from oven.doors.telling import Telling
from oven.media.edit import Colors, CopiedVideo, Edit, EncodedSound, EncodedVideo, Still
from oven.media.encode import Crf
from oven.media.geometry import Size
from oven.media.operations import (
    Compress,
    Convert,
    Format,
    Moment,
    Preset,
    SoundCodec,
    StillFormat,
    Thumbnail,
    Transcode,
    VideoCodec,
    Watermark,
)
from oven.recipes.export_request import REQUESTS, MarkSource
from oven.recipes.steps import Target

ASSET = Asset(
    id="550e8400-e29b-41d4-a716-446655440000",
    owner="alice",
    type=AssetType.VIDEO,
    name="My film.mov",
    status=AssetStatus.READY,
    bucket="b",
    key="media/alice/1/original.mov",
    thumbnail_key="",
    size_bytes=1,
    checksum="",
    metadata={},
    facts={},
    folder_id=None,
    tags=(),
    job_id="",
    error=None,
    created_ms=0,
    updated_ms=0,
)
STILL = Still("thumbnail-1.jpg", 5.0, Size(320, 240), StillFormat.JPEG)
EDIT = Edit(
    format=Format.MP4,
    video_index=0,
    demuxer="mov",
    cut=None,
    duration_s=10.0,
    frames=250,
    upright=Size(64, 48),
    colors=Colors(),
    video=EncodedVideo(
        codec=VideoCodec.H264,
        preset=Preset.FAST,
        rate=Crf(23),
        scaled=None,
        size=Size(64, 48),
        depth=8,
        constant_rate=Fraction(30_000, 1_001),
    ),
    sound=EncodedSound(index=1, codec=SoundCodec.AAC, bitrate_bps=128_000, rate_hz=48_000, channels=2),
    stills=(STILL,),
    reasons=("the pictures are encoded: a codec is asked for",),
    warnings=("the sound has two channels, no six",),
)
COPY = replace(EDIT, video=CopiedVideo(codec="h264"), sound=None, stills=())
PICTURES = replace(EDIT, format=None, video=None, sound=None)
ASKED = AskedEdit((Convert(format=Format.MP4),), {})


def job(asset: Asset = ASSET, asked: AskedEdit = ASKED, edit: Edit = EDIT, url: str = "") -> NewJob:
    marks = [MarkSource(url=image) for image in asked.images.values()]
    callback = Callback(url="sealed") if url else None
    return export_job(asset, asked, edit, marks, bucket="out", telling=Telling(url=url, callback=callback))


def test_a_job() -> None:
    """Is the asset's owner's, and so are its results, in a folder of its own."""
    new = job(url="https://a/done")
    request = REQUESTS.validate_python(new.request)
    assert (new.kind, new.owner, new.asset) == ("export", "alice", None)
    assert new.callback == Callback(url="sealed")
    assert request.source == Target("b", "media/alice/1/original.mov")
    assert request.folder == Target("out", f"renditions/alice/{new.id}/")
    assert new.output_key == f"out/renditions/alice/{new.id}/My film.mp4"
    assert (request.operations, request.duration_s) == (ASKED.operations, 10.0)
    assert request.echo == {"videoId": ASSET.id}


def test_the_admins_own() -> None:
    """Has a folder, too; where there is no film, the first picture stands for all."""
    new = job(replace(ASSET, owner=""), edit=PICTURES)
    assert new.output_key == f"out/renditions/_/{new.id}/thumbnail-1.jpg"


def test_what_is_the_same() -> None:
    """By what is asked for; queries of URLs are not looked at, and no two have a result in common."""
    mark = Watermark()
    same = job(asked=AskedEdit((mark,), {0: "https://a/b.png?x=1"}))
    assert job(asked=AskedEdit((mark,), {0: "https://a/b.png?x=2"})).identity == same.identity
    others = [
        job(asked=AskedEdit((mark,), {0: "https://a/c.png"})),
        job(asked=AskedEdit((replace(mark, opacity=0.5),), {0: "https://a/b.png"})),
        job(replace(ASSET, id="other"), AskedEdit((mark,), {0: "https://a/b.png"})),
        job(replace(ASSET, owner="bob"), AskedEdit((mark,), {0: "https://a/b.png"})),
        job(asked=AskedEdit((mark,), {0: "https://a/b.png"}), url="https://a/done"),
    ]
    assert len({same.identity, *(each.identity for each in others)}) == 6
    assert job().output_key != job().output_key


def test_operations_survive_the_store() -> None:
    """Each as it was asked for."""
    operations = (
        Transcode(size=Size(320, 240)),
        Compress(target_bytes=5),
        Thumbnail(timestamps=(Moment(50, "%"), Moment(1))),
    )
    new = job(asked=AskedEdit(operations, {}))
    assert REQUESTS.validate_python(new.request).operations == operations
