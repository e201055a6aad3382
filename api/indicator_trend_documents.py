"""Trends of indicators as JSON documents; apart from the others, since what computes them takes a while to load."""

from collections.abc import Sequence
from typing import Any

from api.messages import Language, say
from inventory.indicators.forecasting import METHOD, Forecast
from inventory.indicators.series import Point


def series_document(points: Sequence[Point]) -> list[dict[str, Any]]:
    """How an indicator went."""
    return [
        {
            "day": one.day, "value": one.value, "numerator": one.numerator, "denominator": one.denominator,
            "not_known": one.unknown, "observed": one.observed,
        }
        for one in points
    ]  # fmt: skip


def forecast_document(found: Forecast, language: Language) -> dict[str, Any]:
    """Where an indicator is heading, with the method."""
    return {
        "method": METHOD,
        "method_text": say("indicator.forecast.method", language),
        "observations": found.observations,
        "since": found.since or None,
        "until": found.until or None,
        "none": found.silent,
        "none_text": say(f"indicator.forecast.{found.silent}", language) if found.silent else None,
        "per_year": None if found.silent else found.per_year,
        "already_reached": found.already,
        "reached": found.reached,
        "reached_earliest": found.earliest,
        "reached_latest": found.latest,
        "ahead": [
            {"day": one.day, "value": one.value, "at_least": one.least, "at_most": one.most} for one in found.ahead
        ],
    }
