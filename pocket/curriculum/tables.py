"""Small tables of three to six rows, as CSV, as Markdown or in plain lines: read, computed with, rebuilt.

The cells are made up, so an answer can only come from the table; what is true of the world is in one small
list of facts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from curriculum import words
from curriculum.asking import each_label, some_instances
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]


@dataclass(frozen=True, slots=True)
class _Column:
    """unit: in the plural. most, least: the predicate of the row with the extreme value."""

    name: str
    low: int
    high: int
    unit: str
    most: str
    least: str


@dataclass(frozen=True, slots=True)
class _Theme:
    """row: what a row stands for, in the singular; rows: in the plural. The first column is the row's name.

    says: a row as a sentence, from its name, as it is or in lower case, and the two numbers with their units.
    """

    title: str
    row: str
    rows: str
    keys: tuple[str, ...]
    columns: tuple[_Column, _Column]
    says: str

    @property
    def header(self) -> tuple[str, str, str]:
        """The names of the three columns."""
        return (self.row.capitalize(), self.columns[0].name, self.columns[1].name)


_PLANTS = ("Bean", "Basil", "Mint", "Tomato", "Pea", "Thyme", "Rose", "Lily", "Fern", "Ivy", "Pepper", "Sage")
_ROOMS = ("East hall", "West hall", "Cellar", "Attic", "Tower", "Chapel", "Gallery", "Library", "Garden room")
_GOODS = tuple(food.capitalize() for food in words.FOODS)
_THEMES = (
    _Theme("price list of a grocer", "item", "items", _GOODS, (
        _Column("Price", 2, 30, "euros", "is the most expensive", "is the cheapest"),
        _Column("Stock", 5, 90, "pieces", "has the largest stock", "has the smallest stock")),
        "For {lower} the price is {1} and the stock is {2}."),
    _Theme("mark book of a class", "pupil", "pupils", words.NAMES, (
        _Column("Maths", 20, 99, "points", "did best in maths", "did worst in maths"),
        _Column("Reading", 20, 99, "points", "did best in reading", "did worst in reading")),
        "{0} has {1} in maths and {2} in reading."),
    _Theme("guest list of a hotel", "guest", "guests", words.SURNAMES, (
        _Column("Nights", 1, 14, "nights", "stays longest", "stays for the shortest time"),
        _Column("Bags", 1, 9, "bags", "has the most bags", "has the fewest bags")),
        "{0} stays for {1} and has {2}."),
    _Theme("sales list of a bakery", "day", "days", words.WEEKDAYS, (
        _Column("Loaves", 20, 99, "loaves", "brought the most loaves", "brought the fewest loaves"),
        _Column("Cakes", 2, 30, "cakes", "brought the most cakes", "brought the fewest cakes")),
        "On {0} the bakery sold {1} and {2}."),
    _Theme("season record of a football club", "player", "players", words.SURNAMES, (
        _Column("Games", 3, 30, "games", "played the most games", "played the fewest games"),
        _Column("Goals", 0, 25, "goals", "scored the most goals", "scored the fewest goals")),
        "{0} played {1} and scored {2}."),
    _Theme("report on the branches of a library", "branch", "branches", words.CITIES, (
        _Column("Visitors", 30, 400, "visitors", "had the most visitors", "had the fewest visitors"),
        _Column("Loans", 20, 300, "loans", "lent the most books", "lent the fewest books")),
        "The branch in {0} had {1} and {2}."),
    _Theme("log of a cycling tour", "cyclist", "cyclists", words.NAMES, (
        _Column("Kilometres", 12, 120, "kilometres", "rode the farthest", "rode the shortest distance"),
        _Column("Stops", 1, 9, "stops", "made the most stops", "made the fewest stops")),
        "{0} rode {1} and made {2}."),
    _Theme("garden notebook", "plant", "plants", _PLANTS, (
        _Column("Height", 4, 90, "centimetres", "is the tallest", "is the shortest"),
        _Column("Age", 2, 40, "weeks", "is the oldest", "is the youngest")),
        "The {lower} is {1} tall and {2} old."),
    _Theme("rainfall record", "month", "months", words.MONTHS, (
        _Column("Rain", 8, 140, "millimetres", "was the wettest", "was the driest"),
        _Column("Storms", 0, 9, "storms", "had the most storms", "had the fewest storms")),
        "{0} brought {1} of rain and {2}."),
    _Theme("room list of a museum", "room", "rooms", _ROOMS, (
        _Column("Paintings", 3, 60, "paintings", "holds the most paintings", "holds the fewest paintings"),
        _Column("Chairs", 2, 40, "chairs", "has the most chairs", "has the fewest chairs")),
        "The {lower} holds {1} and {2}."),
    _Theme("farm list of a village", "farm", "farms", tuple(f"{name} Farm" for name in words.SURNAMES[:30]), (
        _Column("Hens", 6, 60, "hens", "has the most hens", "has the fewest hens"),
        _Column("Eggs", 20, 300, "eggs", "sold the most eggs", "sold the fewest eggs")),
        "{0} has {1} and sold {2}."),
    _Theme("list of volunteers", "helper", "helpers", words.NAMES, (
        _Column("Hours", 2, 40, "hours", "worked the longest", "worked the shortest time"),
        _Column("Trees", 3, 50, "trees", "planted the most trees", "planted the fewest trees")),
        "{0} worked for {1} and planted {2}."),
)  # fmt: skip

_Row = tuple[str, ...]
_LAYOUTS = ("CSV", "Markdown", "lines")


def _some(dice: Draw, make: Callable[[], Instance]) -> tuple[Instance, ...]:
    """Fewer than elsewhere, since a table is long."""
    return some_instances(dice, make, (1, 1, 2, 2, 3))


def _rows(dice: Draw, theme: _Theme, low: int = 3, high: int = 5, keys: Sequence[str] = ()) -> list[_Row]:
    """Rows with different names, `keys` among them, and different numbers in each column."""
    count = dice.integer(low, high)
    names = [
        *keys,
        *(key for key in dice.sample(theme.keys, min(count + 2, len(theme.keys))) if key not in keys),
    ][:count]
    columns = [dice.sample(range(column.low, column.high + 1), count) for column in theme.columns]
    rows = [(name, str(a), str(b)) for name, a, b in zip(names, *columns, strict=True)]
    return dice.shuffled(rows)


def _table(layout: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table as text: `CSV`, `Markdown`, or `lines` such as `Ada: Hours 3, Trees 4`."""
    if layout == "CSV":
        return "\n".join(",".join(row) for row in (header, *rows))
    if layout == "Markdown":
        return "\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))
    return "\n".join(
        f"{row[0]}: " + ", ".join(f"{n} {c}" for n, c in zip(header[1:], row[1:], strict=True))
        for row in rows
    )


