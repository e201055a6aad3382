"""Messages of syslog lines given to the declared formats that are meant: by the program in the header, or by a text.

Which programs are whose is remembered. For formats known by a text, all messages of a portion are searched at once;
only where the text occurs at all is a message asked by itself.
"""

import re
from collections.abc import Sequence
from datetime import tzinfo
from fnmatch import fnmatchcase

from sensors.parsers.caches import Bounded
from sensors.parsers.declared.format import Format
from sensors.parsers.declared.mapping import Part
from sensors.parsers.declared.model import Match
from sensors.parsers.layouts import grouped, pick


class Inside:
    """The formats whose texts stand in syslog, in the order in which they are asked."""

    def __init__(self, formats: Sequence[Format]) -> None:
        self._formats = [one for one in formats if one.declaration.inside != "line"]
        self._by_program = [index for index, one in enumerate(self._formats) if one.declaration.match.program]
        self._by_text = [index for index, one in enumerate(self._formats) if not one.declaration.match.program]
        self._owners: Bounded[str | None, tuple[int, ...]] = Bounded(self._owned, entries=8_192)

    def _owned(self, program: str | None) -> tuple[int, ...]:
        if not program:
            return ()
        name = program.rpartition("/")[2] if program.startswith("/") else program
        found = []
        for index in self._by_program:
            patterns = self._formats[index].declaration.match.program
            fitting = [_said(pattern) for pattern in patterns if fnmatchcase(name, pattern)]
            if fitting:
                found.append((-max(fitting), index))
        # Whose pattern says more is asked first.
        return tuple(index for _, index in sorted(found))

    def parts(
        self, programs: Sequence[str | None], messages: Sequence[str], received: int, zone: tzinfo
    ) -> tuple[list[Part], Sequence[int] | None]:
        """What the messages become, and the indices of those that no format takes; None says that all are left."""
        owned = list(map(self._owners.__getitem__, programs))
        by_text = self._anchored(programs, messages)
        if not by_text and not any(owned):
            return [], None
        keys = [(*some, *by_text.get(row, ())) for row, some in enumerate(owned)] if by_text else owned
        found: list[Part] = []
        left: list[int] = []
        for candidates, rows in grouped(keys).items():
            remaining = rows
            for index in candidates:
                parts, remaining = self._ask(self._formats[index], programs, messages, remaining, received, zone)
                found += parts
                if not remaining:
                    break
            left += remaining
        return found, None if not found else sorted(left)

    def _anchored(
        self, programs: Sequence[str | None], messages: Sequence[str]
    ) -> dict[int, tuple[int, ...]]:
        """By row the formats whose texts it holds."""
        if not self._by_text:
            return {}
        block = "\n".join(messages)
        words = ":\n".join([*filter(None, set(programs)), ""])
        found: dict[int, tuple[int, ...]] = {}
        for index in self._by_text:
            match = self._formats[index].declaration.match
            if match.after and not any(_stands(anchor, block) or anchor in words for anchor in match.after):
                continue
            if not all(_stands(text, block) for text in match.contains):
                continue
            for row, message in enumerate(messages):
                if all(text in message for text in match.contains) and (
                    not match.after or _behind(match, programs[row], message) is not None
                ):
                    found[row] = (*found.get(row, ()), index)
        return found

    def _ask(  # noqa: PLR0913, PLR0917 - what a format is asked with
        self,
        one: Format,
        programs: Sequence[str | None],
        messages: Sequence[str],
        rows: Sequence[int],
        received: int,
        zone: tzinfo,
    ) -> tuple[list[Part], Sequence[int]]:
        match = one.declaration.match
        if not match.after and not (match.program and match.contains):
            return one.parts(pick(messages, rows), rows, received, zone, programs=programs)
        chosen: list[int] = []
        texts: list[str] = []
        others: list[int] = []
        for row in rows:
            text = _behind(match, programs[row], messages[row]) if match.after else messages[row]
            if text is None or not all(word in messages[row] for word in match.contains):
                others.append(row)
            else:
                chosen.append(row)
                texts.append(text)
        if not chosen:
            return [], others
        parts, left = one.parts(texts, chosen, received, zone, programs=programs)
        return parts, [*others, *left]


def _stands(text: str, block: str) -> bool:
    """Whether a text stands in a block; the search for one character is some ten times as fast as that for a text."""
    return all(character in block for character in text) and text in block


def _said(pattern: str) -> int:
    """How many characters a pattern says."""
    return len(re.sub(r"\[[^\]]*\]|[*?]", "", pattern))


def _behind(match: Match, program: str | None, message: str) -> str | None:
    """The message behind the text that a format's own begins after, which may stand in the tag."""
    for anchor in match.after:
        if program is not None and anchor in f"{program}:":
            return f"{program}: {message}".partition(anchor)[2].lstrip()
        _, found, text = message.partition(anchor)
        if found:
            return text
    return None
