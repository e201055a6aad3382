"""What can go wrong with plans, indicators, evaluations and evidence packs."""

from inventory.errors import InventoryProblem


class IndicatorProblem(InventoryProblem):
    """The family of errors in indicators."""


class PlanUnusable(IndicatorProblem):
    """A file of a plan cannot be used; `reason` is a code of the catalogues' reasons, or the words of a library."""

    code = "plan-unusable"


class PlanUnknown(IndicatorProblem):
    """There is no plan of this `id`; `known` lists those that there are."""

    code = "plan-unknown"


class IndicatorUnknown(IndicatorProblem):
    """A plan (`plan`) has no indicator of this `number`."""

    code = "indicator-unknown"


class WeightsUnusable(IndicatorProblem):
    """The weights of the evaluation cannot be used; `reason` is a code of the catalogues' reasons, or a library's."""

    code = "evaluation-weights-unusable"


class OptionAlone(IndicatorProblem):
    """An `option` asks about one indicator, and none was named."""

    code = "indicator-option"


class PackUnwritable(IndicatorProblem):
    """A file of evidence cannot be written; `reason` is the system's own word."""

    code = "indicator-pack-unwritable"


class PackUnreadable(IndicatorProblem):
    """A file is no evidence pack; `reason` is the system's own word, or a library's."""

    code = "indicator-pack-unreadable"
