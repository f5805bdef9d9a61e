"""Clocks, calendars and measures: conversions, durations, deadlines and timetables. Every output is computed.

Times are on the 24-hour clock unless the task says otherwise; dates are of the Gregorian calendar.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from curriculum import words
from curriculum.asking import each_label, some_instances
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]

_BARE = (
    "Give only the result.",
    "No explanation, please.",
    "Just the answer.",
    "Keep it to one short line.",
    "",
)
_EVENTS = ("lesson", "concert", "film", "meeting", "rehearsal", "guided tour", "swimming course", "lecture",
           "boat trip", "exam",
           "shift", "football match", "train ride", "dance class", "repair", "walk", "night bus ride",
           "workshop", "interview",
           "board meeting", "cooking class", "hike", "parents' evening", "ferry crossing")  # fmt: skip
_UNITS = (("kilometres", "metres", 1000), ("metres", "centimetres", 100), ("centimetres", "millimetres", 10),
          ("kilograms", "grams", 1000), ("tonnes", "kilograms", 1000), ("litres", "millilitres", 1000),
          ("hours", "minutes", 60), ("minutes", "seconds", 60), ("days", "hours", 24), ("weeks", "days", 7),
          ("years", "months", 12), ("feet", "inches", 12), ("yards", "feet", 3), ("pounds", "ounces", 16),
          ("gallons", "pints", 8), ("metres", "decimetres", 10), ("litres", "decilitres", 10))  # fmt: skip


def _clock(minutes: int) -> str:
    """`07:05` from the minutes since midnight; the next day's are wrapped."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _twelve(minutes: int) -> str:
    """`7:05 p.m.` from the minutes since midnight."""
    hour = minutes // 60 % 24
    return f"{hour % 12 or 12}:{minutes % 60:02} {'a.m.' if hour < 12 else 'p.m.'}"


def _counted(number: int, unit: str) -> str:
    """`1 day` or `3 days`, from the singular."""
    return f"{number} {unit}{'s' if number != 1 else ''}"


def _span(minutes: int) -> str:
    """`1 hour and 5 minutes`, with neither part zero."""
    hours, rest = divmod(minutes, 60)
    parts = [_counted(hours, "hour")] * (hours > 0) + [_counted(rest, "minute")] * (rest > 0)
    return " and ".join(parts)


def _long(day: date) -> str:
    """`9 March 2021`."""
    return f"{day.day} {words.MONTHS[day.month - 1]} {day.year}"


def _a(noun: str) -> str:
    """`an exam` or `a film`."""
    return f"a{'n' if noun[0] in 'aeio' else ''} {noun}"


def _any_day(dice: Draw) -> date:
    return date(dice.integer(1960, 2035), 1, 1) + timedelta(days=dice.integer(0, 364))


def _convert_units(dice: Draw) -> Draft:
    big, small, factor = dice.pick(_UNITS)
    name, job = dice.pick(words.NAMES), dice.pick(words.JOBS)
    down = dice.chance(0.6)
    source, target = (big, small) if down else (small, big)
    worked = dice.chance(0.25)
    if worked:
        text = dice.pick((
            f"Change {source} into {target} and show the calculation.",
            f"Explain to {name} in one line of figures how the amount in {source} becomes {target}.",
            f"How do you get from {source} to {target}? Work it out for this amount, with the calculation.",
        ))  # fmt: skip
    else:
        text = dice.pick((
            f"Convert the {source} to {target}. {dice.pick(_BARE)}",
            f"How many {target} is that? The amount is given in {source}.",
            f"{name}, the {job}, has measured in {source} but needs {target}. Convert the value.",
            f"Express the quantity in {target} instead of {source}. {dice.pick(_BARE)}",
            f"Restate the amount for a form that asks for {target}.",
            f"Give the same amount in {target}, with the unit. {dice.pick(_BARE)}",
            f"Swap the unit: {source} in, {target} out. {dice.pick(_BARE)}",
        ))  # fmt: skip

    def make() -> Instance:
        number = dice.integer(2, 40)
        if down and factor % 2 == 0 and dice.chance(0.4):
            given, result = f"{number}.5", number * factor + factor // 2
        elif down:
            given, result = str(number), number * factor
        else:
            given, result = str(number * factor), number
        sign = "x" if down else "/"
        output = (
            f"{given} {sign} {factor} = {result}, so it is {result} {target}."
            if worked
            else f"{result} {target}"
        )
        return Instance(f"{given} {source}", output)

    return Draft(text.strip(), some_instances(dice, make))


