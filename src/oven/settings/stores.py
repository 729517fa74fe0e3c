"""What an operator may set of object storage."""

from pydantic import AliasChoices, BaseModel, Field, SecretStr

from oven.settings.kinds import Address, Addressing, Bucket, Buckets, Host, Switch

SPACES = "https://sfo3.digitaloceanspaces.com"


class StoreSettings(BaseModel):
    """The buckets of each purpose, where they are and with what they are opened."""

    blobs_bucket: Bucket = Field(
        "",
        validation_alias="AT_BLOBS_SPACES_BUCKET",
        description="the bucket of bakes' results; without it they are kept on this machine",
    )
    blobs_endpoint: Address = Field(
        SPACES, validation_alias="AT_BLOBS_SPACES_ENDPOINT", description="where that bucket is"
    )
    blobs_key: str = Field(
        "", validation_alias="AT_BLOBS_SPACES_KEY", description="the access key to that bucket"
    )
    blobs_secret: SecretStr = Field(
        SecretStr(""), validation_alias="AT_BLOBS_SPACES_SECRET", description="the secret of that access key"
    )
    blobs_cdn: Host = Field(
        "",
        validation_alias="AT_BLOBS_CDN",
        description="the host of results' URLs, in place of the bucket's own",
    )
    art_bucket: Bucket = Field(
        "",
        validation_alias="ART_SPACES_BUCKET",
        description="a private bucket of sources, which are read with its own access key",
    )
    art_endpoint: Address = Field(
        SPACES, validation_alias="ART_SPACES_ENDPOINT", description="where that bucket is"
    )
    art_key: str = Field("", validation_alias="ART_SPACES_KEY", description="the access key to that bucket")
    art_secret: SecretStr = Field(
        SecretStr(""), validation_alias="ART_SPACES_SECRET", description="the secret of that access key"
    )
    convert_buckets: Buckets = Field(
        frozenset(),
        validation_alias="OVEN_CONVERT_BUCKETS",
        description="the buckets that /convert may write to, public",
    )
    spaces_endpoint: Address = Field(
        SPACES, validation_alias="DO_SPACES_ENDPOINT", description="where the buckets of /convert are"
    )
    spaces_key: str = Field(
        "", validation_alias="DO_SPACES_KEY", description="the access key to the buckets of /convert"
    )
    spaces_secret: SecretStr = Field(
        SecretStr(""), validation_alias="DO_SPACES_SECRET", description="the secret of that access key"
    )
    media_bucket: Bucket = Field(
        "", validation_alias="S3_BUCKET", description="the bucket of assets, exports and shorts, private"
    )
    media_endpoint: Address = Field(
        "",
        validation_alias=AliasChoices("S3_ENDPOINT", "AWS_ENDPOINT_URL"),
        description="where that bucket is; Amazon's own store where it is not set",
    )
    media_region: str = Field(
        "us-east-1",
        validation_alias=AliasChoices("AWS_REGION", "S3_REGION"),
        description="the region that requests to that bucket are signed for",
    )
    media_key: str = Field(
        "",
        validation_alias=AliasChoices("AWS_ACCESS_KEY_ID", "S3_ACCESS_KEY_ID"),
        description="the access key to that bucket",
    )
    media_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("AWS_SECRET_ACCESS_KEY", "S3_SECRET_ACCESS_KEY"),
        description="the secret of that access key",
    )
    media_cdn: Host = Field(
        "",
        validation_alias="CLOUDFRONT_DOMAIN",
        description="the host of public URLs of that bucket, in place of its own",
    )
    shorts_lifecycle: Switch = Field(
        True,
        validation_alias="OVEN_SHORTS_LIFECYCLE",
        description="whether Oven keeps a rule in that bucket that removes what is left of shorts",
    )
    addressing: Addressing = Field(
        "auto",
        validation_alias="OVEN_S3_ADDRESSING",
        description="how buckets are named: virtual (in the host), path, or auto (path for addresses)",
    )
