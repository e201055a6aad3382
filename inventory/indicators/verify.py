"""Checks an evidence pack offline: the digests of its files, and every rate counted again from the records behind it.

This file stands in each pack, with judges.py beside it. It needs Python 3.10 or newer and nothing else:
`python3 -I -S verify.py` in the unpacked folder, or `python3 -I -S verify.py PACK.zip`. What is run is these two files
alone; a pack that is checked is only read.
"""

import csv
import hashlib
import importlib.util
import io
import json
import math
import operator
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

MANIFEST = "MANIFEST.sha256"
LARGEST = 256_000_000
"""Bytes of one file: the records of a large city are 20 MB."""
MOST = 1_000
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
DEFENDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


ODD = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, csv.Error, RecursionError)
"""What reading raises of values that no pack of ours has."""


class BrokenError(Exception):
    """The pack cannot be read at all; the argument says why."""


def check(path: Path) -> Iterator[str]:
    """Everything that is wrong with a pack, a line each.

    Raises:
        BrokenError: it is no pack.
    """
    contents = read(path)
    try:
        yield from digests(contents)
        yield from numbers(contents)
    except ODD as error:
        yield f"values cannot be counted again 无法复算: {type(error).__name__}: {error}"


def pack_digest(path: Path) -> str:
    """The digest that stands for the whole pack: that of its manifest."""
    return hashlib.sha256(read(path).get(MANIFEST, b"")).hexdigest()


def read(path: Path) -> dict[str, bytes]:
    """The files of a pack by their names, from a folder or a zip.

    Raises:
        BrokenError: it cannot be read, or is larger than any pack.
    """
    try:
        if path.is_dir():
            found = [one for one in sorted(path.rglob("*")) if one.is_file()]
            if len(found) > MOST or any(one.stat().st_size > LARGEST for one in found):
                raise BrokenError("larger than any pack 超出证据包上限")
            return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST or sum(one.file_size for one in entries) > LARGEST:
                raise BrokenError("larger than any pack 超出证据包上限")
            return {one.filename: archive.read(one) for one in entries}
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, LookupError, ValueError) as error:
        raise BrokenError(f"cannot be read 无法读取: {error}") from error


def digests(contents: dict[str, bytes]) -> Iterator[str]:
    """Files whose digest is not the manifest's, that are missing, or that it does not name."""
    if MANIFEST not in contents:
        yield f"{MANIFEST} is missing 缺少清单"
        return
    lines = (line.partition("  ") for line in contents[MANIFEST].decode().splitlines())
    named = {name: digest for digest, _, name in lines}
    for name, digest in named.items():
        if name not in contents:
            yield f"{name} is missing 缺少文件"
        elif hashlib.sha256(contents[name]).hexdigest() != digest:
            yield f"{name} has another digest 摘要不符"
    for name in sorted(set(contents) - set(named) - {MANIFEST}):
        yield f"{name} is not in the manifest 不在清单中"


def numbers(contents: dict[str, bytes]) -> Iterator[str]:
    """Numbers that do not come out again."""
    said = json.loads(contents["values.json"])
    plan = {one["number"]: one for one in json.loads(contents["plan.json"])["indicators"]}
    exclusions, reports = rows(contents["exclusions.csv"]), rows(contents["reports.csv"])
    judges = load_judges()
    met_on_its_day: dict[int, str | None] = {}
    for place in ("on_target_day", "indicators"):
        for one in said[place]:
            number = one["number"]
            planned = plan[number]
            wrong = f"indicator {number} on {one['day']} 指标"
            named = planned.get("entered_as") or planned.get("continues") or number
            if (one["target"], one["formula"], one["entered_as"]) != (
                planned["target"], planned.get("formula", ""), named,
            ):  # fmt: skip
                yield f"{wrong}: not as the plan says 与规划不符"
            found = recount(one, contents, exclusions, reports, judges)
            yield from (f"{wrong}: {key}" for key, value in found.items() if value != one[key])
            if place == "on_target_day":
                met_on_its_day[number] = found["met"] if found["value"] is not None else None
            elif one["standing"] != standing(one, said["day"], met_on_its_day.get(number)):
                yield f"{wrong}: standing"
    if len(said["indicators"]) != len(plan):
        yield "not all indicators of the plan 指标不全"


