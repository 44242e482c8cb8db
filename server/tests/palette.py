"""Make a PNG smaller: with a palette of its 256 most frequent colours it has a third of the bytes.

A picture of a page has few colours; those that get lost are of the edges of letters.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}  # of a colour type: with and without transparency, which is left out
_PALETTE = 3
_MOST_COLOURS = 256

Colour = tuple[int, ...]


def with_palette(png: bytes) -> bytes:
    """Return the picture with a palette. It must have 8 bits for a channel, and no interlacing."""
    pieces = list(_pieces(png))
    width, height, _depth, kind = struct.unpack(">IIBB", pieces[0][1][:10])
    data = zlib.decompress(b"".join(body for name, body in pieces if name == b"IDAT"))
    pixels = _pixels(data, width=width, height=height, channels=_CHANNELS[kind])
    counts = Counter(pixels)
    palette = [colour for colour, _ in counts.most_common(_MOST_COLOURS)]
    index = {colour: _nearest(colour, palette) for colour in counts}
    rows = bytearray()
    for start in range(0, len(pixels), width):
        rows.append(0)
        rows += bytes(index[pixel] for pixel in pixels[start : start + width])
    return _SIGNATURE + b"".join(
        _piece(name, body)
        for name, body in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)),
            (b"PLTE", b"".join(bytes(colour) for colour in palette)),
            (b"IDAT", zlib.compress(bytes(rows), 9)),
            (b"IEND", b""),
        )
    )


def _pieces(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        yield name, png[at + 8 : at + 8 + length]
        at += 12 + length


def _piece(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _pixels(data: bytes, *, width: int, height: int, channels: int) -> list[Colour]:
    """Undo the filter of each row (PNG specification, section 9)."""
    length = width * channels
    above = bytearray(length)
    found: list[Colour] = []
    for number in range(height):
        start = number * (length + 1)
        row = bytearray(data[start + 1 : start + 1 + length])
        _unfilter(data[start], row, above, channels)
        found += zip(*(row[channel::channels] for channel in range(3)), strict=True)
        above = row
    return found


def _unfilter(kind: int, row: bytearray, above: bytearray, channels: int) -> None:
    for at in range(len(row)):
        left = row[at - channels] if at >= channels else 0
        up = above[at]
        corner = above[at - channels] if at >= channels else 0
        row[at] = (row[at] + _predicted(kind, left, up, corner)) & 0xFF


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    match kind:
        case 1:
            return left
        case 2:
            return up
        case 3:
            return (left + up) // 2
        case 4:
            guess = left + up - corner
            return min((left, up, corner), key=lambda value: abs(guess - value))
        case _:
            return 0


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    return min(
        range(len(palette)),
        key=lambda index: sum(
            (one - other) ** 2 for one, other in zip(colour, palette[index], strict=True)
        ),
    )
