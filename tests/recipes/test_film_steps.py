"""The steps that make films of films, one by one; how they follow one another is each recipe's."""

from dataclasses import replace

import pytest

from oven.media.edit import Cut
from oven.media.edit_argv import first_pass
from oven.media.operations import CutMode, Format
from oven.recipes.film_steps import (
    FILM,
    LONGEST_SILENCE_S,
    decode,
    encode,
    film_format,
    film_of_step,
    measure,
)
from oven.recipes.plan import Limits
from tests.edits import COPY, PICTURES, PLAIN, edit


@pytest.mark.parametrize(
    ("kind", "demuxer"),
    [
        (Format.MP4, "mov"),
        (Format.MOV, "mov"),
        (Format.MKV, "matroska"),
        (Format.WEBM, "matroska"),
        (Format.AVI, "avi"),
    ],
)
def test_what_is_proved_is_read_by_its_own_demuxer(kind: Format, demuxer: str, limits: Limits) -> None:
    """A film is read as what it was made, and as nothing else."""
    made = edit(format=kind)
    assert measure(FILM, made).demuxer == decode(FILM, made, limits, timeout_s=1).demuxer == demuxer
    assert film_of_step(FILM, made) == f"encode/film.{kind}"


def test_a_copy_is_proved_by_its_key_frames(limits: Limits) -> None:
    """What was encoded is decoded whole."""
    assert decode(FILM, COPY, limits, timeout_s=1).keys_only
    assert not decode(FILM, PLAIN, limits, timeout_s=1).keys_only


def test_silence(limits: Limits) -> None:
    """Where all before a cut has to be read, an encode may say nothing for as long as it may take."""
    cut = edit(cut=Cut(100.0, 101.0, CutMode.EXACT), duration_s=1.0)
    for planned, silence_s in ((cut, LONGEST_SILENCE_S), (replace(cut, demuxer="mpegts"), 900.0)):
        step = encode(FILM, planned, first_pass(planned, threads=1), limits, timeout_s=900.0)
        assert step.stall_s == max(silence_s, limits.stall_s)


def test_pictures_alone_are_no_film() -> None:
    """There is nothing to prove of them."""
    with pytest.raises(TypeError):
        film_format(PICTURES)
