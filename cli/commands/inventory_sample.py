"""`hanwatch inventory sample`: a made-up city, to try everything with."""

from typing import Annotated

import typer

from cli.ground import settings_of
from cli.options import DataOption
from cli.output import note, tell
from cli.parts.inventory import WithInventory
from cli.registers import titled
from inventory.registers import registers
from inventory.sample.city import Size
from inventory.sample.service import fill


def sample(
    context: typer.Context,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help=tell("cli.inventory.sample.seed"))] = 1,
    scale: Annotated[
        float, typer.Option("--scale", metavar="NUMBER", min=0.001, max=1, help=tell("cli.inventory.sample.scale"))
    ] = 1.0,
    assets: Annotated[
        int, typer.Option("--assets", metavar="NUMBER", min=1, max=1_000_000, help=tell("cli.inventory.sample.assets"))
    ] = 500_000,
    data: DataOption = None,
) -> None:
    """Fill empty registers with a made-up city; everything in it is marked as synthetic."""
    with WithInventory(settings_of(context, data)) as house:
        fill(house.inventory, seed, Size(scale, assets), house.clock(), _told)


def _told(name: str, records: int) -> None:
    note("cli.inventory.sample.told", title=titled(registers()[name]), records=f"{records:,}")
