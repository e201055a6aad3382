"""The same numbers as `counting` gives, without a word about each record: what a series of many days needs.

Records that say the same are judged once. That both give the same is tested.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import fsum

from inventory.indicators.counting import without
from inventory.indicators.formulas import Formula
from inventory.indicators.model import Counted, Exclusion, Tally
from inventory.indicators.ports import Columns
from inventory.model import Moment
from inventory.registers import registers


def tally_at(
    known: Columns, formula: Formula, moment: Moment, day: str, exclusions: Iterable[Exclusion] = ()
) -> Tally:
    """How many records are what at a moment, the exclusions that count on a day taken out."""
    register = registers()[formula.register]
    own = [one for one in exclusions if one.register == formula.register]
    named = {one.record for one in own}
    first = len(register.key) + 1
    said = Counter[tuple[object, ...]]()
    apart: list[Counted] = []
    rows = known.columns(register, (*register.key, *formula.fields), moment)
    if not named:
        said.update(row[first:] for row in rows)
    else:
        for row in rows:
            key = " ".join(map(str, row[1:first]))
            if key in named:
                apart.append(_counted(formula, row[0], key, row[first:]))
            else:
                said[row[first:]] += 1
    left, _ = without(apart, own, formula, day)
    counts, amounts = Counter[str](one.verdict for one in left), [one.amount for one in left if one.verdict == "yes"]
    for values, times in said.items():
        one = _counted(formula, "", "", values)
        counts[one.verdict] += times
        if one.verdict == "yes":
            # What is counted adds one each; of a sum the same number may stand at several records.
            amounts += [one.amount] * times
    return Tally(**counts, amount=fsum(amounts))


def _counted(formula: Formula, id_: str, key: str, said: Sequence[object]) -> Counted:
    verdict, reason = formula.judge(*said)
    value = said[formula.fields.index(formula.amount)] if formula.amount else 1.0
    amount = float(value) if isinstance(value, int | float) else 0.0
    return Counted(id_, key, verdict, verdict, reason, amount, tuple(said))
