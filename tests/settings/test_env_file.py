"""Settings from a file."""

from pathlib import Path

import pytest

from oven.domain.errors import BadInputError
from oven.settings import read_settings, unused
from oven.settings.env_file import MAX_BYTES, read_env_file

# As the seed has it.
SEED = """\
# DigitalOcean Spaces - Source ZIPs
ART_SPACES_KEY=art-key
ART_SPACES_SECRET=art-secret
ART_SPACES_ENDPOINT=https://sfo3.digitaloceanspaces.com
ART_SPACES_BUCKET=art-aesthetic-computer

# DigitalOcean Spaces - Processed Videos
AT_BLOBS_SPACES_KEY=blobs-key
AT_BLOBS_SPACES_SECRET=blobs-secret
AT_BLOBS_SPACES_ENDPOINT=https://sfo3.digitaloceanspaces.com
AT_BLOBS_SPACES_BUCKET=at-blobs-aesthetic-computer

# Optional: Custom CDN domain (requires manual Cloudflare CNAME setup)
# AT_BLOBS_CDN=at-blobs.aesthetic.computer

# Webhook callback
CALLBACK_SECRET=pa$$w0rd${HOME}# # Shared secret for webhook authentication

# Service config
PORT=3000
NODE_ENV=production
TEMP_DIR=/tmp  # Where to store working files during processing
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "oven.env"


def complaint(file: Path, text: str | bytes, **environment: str) -> str:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(BadInputError) as caught:
        read_settings({"OVEN_ENV_FILE": str(file), **environment})
    return caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        SEED.encode(),
        SEED.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + SEED.encode(),
        b"\xef\xbb\xbf" + SEED.replace("\n", "\r\n").encode(),
        SEED.replace("\n", "\n\n  export ")
        .replace("  export \n", "\n")
        .replace("export #", "#")
        .encode()[:-12],
    ],
    ids=["as it is", "of Windows", "with a mark", "with a mark, of Windows", "exported"],
)
def test_the_file_of_the_seed(file: Path, content: bytes) -> None:
    """Comments are no values, and nothing in a value stands for something else."""
    file.write_bytes(content)
    settings = read_settings({"OVEN_ENV_FILE": str(file), "HOME": "/home/oven"})
    assert settings.callback_secret.get_secret_value() == "pa$$w0rd${HOME}#"
    assert (settings.port, settings.temp_dir) == (3000, Path("/tmp"))  # noqa: S108 - as the seed has it
    assert (settings.blobs_bucket, settings.art_key) == ("at-blobs-aesthetic-computer", "art-key")
    assert settings.env_file == file


def test_values_of_several_lines(file: Path) -> None:
    """In quotes, and the same whichever editor ended the lines."""
    file.write_bytes(b'CALLBACK_SECRET="one\r\ntwo"\r\n\r\nwrong line\r\n')
    found = read_env_file(file)
    assert found.variables == {"CALLBACK_SECRET": "one\ntwo"}
    assert found.mistakes == (f"line 4 in {file} is not NAME=VALUE",)


def test_the_environment_goes_before(file: Path) -> None:
    """Whichever of a setting's names it uses; what it leaves empty the file may set."""
    file.write_text("TEMP_DIR=/file\nPORT=1\nOVEN_CONCURRENCY=7\nVIDEO_WORKER_CONCURRENCY=5\nHOST=127.0.0.9")
    settings = read_settings(
        {"OVEN_ENV_FILE": str(file), "VIDEO_TEMP_DIR": "/here", "PORT": "2", "HOST": " ", "OVEN_EXPORTS": "3"}
    )
    assert (settings.temp_dir, settings.port, settings.host) == (Path("/here"), 2, "127.0.0.9")
    assert (settings.concurrency, settings.exports) == (7, 3)
    file.write_text("OVEN_CONCURRENCY=7\nOVEN_EXPORTS=8\nOVEN_SHORTS=2")
    settings = read_settings({"OVEN_ENV_FILE": str(file), "VIDEO_WORKER_CONCURRENCY": "4"})
    assert (settings.concurrency, settings.exports, settings.shorts) == (4, 4, 2)
    file.write_text("VIDEO_WORKER_CONCURRENCY=5")
    settings = read_settings({"OVEN_ENV_FILE": str(file), "OVEN_CONCURRENCY": "4"})
    assert (settings.concurrency, settings.exports) == (4, 5)


