"""What is to come of a job, as the API describes it; all null once it has ended."""

from typing import Annotated

from pydantic import Field

Position = Annotated[int | None, Field(ge=1, description="Its place among those that wait; 1 is next.")]
Speed = Annotated[float | None, Field(ge=0, description="While it is encoded, seconds of media in a second.")]
EtaS = Annotated[int | None, Field(ge=1, description="In how many seconds it will have ended.")]