def _titled(dice: Draw) -> tuple[_Theme, str]:
    """A theme and what to call a table of it."""
    theme, name = dice.pick(_THEMES), dice.pick(words.NAMES)
    more = dice.pick(("", "", f" kept by {name}", f" from {dice.integer(1985, 2030)}", f" sent by {name}"))
    return theme, theme.title + more


def _setting(dice: Draw) -> tuple[_Theme, str, int, _Column, str]:
    """A theme, a title, one of its numeric columns after its place in a row, and a layout."""
    (theme, title), place = _titled(dice), dice.integer(0, 1)
    return theme, title, place + 1, theme.columns[place], dice.pick(_LAYOUTS)


def _amount(number: str, unit: str) -> str:
    """`1 loaf` or `3 loaves`."""
    return f"{number} {({'loaves': 'loaf'}.get(unit, unit[:-1])) if number == '1' else unit}"


def _sentence(theme: _Theme, row: _Row) -> str:
    """The row in words; the theme says how."""
    amounts = (_amount(cell, column.unit) for cell, column in zip(row[1:], theme.columns, strict=True))
    return theme.says.format(row[0], *amounts, lower=row[0].lower())


def _read_cell(dice: Draw) -> Draft:
    theme, title, place, column, layout = _setting(dice)
    key, name = dice.pick(theme.keys), dice.pick(words.NAMES)
    sentence, text = dice.pick((
        (False, f"Look up {key} in the {title} and give the value under {column.name}."),
        (False, f"What does the {title} say under {column.name} for {key}?"),
        (False, f"Find the row of {key} and copy the number from the column {column.name}."),
        (False, f"{name} asks about {key}: read the number in the column {column.name} aloud, without a "
                "unit."),
        (False, f"Which number stands where the row {key} meets the column {column.name}?"),
        (False, f"Extract {column.name} of {key} from the table. Reply with the number and the unit, which "
                f"is {column.unit}."),
        (True, f"Quote the {title}: tell {name} in one sentence what it has for {key} under {column.name}."),
    ))  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme, keys=(key,))
        value = next(row for row in rows if row[0] == key)[place]
        if sentence:
            value = f"For {key} the table gives {value} under {column.name}."
        elif "the unit" in text:
            value = _amount(value, column.unit)
        return Instance(_table(layout, theme.header, rows), value)

    return Draft(text, _some(dice, make))


