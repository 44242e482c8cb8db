"""Draw ``server/static/console/world.svg`` from the countries of Natural Earth.

``python -m tools.world_map countries-50m.json`` takes the file of that name of the npm package
``world-atlas``; docs/development.md says when and how.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from math import hypot, radians
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django_countries.data import ALT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Point = tuple[float, float]
Cell = tuple[int, int]
Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""

TARGET = Path(__file__).parents[1] / "server/static/console/world.svg"
WIDTH = 2000
MIDDLE = 11.5
CUT = -168.5
"""The meridians in the middle and at the edges: the edges run between Asia and America."""
SOUTHERNMOST = -68.0
"""Where the map ends: it shows the coast of Antarctica, and not all of its ice."""
TOLERANCE = 0.6
"""How far, in units of the drawing, a line may be from where it was measured."""
SMALLEST_ISLAND = 4
"""The area below which an island is left out, unless its country has no larger one."""
SEEN = 7
"""A country that is smaller, in width and in height, gets a dot."""
DOT = 6
LONG = 60
"""What is drawn as islands too, beside its dot: a path of more characters."""

OTHER = "other"
"""Land that ISO 3166-1 has no code for."""
NAMES: Mapping[str, str] = {"Somaliland": "SO", "N. Cyprus": "CY"}
"""Whose land Natural Earth draws apart and ISO 3166-1 does not."""
PARTS: Mapping[str, tuple[tuple[str, Box], ...]] = {
    "France": (
        ("GF", (-55, 2, -51, 6)),
        ("GP", (-62, 15.8, -61, 16.6)),
        ("MQ", (-61.5, 14, -60.5, 15)),
        ("RE", (55, -22, 56, -20)),
        ("YT", (45, -14, 46, -12)),
    ),
    "Norway": (("SJ", (10, 74, 34, 81)), ("SJ", (-10, 70, -7, 72))),
    "Netherlands": (("BQ", (-69, 12, -62, 18)),),
    "New Zealand": (("TK", (-173, -10, -171, -8)),),
    "Indian Ocean Ter.": (("CX", (105, -11, 106, -10)), ("CC", (96, -13, 97, -12))),
}
"""What Natural Earth draws with another country and ISO 3166-1 has a code for."""
TOO_SMALL: Mapping[str, Point] = {
    "BV": (3.4, -54.4),
    "GI": (-5.35, 36.14),
    "TV": (179.2, -8.5),
    "UM": (-169.5, 16.7),
}
"""What Natural Earth leaves out at this scale, by longitude and latitude."""

_NOTICE = (
    "Countries: Natural Earth 4.1.0 (public domain), by way of world-atlas 2.0.2 (ISC, copyright "
    "2013-2019 Michael Bostock). Made by tools/world_map.py; see NOTICE."
)
# T. Patterson's projection, in the polynomials of B. Savric: factors and powers of the latitude.
_ACROSS = ((0.8707, 0), (-0.131979, 2), (-0.013791, 4), (0.003971, 10), (-0.001529, 12))
_UP = ((1.007226, 1), (0.015085, 3), (-0.044475, 7), (0.028874, 9), (-0.005916, 11))


def project(longitude: float, latitude: float) -> Point:
    """Return where a place is in the Natural Earth projection, in radians."""
    f = radians(latitude)
    x = sum(factor * f**power for factor, power in _ACROSS)
    y = sum(factor * f**power for factor, power in _UP)
    return radians(longitude) * x, y


_EAST, _NORTH = project(180, 0)[0], project(0, 84)[1]
_SCALE = WIDTH / (2 * _EAST)
HEIGHT = round((_NORTH - project(0, SOUTHERNMOST)[1]) * _SCALE)


def place(longitude: float, latitude: float) -> Point:
    """Return where a place is in the drawing, whose origin is its upper left corner."""
    x, y = project(longitude, latitude)
    return (x + _EAST) * _SCALE, (_NORTH - y) * _SCALE


def turns(line: Sequence[Point]) -> list[int]:
    """Return at which of its points a line is seen to turn (Douglas and Peucker)."""
    kept = {0, len(line) - 1}
    open_ = [(0, len(line) - 1)]
    while open_:
        first, last = open_.pop()
        if last - first <= 1:
            continue
        distances = [_distance(point, line[first], line[last]) for point in line[first + 1 : last]]
        farthest = max(range(len(distances)), key=distances.__getitem__)
        if distances[farthest] > TOLERANCE:
            middle = first + 1 + farthest
            kept.add(middle)
            open_ += [(first, middle), (middle, last)]
    return sorted(kept)


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from the line between two others."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    dx, dy = x2 - x1, y2 - y1
    if not (dx or dy):
        return hypot(x - x1, y - y1)
    along = max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)))
    return hypot(x - x1 - along * dx, y - y1 - along * dy)


class Atlas:
    """A TopoJSON file: borders that two countries share are one line in it, and stay one."""

    def __init__(self, topology: Any) -> None:
        """Read its lines, and leave out points that cannot be seen."""
        (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
        self.geometries: list[Any] = topology["objects"]["countries"]["geometries"]
        self._lines: list[list[Point]] = []
        for steps in topology["arcs"]:
            x = y = 0
            line = []
            for dx, dy in steps:
                x, y = x + dx, y + dy
                line.append((x * sx + tx, y * sy + ty))
            self._lines.append([line[index] for index in turns([seen(*point) for point in line])])

    def ring(self, indexes: Iterable[int]) -> list[Point]:
        """Return a ring in degrees."""
        points: list[Point] = []
        for index in indexes:
            line = self._lines[index] if index >= 0 else self._lines[~index][::-1]
            points += line[1:] if points else line
        return points


def seen(longitude: float, latitude: float) -> Point:
    """Return where a place is on a map that ends at ``CUT``."""
    return place((longitude - MIDDLE + 180) % 360 - 180, latitude)


def drawn(ring: Sequence[Point]) -> list[list[Cell]]:
    """Return a ring on whole units; one that crosses ``CUT`` comes in two pieces."""
    whole = unrolled(ring)
    pieces = []
    for turn in (-360, 0, 360):
        piece = [(x + turn, y) for x, y in whole]
        if piece := beside(beside(piece, -180, 1), 180, -1):
            cells = [(round(x), round(y)) for x, y in (place(*point) for point in piece)]
            moved = zip(cells, [cells[-1], *cells], strict=False)
            pieces.append([cell for cell, before in moved if cell != before] or cells[:1])
    return pieces


def unrolled(ring: Sequence[Point]) -> list[Point]:
    """Return a ring whose longitudes, from the middle of the map, go on where they pass 180."""
    points: list[Point] = []
    for longitude, y in ring:
        x = (longitude - MIDDLE + 180) % 360 - 180
        if points:
            x += 360 * round((points[-1][0] - x) / 360)
        points.append((x, y))
    if abs(points[-1][0] - points[0][0]) > 180:  # noqa: PLR2004 -- it goes around the pole
        points += [(points[-1][0], -90), (points[0][0], -90)]
    return points


def beside(ring: Sequence[Point], edge: float, side: int) -> list[Point]:
    """Return what of a ring is beyond an edge (Sutherland and Hodgman); -1 is before it."""
    kept: list[Point] = []
    for (x1, y1), (x2, y2) in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
        if ((x1 - edge) * side < 0) != ((x2 - edge) * side < 0):
            kept.append((edge, y1 + (y2 - y1) * (edge - x1) / (x2 - x1)))
        if (x2 - edge) * side >= 0:
            kept.append((x2, y2))
    return kept


def by_country(atlas: Atlas) -> dict[str, list[list[list[int]]]]:
    """Return the polygons of each country of ISO 3166-1, as rings of the atlas's lines."""
    codes = {f"{numeric:03}": code for code, (_, numeric) in ALT_CODES.items()}
    found = defaultdict(list)
    for geometry in atlas.geometries:
        name = geometry["properties"]["name"]
        code = codes.get(geometry.get("id", ""), NAMES.get(name, OTHER))
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            found[_part(name, atlas.ring(polygon[0])) or code].append(polygon)
    return dict(found)


