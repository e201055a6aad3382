"""What all tests share: golden files and the option that writes them anew, and relational databases of both kinds."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import Engine, create_engine, text

from tests.databases import KINDS, Databases, in_folder, on_server, with_all_tables
from tests.engines import postgresql

settings.register_profile("without deadline", settings.default, deadline=None)
settings.load_profile("without deadline")
"""An example may wait for kernels to be compiled; under CI=true hypothesis has no deadline of its own accord."""

FIRST = (
    "sensors/capture/test_fuzz.py",
    "correlation/detectors/test_service.py",
    "correlation/hunting/test_service.py",
    "correlation/incidents/test_deriving.py",
    "cli/test_killed.py",
    "cli/commands/test_run.py",
    "cli/commands/test_bench.py",
    "sensors/delivery/test_producer.py",
    "sensors/capture/protocols/test_registry.py",
    "cli/test_main.py",
    "cli/commands/test_intelligence_run.py",
)
"""Files that take longest: begun last, one of them would keep a single worker busy while the others have nothing to do.

The first one compiles the kernels, which those of the second line do without meanwhile.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {str(Path(__file__).parent / name): place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: rank.get(str(item.path), len(FIRST)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files from what the code gives now")


@pytest.fixture(autouse=True)
def _usual_journal() -> Iterator[None]:
    """Whatever a test configures, as every command does, the next one begins with structlog as it comes.

    Otherwise its lines would go to the standard error of a test that is over, which is closed.
    """
    yield
    structlog.reset_defaults()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with a golden file, or writes the file with --update-golden."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file: run pytest --update-golden and look at {path}"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL that has a database with all tables to be copied."""
    lack = postgresql.missing()
    if lack is not None:
        pytest.skip(lack)
    with postgresql.running() as url:
        administrator = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
        with administrator.connect() as connection:
            connection.execute(text("CREATE DATABASE template TEMPLATE template0"))
        administrator.dispose()
        with_all_tables(f"{url}/template").dispose()
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of SQLite with all tables to be copied."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    with_all_tables(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Databases of each kind in turn."""
    if request.param == "sqlite":
        made = in_folder(tmp_path, request.getfixturevalue("sqlite_template"))
        yield made
        made.close()
    else:
        with on_server(request.getfixturevalue("postgresql_server")) as made:
            yield made


@pytest.fixture
def engine(databases: Databases) -> Engine:
    """A database of each kind in turn."""
    return databases()