def _temperature(dice: Draw) -> Draft:
    city, name = dice.pick(words.CITIES), dice.pick(words.NAMES)
    to_f = dice.chance(0.5)
    source, target = ("Celsius", "Fahrenheit") if to_f else ("Fahrenheit", "Celsius")
    what = dice.pick(("oven temperature", "temperature", "forecast", "reading", "water temperature",
                      "room temperature", "thermometer reading"))  # fmt: skip
    style, text = dice.pick((
        ("bare", f"Convert the {what} from {source} to {target}. {dice.pick(_BARE)}"),
        ("bare", f"A guest from {city} only knows degrees {target}. Translate the {what}. "
                 f"{dice.pick(_BARE)}"),
        ("bare", f"What is this {what} in {target}?"),
        ("bare", f"{name} has noted the {what} in {city} in degrees {source}. Rewrite it in degrees "
                 f"{target}."),
        ("working", f"Turn degrees {source} into degrees {target} for {name}, step by step on one line."),
        ("working", f"Calculate the {what} in {target} from {source} and write down both steps of the "
                    "formula."),
        ("sentence", f"Announce the {what} in {city} in one sentence, with degrees {target} in brackets "
                     f"after degrees {source}."),
    ))  # fmt: skip

    def make() -> Instance:
        celsius = dice.integer(-4, 44) * 5
        fahrenheit = celsius * 9 // 5 + 32
        a, b = (celsius, fahrenheit) if to_f else (fahrenheit, celsius)
        x, y = f"{a} degrees {source}", f"{b} degrees {target}"
        if style == "bare":
            return Instance(x, y)
        if style == "sentence":
            return Instance(x, f"The {what} in {city} is {x} ({y}).")
        if to_f:
            return Instance(x, f"{a} x 9 / 5 = {b - 32}, and {b - 32} + 32 = {b}, so it is {y}.")
        return Instance(x, f"{a} - 32 = {a - 32}, and {a - 32} x 5 / 9 = {b}, so it is {y}.")

    return Draft(text.strip(), some_instances(dice, make))


def _clock_formats(dice: Draw) -> Draft:
    name, event, city = dice.pick(words.NAMES), dice.pick(_EVENTS), dice.pick(words.CITIES)
    to_24 = dice.chance(0.5)
    target = "24-hour clock" if to_24 else "12-hour clock"
    text = dice.pick((
        f"Rewrite the starting time of the {event} in the {target}.",
        f"Translate the time into the {target} for a leaflet about {_a(event)}.",
        f"In {city} times are printed on the {target}. Give the time of the {event} that way.",
        f"{name} is used to the {target}. Say when the {event} begins in that form.",
        f"Put the time of day into the form {'14:30' if to_24 else '2:30 p.m.'}. {dice.pick(_BARE)}",
        f"Which time on the {target} is the same as the one given for the {event}?",
        f"Convert the time for {name}, {'without' if to_24 else 'with'} a.m. and p.m. in the result.",
    ))  # fmt: skip

    def make() -> Instance:
        minutes = dice.integer(0, 23) * 60 + dice.integer(0, 11) * 5
        one, two = _twelve(minutes), _clock(minutes)
        return Instance(one, two) if to_24 else Instance(two, one)

    return Draft(text.strip(), some_instances(dice, make))


def _duration(dice: Draw) -> Draft:
    event, name, style = dice.pick(_EVENTS), dice.pick(words.NAMES), "span"
    text = dice.pick((
        f"How long does the {event} last? Write hours and minutes.",
        f"Work out the length of the {event} from its start and its end. {dice.pick(_BARE)}",
        f"{name} takes part in the {event} from beginning to end. How much time is that?",
        f"Determine the time between the two clock times of the {event}, in words such as '2 hours and 5 "
          "minutes'.",
        f"Figure out how long {name} is busy with the {event}. {dice.pick(_BARE)}",
    ))  # fmt: skip
    if dice.chance(0.35):
        style, text = dice.pick((
            ("minutes", f"State how many minutes the {event} takes. {dice.pick(_BARE)}"),
            ("minutes", f"Measure the {event} in minutes from start to end. {dice.pick(_BARE)}"),
            ("sentence", f"Tell {name} in a sentence how long the {event} will be."),
            ("sentence", f"Summarise the two times of the {event} in one sentence that also gives its "
                         "length."),
        ))  # fmt: skip

    def make() -> Instance:
        start, length = dice.integer(84, 228) * 5, dice.integer(4, 41) * 5
        given = dice.pick(("Start: {}\nEnd: {}", "{} to {}", "from {} until {}", "Begins {}, ends {}"))
        output = {"span": _span(length), "minutes": _counted(length, "minute"),
                  "sentence": f"The {event} starts at {_clock(start)}, ends at {_clock(start + length)} and "
                              f"lasts {_span(length)}."
                  if text.startswith("Summarise")
                  else f"The {event} lasts {_span(length)}."}[style]  # fmt: skip
        return Instance(given.format(_clock(start), _clock(start + length)), output)

    return Draft(text.strip(), some_instances(dice, make))