def _total_column(dice: Draw) -> Draft:
    theme, title, place, column, layout = _setting(dice)
    name = dice.pick(words.NAMES)
    style, text = dice.pick((
        ("bare", f"Sum the column {column.name} in the {title}."),
        ("bare", f"How many {column.unit} do all {theme.rows} have together? Reply with the number."),
        ("bare", f"Total {column.name} over all {theme.rows} of the table. Show only the result."),
        ("working", f"Check the books of {name}: add up {column.name} line by line and show the addition."),
        ("working", f"Write the values under {column.name} as a sum with its result."),
        ("row", f"Write the last line for the {title}, in the form 'Total: 12', with the sum of "
                f"{column.name}."),
        ("sentence", f"Summarise the column {column.name} in a sentence that names the number of "
                     f"{theme.rows} and the total."),
        ("sentence", f"Tell {name} in one sentence how many {theme.rows} there are and what {column.name} "
                     "adds up to."),
    ))  # fmt: skip
    if column.name in ("Age", "Height", "Price"):
        text = text.replace(
            f"How many {column.unit} do all {theme.rows} have together?",
            f"What do the numbers under {column.name} add up to?",
        )

    def make() -> Instance:
        rows = _rows(dice, theme)
        values = [int(row[place]) for row in rows]
        total = sum(values)
        output = {"bare": str(total), "working": f"{' + '.join(map(str, values))} = {total}",
                  "row": f"Total: {total}",
                  "sentence": f"The {len(rows)} {theme.rows} have a total of {total} under "
                              f"{column.name}."}[style]  # fmt: skip
        return Instance(_table(layout, theme.header, rows), output)

    return Draft(text, _some(dice, make))


def _average_column(dice: Draw) -> Draft:
    theme, title, place, column, layout = _setting(dice)
    name = dice.pick(words.NAMES)
    text = dice.pick((
        f"Calculate the mean of {column.name} in the {title}, as a whole number or with one decimal.",
        f"On average, what is the value of {column.name} in the {title}? Round to one decimal if needed.",
        f"Give {name} the average number under {column.name}, rounded to one decimal unless it is whole.",
        f"Take the {title} and average the column {column.name}. At most one decimal, please.",
        f"Divide the total of {column.name} by the number of {theme.rows} for {name}. One decimal at most.",
        f"Work out a typical {theme.row}: what is the mean under {column.name}, to one decimal?",
    ))  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme, 4, 5)[: dice.pick((2, 4, 5))]
        total = sum(int(row[place]) for row in rows)
        return Instance(_table(layout, theme.header, rows), f"{round(total / len(rows) + 1e-9, 1):g}")

    return Draft(text, _some(dice, make))


def _extreme_row(dice: Draw) -> Draft:
    theme, title, place, column, layout = _setting(dice)
    largest, name = dice.chance(0.6), dice.pick(words.NAMES)
    claim = column.most if largest else column.least
    size = "largest" if largest else "smallest"
    style, text = dice.pick((
        ("name", f"Which {theme.row} {claim}? {dice.pick(('', 'Name only.', 'Answer with the name.'))}"),
        ("name", f"Identify the {theme.row} in the {title} that {claim}."),
        ("name", f"Scan the column {column.name} for the {size} number and name the {theme.row} it belongs "
                 "to."),
        ("name", f"Out of all {theme.rows} in the {title}, pick the one that {claim}."),
        ("pair", f"Report the {size} value under {column.name} and whose it is, in the form 'name, value'."),
        ("sentence", f"In a single sentence, let {name} know which {theme.row} {claim}, with the number."),
        ("sentence", f"Comment on the {title}: which {theme.row} {claim}? Mention the value in your "
                     "sentence."),
    ))  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme)
        best = (max if largest else min)(rows, key=lambda row: int(row[place]))
        value = best[place]
        output = {"name": best[0], "pair": f"{best[0]}, {value}",
                  "sentence": f"{best[0]} {claim}, with {_amount(value, column.unit)}."}[style]  # fmt: skip
        return Instance(_table(layout, theme.header, rows), output)

    return Draft(text.strip(), _some(dice, make))


def _sort_rows(dice: Draw) -> Draft:
    theme, title, place, column, layout = _setting(dice)
    up, name = dice.chance(0.5), dice.pick(words.NAMES)
    order = "rising" if up else "falling"
    from_to = f"from the {'smallest to the largest' if up else 'largest to the smallest'}"
    style, text = dice.pick((
        ("table", f"Sort the {title} by {column.name}, {from_to} value. Keep the layout."),
        ("table", f"Rearrange the rows for {name} by {column.name} in {order} order."),
        ("table", f"Put the {theme.rows} into {order} order of {column.name} and return the whole table."),
        ("table", f"{name} prefers the table ordered by {column.name}, {from_to}. Do it for this one."),
        ("names", f"Rank the {theme.rows} by {column.name}, {from_to}. Write only the names, separated by "
                  "commas."),
        ("names", f"List the {theme.rows} of the {title} in {order} order of {column.name}, names only, with "
                  "commas between them."),
        ("abc", f"Alphabetise the {title} by {theme.header[0].lower()} and leave everything else as it is."),
        ("abc", f"Order the {title} from A to Z by its first column."),
    ))  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme)
        done = (
            sorted(rows) if style == "abc" else sorted(rows, key=lambda row: int(row[place]), reverse=not up)
        )
        if done == rows:
            rows = rows[::-1]
        output = ", ".join(row[0] for row in done) if style == "names" else _table(layout, theme.header, done)
        return Instance(_table(layout, theme.header, rows), output)

    return Draft(text, _some(dice, make))


