"""What routes share: the services behind them, the language of who asks, and the parameters of lists."""

from typing import Annotated

from fastapi import Depends, Query, Request

from api.messages import Language
from api.ports import Services


def language_of(request: Request) -> Language:
    """Chinese unless the client prefers English."""
    asked = request.headers.get("accept-language", "zh").lower()
    return "en" if asked.startswith("en") else "zh"


def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


Use = Annotated[Services, Depends(_services)]
Limit = Annotated[int, Query(ge=1, le=1_000, description="How many at most.")]
Start = Annotated[str | None, Query(alias="from", description="Event time from, inclusive: ISO 8601 or `now-1h`.")]
End = Annotated[str | None, Query(alias="to", description="Event time to, exclusive.")]
After = Annotated[str | None, Query(description="Continue after this cursor of the page before.")]
