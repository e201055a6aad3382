"""Notices in words: as agreed, bounded, and safe whatever values and templates say."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from correlation.notifying.channel import Bounds, Form
from correlation.notifying.errors import TemplateUnusable
from correlation.notifying.model import Kind, Notice
from correlation.notifying.rendering import Renderer
from correlation.notifying.sample import sample_notice
from correlation.notifying.settings import ChannelSettings, NotifySettings, RouteSettings, Speech
from tests.correlation.notifying.conftest import NOON

GOLDEN = Path(__file__).parents[2] / "data" / "correlation" / "notifying"
ALL = Bounds({"title": 200, "text": 64_000, "markdown": 18_000, "html": 256_000})
CHANNELS = (ChannelSettings("duty", "webhook", url="https://soc.example/"),)
LINK = "https://console.example/alerts/{id}"


def _settings(language: Speech = "zh", templates: Path | None = None) -> NotifySettings:
    route = RouteSettings("night", ("duty",), language=language, template="own" if templates else "")
    return NotifySettings(CHANNELS, (route,), templates=templates, link=LINK)


def _notice(kind: Kind = "alert") -> Notice:
    return sample_notice(kind, "duty", "night", NOON)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_messages_are_as_agreed(language: Speech, golden: Callable[[Path, str], None]) -> None:
    renderer = Renderer(_settings(language))
    parts = []
    for kind in ("alert", "digest", "test"):
        message = renderer.message(_notice(kind), ALL)
        parts += [f"=== {kind}: title", message.title]
        parts += [line for form, text in message.bodies.items() for line in (f"=== {kind}: {form}", text)]
    golden(GOLDEN / f"messages.{language}.txt", "\n".join(parts) + "\n")


@pytest.mark.parametrize("most", [100, 500, 4_096])
def test_no_form_is_longer_than_the_channel_takes(most: int) -> None:
    topics = tuple(replace(_notice().topics[0], title_zh=f"标题{number}" * 40) for number in range(20))
    bounds = Bounds({"title": 200, "text": most, "markdown": most, "html": most})
    message = Renderer(_settings()).message(replace(_notice("digest"), topics=topics), bounds)
    assert all(len(text.encode()) <= most for text in message.bodies.values())
    assert message.bodies["markdown"].endswith("…（内容过长，已截断）")
    assert len(message.title) <= 200


def test_a_half_document_of_html_is_none() -> None:
    bounds = Bounds({"title": 200, "text": 500, "html": 500})
    assert set(Renderer(_settings()).message(_notice(), bounds).bodies) == {"text"}


def _own(tmp_path: Path, form: str, text: str) -> Renderer:
    folder = tmp_path / "own" / "zh"
    folder.mkdir(parents=True)
    (folder / form).write_text(text, encoding="utf-8")
    return Renderer(_settings(templates=tmp_path))


def test_templates_of_the_site_come_before_those_of_the_product(tmp_path: Path) -> None:
    renderer = _own(tmp_path, "text.txt", "{{ count }} x {{ topics[0].rule_id }}")
    message = renderer.message(_notice(), ALL)
    assert message.bodies["text"] == "1 x 00000000-0000-4000-8000-000000000000"
    assert message.title.startswith("[hanwatch]"), "what the site has not is the product's"


@pytest.mark.parametrize(
    ("form", "name", "text", "never"),
    [
        ("html", "html.html", "{{ topics[0].evidence[0].fields[3][1] | safe }}", "<script>"),
        ("markdown", "markdown.txt", "{{ topics[0].evidence[0].fields[3][1] | upper }}", "["),
        ("markdown", "markdown.txt", "{{ '%s' | format(topics[0].evidence[0].fields[3][1]) }}", "["),
    ],
)
def test_no_template_can_let_a_value_pass(tmp_path: Path, form: Form, name: str, text: str, never: str) -> None:
    assert never not in _own(tmp_path, name, text).message(_notice(), ALL).bodies[form]


@pytest.mark.parametrize(
    "text",
    [
        "{{ missing }}",
        "{% if %}",
        "{{ topics.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{% include '../../../../etc/passwd' %}",
        "{{ 1 / 0 }}",
        "{% for i in range(10000000) %}{% endfor %}",
        "{{ topics.append(1) }}",
    ],
)
def test_what_a_template_must_not_do_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateUnusable, match=r"text\.txt"):
        _own(tmp_path, "text.txt", text).message(_notice(), ALL)


def test_a_mistake_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(TemplateUnusable) as failed:
        _own(tmp_path, "text.txt", "one\ntwo\n{% nonsense %}").message(_notice(), ALL)
    assert failed.value.place is not None
    assert failed.value.place.line == 3