def _filter_rows(dice: Draw) -> Draft:
    theme, title, place, column, layout = _setting(dice)
    over, spread = dice.chance(0.6), column.high - column.low
    limit = column.low + spread // 3 + dice.integer(0, spread // 3)
    more = f"{'more' if over else 'less'} than {limit}"
    name, style = dice.pick(words.NAMES), dice.pick(("table", "table", "names", "count", "count"))
    text = dice.pick({
        "table": (
            f"Keep only the rows with {more} under {column.name}.",
            f"Filter the {title}: {column.name} must be {more}. Return what is left in the same layout.",
            f"Remove every {theme.row} that does not have {more} in the column {column.name}.",
            f"Drop the rows in which {column.name} is not {more}, and print the remaining table for {name}.",
        ),
        "names": (
            f"Which {theme.rows} have {more} under {column.name}? Separate the names with commas.",
            f"Collect the names of all {theme.rows} whose {column.name} value is {more}.",
            f"Select each {theme.row} with {more} in the column {column.name} and list the names for {name} "
              "in one line.",
        ),
        "count": (
            f"Count the {theme.rows} with {more} under {column.name}.",
            f"For how many {theme.rows} in the {title} is {column.name} {more}? One number.",
            f"How often is the number under {column.name} {more}? {name} needs only the count.",
            f"Tally the rows of the {title} where {column.name} is {more}.",
        ),
    }[style])  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme, 4, 5)
        kept = [row for row in rows if (int(row[place]) > limit if over else int(row[place]) < limit)]
        if style != "count" and len(kept) in (0, len(rows)):
            changed = list(rows[0])
            changed[place] = str(limit + (1 if over == (not kept) else -1))
            rows[0] = tuple(changed)
            kept = [row for row in rows if (int(row[place]) > limit if over else int(row[place]) < limit)]
        output = {"count": str(len(kept)), "names": ", ".join(row[0] for row in kept)}.get(style) or _table(
            layout, theme.header, kept
        )
        return Instance(_table(layout, theme.header, rows), output)

    return Draft(text, _some(dice, make))


def _table_from_sentences(dice: Draw) -> Draft:
    layout, theme, name = dice.pick(("CSV", "Markdown")), dice.pick(_THEMES), dice.pick(words.NAMES)
    third = dice.pick(("City", "Job", "Colour"))
    header = ("Name", "Age", third) if dice.chance(0.4) else theme.header
    heading, what = (
        f"{header[0]}, {header[1]} and {header[2]}",
        "CSV" if layout == "CSV" else "a Markdown table",
    )
    where = dice.pick(
        ("letter", "phone call", "notebook", "message", "diary", "report", "radio talk", "wall newspaper")
    )
    text = dice.pick((
        f"Turn the sentences from {name}'s {where} into {what} with the columns {heading}.",
        f"Build {what} from the text. Columns: {heading}.",
        f"Arrange the details of the {where} as {what} headed {heading}.",
        f"Transfer what {name} says into {what} ({heading}).",
        f"Store the facts from the {where} in {what}. The header is {heading}, one row for each sentence.",
        f"Make {what} out of this {where} for {name}, with {heading} as its columns.",
        f"Note the numbers from the {where} in {what}, without units and under {heading}.",
    ))  # fmt: skip
    values = {
        "City": words.CITIES,
        "Job": tuple(job for job in words.JOBS if job[0] not in "aeiou"),
        "Colour": words.COLOURS,
    }[third]
    says = {
        "City": "{} is {} and lives in {}.",
        "Job": "{}, {}, works as a {}.",
        "Colour": "{} is {} and likes {} best.",
    }[third]

    def make() -> Instance:
        count = dice.integer(2, 3)
        if header == theme.header:
            rows = _rows(dice, theme, count, count)
            given = [_sentence(theme, row) for row in rows]
        else:
            rows = [(name, str(dice.integer(18, 79)), value)
                    for name, value in zip(dice.sample(words.NAMES, count), dice.sample(values, count),
                                           strict=True)]  # fmt: skip
            given = [says.format(*row) for row in rows]
        return Instance(" ".join(given), _table(layout, header, rows))

    return Draft(text, _some(dice, make))


def _rows_to_sentences(dice: Draw) -> Draft:
    (theme, title), layout, name = _titled(dice), dice.pick(_LAYOUTS), dice.pick(words.NAMES)
    one, two = (column.name.lower() for column in theme.columns)
    short, text = dice.pick((
        (False, f"Describe each row of the {title} in a sentence of its own, one a line."),
        (False, f"Read the {title} out to {name}: one plain sentence for every {theme.row}."),
        (False, f"Rewrite the {title} as short sentences that mention {one} and {two}."),
        (False, f"Convert each {theme.row} of the table into a sentence that {name} can read aloud."),
        (True, f"Say in one sentence which {theme.rows} the {title} covers and which columns it has."),
        (True, f"Caption the {title} with a sentence that names its {theme.rows} and its columns."),
    ))  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme, 2, 4)
        names = [row[0] for row in rows]
        if short:
            output = f"The table gives {one} and {two} for {', '.join(names[:-1])} and {names[-1]}."
        else:
            output = "\n".join(_sentence(theme, row) for row in rows)
        return Instance(_table(layout, theme.header, rows), output)

    return Draft(text, _some(dice, make))


