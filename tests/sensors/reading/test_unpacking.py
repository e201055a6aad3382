"""What was packed comes out as it was; what is damaged is told after what came before; a bomb is refused."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.errors import UnreadableInput
from sensors.reading.unpacking import PACKINGS, UnpackedTooLarge, packing, unpacked


def by_arrow(compression: str) -> Callable[[bytes], bytes]:
    def pack(data: bytes) -> bytes:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, compression) as stream:
            stream.write(data)
        return bytes(sink.getvalue().to_pybytes())

    return pack


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": by_arrow("zstd"), "lz4": by_arrow("lz4"),
}
LINES = b"".join(b"line %d %x\n" % (number, number * 7_919) for number in range(60_000))


def unpack(path: Path, most: int = 1 << 30) -> tuple[bytes, str | None]:
    way = packing(path)
    assert way is not None
    with unpacked(path, way, path.parent / "scratch", most) as inside:
        return inside.path.read_bytes(), inside.damage and inside.damage.code


@pytest.mark.parametrize("name", [way.name for way in PACKINGS])
def test_whole_and_in_several_parts(tmp_path: Path, name: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(PACK[name](LINES))
    assert unpack(path) == (LINES, None)
    path.write_bytes(PACK[name](LINES) + PACK[name](b"more\n"))
    assert unpack(path) == (LINES + b"more\n", None)
    assert not any((tmp_path / "scratch").iterdir()), "the file has no name"


@pytest.mark.parametrize("name", [way.name for way in PACKINGS])
def test_what_is_cut_gives_what_came_before(tmp_path: Path, name: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(PACK[name](LINES)[:-2_000])
    found, damage = unpack(path)
    assert damage == "unpacked-damaged"
    assert LINES.startswith(found)


def test_a_bomb_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(50 << 20)))
    with pytest.raises(UnpackedTooLarge) as told:
        unpack(path, most=10 << 20)
    assert told.value.parameters["most"] == 10 << 20
    assert not any((tmp_path / "scratch").iterdir())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(b"a"))
    (tmp_path / "scratch").write_text("in the way")
    with pytest.raises(UnreadableInput):
        unpack(path)


def test_a_device_without_room_is_told_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(LINES))
    with pytest.raises(UnpackedTooLarge):
        unpack(path, most=-1)


@settings(max_examples=60)
@given(name=st.sampled_from([way.name for way in PACKINGS]), place=st.floats(0, 1), octet=st.integers(1, 255))
def test_whatever_is_damaged_ends(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: float, octet: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "log"
    data = bytearray(PACK[name](LINES[:20_000]))
    data[min(int(place * len(data)), len(data) - 1)] ^= octet
    path.write_bytes(data)
    if packing(path) is not None:
        unpack(path, most=1 << 20)
