"""What can be wrong with a file that declares a format; every problem has the file and the line, if there is one."""

from sensors.errors import SensorProblem


class DeclarationUnusable(SensorProblem):
    """A file that declares a format cannot be used; `reason` says why, in the words of who refuses it."""

    code = "parser-unusable"


class DeclarationKeyUnknown(DeclarationUnusable):
    """A key that means nothing where it stands; `known` lists those that would."""

    code = "parser-key-unknown"


class DeclarationKeyMissing(DeclarationUnusable):
    """A key that must be there is not."""

    code = "parser-key-missing"


class DeclarationValue(DeclarationUnusable):
    """A value that cannot be meant; `wanted` says what would be accepted."""

    code = "parser-value"


class TemplateFaulty(DeclarationUnusable):
    """A template that cannot be compiled; `reason` says why and `at` is the place in it, from 1."""

    code = "parser-template"


class FieldUndeclared(DeclarationUnusable):
    """A field is set that no table of fields declares and that does not stand below the format's own name."""

    code = "parser-field-undeclared"


class FormatTwice(DeclarationUnusable):
    """Two files declare a format of the same name; the first, `other`, stays."""

    code = "parser-name-taken"


class SampleDiffers(DeclarationUnusable):
    """A sample does not give what its file says; `field` names the first difference."""

    code = "parser-sample-differs"


class SampleMissing(DeclarationUnusable):
    """A file declares a format without a single sample: nobody could tell whether it works."""

    code = "parser-sample-missing"