def _rows_to_json(dice: Draw) -> Draft:
    (theme, title), layout, name = _titled(dice), dice.pick(_LAYOUTS), dice.pick(words.NAMES)
    keys = [column.lower() for column in theme.header]
    shown = f"{keys[0]}, {keys[1]} and {keys[2]}"
    style, text = dice.pick((
        ("list", f"Convert the {title} to a JSON list of objects with the keys {shown}."),
        ("list", f"Serialise the {title} as JSON objects in a list. Keys: {shown}; numbers without quotation "
                 "marks."),
        ("list", f"Encode the table for {name} as JSON, an object for each {theme.row}, with {shown} as "
                 "keys."),
        ("object", f"Return a JSON object that leads from each {theme.row} to its value under "
                   f"{theme.header[1]}."),
        ("object", f"Produce one JSON object for {name} from the {title}: {keys[0]} as the key, {keys[1]} as "
                   "the number."),
        ("lines", f"Print every {theme.row} of the {title} as a JSON object on its own line, keys {shown}."),
        ("lines", f"Export the {title} as JSON lines, with the keys {shown}."),
    ))  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme, 2, 3)
        objects = [{keys[0]: row[0], keys[1]: int(row[1]), keys[2]: int(row[2])} for row in rows]
        if style == "object":
            output = json.dumps({row[0]: int(row[1]) for row in rows})
        else:
            output = json.dumps(objects) if style == "list" else "\n".join(map(json.dumps, objects))
        return Instance(_table(layout, theme.header, rows), output)

    return Draft(text, _some(dice, make))


def _missing_cell(dice: Draw) -> Draft:
    theme, title, place, column, _ = _setting(dice)
    layout = dice.pick(("CSV", "Markdown"))
    name = dice.pick(words.NAMES)
    mark = dice.pick(("x", "??", "???", "xx"))
    style, text = dice.pick((
        ("bare", f"Fill in the number that is missing under {column.name} in the {title}: the last row holds "
                 "the total."),
        ("bare", f"One cell of the {title} is marked {mark}. Work out its value from the total."),
        ("bare", f"Coffee has been spilt on the {title}. Restore for {name} the number marked {mark} with "
                 "the help of the total."),
        ("bare", f"What must stand in place of {mark} so that {column.name} adds up to the total?"),
        ("row", f"Complete the row with {mark} by means of the total, and output only this row in the layout "
                "of the table."),
        ("working", f"Recover the cell marked {mark} and show {name} the subtraction that leads to it."),
        ("working", f"Subtract the known values under {column.name} from the total to find the one marked "
                    f"{mark}. Show the calculation."),
    ))  # fmt: skip

    def make() -> Instance:
        rows = [(row[0], row[place]) for row in _rows(dice, theme, 3, 4)]
        hidden = dice.integer(0, len(rows) - 1)
        total = sum(int(row[1]) for row in rows)
        known = [row[1] for place, row in enumerate(rows) if place != hidden]
        shown = [(row[0], mark) if place == hidden else row for place, row in enumerate(rows)]
        given = _table(layout, (theme.header[0], column.name), [*shown, ("Total", str(total))])
        key, value = rows[hidden]
        row = f"{key},{value}" if layout == "CSV" else f"| {key} | {value} |"
        return Instance(
            given, {"bare": value, "row": row, "working": f"{total} - {' - '.join(known)} = {value}"}[style]
        )

    return Draft(text, _some(dice, make))


def _change_layout(dice: Draw) -> Draft:
    (theme, title), name = _titled(dice), dice.pick(words.NAMES)
    source, target = dice.sample(_LAYOUTS, 2)
    what = {
        "CSV": "CSV with a header line",
        "Markdown": "a Markdown table",
        "lines": "plain lines such as 'Ada: Hours 3, Trees 4'",
    }[target]
    text = dice.pick((
        f"Change the {title} from {source if source != 'lines' else 'plain lines'} to {what}.",
        f"Reformat the {title} as {what}.",
        f"{name} needs the {title} as {what}. Convert it without changing the order.",
        f"Present the {theme.rows} and their numbers to {name} as {what}.",
        f"Express the same data about {theme.rows} in another layout, namely {what}.",
        f"Transform the {title} into {what}, with the rows as they are.",
        f"Typeset the {title} again, this time as {what}.",
    ))  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme, 2, 4)
        return Instance(_table(source, theme.header, rows), _table(target, theme.header, rows))

    return Draft(text, _some(dice, make))


