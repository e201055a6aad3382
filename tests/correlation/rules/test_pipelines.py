"""Processing pipelines read from files."""

from pathlib import Path

import pytest

from correlation.errors import PipelineInvalid
from correlation.rules.pipelines import load_pipelines

GOOD = "name: ours\npriority: 30\ntransformations:\n- {type: field_name_mapping, mapping: {a: b}}\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "pipeline.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_pipeline_knows_its_priority(tmp_path: Path) -> None:
    (pipeline,), problems = load_pipelines([written(tmp_path, GOOD)])
    assert not problems
    assert pipeline.priority == 30


def test_remarks_do_not_make_another_of_it(tmp_path: Path) -> None:
    texts = (GOOD, "# x\n" + GOOD, GOOD.replace("b", "c"))
    digests = [load_pipelines([written(tmp_path, text)])[0][0].digest for text in texts]
    assert digests[0] == digests[1] != digests[2]


def test_what_is_said_of_queries_is_left_out(tmp_path: Path) -> None:
    text = GOOD + "postprocessing:\n- {type: embed, prefix: x}\nfinalizers:\n- {type: concat}\n"
    (pipeline,), problems = load_pipelines([written(tmp_path, text)])
    assert not problems
    assert not pipeline.steps.postprocessing_items


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("transformations: [", 1, "expected"),
        ("- a\n", 1, "not a mapping"),
        (GOOD + "- {type: field_name_maping}\n", 5, "field_name_maping"),
        (GOOD + "- {type: field_name_mapping, maping: {a: b}}\n", 5, "maping"),
        (GOOD + "- nonsense\n", 5, ""),
        (GOOD + "transformation: []\n", 1, "transformation"),
        (GOOD.replace("30", "soon"), 1, "soon"),
        ("transformations: 3\n", 1, ""),
        (f"vars: {{a: {2**70}}}\n", 1, "64-bit"),
    ],
)
def test_what_is_none_is_told_with_its_line(text: str, line: int, reason: str, tmp_path: Path) -> None:
    found, (problem,) = load_pipelines([written(tmp_path, text)])
    assert not found
    assert isinstance(problem, PipelineInvalid)
    assert problem.place is not None
    assert problem.place.line in {line, line + 1}
    assert reason in str(problem.parameters["reason"])


def test_a_file_that_is_not_there_is_told_and_others_are_used(tmp_path: Path) -> None:
    found, (problem,) = load_pipelines([tmp_path / "absent.yml", written(tmp_path, GOOD)])
    assert len(found) == 1
    assert isinstance(problem, PipelineInvalid)
