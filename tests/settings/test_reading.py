"""Settings from the environment, with all mistakes at once."""

from pathlib import Path

import pytest

from oven.client import job_queue as client
from oven.domain.errors import BadInputError, Code
from oven.settings import Settings, names, read_settings, unused


def complaint(**environment: str) -> BadInputError:
    with pytest.raises(BadInputError) as caught:
        read_settings(environment)
    assert caught.value.code is Code.SETTINGS_INVALID
    return caught.value


def test_nothing_needs_to_be_set() -> None:
    """The defaults are the documented ones; an empty variable counts as not set."""
    settings = read_settings({"OVEN_BAKE_SCALE": "", "PATH": "/bin", "HOME": "/root"})
    assert settings.bake_scale == 3
    assert settings.blob_limit_bytes == 52_428_800
    assert settings == read_settings({})


def test_names_of_the_seeds() -> None:
    """Both names of a setting mean it."""
    assert read_settings({"TEMP_DIR": "/a"}).temp_dir == Path("/a")
    assert read_settings({"VIDEO_TEMP_DIR": "/b"}).temp_dir == Path("/b")
    assert read_settings({"OVEN_BAKE_SCALE": " 6 "}).bake_scale == 6


def test_all_mistakes_are_reported_together() -> None:
    """By name, with what is allowed and what was perhaps meant."""
    error = complaint(OVEN_BAKE_SCALE="six", OVEN_ENCODER_THREADS="0", OVEN_BAKE_SCAEL="3", OVEN_ZZZ="1")
    assert error.message.startswith("4 mistakes in the settings: ")
    assert "OVEN_BAKE_SCALE is 'six'; it must be a whole number from 1 to 32" in error.message
    assert "OVEN_ENCODER_THREADS is '0'; it must be a whole number from 1 to 64" in error.message
    assert "OVEN_BAKE_SCAEL is no setting of Oven; did you mean OVEN_BAKE_SCALE?" in error.message
    assert "OVEN_ZZZ is no setting of Oven" in error.message
    assert "OVEN_FOO is no setting of Oven" in complaint(OVEN_FOO="1").message
    assert "mean" not in complaint(OVEN_FOO="1").message


def test_folders_are_absolute() -> None:
    """A relative one would be looked for where children run."""
    assert read_settings({"TEMP_DIR": "a/b"}).temp_dir == Path.cwd() / "a" / "b"


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0", "1e9"])
def test_times_are_finite(value: str) -> None:
    """A time limit that never comes is no limit."""
    message = complaint(OVEN_BAKE_TIMEOUT_S=value).message
    assert f"OVEN_BAKE_TIMEOUT_S is {value!r}; it must be a number above 0 to 86400" in message


def test_stores_are_set_whole() -> None:
    """A bucket cannot be opened without its keys."""
    error = complaint(AT_BLOBS_SPACES_BUCKET="blobs", ART_SPACES_KEY="k", ART_SPACES_SECRET="canary")
    assert "AT_BLOBS_SPACES_BUCKET needs AT_BLOBS_SPACES_KEY and AT_BLOBS_SPACES_SECRET" in error.message
    assert "ART_SPACES_KEY needs ART_SPACES_BUCKET" in error.message
    assert "canary" not in error.message


def test_what_other_services_need() -> None:
    """Is taken, and told to be without effect; not a mistake."""
    given = {"REDIS_URL": "redis://secret@host", "WORKER_QUEUES": "video", "WORKER_NAME": ""}
    assert read_settings(given) == read_settings({})
    assert unused(given) == ["REDIS_URL", "WORKER_QUEUES"]


def test_what_the_client_reads() -> None:
    """Is no mistake, and no setting: a service and its Oven may share an environment."""
    given = {client.URL_NAME: "https://oven.example.com", client.TOKEN_NAME: "oven_1"}
    assert read_settings(given) == read_settings({})
    assert not given.keys() & set(names())


def test_every_setting_is_explained() -> None:
    """With a description and a name."""
    assert all(field.description for field in Settings.model_fields.values())
    assert len(names()) == len(set(names())) >= len(Settings.model_fields)
