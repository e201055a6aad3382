"""What is said of indicators in words: numbers with their units, targets and how they stand, scopes, reasons."""

from api.messages import Language, say
from inventory.indicators.comparing import Changed
from inventory.indicators.model import Counted, Measured, Scope, Target
from inventory.indicators.naming import Names
from inventory.model import Words


def words(said: Words, language: Language) -> str:
    """A name in a language."""
    return said.zh if language == "zh" else said.en


def number_text(number: float | None) -> str:
    """A number with at most two digits behind the point; nothing for what is not known."""
    if number is None:
        return ""
    # What rounds to nothing has no sign.
    return f"{round(number, 2) + 0.0:,.2f}".rstrip("0").rstrip(".")


def value_text(one: Measured, language: Language) -> str:
    """A value with its unit, and what it is at most where that is something else."""
    if one.value is None:
        return say("indicator.value.none", language)
    unit = words(one.indicator.unit, language)
    value = number_text(one.value)
    if one.at_most is None:
        return say("indicator.value.at-least", language, value=value, unit=unit)
    if one.at_most != one.value:
        return say("indicator.value.between", language, least=value, most=number_text(one.at_most), unit=unit)
    return say("indicator.value.exact", language, value=value, unit=unit)


def parts_text(one: Measured) -> str:
    """Numerator and denominator, where there are any."""
    if one.numerator is None or one.denominator is None:
        return number_text(one.numerator)
    return f"{number_text(one.numerator)} / {number_text(one.denominator)}"


def target_text(target: Target) -> str:
    """What is to be reached."""
    sign = {">=": "≥", "<=": "≤"}.get(target.comparator, target.comparator)
    return f"{sign} {number_text(target.value)}"


def standing_text(one: Measured, language: Language) -> str:
    """How a target stands as of the day."""
    return say(f"indicator.standing.{one.standing}", language, day=one.indicator.target.day)


def source_text(one: Measured, language: Language) -> str:
    """Where a value comes from; of a report its day and age, and that it is old."""
    if one.source != "reported" or one.entered is None:
        return say(f"indicator.source.{one.source}", language)
    code = "indicator.source.stale" if one.entered.stale else "indicator.source.reported"
    return say(code, language, day=one.entered.report.day, age=number_text(one.entered.age))


def scope_text(scope: Scope, names: Names, language: Language) -> str:
    """What a number is of."""
    if scope.kind == "city":
        return say("indicator.scope.city", language)
    if not scope.id:
        return say(f"indicator.scope.no-{scope.kind}", language)
    return " ".join(filter(None, names.of(scope)))


def record_text(one: Counted, language: Language) -> str:
    """Why a record is what it is."""
    said = say(f"indicator.reason.{one.reason}", language)
    return f"{said} ({one.exclusion})" if one.exclusion else said


def change_text(one: Changed, language: Language) -> str:
    """What became of a record."""
    return say(f"indicator.change.{one.kind}", language)


def signed(number: float) -> str:
    """What something adds."""
    said = number_text(number)
    return said if said.startswith("-") or said == "0" else f"+{said}"