def recount(
    one: dict[str, Any],
    contents: dict[str, bytes],
    exclusions: list[dict[str, str]],
    reports: list[dict[str, str]],
    judges: dict[str, Any],
) -> dict[str, Any]:
    """The numbers of an indicator, made of its records or its report."""
    found: dict[str, Any] = {"value": None, "at_most": None, "numerator": None, "denominator": None, "met": "unknown"}
    said = [row for row in reports if of_city(row, one)]
    tally, whole = dict.fromkeys(("yes", "no", "unknown", "outside", "excluded", "amount"), 0), 0
    if one["formula"]:
        found["tally"] = tally = recounted_tally(one, rows(contents[one["records"]]), exclusions, judges)
        whole = tally["yes"] + tally["no"] + tally["unknown"]
    # Registers win where they know; where there is no report, what they do not know is better than nothing.
    knows = tally["yes"] or (tally["no"] and not one["amount"]) or not said
    found["source"] = "computed" if whole and knows else "reported" if said else "none"
    if found["source"] == "computed":
        least, most = bounds(tally, summed=bool(one["amount"]))
        found.update(
            value=float(least), at_most=None if math.isinf(most) else float(most),
            numerator=tally["amount"] if one["amount"] else tally["yes"],
            denominator=None if one["amount"] else whole, met=met(one["target"], least, most),
        )  # fmt: skip
    elif said:
        report = max(said, key=lambda row: (row["day"], row["scope"], row["evidence"]))
        value = float(report["value"])
        exact = Fraction(str(value))
        found.update(value=value, at_most=value, met=met(one["target"], exact, exact))
        found.update((key, float(report[key]) if report[key] else None) for key in ("numerator", "denominator"))
    return found


def of_city(row: dict[str, str], one: dict[str, Any]) -> bool:
    """Whether a report is one of the city, of this indicator, on or before the day."""
    return int(row["indicator"]) == one["entered_as"] and row["of"] == "city" and row["day"] <= one["day"]


def recounted_tally(
    one: dict[str, Any],
    records: list[dict[str, str]],
    exclusions: list[dict[str, str]],
    judges: dict[str, Any],
) -> dict[str, Any]:
    """How many records are what: each is judged again by its fields, and each exclusion by its days."""
    out = {
        row["record"]
        for row in exclusions
        if int(row["indicator"]) == one["entered_as"] and row["register"] == one["register"] and row["approved_by"]
        and row["approved_on"] and row["approved_on"] <= one["day"] <= row["expires_on"] and row["of"] == one["day"]
    }  # fmt: skip
    counts: dict[str, Any] = dict.fromkeys(("yes", "no", "unknown", "outside", "excluded"), 0)
    amounts = []
    for row in records:
        said = [typed(row[f"said:{field['key']}"], field["kind"]) for field in one["fields"]]
        verdict, _ = judges[one["formula"]](*said)
        if verdict != "outside" and row["key"] in out:
            verdict = "excluded"
        if verdict != row["verdict"]:
            raise ValueError(f"record {row['key']} is {verdict}, not {row['verdict']}")
        counts[verdict] += 1
        if verdict == "yes":
            amounts.append(float(row[f"said:{one['amount']}"]) if one["amount"] else 1.0)
    counts["amount"] = math.fsum(amounts)
    return counts


def bounds(tally: dict[str, Any], *, summed: bool) -> tuple[Any, Any]:
    """What a rate (percent) or a sum is at least and at most."""
    if summed:
        least = Fraction(str(tally["amount"]))
        return least, math.inf if tally["unknown"] else least
    whole = tally["yes"] + tally["no"] + tally["unknown"]
    return Fraction(100 * tally["yes"], whole), Fraction(100 * (tally["yes"] + tally["unknown"]), whole)


def met(target: dict[str, Any], least: Any, most: Any) -> str:
    """Whether a target is reached by what is known."""
    wanted = Fraction(str(float(target["value"])))
    found = {COMPARE[target["comparator"]](one, wanted) for one in (least, most)}
    return "unknown" if len(found) > 1 else "yes" if found == {True} else "no"


def standing(one: dict[str, Any], day: str, on_its_day: str | None) -> str:
    """How a target stands as of a day."""
    if day <= one["target"]["day"]:
        return "ahead"
    return {None: "without-data", "yes": "met", "no": "missed", "unknown": "not-known"}[on_its_day]


def rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by its headings, the defence against formulas taken off."""
    read_ = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [{key: meant(value or "") for key, value in row.items() if key is not None} for row in read_]


def meant(text: str) -> str:
    """What a text of a file means."""
    return text[1:] if DEFENDED.match(text) else text


def typed(text: str, kind: str) -> Any:
    """The value of a field as judges take it."""
    if not text:
        return None
    if kind == "flag":
        return text == "true"
    return float(text) if kind in {"decimal", "integer"} else text


def load_judges() -> dict[str, Any]:
    """What judges records: the file beside this one, never one of the pack that is checked."""
    spec = importlib.util.spec_from_file_location("judges", Path(__file__).with_name("judges.py"))
    if spec is None or spec.loader is None:
        raise BrokenError("judges.py is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    judges: dict[str, Any] = module.JUDGES
    return judges


def main(arguments: list[str]) -> int:
    """Check the pack that is named, or the folder of this file."""
    path = Path(arguments[0]) if arguments else Path(__file__).parent
    try:
        wrong = list(check(path))
        digest = pack_digest(path)
    except BrokenError as error:
        sys.stdout.write(f"{path}: {error}\n")
        return 3
    for line in wrong:
        sys.stdout.write(f"{line}\n")
    verdict = "does not hold 不成立" if wrong else "holds: every digest and every number 成立：摘要与数值均相符"
    sys.stdout.write(f"{path}: {verdict}\nSHA-256 {digest}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