def _end_time(dice: Draw) -> Draft:
    event, name, back = dice.pick(_EVENTS), dice.pick(words.NAMES), dice.chance(0.4)
    if dice.chance(0.3):
        start, length = dice.integer(84, 240) * 5, dice.integer(3, 41) * 5
        if back:
            text = dice.pick(
                (
                    f"The {event} ends at {_clock(start + length)} and lasts {_span(length)}. When does it "
                    "start?",
                    f"When must {name} set off to be there at {_clock(start + length)}, if the way takes "
                    f"{_span(length)}?",
                    f"If the {event} takes {_span(length)} and has to be over at {_clock(start + length)}, "
                    "when should it begin?",
                )
            )
            return Draft(
                text, (Instance("", f"{_span(length)} before {_clock(start + length)} is {_clock(start)}."),)
            )
        text = dice.pick((
            f"The {event} begins at {_clock(start)} and takes {_span(length)}. When is it over?",
            f"At what time will {name} be done with the {event} that starts at {_clock(start)} and takes "
              f"{_span(length)}?",
            f"Starting at {_clock(start)}, {name} needs {_span(length)} for the {event}. Say when it will be "
              "finished.",
        ))  # fmt: skip
        return Draft(
            text, (Instance("", f"{_span(length)} after {_clock(start)} is {_clock(start + length)}."),)
        )
    if back:
        text = dice.pick((
            f"Count back from the end of the {event} to find its start. Answer with a clock time.",
            f"When does the {event} have to begin? Reply with the time alone.",
            f"{name} knows when the {event} ends and how long it takes. Name the starting time.",
        ))  # fmt: skip
    else:
        text = dice.pick((
            f"Add the length of the {event} to its starting time and give the time when it ends.",
            f"When can {name} leave after the {event}? Reply with the time alone.",
            f"Find out for {name} when the {event} will be over. Use the 24-hour clock.",
            f"Predict the end of the {event} from its start and its length. {dice.pick(_BARE)}",
        ))  # fmt: skip

    def make() -> Instance:
        start, length = dice.integer(72, 240) * 5, dice.integer(3, 41) * 5
        one, two = ("End", "Start") if back else ("Start", "End")
        known, asked = (start + length, start) if back else (start, start + length)
        return Instance(f"{one}: {_clock(known)}\nLength: {_span(length)}", _clock(asked) if two else "")

    return Draft(text.strip(), some_instances(dice, make))


def _weekday_after(dice: Draw) -> Draft:
    name, parcel = (
        dice.pick(words.NAMES),
        dice.pick(
            ("parcel", "letter", "passport", "new coat", "wedding invitation", "spare part", "test result")
        ),
    )
    due = dice.pick(("library book", "rent", "report", "visa form", "electricity bill", "homework",
                     "tax return", "first draft"))  # fmt: skip
    past, days, now = dice.chance(0.3), dice.integer(2, 40), dice.integer(0, 6)
    then = words.WEEKDAYS[(now - days if past else now + days) % 7]
    if dice.chance(0.35):
        today = words.WEEKDAYS[now]
        text = dice.pick((
            f"If today is {today}, what day of the week was it {days} days ago?",
            f"Today is {today}. {name} came back {days} days ago. On which weekday was that?",
            f"Go back {days} days from a {today}. Which weekday do you reach?",
        ) if past else (
            f"If today is {today}, which weekday is it in {days} days?",
            f"Today is {today}, and {name} has {days} days to hand in a report. On what weekday is it due?",
            f"Count {days} days on from {today} and name the weekday.",
            f"On {today} {name} starts a holiday of {days} days. What weekday is it when all of them have "
              "passed?",
        ))  # fmt: skip
        weeks, rest = divmod(days, 7)
        passed = " and ".join([_counted(weeks, "week")] * (weeks > 0) + [_counted(rest, "day")] * (rest > 0))
        reply = (
            f"{days} days are {passed}, so it {'was' if past else 'is'} {then}."
            if weeks
            else f"It {'was' if past else 'is'} {then}."
        )
        return Draft(text, (Instance("", reply),))
    text = dice.pick((
        f"Which weekday was it so many days before the one given? {name} needs it for a diary.",
        f"Move back from the weekday by the number of days, and name the day on which {name} left.",
        f"Name the weekday on which {name} sent the {parcel} that arrived today.",
        f"The {parcel} for {name} was sent so many days ago. What weekday was that?",
    ) if past else (
        f"On which weekday is the {due} due? One word is enough.",
        f"Count the days forward and tell {name} on which weekday the {parcel} arrives.",
        f"{name} waits so many days for the {parcel}. Name the weekday on which the waiting ends.",
        f"Step through the week: what day is it after this many days, when {name} hands in the {due}?",
    ))  # fmt: skip

    def make() -> Instance:
        now, days = dice.integer(0, 6), dice.integer(2, 30)
        then = (now - days if past else now + days) % 7
        return Instance(
            f"Today: {words.WEEKDAYS[now]}\nDays {'before' if past else 'from now'}: {days}",
            words.WEEKDAYS[then],
        )

    return Draft(text, some_instances(dice, make))


