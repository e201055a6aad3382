"""The documentation page of all registers, made from their declarations."""

from collections.abc import Iterable, Iterator

from inventory.model import Field, Register


def page(all_registers: Iterable[Register]) -> str:
    """The page, in Markdown."""
    return "\n".join(_lines(all_registers)) + "\n"


def _lines(all_registers: Iterable[Register]) -> Iterator[str]:
    yield "# Registers and their fields"
    yield ""
    yield "Made from `inventory/registers/*.yml` by `python -m inventory.registers`; a test holds both together."
    yield "Tables may have their headings in Chinese, in English or by the field's name. `*` marks what every record"
    yield "must have, **bold** what its key is made of."
    for register in all_registers:
        yield ""
        yield f"## {register.name}: {register.title.zh} · {register.title.en}"
        yield ""
        known = f" Other tables may also name a record by {', '.join(register.known_by)}." if register.known_by else ""
        yield f"{register.basis}.{known}"
        yield ""
        yield "| field | heading | kind | also read as | basis |"
        yield "| --- | --- | --- | --- | --- |"
        for field in register.fields:
            yield _row(register, field)


def _row(register: Register, field: Field) -> str:
    name = f"**{field.key}**" if field.key in register.key else field.key
    kind: str = field.kind
    if field.register:
        kind = f"{field.kind} → {field.register}"
    elif field.choices:
        kind = "; ".join(f"{words.zh} {code}" for code, words in field.choices.items())
    elif field.least is not None:
        kind += f", from {field.least:g}" + (f" to {field.most:g}" if field.most is not None else "")
    star = " *" if field.required else ""
    return f"| {name}{star} | {field.title.zh} · {field.title.en} | {kind} | {'、'.join(field.also)} | {field.basis} |"
