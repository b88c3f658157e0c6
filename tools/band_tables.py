"""Write the tables of docs/plugins/openstrap-band.md from those that the plugin decodes by.

python tools/band_tables.py           after a change of words.py or fields.py
python tools/band_tables.py --check   says whether the page is up to date
"""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from openfit_openstrap_band.reading.fields import LAYOUTS, SECOND, SECOND_TAIL, Field, Layout
from openfit_openstrap_band.wire import words

PAGE = Path(__file__).parents[1] / "docs" / "plugins" / "openstrap-band.md"
PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TYPES = {"<u2": "u16", "<u4": "u32", "<i2": "i16", "<i4": "i32", "<f4": "f32", "u1": "u8"}
LEVELS = {
    words.Level.SAFE: "always",
    words.Level.USER: "when asked",
    words.Level.CONSENT: "with consent",
    words.Level.NEVER: "never",
}


def table(heads: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def named(rows: tuple[words.Word, ...], code: Callable[[int], str]) -> str:
    heads = ("Code", "Name", "Status", "Note")
    return table(heads, ([code(row.code), row.name, row.status, row.note] for row in rows))


def opcodes() -> str:
    return table(
        ("Opcode", "Name", "Sent", "Status", "Note"),
        (
            [f"`{row.code:02X}`", row.name, LEVELS[row.level], row.status, row.note]
            for row in words.OPCODES
        ),
    )


def records() -> str:
    return "\n".join(layout(one) for one in LAYOUTS)


def layout(one: Layout) -> str:
    fields = (*one.fields, *SECOND_TAIL) if one is SECOND else one.fields
    rows = table(("At", "Type", "Field", "Unit", "Status", "Note"), map(field, fields))
    note = f"\n{one.note}\n" if one.note else ""
    return f"### {one.title}\n\nAt least {one.shortest} bytes.\n\n{rows}{note}"


def field(one: Field) -> tuple[object, ...]:
    kind = TYPES.get(one.type, one.type) + (f" x{one.count}" if one.count > 1 else "")
    scaled = "" if one.scale == 1 else f"{one.scale:.6g} "
    return one.at, kind, f"`{one.name}`", f"{scaled}{one.unit}", one.status, one.note


TABLES: dict[str, Callable[[], str]] = {
    "packets": lambda: named(words.PACKETS, "`{:02X}`".format),
    "events": lambda: named(words.EVENTS, str),
    "metadata": lambda: named(words.METADATA, str),
    "locations": lambda: named(words.LOCATIONS, str),
    "statuses": lambda: named(words.COMMAND_STATUSES, str),
    "alarms": lambda: named(words.ALARM_STATUSES, str),
    "opcodes": opcodes,
    "records": records,
}


def written(page: str) -> str:
    """The page with its tables as they ought to be."""
    places = {found[2] for found in PLACE.finditer(page)}
    if places != set(TABLES):
        raise SystemExit(f"{PAGE.name} lacks, or names too many of: {places ^ set(TABLES)}.")
    return PLACE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", page)


def main() -> None:
    page = PAGE.read_text()
    if "--check" not in sys.argv:
        PAGE.write_text(written(page))
    elif written(page) != page:
        raise SystemExit(f"{PAGE.name} is stale: run python tools/band_tables.py.")


if __name__ == "__main__":
    main()