_FORMATS: tuple[tuple[str, Callable[[date], str]], ...] = (
    ("year-month-day, such as 2024-07-31", lambda day: day.isoformat()),
    ("day.month.year, such as 31.07.2024", lambda day: f"{day.day:02}.{day.month:02}.{day.year}"),
    ("day/month/year, such as 31/07/2024", lambda day: f"{day.day:02}/{day.month:02}/{day.year}"),
    ("words, such as 31 July 2024", _long),
    ("American English, such as July 31, 2024",
     lambda day: f"{words.MONTHS[day.month - 1]} {day.day}, {day.year}"),
    ("a short form, such as 31 Jul 24",
     lambda day: f"{day.day} {words.MONTHS[day.month - 1][:3]} {day.year % 100:02}"),
    ("words with the weekday, such as Wednesday, 31 July 2024",
     lambda day: f"{words.WEEKDAYS[day.weekday()]}, {_long(day)}"),
    ("month and year only, such as July 2024", lambda day: f"{words.MONTHS[day.month - 1]} {day.year}"),
)  # fmt: skip


def _date_format(dice: Draw) -> Draft:
    pattern, write = dice.pick(_FORMATS)
    name, what = dice.pick(words.NAMES), dice.pick(("date", "date of birth", "date of the letter", "due date",
                                                    "date on the ticket", "date of delivery",
                                                    "wedding date", "date of the exam"))  # fmt: skip
    text = dice.pick((
        f"Write the {what} as {pattern}.",
        f"Reformat the {what}: {pattern}.",
        f"A form asks for the {what} in this style: {pattern}. Fill it in.",
        f"Bring the {what} into the layout that {name} uses: {pattern}.",
        f"For the records of {name}, note the {what} as {pattern}. Do not add anything.",
        f"How is this {what} written as {pattern}?",
        f"Normalise the {what} to {pattern}, whatever its present form.",
    ))  # fmt: skip
    readable = [known for known in _FORMATS[:5] if known[0] != pattern and "/" not in known[0]]

    def make() -> Instance:
        day = _any_day(dice)
        return Instance(dice.pick(readable)[1](day), write(day))

    return Draft(text, some_instances(dice, make))


def _date_after(dice: Draw) -> Draft:
    what = dice.pick(("library book is due back", "visa runs out", "bill must be paid",
                      "seedlings can be planted out", "parcel should arrive",
                      "guarantee ends", "cheese is ripe", "course is over", "second dose is given",
                      "tickets go on sale"))  # fmt: skip
    name, days = dice.pick(words.NAMES), dice.pick((7, 10, 14, 20, 21, 28, 30, 45, 60, 90))
    if dice.chance(0.25):
        one = _any_day(dice)
        gap = dice.integer(5, 60)
        two = one + timedelta(days=gap)
        text = dice.pick((
            f"How many days lie between {_long(one)} and {_long(two)}?",
            f"Count the days from {_long(one)} to {_long(two)}, without the first day.",
            f"{name} leaves on {_long(one)} and returns on {_long(two)}. How many nights is that?",
        ))  # fmt: skip
        return Draft(text, (Instance("", _counted(gap, "night" if "nights" in text else "day")),))
    text = dice.pick((
        f"The {what} {days} days after this date. Which date is that?",
        f"Add {days} days to the date and write the new date in the same way.",
        f"Tell {name} on what date the {what}, which is {days} days later.",
        f"Set a reminder for {name} {days} days after the date given. Output only the new date.",
        f"Find the date {days} days on, when the {what}. {dice.pick(_BARE)}",
        f"What will the date be when {days} days have passed? {dice.pick(_BARE)}",
    ))  # fmt: skip

    def make() -> Instance:
        day = _any_day(dice)
        return Instance(_long(day), _long(day + timedelta(days=days)))

    return Draft(text.strip(), some_instances(dice, make))


