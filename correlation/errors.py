"""What can go wrong in correlation: rules, matching, stores and queries."""

from sensors.errors import Problem


class CorrelationProblem(Problem):
    """The family of correlation's errors."""


class RuleProblem(CorrelationProblem):
    """The family of errors in rules; the place is the file and, where it can be found, the line of the offending key.

    `reason` is the words of the library that refused (YAML, pySigma, `re`), `title` and `id` the rule's where known.
    """


class RuleUnreadable(RuleProblem):
    """A rule file or folder cannot be opened, or its bytes are not UTF-8."""

    code = "rule-unreadable"


class RuleNotYaml(RuleProblem):
    """The file is not YAML, or not a mapping."""

    code = "rule-not-yaml"


class RuleInvalid(RuleProblem):
    """The document is YAML but no Sigma rule: a key is missing, of the wrong type or has a forbidden value."""

    code = "rule-invalid"


class RuleKeyUnknown(RuleProblem):
    """A key (`key`) that Sigma does not know at this place, most often a misspelling."""

    code = "rule-key-unknown"


class RulePlaceholder(RuleProblem):
    """A placeholder (`name`) of the modifier `expand`, which nothing here fills."""

    code = "rule-placeholder"


class RuleNotProcessed(RuleProblem):
    """A processing pipeline (`pipeline`: its file) refuses the rule, or cannot be applied to it."""

    code = "rule-not-processed"


class PipelineInvalid(RuleProblem):
    """A file that holds no processing pipeline; rules are loaded without it."""

    code = "pipeline-invalid"


class PlaceholdersInvalid(RuleProblem):
    """A file of values for placeholders, or one of its lists, cannot be used; the other lists are."""

    code = "placeholders-invalid"


class PlaceholderDuplicate(RuleProblem):
    """A placeholder (`name`) to which an earlier file (`first`: the place) gave values already; those stay."""

    code = "placeholder-duplicate"


class RuleRegexInvalid(RuleProblem):
    """A regular expression (`pattern`) that Python's `re` refuses."""

    code = "rule-regex-invalid"


class RuleReferenceUnknown(RuleProblem):
    """A correlation or a filter names a rule (`name`) that is not loaded."""

    code = "rule-reference-unknown"


class RuleReferenceAmbiguous(RuleProblem):
    """A correlation names a rule by a `name` that several have (`found`: their places)."""

    code = "rule-reference-ambiguous"


class RuleReferenceCircular(RuleProblem):
    """A correlation waits for itself, or for one that cannot be used."""

    code = "rule-reference-circular"


class RuleDuplicate(RuleProblem):
    """An id that an earlier rule (`first`: its file and line) already has; the earlier one stays."""

    code = "rule-duplicate"


class ExceptionsInvalid(RuleProblem):
    """A file of exceptions that cannot be read, or holds none; nothing is suppressed by it."""

    code = "exceptions-invalid"


class ExceptionIncomplete(RuleProblem):
    """An exception without something (`key`) that it must have; it suppresses nothing."""

    code = "exception-incomplete"


class ExceptionInvalid(RuleProblem):
    """An exception of which something cannot be meant; it suppresses nothing."""

    code = "exception-invalid"


class ExceptionKeyUnknown(RuleProblem):
    """A key (`key`) that exceptions do not have; `nearest` was probably meant. The exception suppresses nothing."""

    code = "exception-key-unknown"


class ExceptionReferenceUnknown(RuleProblem):
    """An exception for a rule or a tag (`name`) that is not loaded; it suppresses nothing."""

    code = "exception-reference-unknown"


class ExceptionFieldForeign(RuleProblem):
    """An exception for a correlation (`name`) that asks for a `field` by which it does not group.

    `fields` are those that can be named ("-": none). It suppresses nothing.
    """

    code = "exception-field-foreign"


class ExceptionDuplicate(RuleProblem):
    """An id that an earlier exception (`first`: its place) has already; the earlier one stays."""

    code = "exception-duplicate"


class ExceptionEnded(RuleProblem):
    """An exception (`id`) of `owner` that suppresses nothing any more, since `end` is over."""

    code = "exception-ended"


class RuleNotFound(RuleProblem):
    """Somebody asked for a rule that no loaded rule is called (`name`)."""

    code = "rule-not-found"


class RuleNotUnique(RuleProblem):
    """Somebody asked for a rule by a `name` that fits several (`found`: ids of the first ones)."""

    code = "rule-not-unique"


class SampleUnusable(RuleProblem):
    """A file that names samples of rules cannot be read."""

    code = "sample-unusable"


class RulesNotWritten(RuleProblem):
    """Rules cannot be written into the folder of those that were imported."""

    code = "rules-not-written"