def _part(name: str, ring: Sequence[Point]) -> str | None:
    """Return the code of a part that has one of its own."""
    x, y = (sum(values) / len(ring) for values in zip(*ring, strict=True))
    for code, (west, south, east, north) in PARTS.get(name, ()):
        if west <= x <= east and south <= y <= north:
            return code
    return None


def area(ring: Sequence[Cell]) -> float:
    """Return how large the land in a ring is."""
    turned = zip(ring, [*ring[1:], *ring[:1]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in turned)) / 2


def written(ring: Sequence[Cell]) -> str:
    """Write a ring as a path, each point from the one before."""
    (x, y), *rest = ring
    path = f"M{x} {y}l"
    for x2, y2 in rest:
        step = f"{x2 - x} {y2 - y}"
        path += step if path.endswith("l") or step.startswith("-") else f" {step}"
        x, y = x2, y2
    return f"{path}z".replace(" -", "-")


def shape(atlas: Atlas, polygons: Iterable[Sequence[Sequence[int]]]) -> tuple[str, float, Point]:
    """Return a country's path, how wide or high it is, and where its largest part is."""
    rings = [cells for polygon in polygons for ring in polygon for cells in drawn(atlas.ring(ring))]
    rings.sort(key=area, reverse=True)
    large = [ring for ring in rings if area(ring) >= SMALLEST_ISLAND] or rings[:1]
    path = "".join(written(ring) for ring in large)
    xs, ys = zip(*rings[0], strict=True)
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    return path, max(max(xs) - min(xs), max(ys) - min(ys)), middle


def drawing(topology: Any) -> Iterator[str]:
    """Yield the lines of the file: large countries first, so that none hides a dot."""
    atlas = Atlas(topology)
    shapes = {code: shape(atlas, polygons) for code, polygons in by_country(atlas).items()}
    shapes |= {code: ("", 0.0, seen(*where)) for code, where in TOO_SMALL.items()}
    box = f"0 0 {WIDTH} {HEIGHT}"
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><!-- {_NOTICE} --><defs>'
    for code, (path, size, (x, y)) in sorted(
        shapes.items(), key=lambda item: (item[0] != OTHER, -item[1][1], item[0])
    ):
        land = f'd="{path}"/>'
        dot = f'cx="{x:.0f}" cy="{y:.0f}" r="{DOT}"/>'
        if size >= SEEN or code == OTHER:
            yield f'<path id="{code}" {land}'
        elif len(path) > LONG:
            yield f'<g id="{code}"><path {land}<circle {dot}</g>'
        else:
            yield f'<circle id="{code}" {dot}'
    yield "</defs></svg>"


def main(source: str) -> None:
    """Write the file."""
    topology = json.loads(Path(source).read_text(encoding="utf-8"))
    TARGET.write_text("\n".join(drawing(topology)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
