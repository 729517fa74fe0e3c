"""The tables; every change to them is a migration, too."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

# Instants are integers, milliseconds since 1970, UTC: SQLite gives its date types back without a zone.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("token", Text, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("available_at", BigInteger, nullable=False),
    # The order of acceptance; a job's next run is accepted anew.
    Column("accepted", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("identity", Text, nullable=False),
    Column("output_key", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("callback", Text),
    # Where progress is posted; its query is sealed.
    Column("progress_url", Text, nullable=False, server_default=text("''")),
    # From the first object that is made to appear on, a job is not cancelled any more.
    Column("is_publishing", Boolean, nullable=False, server_default=text("0")),
    Column("progress", Float, nullable=False),
    Column("phase", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("result", Text),
    Column("error", Text),
    # Of all that decided about a result; empty where nobody may reuse it.
    Column("fingerprint", Text, nullable=False, server_default=text("''")),
    Index(
        "jobs_active_identity",
        "identity",
        unique=True,
        sqlite_where=text("state IN ('queued', 'running', 'retrying')"),
        postgresql_where=text("state IN ('queued', 'running', 'retrying')"),
    ),
    Index("jobs_state", "state", "accepted"),
    Index("jobs_output_key", "output_key", "state"),
    Index("jobs_created", "created_at", "id"),
    Index("jobs_seq", "seq"),
    Index("jobs_finished", "finished_at"),
    Index("jobs_fingerprint", "fingerprint"),
)

# Callers' own keys for their requests.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("identity", Text, nullable=False),
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False, index=True),
)

# What users prove themselves with; their text is known to them alone.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False, index=True),
    Column("scopes", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)

# Runs that count against what their owner may begin of a kind in a day.
charges = Table(
    "charges",
    metadata,
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("charges_of_day", "owner", "kind", "at"),
)

attempts = Table(
    "attempts",
    metadata,
    # One a claim: a handed back attempt's number is given again, its token is not.
    Column("token", Text, primary_key=True),
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("run", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_as", Text, nullable=False),
    Column("error", Text),
    Column("steps", Text, nullable=False),
    Column("log", Text, nullable=False),
    Index("attempts_job", "job", "began_at"),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("expires_at", BigInteger),
    # The store's own name of just this content; empty where it is not known.
    Column("version", Text, nullable=False, server_default=text("''")),
    Index("artifacts_object", "bucket", "key"),
    Index("artifacts_expires", "expires_at"),
)

# What users keep here; a job brings each, but the row stays when that is forgotten.
assets = Table(
    "assets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("thumbnail_key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("checksum", Text, nullable=False),
    # The caller's, and what was found.
    Column("metadata", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("folder_id", Text),
    Column("tags", Text, nullable=False),
    Column("job", Text, nullable=False, index=True),
    # The store's own name of what a client sends in parts.
    Column("upload", Text, nullable=False),
    Column("error", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    Index("assets_owner", "owner", "created_at", "id"),
    Index("assets_created", "created_at", "id"),
    Index("assets_object", "bucket", "key"),
    Index("assets_deleted", "deleted_at"),
)

# To find assets by; in their order they stand with the asset.
asset_tags = Table(
    "asset_tags",
    metadata,
    Column("asset", Text, ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True, index=True),
)

# Parts of videos, which are assets.
scenes = Table(
    "scenes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("asset", Text, ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    # Seconds from the video's begin.
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("scenes_asset", "asset", "start_s"),
)

outbox = Table(
    "outbox",
    metadata,
    # The webhook-id: the same however often it is sent.
    Column("id", Text, primary_key=True),
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("run", Integer, nullable=False),
    Column("event", Text, nullable=False),
    Column("url", Text, nullable=False),
    # Without the secret, which is put in at sending.
    Column("body", LargeBinary, nullable=False),
    Column("sealed_secret", Text, nullable=False),
    # Whether it goes with the operator's own token, whichever that is by then.
    Column("is_bearer", Boolean, nullable=False, server_default=text("0")),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    UniqueConstraint("job", "run", "event"),
    Index("outbox_due", "state", "next_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outbox", Text, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Column("took_ms", Integer, nullable=False),
)

# One row: the counter behind `seq` and `accepted`.
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
