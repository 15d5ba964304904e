"""What config.yaml may say of the places that the site is published to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from .config_types import Slug, WebAddress, WithKey, written_like


class PublishConfig(WithKey):
    """A place that the built site is published to; docs/publishing.md says how. One or several."""

    to: str = Field(
        description="Where: a folder, s3://bucket/folder, sftp://user@host/folder, git+https://host/repository.git or "
        "git+ssh://git@host/repository.git."
    )
    name: Slug | None = Field(default=None, description="What the place is called; made from its kind when empty.")
    max_shrink: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="What share of its files may vanish at once; more stops it, withdrawals apart.",
    )
    endpoint: WebAddress | None = Field(default=None, description="S3: the service's address, where it is not Amazon.")
    region: str | None = Field(default=None, description="S3: the region, where the service asks for one.")
    key_id_env: str | None = Field(default=None, description="S3: the variable that holds the key's id.")
    key_id_file: str | None = Field(default=None, description="Or the file that holds it.")
    key_env: str | None = Field(default=None, description="S3: the variable that holds the key itself.")
    key_file: str | None = Field(default=None, description="Or the file that holds it. SFTP, git+ssh: the private key.")
    password_env: str | None = Field(default=None, description="SFTP: the variable that holds the password.")
    password_file: str | None = Field(default=None, description="Or the file that holds it.")
    known_hosts: str | None = Field(
        default=None, description="SFTP, git+ssh: the file with the server's public key; ~/.ssh/known_hosts when empty."
    )
    branch: Annotated[
        str, written_like(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}", "write the name of a branch, like pages")
    ] = Field(
        default="pages",
        description="git: the branch, which holds nothing but the site.",
    )
    token_env: str | None = Field(default=None, description="git+https: the variable that holds the access token.")
    token_file: str | None = Field(default=None, description="Or the file that holds it.")

    @property
    def kind(self) -> str:
        """folder, s3, sftp or git."""
        scheme = self.to.partition("://")[0] if "://" in self.to else "file"
        return {"file": "folder", "s3": "s3", "sftp": "sftp"}.get(scheme, "git")

    @property
    def called(self) -> str:
        return self.name or self.kind

    @field_validator("to")
    @classmethod
    def _is_a_place(cls, value: str) -> str:
        scheme, found, rest = value.partition("://")
        if not found:
            return value.removeprefix("file:")
        if scheme not in PUBLISH_SCHEMES:
            raise ValueError(f"write a folder, or an address that begins with {', '.join(PUBLISH_SCHEMES)}://")
        if ":" in rest.partition("@")[0] and "@" in rest.partition("/")[0]:
            raise ValueError("a password must not stand in the address; name a variable or a file that holds it")
        if not rest.strip("/"):
            raise ValueError("something is missing after ://")
        return value

    @model_validator(mode="after")
    def _keys_fit(self) -> PublishConfig:
        for name, kinds in _PUBLISH_KEYS.items():
            if getattr(self, name) is not None and self.kind not in kinds:
                raise ValueError(f"{name} means nothing for {self.kind}")
        if self.kind == "s3" and bool(self.places_of("key_id")) != bool(self.places_of("key")):
            raise ValueError("key_id and key go together")
        return self


PUBLISH_SCHEMES = ("file", "s3", "sftp", "git+https", "git+ssh", "git+file")
_PUBLISH_KEYS = {  # which kinds of places each setting is for
    "endpoint": ("s3",),
    "region": ("s3",),
    "key_id_env": ("s3",),
    "key_id_file": ("s3",),
    "key_env": ("s3",),
    "key_file": ("s3", "sftp", "git"),
    "password_env": ("sftp",),
    "password_file": ("sftp",),
    "known_hosts": ("sftp", "git"),
    "token_env": ("git",),
    "token_file": ("git",),
}