def _computed_column(dice: Draw) -> Draft:
    layout, name = dice.pick(("CSV", "Markdown")), dice.pick(words.NAMES)
    city = dice.pick(words.CITIES)
    subject, (first, second, third), product = dice.pick((
        ("order", ("Price", "Number", "Cost"), True), ("bill", ("Hours", "Rate", "Pay"), True),
                                                          ("garden plan", ("Rows", "Plants a row", "Plants"),
                                                           True),
        ("score sheet", ("Round 1", "Round 2", "Total"), False),
                                                          ("till report", ("Cash", "Card", "Total"), False),
        ("stock list", ("Shop", "Store room", "Total"), False),
                                                          ("visitor count", ("Adults", "Children", "All"),
                                                           False),
        ("seating plan", ("Tables", "Seats a table", "Seats"), True),
    ))  # fmt: skip
    keys = {"order": _GOODS, "bill": words.NAMES, "garden plan": _PLANTS, "score sheet": words.NAMES,
            "till report": words.WEEKDAYS,
            "stock list": _GOODS, "visitor count": words.MONTHS, "seating plan": _ROOMS}[subject]  # fmt: skip
    rule = f"{first} {'times' if product else 'plus'} {second}"
    text = dice.pick((
        f"Add a column called {third} to the {subject} of {name}: {rule}.",
        f"Extend {name}'s {subject} by the column {third}, which is {rule}.",
        f"Insert {third} as the last column of the table for {name}. It is {rule} in every row.",
        f"Compute {rule} for each row of the {subject} from {city} and write it into a new column, {third}.",
        f"Calculate the column {third} that is missing from the {subject} of {name} ({rule}), and return the "
          "full table.",
        f"Finish the {subject} that {name} has started: {third} is {rule}.",
    ))  # fmt: skip
    label = {"order": "Item", "stock list": "Item", "bill": "Name", "score sheet": "Name",
             "till report": "Day", "visitor count": "Month",
             "garden plan": "Bed", "seating plan": "Room"}[subject]  # fmt: skip

    def make() -> Instance:
        rows = []
        for key in dice.sample(keys, dice.integer(2, 4)):
            a, b = (
                (dice.integer(2, 12), dice.integer(2, 12))
                if product
                else (dice.integer(5, 60), dice.integer(5, 60))
            )
            rows.append((key, str(a), str(b), str(a * b if product else a + b)))
        before = _table(layout, (label, first, second), [row[:3] for row in rows])
        return Instance(before, _table(layout, (label, first, second, third), rows))

    return Draft(text, _some(dice, make))


def _edit_table(dice: Draw) -> Draft:
    theme, title, place, column, _ = _setting(dice)
    layout, name = dice.pick(("CSV", "Markdown")), dice.pick(words.NAMES)
    key, other = dice.sample(theme.keys, 2)
    value = str(dice.integer(column.low, column.high))
    kind, text = dice.pick((
        ("drop", f"Delete the column {column.name} from the {title}."),
        ("drop", f"Leave out {column.name} for {name} and return the rest of the table unchanged."),
        ("without", f"Take the row of {key} out of the {title}."),
        ("without", f"Strike {key} from the table, because {name} entered that row by mistake."),
        ("set", f"Correct the table: under {column.name}, {key} should have {value}."),
        ("set", f"Update {column.name} of {key} to {value}. Output the whole {title}."),
        ("rename", f"Rename the {theme.row} {key} to {other} and keep the numbers."),
        ("swap", f"Swap the two columns of numbers in the {title}, headers included."),
    ))  # fmt: skip

    def make() -> Instance:
        rows = [row for row in _rows(dice, theme, 3, 4, keys=(key,)) if row[0] != other]
        header: Sequence[str] = theme.header
        given = _table(layout, header, rows)
        if kind == "drop":
            header, rows = (header[0], header[3 - place]), [(row[0], row[3 - place]) for row in rows]
        elif kind == "without":
            rows = [row for row in rows if row[0] != key]
        elif kind == "swap":
            header, rows = (header[0], header[2], header[1]), [(a, c, b) for a, b, c in rows]
        elif kind == "rename":
            rows = [(other if row[0] == key else row[0], *row[1:]) for row in rows]
        else:
            if next(row for row in rows if row[0] == key)[place] == value:
                return make()
            rows = [
                tuple(value if row[0] == key and at == place else cell for at, cell in enumerate(row))
                for row in rows
            ]
        return Instance(given, _table(layout, header, rows))

    return Draft(text, _some(dice, make))