def _age(dice: Draw) -> Draft:
    name, thing = dice.pick(words.NAMES), dice.pick(("bridge", "library", "choir", "bakery", "railway",
                                                     "theatre", "clock tower", "school", "football club",
                                                     "lighthouse", "hospital", "market hall"))  # fmt: skip
    if dice.chance(0.3):
        born, age = dice.integer(1930, 2012), dice.integer(5, 90)
        text = dice.pick((
            f"{name} was born in {born}. In which year does {name} turn {age}?",
            f"In what year will someone born in {born} celebrate birthday number {age}?",
            f"A {thing} was opened in {born}. Calculate the year of its anniversary number {age}.",
        ))  # fmt: skip
        return Draft(text, (Instance("", f"{born} + {age} = {born + age}, so it is the year {born + age}."),))
    style, text = dice.pick((
        ("age", f"How old is {name} on the second date? Give full years only."),
        ("age", f"Calculate the age of {name} on the day of the visit, in completed years."),
        ("age", f"Work out how many birthdays {name} has had by the later date. {dice.pick(_BARE)}"),
        ("adult", f"Has {name} turned 18 by the later date? Answer with yes or no and the age, such as 'yes, "
                  "23'."),
        ("sentence", f"Complete a doctor's note: say in one sentence how old {name} is on the day of the "
                     "visit."),
        ("thing", f"For how many years has the {thing} existed? Give one number."),
        ("thing", f"Subtract the years to get the age of the {thing}. {dice.pick(_BARE)}"),
    ))  # fmt: skip

    def make() -> Instance:
        if style == "thing":
            built = dice.integer(1780, 1990)
            now = dice.integer(built + 12, 2030)
            return Instance(f"Opened: {built}\nYear: {now}", str(now - built))
        then = date(dice.integer(1990, 2030), 1, 1) + timedelta(days=dice.integer(0, 364))
        born = then - timedelta(days=dice.integer(3000, 16000))
        years = then.year - born.year - ((then.month, then.day) < (born.month, born.day))
        output = {"age": str(years), "adult": f"{'yes' if years >= 18 else 'no'}, {years}",
                  "sentence": f"{name} is {years} years old."}[style]  # fmt: skip
        return Instance(f"Born: {_long(born)}\nVisit: {_long(then)}", output)

    return Draft(text.strip(), some_instances(dice, make))


def _next_departure(dice: Draw) -> Draft:
    name, city = dice.pick(words.NAMES), dice.pick(words.CITIES)
    ride = dice.pick(("bus", "train", "ferry", "tram", "cable car", "night bus", "shuttle"))
    style, text = dice.pick((
        ("time", f"Read the timetable and say when the next {ride} to {city} leaves."),
        ("time", f"Which {ride} can {name} still catch? Give the earliest departure after the present time."),
        ("time", f"Pick the first {ride} that leaves after {name} arrives at the stop. Reply with its time."),
        ("wait", f"How many minutes must {name} wait for the next {ride}? {dice.pick(_BARE)}"),
        ("wait", f"Calculate the waiting time for the {ride} to {city}, in minutes."),
        ("missed", f"List the departures of the {ride} to {city} that {name} has missed."),
        ("sentence", f"Inform {name} in a sentence about the next {ride} to {city} and the time until it "
                     "leaves."),
        ("last", f"Name the last {ride} of the list and how long it is until then."),
    ))  # fmt: skip

    def make() -> Instance:
        times = [dice.integer(72, 220) * 5]
        for _ in range(dice.integer(2, 4)):
            times.append(times[-1] + dice.integer(3, 12) * 5)
        place = dice.integer(1, len(times) - 1)
        now = dice.integer(times[place - 1] + 1, times[place] - 1)
        wait = times[place] - now
        output = {"time": _clock(times[place]), "wait": _counted(wait, "minute"),
                  "missed": ", ".join(map(_clock, times[:place])),
                  "sentence": f"The next {ride} to {city} leaves at {_clock(times[place])}, in "
                              f"{_counted(wait, 'minute')}.",
                  "last": f"The last {ride} leaves at {_clock(times[-1])}, in "
                          f"{_span(times[-1] - now)}."}[style]  # fmt: skip
        return Instance(f"Departures: {', '.join(map(_clock, times))}\nNow: {_clock(now)}", output)

    return Draft(text.strip(), some_instances(dice, make))


