"""What an operator may set of the server."""

from pathlib import Path

from pydantic import AliasChoices, BaseModel, Field, SecretStr

from oven.settings.kinds import (
    DAY_S,
    MAX_SIZE_BYTES,
    MIB,
    Address,
    DatabaseFile,
    Folder,
    Hosts,
    Names,
    SharedKey,
    Token,
)


class ServerSettings(BaseModel):
    """Where it listens, what it keeps, whom it talks to."""

    env_file: Folder | None = Field(
        None,
        validation_alias="OVEN_ENV_FILE",
        description="a file with more settings, in the form of dotenv; what the environment sets goes before",
    )
    temp_dir: Folder | None = Field(
        None,
        validation_alias=AliasChoices("TEMP_DIR", "VIDEO_TEMP_DIR"),
        description="where work directories are made; needs room for a tape, unpacked, and its video",
    )
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        validation_alias="HOST",
        description="the address to listen on",
    )
    port: int = Field(
        3000, ge=0, le=65_535, validation_alias="PORT", description="the port; 0 takes a free one"
    )
    socket: Folder | None = Field(
        None,
        validation_alias="OVEN_SOCKET",
        description="a unix socket to listen on instead of HOST and PORT; needs OVEN_PUBLIC_URL",
    )
    public_url: Address = Field(
        "",
        validation_alias="OVEN_PUBLIC_URL",
        description="how clients reach this Oven; the base of local outputs' URLs",
    )
    data_dir: Folder = Field(
        Path("oven-data").absolute(),
        validation_alias="OVEN_DATA_DIR",
        description="database, key, local outputs; one daemon at a time",
    )
    database_file: DatabaseFile | None = Field(
        None,
        validation_alias=AliasChoices("OVEN_DATABASE_URL", "DATABASE_URL"),
        description="the database, sqlite:///PATH; in the data directory where it is not set",
    )
    log_dir: Folder | None = Field(
        None,
        validation_alias="OVEN_LOG_DIR",
        description="where the log is kept in files, one a day, beside stderr",
    )
    log_days: int = Field(
        14, ge=1, le=36_500, validation_alias="OVEN_LOG_DAYS", description="old log files that are kept"
    )
    concurrency: int = Field(
        2,
        ge=1,
        le=64,
        validation_alias=AliasChoices("OVEN_CONCURRENCY", "VIDEO_WORKER_CONCURRENCY"),
        description="jobs at once, imports apart",
    )
    # Room for the daemon and one tape of a usual size: 640×480, three times as large.
    memory_budget_mb: int | None = Field(
        None,
        ge=384,
        le=1_048_576,
        validation_alias="OVEN_MEMORY_BUDGET_MB",
        description="megabytes (of 2²⁰ bytes) that the daemon and all that works for it may hold together",
    )
    queue_limit: int = Field(
        100, ge=1, le=100_000, validation_alias="OVEN_QUEUE_LIMIT", description="jobs waiting at most"
    )
    keep_days: int = Field(
        30,
        ge=1,
        le=36_500,
        validation_alias="OVEN_KEEP_DAYS",
        description="days that jobs are kept after their end, with their local outputs",
    )
    min_free_bytes: int = Field(
        512 * MIB,
        ge=0,
        le=MAX_SIZE_BYTES,
        validation_alias="OVEN_MIN_FREE_BYTES",
        description="bytes that must be free on the disks for /health to be green",
    )
    drain_s: float = Field(
        35,
        ge=0,
        le=DAY_S,
        validation_alias="OVEN_DRAIN_S",
        description="seconds that running jobs get to end when the daemon is told to stop",
    )
    fetch_timeout_s: float = Field(
        300,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_FETCH_TIMEOUT_S",
        description="seconds of a download at most",
    )
    egress_allow: Names = Field(
        frozenset(),
        validation_alias="OVEN_EGRESS_ALLOW",
        description="hosts or networks that may be reached although private, over plain http too",
    )
    source_hosts: Hosts = Field(
        frozenset(), validation_alias="OVEN_SOURCE_HOSTS", description="the only hosts that sources come from"
    )
    callback_hosts: Hosts = Field(
        frozenset(),
        validation_alias="OVEN_CALLBACK_HOSTS",
        description="the only hosts that callbacks go to, and progress",
    )
    origins: Hosts = Field(
        frozenset(),
        validation_alias="OVEN_ORIGINS",
        description="hosts whose pages may open /ws, beside our own",
    )
    callback_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias="CALLBACK_SECRET",
        description="what callbackSecret in a bake must equal; without it the door is open on loopback only",
    )
    convert_token: Token = Field(
        SecretStr(""),
        validation_alias="MP4_SERVICE_TOKEN",
        description="opens /convert; without it that door is open on loopback only",
    )
    callback_token: Token = Field(
        SecretStr(""),
        validation_alias="CALLBACK_AUTH_TOKEN",
        description="goes with callbacks and progress of /convert, to hosts on the operator's list alone",
    )
    admin_token: SecretStr = Field(
        SecretStr(""),
        validation_alias="OVEN_ADMIN_TOKEN",
        description="opens the admin's routes; without it they are open on loopback only",
    )
    jwt_secret: SharedKey = Field(
        SecretStr(""),
        validation_alias="OVEN_JWT_SECRET",
        description="what users' JWTs are signed with (HS256)",
    )
    jwks_url: Address = Field(
        "",
        validation_alias="OVEN_JWKS_URL",
        description="the public keys that users' JWTs are signed by (RS256, ES256, EdDSA, …)",
    )
    jwt_audience: str = Field(
        "",
        validation_alias="OVEN_JWT_AUDIENCE",
        description="what the aud of users' JWTs must be, or hold; any where it is not set",
    )
    jwt_issuer: str = Field(
        "",
        validation_alias="OVEN_JWT_ISSUER",
        description="what the iss of users' JWTs must be; any where it is not set",
    )