def _row_in_table(dice: Draw) -> Draft:
    (theme, title), layout, name = _titled(dice), dice.pick(_LAYOUTS), dice.pick(words.NAMES)
    key = dice.pick(theme.keys)
    labels, text = dice.pick((
        (("yes", "no"), f"Does the {title} have a row for {key}? Say yes or no."),
        (("listed", "not listed"), f"Is {key} listed or not listed in the table?"),
        (("present", "absent"), f"Mark {key} as present or absent, judging by the {title}."),
        (("known", "unknown"),
         f"{name} asks for the {theme.row} {key}. Reply known if the table has it, unknown if not."),
        (("true", "false"), f"True or false: {key} is one of the {theme.rows} in the table."),
        (("found", "missing"), f"Search the first column for {key} and answer found or missing."),
    ))  # fmt: skip

    def make(place: int) -> str:
        rows = [
            row
            for row in _rows(dice, theme, 3, 4, keys=(key,) if place == 0 else ())
            if place == 0 or row[0] != key
        ]
        return _table(layout, theme.header, rows)

    return Draft(text, each_label(dice, labels, make))


def _claim_about_table(dice: Draw) -> Draft:
    theme, title, place, column, layout = _setting(dice)
    one, two = dice.sample(theme.keys, 2)
    labels, text = dice.pick((
        (("true", "false"), f"According to the {title}, {one} {column.most}. True or false?"),
        (("supported", "refuted"),
         f"Fact-check this claim against the table: {one} {column.most}. Label it supported or refuted."),
        (("yes", "no"), f"Does {one} have a larger number under {column.name} than {two}, yes or no?"),
        (("agree", "disagree"),
         f"Someone says that {one} is ahead of {two} in the column {column.name}. Agree or disagree?"),
        ((one, two), f"Who or what has the larger number under {column.name}: {one} or {two}?"),
        ((one, two), f"Compare {one} with {two} in the {title} and write the name with more under "
                     f"{column.name}."),
    ))  # fmt: skip

    def make(number: int) -> str:
        rows = _rows(dice, theme, 3, 4, keys=(one, two))
        numbers = sorted((int(row[place]) for row in rows), reverse=True)
        rest = [row[0] for row in rows if row[0] not in (one, two)]
        ranking = [one, *dice.shuffled([two, *rest])] if number == 0 else [two, *dice.shuffled([one, *rest])]
        value = dict(zip(ranking, map(str, numbers), strict=True))
        rows = [tuple(value[row[0]] if at == place else cell for at, cell in enumerate(row)) for row in rows]
        return _table(layout, theme.header, rows)

    return Draft(text, each_label(dice, labels, make))


def _complete_or_incomplete(dice: Draw) -> Draft:
    (theme, title), layout, name = _titled(dice), dice.pick(("CSV", "Markdown")), dice.pick(words.NAMES)
    labels, text = dice.pick((
        (("complete", "incomplete"),
         f"Inspect the {title} and call it complete or incomplete: every cell needs an entry."),
        (("yes", "no"), f"Are all cells of the {title} filled? Answer yes or no."),
        (("accept", "send back"),
         f"Decide for {name}: accept the {title} if no cell is empty, otherwise send back."),
        (("full", "gap"), f"Is there a gap in the {title}? Write gap if so, and full if not."),
        (("ok", "missing value"), f"Validate the {title} before {name} uses it. Output ok or missing value."),
        (("ready", "not ready"),
         f"The {title} is ready when each {theme.row} has both numbers. State ready or not ready."),
    ))  # fmt: skip

    def make(place: int) -> str:
        rows = _rows(dice, theme, 3, 4)
        if place == 1:
            gap, at = dice.integer(0, len(rows) - 1), dice.integer(1, 2)
            rows[gap] = tuple("" if column == at else cell for column, cell in enumerate(rows[gap]))
        return _table(layout, theme.header, rows).replace("|  |", "| |")

    return Draft(text, each_label(dice, labels, make))


def _size_and_header(dice: Draw) -> Draft:
    (theme, title), layout, name = _titled(dice), dice.pick(("CSV", "Markdown")), dice.pick(words.NAMES)
    style, text = dice.pick((
        ("names", f"List the column names of the {title}, separated by commas."),
        ("names", f"Which columns does the {title} have? Write them in their order."),
        ("rows", f"How many {theme.rows} does the {title} hold? Do not count the header."),
        ("rows", f"Count the rows of the {title} below the header for {name}."),
        ("size", f"State the size of the {title} in the form 'rows x columns', without the header."),
        ("last", f"Name the last {theme.row} of the {title}."),
        ("first", f"Give {name} the first {theme.row} of the table and its two numbers, with commas between "
                  "them."),
        ("keys", f"Enumerate the {theme.rows} in the {title} as a numbered list."),
    ))  # fmt: skip

    def make() -> Instance:
        rows = _rows(dice, theme, 3, 6)
        output = {"names": ", ".join(theme.header), "rows": str(len(rows)), "size": f"{len(rows)} x 3",
                  "last": rows[-1][0], "first": ", ".join(rows[0]),
                  "keys": "\n".join(f"{number}. {row[0]}" for number,
                                    row in enumerate(rows, start=1))}[style]  # fmt: skip
        return Instance(_table(layout, theme.header, rows), output)

    return Draft(text, _some(dice, make))