def _currency(dice: Draw) -> Draft:
    one, two = dice.sample(
        ("euros", "dollars", "pounds", "crowns", "francs", "pesos", "shillings", "rupees"), 2
    )
    name, city, rate = dice.pick(words.NAMES), dice.pick(words.CITIES), dice.integer(2, 90)
    single = one[:-1]
    if dice.chance(0.3):
        amount = dice.integer(3, 60)
        text = dice.pick((
            f"One {single} buys {rate} {two}. What are {amount} {one} worth?",
            f"At a rate of {rate} {two} to the {single}, exchange {amount} {one}.",
            f"{name} changes {amount} {one} in {city} and gets {rate} {two} for each. How much is that?",
            f"Suppose that a {single} is worth {rate} {two}. How many {two} does {name} get for {amount} "
              f"{one}?",
        ))  # fmt: skip
        return Draft(
            text, (Instance("", f"{amount} x {rate} = {amount * rate}, so it is {amount * rate} {two}."),)
        )
    back = dice.chance(0.4)
    wanted = one if back else two
    text = dice.pick((
        f"Exchange the money at the given rate. The result should be in {wanted}.",
        f"Convert the price tag for {name}, who pays in {wanted}.",
        f"How many {wanted} does {name} receive at the exchange office in {city}?",
        f"Using the rate in the second line, calculate the amount in {wanted}. {dice.pick(_BARE)}",
        f"A traveller in {city} wants to know what this is in {wanted}. Reply with amount and currency.",
        f"Recalculate the sum in {wanted}. {dice.pick(_BARE)}",
    ))  # fmt: skip

    def make() -> Instance:
        rate, amount = dice.integer(2, 30), dice.integer(2, 60)
        given, result = (f"{amount * rate} {two}", amount) if back else (f"{amount} {one}", amount * rate)
        return Instance(f"Amount: {given}\nRate: 1 {single} = {rate} {two}", f"{result} {wanted}")

    return Draft(text.strip(), some_instances(dice, make))


def _leap_or_common(dice: Draw) -> Draft:
    name = dice.pick(words.NAMES)
    what = dice.pick(("year", "year on the coin", "year of birth", "year of the contract", "year on the door",
                      "year in the title"))  # fmt: skip
    labels, text = dice.pick((
        (("leap year", "common year"),
         f"Classify the {what} as leap year or common year. {dice.pick(_BARE)}"),
        (("yes", "no"), f"Did February have 29 days in the {what} that {name} mentions? Answer yes or no."),
        (("yes", "no"), f"Is the {what} a leap year, yes or no? {name} has a bet on it."),
        (("365", "366"), f"Choose the number of days in the {what} for {name}, 365 or 366."),
        (("leap", "common"),
         f"Label the {what} in {name}'s list leap or common, by the rules of today's calendar."),
        (("true", "false"), f"{name} says there was a 29 February in the {what}. True or false?"),
        (("leap", "ordinary"),
         f"Years divisible by 4 are leap years, except full centuries not divisible by 400. Call the {what} "
           f"leap or ordinary. {dice.pick(_BARE)}"),
        (("29", "28"), f"How many days must the calendar of {name} show for February in the {what}: 28 or "
                       "29?"),
    ))  # fmt: skip
    leap = 1 if labels[0] == "365" else 0

    def make(place: int) -> str:
        year = 4 * dice.integer(401, 508)
        if place == leap:
            return str(year if year % 100 or year % 400 == 0 else year + 4)
        return dice.pick(("1700", "1800", "1900", *(str(year + dice.integer(1, 3)) for _ in range(9))))

    return Draft(text.strip(), each_label(dice, labels, make))


