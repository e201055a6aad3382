"""Notices in words: templates of the product or of the site, in Chinese or English, run in a sandbox.

A template is text with `{{ value }}`; every value is escaped for the form that it is put into (`escaping`), and no
template can switch that off. Templates are the site's, values are the attacker's.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from correlation.notifying.channel import Bounds, Form, Message
from correlation.notifying.errors import TemplateUnusable
from correlation.notifying.escaping import Link, fit, html, markdown, one_line
from correlation.notifying.model import Notice, Shown, Topic
from correlation.notifying.settings import NotifySettings, RouteSettings, Speech
from sensors.errors import Place
from sensors.event.times import SECOND

FILES: Final[Mapping[Form, str]] = {
    "title": "title.txt", "text": "text.txt", "markdown": "markdown.txt", "html": "html.html",
}  # fmt: skip
ESCAPES: Final[Mapping[Form, Callable[[object], str]]] = {
    "title": one_line, "text": one_line, "markdown": markdown, "html": html,
}  # fmt: skip
_OWN: Final = Path(str(files("correlation.notifying") / "templates"))


class Renderer:
    """Gives notices their words."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings
        self._zone = ZoneInfo(settings.zone)
        self._environments: dict[tuple[str, Speech, Form], ImmutableSandboxedEnvironment] = {}

    def message(self, notice: Notice, bounds: Bounds, only: tuple[str, ...] = ()) -> Message:
        """A notice in the forms that a channel wants, none longer than it takes.

        Raises:
            TemplateUnusable: a template is missing, wrong, or fails on this notice.
        """
        route = self._settings.route(notice.route)
        language = (route.language if route else None) or self._settings.language
        values = self._values(notice, language)
        words = {form: self._rendered(form, route, language, values) for form in bounds.forms}
        mark = words_of(language)["cut"]
        bodies: dict[Form, str] = {}
        for form, text in words.items():
            if form == "html" and len(text.encode()) > bounds.forms[form]:
                # Half a document is none: the words alone will do.
                continue
            bodies[form] = fit(text, bounds.forms[form], mark)
        title = one_line(bodies.pop("title"), 200)
        return Message(notice.id, title, bodies, notice, only)

    def _rendered(
        self, form: Form, route: RouteSettings | None, language: Speech, values: Mapping[str, Any]
    ) -> str:
        template = route.template if route else ""
        name = FILES[form]
        shown = Place(f"{template or 'templates'}/{language}/{name}")
        try:
            return self._environment(template, language, form).get_template(name).render(values).strip()
        except TemplateSyntaxError as error:
            place = Place(error.filename or shown.file, error.lineno)
            raise TemplateUnusable(place=place, reason=error.message or "syntax") from None
        except TemplateNotFound:
            raise TemplateUnusable(place=shown, reason="template-missing") from None
        except (TemplateError, OSError, UnicodeDecodeError) as error:
            raise TemplateUnusable(place=shown, reason=str(error)) from None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
            # What a template computes may fail on one notice and not on another.
            raise TemplateUnusable(place=shown, reason=f"{type(error).__name__}: {error}") from None

    def _environment(self, template: str, language: Speech, form: Form) -> ImmutableSandboxedEnvironment:
        key = template, language, form
        if key not in self._environments:
            folders = [_OWN / language]
            if template and self._settings.templates is not None:
                folders.insert(0, self._settings.templates.expanduser() / template / language)
            self._environments[key] = ImmutableSandboxedEnvironment(
                loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
                # Every value that is put out goes through `finalize`, which is more than escaping by default: it has
                # no filter that lets a value pass.
                autoescape=False,
                finalize=ESCAPES[form],
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
            )
        return self._environments[key]

    def _values(self, notice: Notice, language: Speech) -> dict[str, Any]:
        """What templates know: names are listed in docs/notification.md."""
        words = words_of(language)
        return {
            "kind": notice.kind,
            "id": notice.id,
            "channel": notice.channel,
            "route": notice.route,
            "created": self._local(notice.created),
            "level": words["level"][notice.level],
            "level_code": notice.level,
            "count": notice.count,
            "more": notice.more,
            "topics": [self._topic(topic, language) for topic in notice.topics],
        }

    def _topic(self, topic: Topic, language: Speech) -> dict[str, Any]:
        words = words_of(language)
        link = self._settings.link.replace("{id}", topic.alerts[0]) if self._settings.link and topic.alerts else ""
        return {
            "title": topic.title_zh if language == "zh" and topic.title_zh else topic.title,
            "rule_id": topic.rule_id,
            "level": words["level"][topic.level],
            "level_code": topic.level,
            "count": topic.count,
            "first": self._local(topic.first),
            "last": self._local(topic.last),
            "attack": ", ".join(topic.attack),
            "entities": list(topic.entities.items()),
            "alerts": list(topic.alerts),
            "link": Link(link),
            "evidence": [self._event(event, language) for event in topic.evidence],
            "evidence_more": max(topic.evidence_total - len(topic.evidence), 0),
        }

    def _event(self, event: Shown, language: Speech) -> dict[str, Any]:
        unit = words_of(language)["unit"].get(event.unit, "{}")
        return {
            "dataset": event.dataset,
            "time": self._local(event.time),
            "source": event.source,
            "place": unit.format(event.ordinal),
            "fields": list(event.summary.items()),
        }

    def _local(self, moment: int) -> str:
        return datetime.fromtimestamp(moment // SECOND, self._zone).strftime("%Y-%m-%d %H:%M:%S %z")


@cache
def words_of(language: Speech) -> Mapping[str, Any]:
    """The words that templates are given."""
    found: dict[str, Any] = yaml.safe_load((_OWN / language / "words.yml").read_text(encoding="utf-8"))
    return found
