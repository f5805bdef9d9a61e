"""Numbers: sums, shares, percentages, patterns and stories about them. Every output is computed.

Numbers stay small and money stays whole or in cents, so that a reader can check an answer in the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from curriculum import words
from curriculum.asking import each_label, some_instances
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]

_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CURRENCIES = ("euros", "dollars", "pounds", "crowns", "francs")
_ONLY = ("Give only the number.", "Answer with a number and nothing else.", "No working is needed.",
         "The result alone is enough.", "One number will do.", "")  # fmt: skip
_WORKING = ("Show the calculation.", "Write the working on one line.", "Include the steps in your answer.",
            "Let me see how you get there.", "Put the working before the result.")  # fmt: skip
_COUNTED = (("eggs", "collected"), ("letters", "delivered"), ("loaves", "baked"), ("tickets", "sold"),
            ("books", "lent"), ("phone calls", "answered"), ("parcels", "sent"), ("trees", "planted"),
            ("meals", "served"), ("fish", "caught"), ("bicycles", "repaired"), ("rooms", "cleaned"),
            ("chairs", "painted"), ("pages", "read"), ("cars", "washed"), ("pots", "glazed"),
            ("shirts", "ironed"), ("keys", "cut"), ("sheep", "shorn"), ("coats", "sewn"))  # fmt: skip
_GOODS = (("notebook", "notebooks"), ("mug", "mugs"), ("lamp", "lamps"), ("rope", "ropes"),
          ("towel", "towels"), ("ticket", "tickets"), ("pillow", "pillows"), ("candle", "candles"),
          ("basket", "baskets"), ("plate", "plates"), ("scarf", "scarves"), ("chair", "chairs"),
          ("kettle", "kettles"), ("bucket", "buckets"), ("brush", "brushes"),
          ("blanket", "blankets"))  # fmt: skip
_SHARED = (("apples", "baskets", "into every basket"), ("chairs", "rows", "into every row"),
           ("pencils", "pupils", "to every pupil"), ("eggs", "boxes", "into every box"),
           ("books", "shelves", "on every shelf"), ("sweets", "children", "to every child"),
           ("flowers", "vases", "into every vase"), ("stamps", "pages", "on every page"),
           ("bricks", "piles", "on every pile"), ("cards", "players", "to every player"),
           ("plates", "tables", "on every table"), ("hens", "coops", "into every coop"))  # fmt: skip


def _cents(amount: int) -> str:
    """`7` or `7.50`, from cents."""
    return f"{amount // 100}.{amount % 100:02}" if amount % 100 else str(amount // 100)


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values)


def _add_numbers(dice: Draw) -> Draft:
    count, (noun, done), name = dice.integer(3, 6), dice.pick(_COUNTED), dice.pick(words.NAMES)
    number, place, only = _NUMBER_WORDS[count], dice.pick(words.CITIES), dice.pick(_ONLY)
    style, text = dice.pick((
        ("bare", f"Add up the {number} numbers. {only}"),
        ("bare", f"The numbers say how many {noun} were {done} on {number} days. How many is that in all?"),
        ("bare", f"{name} has counted the {noun} {done} in {place}, day by day. Total the {number} counts. "
                 f"{only}"),
        ("bare", f"What do these {number} counts of {noun} come to altogether? {only}"),
        ("bare", f"Sum the list of {noun} {done}. {only}"),
        ("working", f"Write the sum of the {number} counts of {noun} as one line with plus signs and the "
                    "result."),
        ("working", f"Join the {number} numbers with plus signs and finish the line with their total."),
        ("sentence", f"State in a full sentence how many {noun} were {done} on the {number} days together."),
        ("sentence", f"Tell {name} in one sentence how many {noun} were {done} in total."),
    ))  # fmt: skip

    def make() -> Instance:
        values = [dice.integer(2, 60) for _ in range(count)]
        total = sum(values)
        if style == "working":
            return Instance(_listed(values), f"{' + '.join(map(str, values))} = {total}")
        output = str(total) if style == "bare" else f"In total, {total} {noun} were {done}."
        return Instance(_listed(values), output)

    return Draft(text.strip(), some_instances(dice, make))


def _how_many_more(dice: Draw) -> Draft:
    noun, done = dice.pick(_COUNTED)
    kind, at, labels = dice.pick((("day", "on", words.WEEKDAYS), ("month", "in", words.MONTHS),
                                  ("town", "in", words.CITIES)))  # fmt: skip
    style, text = dice.pick((
        ("bare", f"Compare the {noun} {done} {at} the two {kind}s and give the difference. "
                 f"{dice.pick(_ONLY)}"),
        ("bare", f"How many more {noun} were {done} {at} the better {kind} than {at} the other?"),
        ("bare", f"Subtract the smaller count of {noun} from the larger. {dice.pick(_ONLY)}"),
        ("bare", f"By how much do the two counts of {noun} {done} differ? {dice.pick(_ONLY)}"),
        ("label", f"Which {kind} is ahead in {noun} {done}, and by how many? Reply in the form 'North by "
                  "5'."),
        ("label", f"Name the {kind} with more {noun} {done} and its lead, in the form 'North by 5'."),
        ("sentence", f"In one sentence, say {at} which {kind} more {noun} were {done}, and how many more."),
        ("sentence", f"Report the gap between the two {kind}s as a complete sentence about {noun} {done}."),
    ))  # fmt: skip

    def make() -> Instance:
        (one, two), (a, b) = dice.sample(labels, 2), dice.sample(range(5, 99), 2)
        more, less, gap = (one, two, a - b) if a > b else (two, one, b - a)
        output = {"bare": str(gap), "label": f"{more} by {gap}",
                  "sentence": f"{gap} more {noun} were {done} {at} {more} than {at} "
                              f"{less}."}[style]  # fmt: skip
        return Instance(f"{one}: {a}\n{two}: {b}", output)

    return Draft(text.strip(), some_instances(dice, make))


def _cost_of_items(dice: Draw) -> Draft:
    money, name, job, city = (dice.pick(_CURRENCIES), dice.pick(words.NAMES), dice.pick(words.JOBS),
                              dice.pick(words.CITIES))  # fmt: skip
    style, text = dice.pick((
        ("bare", f"Work out the price of the whole order in {money}."),
        ("bare", f"{name} runs a shop in {city}. What must the customer pay? Give the sum in {money}."),
        ("bare", f"Multiply the number of pieces by the price of one, and answer in {money}."),
        ("working", f"The {job} {name} has ordered the following. Calculate what it costs, showing the "
                    "product."),
        ("working", f"Price the order of {name} from {city} and write the multiplication next to the "
                    "result."),
        ("sentence", f"Write one sentence for {name}, the {job}, that names the cost of the order."),
        ("sentence", f"Answer a customer from {city} who asks what the order comes to. Use a full sentence."),
    ))  # fmt: skip

    def make() -> Instance:
        (one, many), count = dice.pick(_GOODS), dice.integer(2, 12)
        price = dice.integer(3, 30) * dice.pick((100, 100, 50))
        each, total = _cents(price), _cents(price * count)
        given = dice.pick((f"{count} {many} at {each} {money} each",
                           f"{count} {many}, {each} {money} per piece",
                           f"Article: {one}\nNumber: {count}\nPrice of one: {each} {money}"))  # fmt: skip
        output = {"bare": f"{total} {money}", "working": f"{count} x {each} = {total} {money}",
                  "sentence": f"The {count} {many} cost {total} {money} in all."}[style]  # fmt: skip
        return Instance(given, output)

    return Draft(text, some_instances(dice, make))


def _share_with_remainder(dice: Draw) -> Draft:
    things, groups, to_each = dice.pick(_SHARED)
    group, verb = to_each.split()[-1], "gives" if to_each.startswith("to ") else "puts"
    name, a, b = dice.pick(words.NAMES), dice.integer(30, 99), dice.integer(4, 9)
    each, left = divmod(a, b)
    if dice.chance(0.3):
        rest = f"{left} {things} are" if left > 1 else f"one of the {things} is" if left else "nothing is"
        text = dice.pick((
            f"{name} shares {a} {things} equally among {b} {groups}. How many does each {group} get, and how "
              "many are left?",
            f"Divide {a} {things} evenly over {b} {groups} and say what remains.",
            f"Suppose {a} {things} are spread over {b} {groups}, the same number in every one. What is left "
              "over?",
            f"Can {a} {things} be shared equally among {b} {groups}? Explain with numbers.",
        ))  # fmt: skip
        reply = f"Each {group} gets {each} {things}, because {b} x {each} = {b * each}, and {rest} left over."
        if text.startswith("Can"):
            reply = f"{'No' if left else 'Yes'}. {reply}"
        return Draft(text, (Instance("", reply),))
    form, text = dice.pick((
        ("each", f"Divide with remainder: how many {things} does each {group} get, and how many are left? "
                 "Answer in the form '4 each, 2 left'."),
        ("each", f"The {things} are to be shared fairly among the {groups}. Write the share and the rest "
                 "like '4 each, 2 left'."),
        ("left", f"{name} {verb} the same number of {things} {to_each} and keeps the rest. How many {things} "
                 f"does {name} keep?"),
        ("left", f"Give the remainder after the {things} are shared out equally among the {groups}. "
                 f"{dice.pick(_ONLY)}"),
        ("full", f"Carry out the division of {things} among {groups} and check it by multiplying back."),
        ("full", f"Share out the {things} among the {groups} as evenly as possible, and write it as one "
                 "equation with a product and a rest."),
    ))  # fmt: skip

    def make() -> Instance:
        a, b = dice.integer(20, 120), dice.integer(3, 11)
        each, left = divmod(a, b)
        output = {
            "each": f"{each} each, {left} left",
            "left": str(left),
            "full": f"{a} = {b} x {each} + {left}",
        }
        return Instance(f"{a} {things}, {b} {groups}", output[form])

    return Draft(text.strip(), some_instances(dice, make))


def _story(dice: Draw) -> tuple[str, str, str]:
    """A problem in words, a worked answer, and the bare result."""
    (name, other), (_, things), n = dice.sample(words.NAMES, 2), dice.pick(_GOODS), dice.integer
    a, b, c, d = n(12, 60), n(2, 9), n(3, 11), n(2, 6)
    return dice.pick((
        (f"{name} has {a} {things}, gives {b} to {other} and buys {c} more. How many {things} does "
         f"{name} have now?",
         f"After the gift {name} has {a} - {b} = {a - b} {things}, and with the new ones {a - b} + "
           f"{c} = {a - b + c}.", str(a - b + c)),
        (f"A hall has {c} rows of {a} seats, and {b} seats are empty. How many seats are taken?",
         f"There are {c} x {a} = {c * a} seats, so {c * a} - {b} = {c * a - b} are taken.",
         str(c * a - b)),
        (f"There are {a} people on a bus. At the next stop {b} get off and {c} get on. How many "
         "people are on the bus then?",
         f"{a} - {b} + {c} = {a - b + c}, so {a - b + c} people are on the bus.", str(a - b + c)),
        (f"{name} saves {b} euros every week for a coat that costs {b * a} euros. How many weeks "
         "does it take?",
         f"{b * a} / {b} = {a}, so {name} needs {a} weeks.", f"{a} weeks"),
        (f"A train runs at {a + 40} kilometres an hour for {d} hours. How far does it get?",
         f"It covers {d} x {a + 40} = {d * (a + 40)} kilometres.", f"{d * (a + 40)} kilometres"),
        (f"{other} owns {a} {things}, and {name} owns twice as many. How many do they own together?",
         f"{name} owns 2 x {a} = {2 * a} {things}, so together they own {a} + {2 * a} = {3 * a}.",
         str(3 * a)),
        (f"A shop receives {d} boxes with {a} {things} each. By evening {c} {things} are sold. How "
         "many are left?",
         f"The shop received {d} x {a} = {d * a} {things}, and {d * a} - {c} = {d * a - c} are left.",
         str(d * a - c)),
        (f"A garden is {a} metres long and {b} metres wide. How long is the fence around it?",
         f"Two sides of {a} metres and two of {b} metres make 2 x {a} + 2 x {b} = {2 * a + 2 * b} "
           "metres.", f"{2 * a + 2 * b} metres"),
        (f"{name} is {a} years old, and {other} is {b} years younger. How old will {other} be in {c} "
         "years?",
         f"{other} is {a} - {b} = {a - b} now and will be {a - b} + {c} = {a - b + c}.",
         str(a - b + c)),
        (f"{_NUMBER_WORDS[d].capitalize()} friends share a bill of {d * a} euros equally. How much "
         "does each of them pay?",
         f"Each of them pays {d * a} / {d} = {a} euros.", f"{a} euros"),
        (f"{name} reads {c} pages a day in a book of {a + 90} pages. How many pages are left after "
         f"{d} days?",
         f"In {d} days {name} reads {d} x {c} = {d * c} pages, which leaves {a + 90} - {d * c} = "
           f"{a + 90 - d * c}.", str(a + 90 - d * c)),
        (f"A candle is {a + 20} centimetres tall and burns down 2 centimetres an hour. How tall is it "
         f"after {d} hours?",
         f"It loses {2 * d} centimetres, so {a + 20} - {2 * d} = {a + 20 - 2 * d} "
           "centimetres remain.", f"{a + 20 - 2 * d} centimetres"),
    ))  # fmt: skip


def _story_problem(dice: Draw) -> Draft:
    pupil = dice.pick(("a pupil of nine", "a younger brother", "a class of beginners",
                       "someone who is afraid of numbers",
                       "a grandchild", "a new shop assistant", "a group of ten-year-olds", "an evening class",
                       "a worried parent", "two friends", "a small study group",
                       "a cousin of eight"))  # fmt: skip
    name, year = dice.pick(words.NAMES), dice.integer(2, 6)
    worked, text = dice.pick((
        (True, f"Solve the word problem for {pupil}. {dice.pick(_WORKING)}"),
        (True, f"Read the short story with numbers and answer its question so that {pupil} understands how. "
               f"{dice.pick(('', 'Be brief.', 'One or two sentences are enough.'))}"),
        (True, f"Help {name}, who is in year {year}, with this homework. {dice.pick(_WORKING)}"),
        (True, f"Think the problem through and reply to {name} in one or two sentences. "
               f"{dice.pick(_WORKING)}"),
        (True, f"Explain to {name} and {pupil} how to find the answer, and give it."),
        (True, f"Imagine that you teach {name} in year {year}. Give the model answer to this exercise."),
        (False, f"{name} has to hand in the answer to this exercise for year {year}. What is it? "
                f"{dice.pick(_ONLY[:5])}"),
        (False, f"Here is an exercise for {pupil}. Reply to {name} with the solution only, without any "
                "explanation."),
    ))  # fmt: skip

    def make() -> Instance:
        story, answer, bare = _story(dice)
        return Instance(story, answer if worked else bare)

    return Draft(text.strip(), some_instances(dice, make))


def _story_in_the_task(dice: Draw) -> Draft:
    story, answer, bare = _story(dice)
    forms = ("{}", "{}", "{} Show how you got there.", "Answer with the working. {}", "Quick sum: {}",
             "{} Explain briefly.",
             "Please help me with this one. {}", "{} Write the calculation too.")  # fmt: skip
    if dice.chance(0.25):
        return Draft(
            f"{story} {dice.pick(('Just the result, please.', 'Reply with the result only.'))}",
            (Instance("", bare),),
        )
    return Draft(dice.pick(forms).format(story), (Instance("", answer),))


def _average_of_values(dice: Draw) -> Draft:
    (what, unit), name = dice.pick((("lengths of the walks", "kilometres"),
                                    ("temperatures at noon", "degrees"), ("waiting times", "minutes"),
                                    ("test results", "points"), ("heights of the plants", "centimetres"),
                                    ("daily rainfalls", "millimetres"),
                                    ("weights of the parcels", "kilograms"), ("ages of the players", "years"),
                                    ("prices of the rooms", "euros"),
                                    ("lap times", "seconds"))), dice.pick(words.NAMES)  # fmt: skip
    count = dice.integer(3, 5)
    number = _NUMBER_WORDS[count]
    style, text = dice.pick((
        ("bare", f"Average the {number} {what}. {dice.pick(_ONLY)}"),
        ("bare", f"Find the mean of the {what} that {name} wrote down, in {unit}. {dice.pick(_ONLY)}"),
        ("bare", f"What is the average of these {what}? {dice.pick(_ONLY)}"),
        ("working", f"Calculate the arithmetic mean of the {number} {what}: first the sum, then the "
                    "division, on one line."),
        ("working", f"Show {name} how the mean of the {number} {what} is found, in a single line of "
                    "figures."),
        ("sentence", f"On average, how many {unit} were measured? Reply to {name} in a sentence."),
        ("sentence", f"{name} has noted the {what} in {unit}. Summarise them in one sentence that gives "
                     "their average."),
    ))  # fmt: skip

    def make() -> Instance:
        values = [dice.integer(4, 40) for _ in range(count - 1)]
        values.append(count * (sum(values) // count + dice.integer(2, 4)) - sum(values))
        total = sum(values)
        output = {"bare": str(total // count),
                  "working": f"{' + '.join(map(str, values))} = {total}, and {total} / {count} = "
                             f"{total // count}",
                  "sentence": f"The average of the {number} values is {total // count} "
                              f"{unit}."}[style]  # fmt: skip
        return Instance(_listed(values), output)

    return Draft(text.strip(), some_instances(dice, make))


def _percentages(dice: Draw) -> Draft:
    money, name, place = dice.pick(_CURRENCIES), dice.pick(words.NAMES), dice.pick(words.CITIES)
    share, amount = dice.integer(1, 19) * 5, dice.integer(2, 40) * 20
    part = share * amount // 100
    if dice.chance(0.3):
        group = dice.pick(("members of a choir", "guests of a hotel", "households in a street",
                           "seats in a theatre", "trees in an orchard",
                           "books on a list", "pupils of a school", "bicycles in a depot",
                           "letters in a sack"))  # fmt: skip
        return Draft(dice.pick((
            f"What is {share} percent of {amount}?",
            f"Out of {amount} {group}, {share} percent were counted last week. How many is that?",
            f"Take {share} % of {amount} {money} and show how you do it.",
            f"If {share} percent of {amount} {money} is put aside, how much is put aside?",
        )), (Instance("",
                      f"{share} percent of {amount} is {amount} x {share} / 100 = {part}."),))  # fmt: skip
    cut = dice.pick((10, 20, 25, 30, 40, 50))
    form, text = dice.pick((
        ("sale", f"Everything in the shop is {cut} percent cheaper today. Give the new price in {money}."),
        ("sale", f"Reduce the price by {cut} % and state the result in {money}."),
        ("sale", f"At the market in {place}, {name} gets a discount of {cut} percent. What is left to pay, "
                 f"in {money}?"),
        ("rise", f"Raise the old price by {cut} percent, as the "
                 f"{dice.pick(('theatre', 'cinema', 'hotel', 'museum', 'zoo', 'clinic', 'library'))} in "
                   f"{place} plans to, and give the new one in {money}."),
        ("rise", f"Costs in {place} have gone up by {cut} %. Update the amount, in {money}."),
        ("both", f"Write one line that names the saving and the new price after {cut} percent off, in "
                 f"{money}."),
        ("both", f"{name} prints labels for a sale in {place}. For each old price, write what {cut} percent "
                 f"off saves and what remains, in {money}."),
    ))  # fmt: skip

    def make() -> Instance:
        old = dice.integer(2, 60) * 1000
        change = old * cut // 100
        output = {"sale": _cents(old - change), "rise": _cents(old + change)}.get(form)
        return Instance(f"{_cents(old)} {money}", f"{output} {money}" if output else
                        f"You save {_cents(change)} {money} and pay {_cents(old - change)} "
                          f"{money}.")  # fmt: skip

    return Draft(text, some_instances(dice, make))


def _simplify_fractions(dice: Draw) -> Draft:
    name, amount = dice.pick(words.NAMES), dice.pick((24, 36, 48, 60, 72, 120, 240))
    what = dice.pick(("pages", "metres of rope", "grams of flour", "pupils", "euros", "minutes", "tiles",
                      "apples", "spoons of oil"))  # fmt: skip
    form, text = dice.pick((
        ("lowest", f"Simplify the fraction for {name} as far as possible. "
                   f"{dice.pick(('', 'Keep the slash.', 'Write it with a slash.'))}"),
        ("lowest", "Shorten the fraction to lowest terms. "
                   f"{dice.pick(('', 'Do not explain.', 'Keep it short.'))}"),
        ("lowest", f"{name} wants the fraction in lowest terms. Only the fraction, please."),
        ("how", f"Reduce the fraction and tell {name} by which number both parts were divided."),
        ("how", "By what can the top and the bottom be divided? Reduce the fraction, with a short reason "
                f"for {name}."),
        ("of", f"Take the given fraction of {amount} {what}. {dice.pick(_ONLY)}"),
        ("of", f"{name} has {amount} {what} and uses up this fraction of them. How many are used? "
               f"{dice.pick(_ONLY)}"),
        ("percent", f"Express the fraction as a percentage for {name}'s report."),
        ("percent", "Turn the fraction into percent. "
                    f"{dice.pick(('', 'Add the percent sign.', 'Use the sign %.', 'Keep it short.'))}"),
    ))  # fmt: skip

    def make() -> Instance:
        if form == "of":
            bottom = dice.pick((2, 3, 4, 6, 12))
            top = dice.integer(1, bottom - 1)
            return Instance(f"{top}/{bottom}", str(amount * top // bottom))
        if form == "percent":
            bottom = dice.pick((2, 4, 5, 10, 20, 25, 50))
            top = dice.integer(1, bottom - 1)
            return Instance(f"{top}/{bottom}", f"{100 * top // bottom}%")
        top, factor = dice.integer(1, 7), dice.integer(2, 9)
        top, bottom = top * factor, (top + dice.integer(1, 6)) * factor
        common = gcd(top, bottom)
        lowest = f"{top // common}/{bottom // common}"
        return Instance(
            f"{top}/{bottom}",
            lowest
            if form == "lowest"
            else f"Both parts can be divided by {common}, so {top}/{bottom} = {lowest}.",
        )

    return Draft(text.strip(), some_instances(dice, make))


def _round_number(dice: Draw) -> Draft:
    unit, step = dice.pick(
        (("ten", 10), ("hundred", 100), ("thousand", 1000), ("fifty", 50), ("five", 5), ("whole number", 1))
    )
    thing = dice.pick(("number of visitors", "distance in metres", "price", "weight in grams",
                       "number of votes", "bill", "count of birds",
                       "score", "length of the road", "amount of water in litres", "sum",
                       "height of the hill"))  # fmt: skip
    sentence, text = dice.pick((
        (False, f"Round the {thing} to the nearest {unit}."),
        (False, f"Bring the {thing} to the nearest {unit} before it is printed in a report."),
        (False, f"What does the {thing} become when it is rounded to the nearest {unit}?"),
        (False, f"{dice.pick(words.NAMES)} wants the {thing} without needless detail. Round it to the "
                f"nearest {unit}. {dice.pick(_ONLY)}"),
        (False, f"For a poster in {dice.pick(words.CITIES)}, replace the exact {thing} with the nearest "
                f"{unit}."),
        (True, f"Say in a sentence what the {thing} is, rounded to the nearest {unit}."),
        (True, f"Shorten the {thing} for a radio report: round it to the nearest {unit} and use the word "
               "'about'."),
    ))  # fmt: skip

    def make() -> Instance:
        if step == 1:
            whole, tenth = dice.integer(2, 400), dice.pick((1, 2, 3, 4, 6, 7, 8, 9))
            given, near = f"{whole}.{tenth}", whole + (tenth > 5)
        else:
            near = step * dice.integer(2, 60)
            given = str(near + dice.integer(1 - (step + 1) // 2, (step + 1) // 2 - 1) or near + 1)
        return Instance(given, f"It is about {near}." if sentence else str(near))

    return Draft(
        text.strip(),
        tuple(item for item in some_instances(dice, make) if item.input != item.output) or (make(),),
    )


def _larger_number(dice: Draw) -> Draft:
    what, more, less = dice.pick((("weights in kilograms", "heavier", "lighter"),
                                  ("prices in euros", "dearer", "cheaper"),
                                  ("lengths in metres", "longer", "shorter"),
                                  ("times in seconds", "slower", "faster"),
                                  ("ages in years", "older", "younger"),
                                  ("distances in kilometres", "farther", "nearer"),
                                  ("numbers", "larger", "smaller")))  # fmt: skip
    up, name = dice.chance(0.5), dice.pick(words.NAMES)
    word = more if up else less
    tail = dice.pick(("Answer A, B or equal.", "Reply with A, B or equal.", "Choose from A, B and equal.",
                      "Possible answers: A, B, equal."))  # fmt: skip
    text = dice.pick((
        f"Look at the two {what} of {name}. Which one is {word}? {tail}",
        f"Decide which of the two {what} is {word}. {tail}",
        f"{name} compares two {what} and picks the {word} one. {tail}",
        f"Select the {word} of these {what}: A, B, or equal if there is no difference.",
        f"Between A and B, two {what} from {name}'s notes, which is {word}? Write equal if they are the "
          "same.",
        f"Pick the {word} value. The two {what} may also be equal. {tail}",
    ))  # fmt: skip
    labels = ["A", "B", "equal"] if dice.chance(0.5) else ["A", "B"]

    def make(place: int) -> str:
        if place == 2:
            number = dice.integer(1, 40)
            return f"A: {number}\nB: {number}.0"
        low, high = sorted(dice.sample(range(11, 400), 2))
        by = dice.pick((1, 10))
        first, second = (high, low) if (place == 0) == up else (low, high)
        return f"A: {first / by:g}\nB: {second / by:g}"

    return Draft(text, each_label(dice, labels, make))


def _continue_sequence(dice: Draw) -> Draft:
    count, name = dice.integer(1, 3), dice.pick(words.NAMES)
    coming = "number" if count == 1 else f"{_NUMBER_WORDS[count]} numbers"
    where = dice.pick(("the puzzle page", "a quiz sheet", "a blackboard", "a school test",
                       "a wall of the youth hostel", "a playing card", "a diary page",
                       "the back of an envelope", "a birthday card", "a code lock"))  # fmt: skip
    form, text = dice.pick((
        ("next", f"Continue the pattern from {where} with the next {coming}."),
        ("next", f"Which {coming} should come next? {name} found the sequence on {where}."),
        ("next", f"Extend the sequence from {where} so that it is longer by {_NUMBER_WORDS[count]}."),
        ("next", f"Supply the {coming} that {name} has left out at the end of the row."),
        ("rule", f"Describe the rule behind the numbers from {where} in one sentence."),
        ("rule", f"How does each number follow from the one before? Tell {name} in a short sentence."),
        ("rule", f"Discover what {name} does to get from one number to the next, and say it in a sentence."),
        ("gap", f"Fill the gap marked with a question mark in this sequence from {where}."),
        ("gap", f"Guess the number that {name} has hidden behind the question mark."),
    ))  # fmt: skip

    def make() -> Instance:
        start, step = dice.integer(1, 30), dice.integer(2, 12)
        kind = dice.integer(0, 3)
        length = 5 + count
        if kind <= 1:
            row, rule = (
                [start + step * i for i in range(length)],
                f"Each number is {step} more than the one before.",
            )
        elif kind == 2:
            start += 9 * step
            row, rule = (
                [start - step * i for i in range(length)],
                f"Each number is {step} less than the one before.",
            )
        else:
            start, step = dice.integer(1, 7), dice.integer(2, 3)
            row, rule = (
                [start * step**i for i in range(length)],
                f"Each number is {('', '', 'twice', 'three times')[step]} the one before.",
            )
        if form == "next":
            return Instance(f"{_listed(row[:5])}, …", _listed(row[5:]))
        if form == "rule":
            return Instance(_listed(row[:5]), rule)
        place = dice.integer(1, 4)
        return Instance(_listed([*row[:place], "?", *row[place + 1 : 5]]), str(row[place]))

    return Draft(text, some_instances(dice, make))


def _divisible_or_not(dice: Draw) -> Draft:
    by, name = dice.integer(2, 10), dice.pick(words.NAMES)
    thing = dice.pick(("house number", "lottery number", "page number", "room number", "bus number",
                       "ticket number", "number",
                       "locker number", "seat number"))  # fmt: skip
    if dice.chance(0.5):
        by, labels = 2, ("even", "odd")
        text = dice.pick((
            f"Is the {thing} even or odd?",
            f"Label the {thing} as even or odd for {name}.",
            f"{name} sorts by {thing}: even ones to the left, odd ones to the right. Write even or odd.",
            f"Does the {thing} end in an even digit? Call it even if so, odd if not.",
            f"Sort this {thing} into one of two groups, odd or even. "
              f"{dice.pick(('One word, please.', 'Reply in one word.', ''))}",
        ))  # fmt: skip
    else:
        labels, text = dice.pick((
            (("yes", "no"), f"Can the {thing} be divided by {by} without a remainder? Answer yes or no."),
            (("divisible", "not divisible"), f"Test the {thing}: is it divisible by {by} or not divisible?"),
            (("yes", "no"), f"When the {thing} is divided by {by}, is the remainder zero? Choose yes or no."),
            (("true", "false"), f"True or false: the {thing} is a multiple of {by}."),
            (("exact", "remainder"),
             f"Judge for {name} if {by} goes into the {thing} exactly. Write exact or remainder."),
            (("yes", "no"),
             f"Would {by} friends of {name} be able to share this number of coins equally, yes or no?"),
            (("fits", "does not fit"),
             f"Boxes hold {by} {dice.pick(_GOODS)[1]} each and must be full. Say of the total if it fits or "
               "does not fit."),
        ))  # fmt: skip

    def make(place: int) -> str:
        number = by * dice.integer(3, 120 // by + 30)
        return str(number + (dice.integer(1, by - 1) if place else 0))

    return Draft(text.strip(), each_label(dice, labels, make))


_PRIMES = tuple(n for n in range(2, 200) if all(n % k for k in range(2, n)))
_COMPOSITES = tuple(n for n in range(4, 200) if n not in _PRIMES and (n % 2 or n < 40))


def _is_it_prime(dice: Draw) -> Draft:
    name = dice.pick(words.NAMES)
    age = dice.pick(("age", "ticket number", "house number", "lucky number", "shirt number",
                     "number on the card", "score", "locker code"))  # fmt: skip
    labels, text = dice.pick((
        (("yes", "no"), f"Does the {age} of {name} have no divisors but 1 and itself? Reply yes or no."),
        (("prime", "not prime"), f"Check if {name}'s {age} is prime or not prime."),
        (("true", "false"),
         f"{name} says that this {age} is a prime number. Classify the claim as true or false."),
        (("in", "out"),
         f"A {dice.pick(('club', 'team', 'choir', 'class'))} lets {name} in only if the {age} is prime. In "
           "or out?"),
        (("prime", "composite"), f"Tell primes from other numbers: write prime or composite for the {age}."),
        (("prime", "composite"),
         f"Prime numbers cannot be split into smaller factors, composite ones can. Mark the {age} of {name} "
           "accordingly."),
        (("yes", "no"),
         f"Would it be impossible to lay out this number of {dice.pick(_GOODS)[1]} in two or more equal rows "
           "of at least two? Yes or no."),
    ))  # fmt: skip
    return Draft(
        text, each_label(dice, labels, lambda place: str(dice.pick(_COMPOSITES if place else _PRIMES)))
    )


def _change_from_note(dice: Draw) -> Draft:
    money, name = dice.pick(_CURRENCIES), dice.pick(words.NAMES)
    shop = dice.pick(("bakery", "bookshop", "café", "museum shop", "flower stall", "kiosk", "ferry office",
                      "village shop", "pharmacy"))  # fmt: skip
    style, text = dice.pick((
        ("bare", f"Hand back the right change at the {shop}: how much is it in {money}?"),
        ("bare", f"{name} pays at the {shop}. Calculate the change in {money}. {dice.pick(_ONLY[2:4])}"),
        ("bare", f"How much does the {shop} give back to {name}? The amounts are in {money}."),
        ("bare", f"Determine the change that {name} receives, in {money}, from the bill and the amount "
                 "paid."),
        ("sentence", f"You work at the till of the {shop}. Tell the customer the change in {money} in one "
                     "polite sentence."),
        ("sentence", f"Speak as the cashier of the {shop} and name the change in {money}, with thanks."),
        ("enough", f"Check whether {name} has paid enough at the {shop}, and say what is missing or too "
                   f"much, in {money}."),
    ))  # fmt: skip

    def make() -> Instance:
        bill = dice.integer(15, 480) * 10
        paid = next(note for note in (500, 1000, 2000, 5000) if note > bill)
        if style == "enough" and dice.chance(0.5):
            bill, paid = paid, bill
        gap = abs(paid - bill)
        change = f"{_cents(gap)} {money[:-1] if gap == 100 else money}"
        output = {"bare": change, "sentence": f"Here is your change of {change}, thank you very much.",
                  "enough": f"{name} has paid {change} too much." if paid > bill
                  else f"{name} still owes {change}."}[style]  # fmt: skip
        return Instance(f"Bill: {_cents(bill)} {money}\nPaid: {_cents(paid)} {money}", output)

    return Draft(text, some_instances(dice, make))


def _split_in_ratio(dice: Draw) -> Draft:
    (one, two), unit = (
        dice.sample(words.NAMES, 2),
        dice.pick((*_CURRENCIES, "kilograms", "litres", "metres", "hours", "points")),
    )
    why = dice.pick(("for shared work", "after a sale", "from a small prize", "after the harvest",
                     "as agreed", "in a fair way", "before the holidays"))  # fmt: skip
    form, text = dice.pick((
        ("pair", f"Split the {unit} between {one} and {two} in the given ratio, {why}. Write '{one}: …, "
                 f"{two}: …'."),
        ("pair", f"{one} and {two} divide the {unit} {why}. List what each of them receives."),
        ("pair", f"Apply the ratio to the total and give the shares of {one} and {two} in {unit}."),
        ("first", f"Only {one}'s part is of interest: how many {unit} is it? {two} gets the rest."),
        ("first", f"What does {one} receive if {one} and {two} share the {unit} in this ratio {why}?"),
        ("sentence", f"Distribute the {unit} in the stated ratio {why} and sum up in one sentence what {one} "
                     f"and {two} get."),
    ))  # fmt: skip

    def make() -> Instance:
        (a, b), part = (
            dice.pick(
                ((1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2), (1, 4), (3, 4), (4, 1), (2, 5), (5, 3))
            ),
            dice.integer(3, 12),
        )
        output = {"pair": f"{one}: {a * part} {unit}, {two}: {b * part} {unit}",
                  "first": f"{a * part} {unit}",
                  "sentence": f"{one} gets {a * part} {unit} and {two} gets {b * part}."}[form]  # fmt: skip
        return Instance(f"Total: {(a + b) * part} {unit}\nRatio {one} to {two}: {a}:{b}", output)

    return Draft(text, some_instances(dice, make))


_INGREDIENTS = (("g flour", 100, 50), ("ml milk", 100, 50), ("eggs", 2, 2), ("g butter", 20, 10),
                ("g sugar", 40, 20), ("potatoes", 4, 2),
                ("g rice", 80, 40), ("spoons of oil", 2, 2), ("carrots", 2, 2), ("tomatoes", 4, 2),
                ("g cheese", 60, 20), ("onions", 2, 2),
                ("ml water", 200, 100), ("spoons of honey", 2, 2), ("g lentils", 100, 50), ("apples", 2, 2),
                ("g raisins", 30, 10))  # fmt: skip


def _scale_recipe(dice: Draw) -> Draft:
    dish = dice.pick(("soup", "stew", "cake", "salad", "pie", "pancakes", "pudding", "casserole"))
    name = dice.pick(words.NAMES)
    people, factor, halve = dice.pick((2, 4, 6)), dice.integer(2, 3), dice.chance(0.3)
    wanted = people // 2 if halve else people * factor
    who = f"{wanted} people" if wanted > 1 else "one person"
    verb = "Halve" if halve else ("", "", "Double", "Triple")[factor]
    text = dice.pick((
        f"{verb} every amount in {name}'s recipe.",
        f"Scale the ingredients of this recipe from {people} people to {who}.",
        f"The recipe of {name} feeds {people}. Rewrite it for {who}, one ingredient a line.",
        f"Adapt the shopping list for {name}: it is meant for {people} people, but there will be {wanted}.",
        f"Adjust the amounts so that they are right for {who} rather than for {people}.",
        f"{name} cooks for {who} tonight. How much of each ingredient is needed, if this is enough for "
          f"{people}?",
    ))  # fmt: skip

    def make() -> Instance:
        chosen = [
            (unit, low + step * dice.integer(0, 4))
            for unit, low, step in dice.sample(_INGREDIENTS, dice.integer(3, 4))
        ]
        scaled = [(unit, amount // 2 if halve else amount * factor) for unit, amount in chosen]
        title = f"{dish.capitalize()} for {people} people\n" if titled else ""
        return Instance(title + "\n".join(f"{amount} {unit}" for unit, amount in chosen),
                        "\n".join(f"{amount} {_singular(unit) if amount == 1 else unit}" for unit,
                                  amount in scaled))  # fmt: skip

    titled = dice.chance(0.4)
    return Draft(text, some_instances(dice, make))


def _singular(unit: str) -> str:
    if unit.startswith("spoons"):
        return unit.replace("spoons", "spoon")
    return unit.removesuffix("es" if unit.endswith("oes") else "s")


def _check_calculation(dice: Draw) -> Draft:
    name = dice.pick(words.NAMES)
    where = dice.pick(("homework", "exercise book", "bill", "notes", "answer sheet", "test", "account book"))
    labels, text = dice.pick((
        (("correct", "wrong"), f"Verify the calculation from {name}'s {where} and reply correct or wrong."),
        (("yes", "no"), f"Is the equation in {name}'s {where} true? Answer yes or no."),
        (("tick", "cross"), f"Mark this line of {name}'s {where} with the word tick or cross."),
        (("right", "wrong"),
         f"Did {name} calculate properly? Write right or wrong next to the line from the {where}."),
        (("pass", "fail"), f"Grade one line of the {where} that {name} handed in: pass or fail."),
        (("yes", "no"), f"Someone has to look over the {where} of {name}. Does this line add up, yes or no?"),
        (("true", "false"), f"True or false? {name} has put this into the {where}."),
        (("keep", "redo"),
         f"{name} must redo every line of the {where} that holds a mistake and may keep the others. Keep or "
           "redo?"),
    ))  # fmt: skip

    def make(place: int) -> str:
        a, b = dice.integer(3, 60), dice.integer(3, 20)
        left, result = dice.pick(
            ((f"{a} + {b}", a + b), (f"{a + b} - {b}", a), (f"{a} x {b}", a * b), (f"{a * b} / {b}", a))
        )
        return f"{left} = {result + (dice.pick((-2, -1, 1, 2, 10)) if place else 0)}"

    return Draft(text, each_label(dice, labels, make))


FAMILIES: tuple[Family, ...] = (
    Family("add_numbers", is_classification=False, draw=_add_numbers),
    Family("how_many_more", is_classification=False, draw=_how_many_more),
    Family("cost_of_items", is_classification=False, draw=_cost_of_items),
    Family("share_with_remainder", is_classification=False, draw=_share_with_remainder),
    Family("story_problem", is_classification=False, draw=_story_problem),
    Family("story_in_the_task", is_classification=False, draw=_story_in_the_task),
    Family("average_of_values", is_classification=False, draw=_average_of_values),
    Family("percentages", is_classification=False, draw=_percentages),
    Family("simplify_fractions", is_classification=False, draw=_simplify_fractions),
    Family("round_number", is_classification=False, draw=_round_number),
    Family("larger_number", is_classification=True, draw=_larger_number),
    Family("continue_sequence", is_classification=False, draw=_continue_sequence),
    Family("divisible_or_not", is_classification=True, draw=_divisible_or_not),
    Family("is_it_prime", is_classification=True, draw=_is_it_prime),
    Family("change_from_note", is_classification=False, draw=_change_from_note),
    Family("split_in_ratio", is_classification=False, draw=_split_in_ratio),
    Family("scale_recipe", is_classification=False, draw=_scale_recipe),
    Family("check_calculation", is_classification=True, draw=_check_calculation),
)