_FACTS: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("Animal", "Legs"): (("ant", "6"), ("spider", "8"), ("hen", "2"), ("horse", "4"), ("snail", "0"),
                         ("bee", "6"), ("crab", "10"), ("frog", "4")),
    ("Shape", "Sides"): (("triangle", "3"), ("square", "4"), ("pentagon", "5"), ("hexagon", "6"),
                         ("octagon", "8"), ("decagon", "10")),
    ("Country", "Capital"): (("Norway", "Oslo"), ("Peru", "Lima"), ("Japan", "Tokyo"), ("Kenya", "Nairobi"),
                             ("Italy", "Rome"), ("Egypt", "Cairo"),
                             ("Spain", "Madrid"), ("Latvia", "Riga"), ("Austria", "Vienna"),
                             ("Vietnam", "Hanoi"), ("Portugal", "Lisbon"), ("Poland", "Warsaw")),
    ("Month", "Days"): (("January", "31"), ("March", "31"), ("April", "30"), ("June", "30"), ("July", "31"),
                        ("September", "30"), ("December", "31")),
    ("Metal", "Symbol"): (("iron", "Fe"), ("gold", "Au"), ("silver", "Ag"), ("copper", "Cu"), ("tin", "Sn"),
                          ("lead", "Pb"), ("zinc", "Zn")),
    ("Animal", "Young"): (("cow", "calf"), ("sheep", "lamb"), ("dog", "puppy"), ("cat", "kitten"),
                          ("goat", "kid"), ("swan", "cygnet"), ("bear", "cub")),
    ("Unit", "Grams"): (("kilogram", "1000"), ("tonne", "1000000"), ("pound", "454"), ("ounce", "28")),
    ("Instrument", "Played with"): (("violin", "a bow"), ("drum", "sticks"), ("flute", "breath"),
                                    ("piano", "the fingers"), ("trumpet", "breath"), ("cello", "a bow")),
    ("Word", "Opposite"): (("hot", "cold"), ("early", "late"), ("thick", "thin"), ("full", "empty"),
                           ("rough", "smooth"), ("near", "far"), ("loud", "quiet")),
    ("Planet", "Place from the Sun"): (("Mercury", "1"), ("Venus", "2"), ("Earth", "3"), ("Mars", "4"),
                                       ("Jupiter", "5"), ("Saturn", "6"), ("Neptune", "8")),
}  # fmt: skip


def _table_of_facts(dice: Draw) -> Draft:
    header = dice.pick(tuple(_FACTS))
    rows = dice.sample(_FACTS[header], dice.integer(3, 4))
    layout, name = dice.pick(("CSV", "Markdown")), dice.pick(words.NAMES)
    keys = [row[0] for row in rows]
    listed, what = f"{', '.join(keys[:-1])} and {keys[-1]}", "CSV" if layout == "CSV" else "a Markdown table"
    columns = f"{header[0]} and {header[1]}"
    text = dice.pick((
        f"Make {what} with the columns {columns} for {listed}.",
        f"Create {what} for a school wall. Columns: {columns}. Rows: {listed}.",
        f"Prepare {what} about {listed}, one row each, headed {columns}.",
        f"Set out {columns.lower()} for {listed} as {what}.",
        f"Compose {what} that {name} can learn from: {columns}, with rows for {listed}.",
        f"Could you give {name} {what} of {listed}, with {columns} as the two columns?",
        f"Tabulate the following as {what} with the columns {columns}: {listed}.",
    ))  # fmt: skip
    return Draft(text, (Instance("", _table(layout, header, rows)),))


FAMILIES: tuple[Family, ...] = (
    Family("read_cell", is_classification=False, draw=_read_cell),
    Family("total_column", is_classification=False, draw=_total_column),
    Family("average_column", is_classification=False, draw=_average_column),
    Family("extreme_row", is_classification=False, draw=_extreme_row),
    Family("sort_rows", is_classification=False, draw=_sort_rows),
    Family("filter_or_count_rows", is_classification=False, draw=_filter_rows),
    Family("table_from_sentences", is_classification=False, draw=_table_from_sentences),
    Family("rows_to_sentences", is_classification=False, draw=_rows_to_sentences),
    Family("rows_to_json", is_classification=False, draw=_rows_to_json),
    Family("missing_cell", is_classification=False, draw=_missing_cell),
    Family("change_table_layout", is_classification=False, draw=_change_layout),
    Family("computed_column", is_classification=False, draw=_computed_column),
    Family("edit_table", is_classification=False, draw=_edit_table),
    Family("row_in_table", is_classification=True, draw=_row_in_table),
    Family("claim_about_table", is_classification=True, draw=_claim_about_table),
    Family("complete_or_incomplete", is_classification=True, draw=_complete_or_incomplete),
    Family("size_and_header", is_classification=False, draw=_size_and_header),
    Family("table_of_facts", is_classification=False, draw=_table_of_facts),
)
