"""The command as a person calls it: arguments in, what was printed and the exit code out."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from cli.main import main


@dataclass(frozen=True)
class Ran:
    """What a run of the command left."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its JSON lines."""
        return [orjson.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture
def empty(data: Path) -> Path:
    """A data folder into which nothing has been read yet."""
    data.mkdir(mode=0o700)
    return data


@pytest.fixture
def hanwatch(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], data: Path) -> Iterator[Run]:
    """Run `hanwatch --data DATA …` in this process."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["hanwatch", "--data", str(data), *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        status = ended.value.code
        assert isinstance(status, int)
        printed = capfd.readouterr()
        return Ran(status, printed.out, printed.err)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
    # The command says what is logged and where to; what is tested afterwards in this process must not inherit that.
    structlog.reset_defaults()


ATTACK = "GET /index.php?s=/index/think%5Capp/invokefunction&function=call_user_func_array HTTP/1.1"
VISIT = "GET /zwgk/list.html HTTP/1.1"


def access_line(second: int, request: str = VISIT, client: str = "192.0.2.10") -> str:
    """A line of an access log, combined format."""
    agent = "Mozilla/5.0 (X11; Linux x86_64)"
    time = f"22/Nov/2026:08:{second // 60:02d}:{second % 60:02d} +0800"
    return f'{client} - - [{time}] "{request}" 200 512 "-" "{agent}"\n'


@pytest.fixture
def portal_log(tmp_path: Path) -> Path:
    """An access log of 40 visits and one attack, on line 21."""
    file = tmp_path / "portal-access.log"
    lines = [access_line(second) for second in range(40)]
    lines.insert(20, access_line(20, ATTACK, "203.0.113.199"))
    file.write_text("".join(lines), encoding="utf-8")
    return file