def test_the_credential_of_a_service(tmp_path: Path) -> None:
    """Is read where it is there and no file is named."""
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert read_settings(given) == read_settings({})
    (tmp_path / "oven.env").write_text("PORT=4")
    assert read_settings(given).port == 4
    other = tmp_path / "other.env"
    other.write_text("OVEN_QUEUE_LIMIT=5")
    settings = read_settings({**given, "OVEN_ENV_FILE": str(other)})
    assert (settings.port, settings.queue_limit) == (3000, 5)


def test_mistakes_say_where_they_stand(file: Path) -> None:
    """With those of the environment, and without a value: a quote that is open holds what follows."""
    message = complaint(
        file,
        'PORT="3000\nCALLBACK_SECRET=canary"\nOVEN_QUEUE_LIMT=canary\nDO_SPACES_KEY=canary\n'
        "OVEN_PUBLIC_URL=canary\nOVEN_SOURCE_HOSTS=ca_nary/7\nOVEN_CALLBACK_HOSTS=10.0.0.0/8\n"
        "OVEN_CONVERT_BUCKETS=CANARY\nOVEN_ENV_FILE=canary\n\n\ncanary canary\nHOST\n",
        OVEN_EXPORTS="x",
    )
    assert "canary" not in message.lower()
    assert "10.0.0.0" not in message.replace("example.com, 10.0.0.0/8", "")
    assert message.startswith("11 mistakes in the settings: ")
    for said in (
        f"OVEN_ENV_FILE in {file} has no effect there",
        f"line 12 in {file} is not NAME=VALUE",
        f"line 13 in {file} is not NAME=VALUE",
        f"OVEN_QUEUE_LIMT in {file} is no setting of Oven; did you mean OVEN_QUEUE_LIMIT?",
        f"PORT in {file} must be a whole number from 0 to 65535",
        f"OVEN_PUBLIC_URL in {file} must be an address",
        f"OVEN_SOURCE_HOSTS in {file} has what is none: hosts and networks are possible",
        f"OVEN_CALLBACK_HOSTS in {file} has what is no host",
        f"OVEN_CONVERT_BUCKETS in {file} must be a bucket's name",
        f"DO_SPACES_KEY in {file} needs DO_SPACES_SECRET",
        "OVEN_EXPORTS is 'x'; it must be a whole number from 1 to 64",
    ):
        assert said in message, said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file or directory"),
        (b"PORT=\xff\n", "it is not UTF-8"),
        (b"PORT=1\0\n", "it is no text"),
        (b"#" * (MAX_BYTES + 1), "it has more than 1,048,576 bytes"),
    ],
)
def test_a_file_that_cannot_be_read(file: Path, content: bytes | None, said: str) -> None:
    """Is one mistake: what else is wrong is not known without it."""
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInputError) as caught:
        read_settings({"OVEN_ENV_FILE": str(file), "ART_SPACES_BUCKET": "needs-keys"})
    assert caught.value.message == f"1 mistake in the settings: {file} (OVEN_ENV_FILE) cannot be read: {said}"


def test_a_credential_that_cannot_be_read(tmp_path: Path) -> None:
    """Is a mistake, too: without its secrets doors would be closed, or open."""
    (tmp_path / "oven.env").mkdir()
    with pytest.raises(BadInputError, match="cannot be read: is a directory"):
        read_settings({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert read_settings({"CREDENTIALS_DIRECTORY": "/dev/null"}) == read_settings({})


def test_what_has_no_use(file: Path) -> None:
    """Is told of the file as of the environment; values are in nobody's repr."""
    file.write_text("REDIS_URL=redis://canary@host\nDO_TOKEN=canary\n")
    given = {"OVEN_ENV_FILE": str(file), "WORKER_NAME": "w"}
    assert unused(given) == ["REDIS_URL", "WORKER_NAME"]
    assert "canary" not in repr(read_env_file(file))
