"""Deep dissection of one file on demand: a second opinion by tshark, read through pyshark, bounded in packets and time.

tshark knows some three thousand protocols and reads about a thousand packets a second this way, so it answers an
analyst's question about a few packets and never stands in the way of the captures themselves. pyshark is imported only
here.
"""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from sensors.capture.errors import DissectionFailed, DissectorMissing
from sensors.errors import Place, UnreadableInput

MOST_PACKETS: Final = 1_000
MOST_SECONDS: Final = 30.0
_LONGEST_VALUE: Final = 4_096


@dataclass(frozen=True, slots=True)
class Dissected:
    """One packet as tshark reads it: its number, its protocols from the link layer on, and its fields as text."""

    number: int
    protocols: tuple[str, ...]
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Dissection:
    """The packets that the filter lets through; it is not complete where a bound ended it, and `bound` says which."""

    packets: tuple[Dissected, ...]
    complete: bool
    bound: str


def dissect(
    path: Path, display_filter: str = "", *, most_packets: int = MOST_PACKETS, most_seconds: float = MOST_SECONDS,
) -> Dissection:
    """Dissect a capture file with a display filter of Wireshark's language.

    Raises:
        DissectorMissing: tshark or pyshark is not installed.
        DissectionFailed: tshark does not understand the filter or the file.
        UnreadableInput: there is no such file.
    """
    if not path.is_file():
        raise UnreadableInput(place=Place(str(path)), reason="no such file")
    program = shutil.which("tshark")
    if program is None:
        raise DissectorMissing(program="tshark", remedy="apt-get install tshark")
    try:
        # Late by design: pyshark is optional and only of use beside tshark.
        from pyshark.tshark.output_parser.tshark_xml import packet_from_xml_packet  # noqa: PLC0415
    except ImportError as error:
        raise DissectorMissing(program="pyshark", remedy="pip install 'hanwatch[packets]'") from error
    # The process is ours and pyshark reads what it says: pyshark's own capture takes a wrong filter for an empty
    # answer.
    command = [program, "-n", "-r", str(path.resolve()), "-T", "pdml"]
    if display_filter:
        command += ["-Y", display_filter]
    found: list[Dissected] = []
    bound = ""
    late = threading.Event()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 - no shell
        assert process.stdout is not None
        assert process.stderr is not None
        timer = threading.Timer(most_seconds, _end, (process, late))
        # What tshark complains about is read beside its answer, or a full pipe would stop both.
        complaints: list[bytes] = []
        listener = threading.Thread(target=lambda: complaints.append(_words(process)), daemon=True)
        timer.start()
        listener.start()
        try:
            for xml in _packets(process.stdout):
                if len(found) >= most_packets:
                    bound = "packets"
                    break
                found.append(_dissected(packet_from_xml_packet(xml)))
        finally:
            timer.cancel()
            if bound:
                process.kill()
            listener.join()
    if late.is_set():
        bound = "seconds"
    if not bound and process.returncode:
        reason = b"".join(complaints).decode("utf-8", "backslashreplace").strip()
        raise DissectionFailed(place=Place(str(path)), reason=reason or f"tshark ended with {process.returncode}")
    return Dissection(tuple(found), not bound, bound)


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    """Stop the process because its time is over."""
    late.set()
    process.kill()


def _words(process: subprocess.Popen[bytes]) -> bytes:
    """What the process complains about, its beginning; the rest is read and let go."""
    assert process.stderr is not None
    first = process.stderr.read(_LONGEST_VALUE)
    while process.stderr.read(1 << 16):
        pass
    return first


def _packets(stream: IO[bytes]) -> Iterator[bytes]:
    """The packet elements of PDML; each begins and ends on a line of its own."""
    lines: list[bytes] = []
    for line in stream:
        if line.startswith(b"<packet>"):
            lines = [line]
        elif lines:
            lines.append(line)
            if line.startswith(b"</packet>"):
                yield b"".join(lines)
                lines = []


def _dissected(packet: Any) -> Dissected:
    fields: dict[str, str] = {}
    for layer in packet.layers:
        for name in layer.field_names:
            value = layer.get_field_value(name)
            if value is not None:
                fields.setdefault(f"{layer.layer_name}.{name}", str(value)[:_LONGEST_VALUE])
    return Dissected(int(packet.number), tuple(layer.layer_name for layer in packet.layers), fields)
