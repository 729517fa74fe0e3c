"""Who asks, and what they may do."""

import re
from dataclasses import dataclass
from enum import StrEnum

from oven.domain.errors import Code, ForbiddenError

# One segment of a path, as object stores keep it, for users' objects stand in folders of theirs.
OWNER = re.compile(r"(?!\.{1,2}$)[^/\\\x00-\x1f\x7f]{1,255}")
OWNER_RULE = "one segment of a path, printable, at most 255 characters"


class Scope(StrEnum):
    """What a key may be used for: to look, or to submit, cancel, retry and replay."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks; `owner` names the user whose things they see and make, None is the admin, who sees all."""

    owner: str | None
    scopes: frozenset[Scope] = frozenset(Scope)

    def sees(self, owner: str | None) -> str | None:
        """Say whose things to look among, where somebody's alone were asked for: what is another's is none.

        Raises:
            ForbiddenError: FORBIDDEN, a user asked for another's.

        """
        if self.owner is None:
            return owner
        if owner not in {None, self.owner}:
            raise ForbiddenError(Code.FORBIDDEN, "what is other users' is the admin's to list")
        return self.owner

    def acts_for(self, user: str | None) -> str:
        """Say whose something will be that is made for a user, or for who asks; empty for the admin's own.

        Raises:
            ForbiddenError: FORBIDDEN, a user asked for another.

        """
        if self.owner is None:
            return user or ""
        if user not in {None, self.owner}:
            raise ForbiddenError(Code.FORBIDDEN, "what is for other users is the admin's to ask for")
        return self.owner


ADMIN = Caller(owner=None)


def is_owner(text: str) -> bool:
    """Whether a text can name a user, such as a UUID or auth0|123."""
    return text.isprintable() and OWNER.fullmatch(text) is not None