def _open_or_closed(dice: Draw) -> Draft:
    place = dice.pick(("library", "bakery", "museum", "post office", "swimming pool", "café", "pharmacy",
                       "market hall", "zoo", "town hall", "bookshop",
                       "garden centre", "bicycle workshop", "ticket office"))  # fmt: skip
    name, city = dice.pick(words.NAMES), dice.pick(words.CITIES)
    labels, text = dice.pick((
        (("open", "closed"), f"Is the {place} open or closed at that time?"),
        (("open", "closed"),
         f"{name} stands before the {place} in {city}. From the hours on the door, say open or closed."),
        (("yes", "no"), f"Can {name} visit the {place} at the time given? Yes or no."),
        (("too early", "in time", "too late"),
         f"Does {name} reach the {place} too early, in time or too late?"),
        (("too early", "in time", "too late"),
         f"Compare the arrival of {name} with the hours of the {place}: too early, in time or too late."),
        (("come in", "come back"),
         f"Answer a caller who asks about the {place} in {city} with 'come in' if it is open then, otherwise "
           "with 'come back'."),
        (("before", "during", "after"),
         f"Place the time before, during or after the opening hours of the {place}."),
    ))  # fmt: skip

    def make(number: int) -> str:
        start, end = dice.integer(14, 22) * 30, dice.integer(30, 40) * 30
        kind = number if len(labels) == 3 else 1 if number == 0 else dice.pick((0, 2))
        time = (dice.integer(start // 5 - 12, start // 5 - 1), dice.integer(start // 5 + 1, end // 5 - 1),
                dice.integer(end // 5 + 1, end // 5 + 12))[kind] * 5  # fmt: skip
        return f"Hours: {_clock(start)} to {_clock(end)}\nTime: {_clock(time)}"

    return Draft(text, each_label(dice, labels, make))


def _part_of_day(dice: Draw) -> Draft:
    name, city = dice.pick(words.NAMES), dice.pick(words.CITIES)
    event = dice.pick(("train ride", "shift", "ferry crossing", "phone call", "alarm", "delivery", "flight",
                       "radio programme", "thunderstorm",
                       "birth", "power cut", "long drive"))  # fmt: skip
    if dice.chance(0.6):
        labels: tuple[str, ...] = ("morning", "afternoon", "evening", "night")
        rule = dice.pick(("Morning begins at 6, afternoon at 12, evening at 18 and night at 22 o'clock.",
                          "Night lasts from 22:00 to 06:00, evening starts at 18:00.",
                          "Let the evening begin at 18:00 and the night at 22:00 and end at "
                            "06:00."))  # fmt: skip
        text = dice.pick((
            f"Sort the time of the {event}: morning, afternoon, evening or night. {rule}",
            f"When does the {event} begin? Choose morning, afternoon, evening or night. {rule}",
            f"Assign the clock time in {name}'s notes to morning, afternoon, evening or night. {rule}",
            f"{name} wants to know if the {event} in {city} comes in the morning, afternoon, evening or "
              f"night. {rule}",
            f"Does the {event} in {city} fall in the morning, afternoon, evening or night? {rule}",
        ))  # fmt: skip
    else:
        labels = ("a.m.", "p.m.")
        text = dice.pick((
            f"Should the start of the {event} be printed with a.m. or p.m. in {city}?",
            f"Tell {name} which two letters belong to the {event} on the 12-hour clock, a.m. or p.m.",
            f"Before noon or after: mark the {event} with a.m. or p.m.",
            f"On a clock with 12 hours, would the {event} be given with a.m. or p.m.?",
            f"Add a.m. or p.m. to the note of {name} about the {event}; reply with these letters alone.",
        ))  # fmt: skip

    def make(place: int) -> str:
        if len(labels) == 2:
            return _clock(place * 720 + dice.integer(1, 143) * 5)
        low, high = ((360, 715), (725, 1075), (1080, 1315), (1320, 1760))[place]
        return _clock(dice.integer(low // 5, high // 5) * 5)

    return Draft(text, each_label(dice, labels, make))


def _appointments_clash(dice: Draw) -> Draft:
    (one, two), name = dice.sample(_EVENTS, 2), dice.pick(words.NAMES)
    labels, text = dice.pick((
        (("clash", "no clash"), f"Do the {one} and the {two} overlap? Write clash or no clash."),
        (("yes", "no"), f"Can {name} attend both the {one} and the {two} in full? Answer yes or no."),
        (("possible", "impossible"),
         f"Judge whether {name}'s day is possible or impossible: nobody can be in two places at once."),
        (("fine", "conflict"),
         f"Look over the calendar of {name} and mark the two entries as fine or conflict."),
        (("yes", "no"), f"Will the {one} be over when the {two} begins? Yes or no."),
        (("keep", "move"),
         f"If the {two} overlaps with the {one}, it must move, otherwise keep it. Say keep or move."),
    ))  # fmt: skip
    clash = {"clash": 0, "fine": 1, "keep": 1}.get(labels[0], 1)

    def make(place: int) -> str:
        start, length, other = dice.integer(16, 30) * 30, dice.integer(2, 6) * 15, dice.integer(2, 6) * 15
        begin = (
            start
            + length
            + (-15 * dice.integer(1, length // 15 - 1) if place == clash else 15 * dice.integer(0, 4))
        )
        return (f"{one.capitalize()}: {_clock(start)} to {_clock(start + length)}\n"
                f"{two.capitalize()}: {_clock(begin)} to {_clock(begin + other)}")  # fmt: skip

    return Draft(text, each_label(dice, labels, make))


_STEPS = (("Opening words", 10), ("Breakfast", 30), ("Short walk", 20), ("Lecture", 45), ("Group work", 60),
          ("Coffee break", 15), ("Questions", 20),
          ("Lunch", 45), ("Tour of the house", 30), ("Music", 25), ("Team meeting", 40), ("Tidying up", 15),
          ("Warm-up", 10), ("Games", 35),
          ("Reading", 30), ("First aid course", 90), ("Closing circle", 10), ("Snack", 15))  # fmt: skip


def _make_schedule(dice: Draw) -> Draft:
    name, place = dice.pick(words.NAMES), dice.pick(words.PLACES)
    event = dice.pick(("open day", "staff training", "school trip", "family day", "workshop", "choir weekend",
                       "summer camp", "club meeting"))  # fmt: skip
    start = dice.integer(16, 28) * 30
    style, text = dice.pick((
        ("lines", f"Plan {_a(event)} from {_clock(start)} on: one line for each part, with the time at which "
                  "it starts."),
        ("lines", f"Build a timetable for the {event} of {name}, starting at {_clock(start)} without breaks "
                  "in between."),
        ("lines", f"Schedule the parts of the {event} one after the other. The first begins at "
                  f"{_clock(start)}."),
        ("lines", f"Make a programme for the {place}: list when each part of the {event} begins, from "
                  f"{_clock(start)}."),
        ("end", f"The {event} at the {place} starts at {_clock(start)}. When does it end if the parts follow "
                "each other directly?"),
        ("end", f"Tell {name} when the {event} will be over. It begins at {_clock(start)}, and there are no "
                "pauses."),
        ("sum", f"Add up the times and say how long the whole {event} of {name} takes."),
        ("sum", f"Estimate the total length of the {event} from its parts, in hours and minutes. "
                f"{dice.pick(_BARE)}"),
    ))  # fmt: skip

    def make() -> Instance:
        now, rows, parts = start, [], dice.sample(_STEPS, dice.integer(3, 5))
        for label, length in parts:
            rows.append(f"{_clock(now)} {label}")
            now += length
        output = {"lines": "\n".join(rows), "end": _clock(now), "sum": _span(now - start)}[style]
        return Instance("\n".join(f"{label}, {length} minutes" for label, length in parts), output)

    return Draft(text.strip(), some_instances(dice, make))


def _other_time_zone(dice: Draw) -> Draft:
    one, two = dice.sample(words.NAMES, 2)
    hours, ahead = dice.integer(2, 11), dice.chance(0.5)
    relation = "ahead of" if ahead else "behind"
    start = dice.integer(0, 95) * 15
    shifted = start + (60 if ahead else -60) * hours
    if dice.chance(0.4):
        text = dice.pick((
            f"{two}'s clock is {hours} hours {relation} {one}'s. When it is {_clock(start)} for {one}, what "
              f"time is it for {two}?",
            f"{one} calls {two} at {_clock(start)}. The clocks where {two} lives are {hours} hours "
              f"{relation.removesuffix(' of')}. What do they show?",
            f"It is {_clock(start)} where {one} lives. Name the time where {two} lives, {hours} hours "
              f"{relation.removesuffix(' of')}.",
        ))  # fmt: skip
        return Draft(text, (Instance("", f"For {two} it is {_clock(shifted)}."),))
    text = dice.pick((
        f"Clocks abroad are {hours} hours {'ahead' if ahead else 'behind'}. Change the local time into the "
          "time abroad.",
        f"Translate {one}'s time into {two}'s, which is {hours} hours {'later' if ahead else 'earlier'}.",
        f"An office {hours} hours {'ahead' if ahead else 'behind'} gets this notice from {one}. Which time "
          "should it contain?",
        f"Shift the time by {hours} hours {'forward' if ahead else 'back'} for {two}, who lives in another "
          f"time zone. {dice.pick(_BARE)}",
        f"What time will {two}'s clock show, {hours} hours {'ahead of' if ahead else 'behind'} {one}'s?",
    ))  # fmt: skip

    def make() -> Instance:
        local = dice.integer(0, 95) * 15
        return Instance(_clock(local), _clock(local + (60 if ahead else -60) * hours))

    return Draft(text.strip(), some_instances(dice, make))


FAMILIES: tuple[Family, ...] = (
    Family("convert_units", is_classification=False, draw=_convert_units),
    Family("convert_temperature", is_classification=False, draw=_temperature),
    Family("clock_formats", is_classification=False, draw=_clock_formats),
    Family("duration_of_event", is_classification=False, draw=_duration),
    Family("end_or_start_time", is_classification=False, draw=_end_time),
    Family("weekday_after_days", is_classification=False, draw=_weekday_after),
    Family("date_format", is_classification=False, draw=_date_format),
    Family("date_after_days", is_classification=False, draw=_date_after),
    Family("age_on_date", is_classification=False, draw=_age),
    Family("next_departure", is_classification=False, draw=_next_departure),
    Family("exchange_money", is_classification=False, draw=_currency),
    Family("leap_or_common_year", is_classification=True, draw=_leap_or_common),
    Family("open_or_closed", is_classification=True, draw=_open_or_closed),
    Family("part_of_day", is_classification=True, draw=_part_of_day),
    Family("appointments_clash", is_classification=True, draw=_appointments_clash),
    Family("make_schedule", is_classification=False, draw=_make_schedule),
    Family("other_time_zone", is_classification=False, draw=_other_time_zone),
)
