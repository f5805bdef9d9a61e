"""Families that find in a short text what it says: each text is composed around the answer.

Templates are one way to ask a line: the dice choose in [this|or that], {slots} are filled in, among them
{topic} and {somebody}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from curriculum import words
from curriculum.asking import ask_one, different_pairs, instances_of, labelled, with_article
from curriculum.base import Draft, Draw, Family

__all__ = ["FAMILIES"]

_NAMES = tuple(name for name in words.NAMES if name not in words.CITIES)
_CITIES = tuple(city for city in words.CITIES if city not in words.NAMES)
_UNHANDY = (
    "bicycle",
    "chair",
    "curtain",
    "desk",
    "needle",
    "piano",
    "scissors",
    "shelf",
    "shoe",
    "soap",
    "table",
)
_GOODS = tuple(thing for thing in words.OBJECTS if thing not in _UNHANDY)
_FILLERS = (
    "The weather was fine.",
    "Nobody complained.",
    "The rest can wait.",
    "All in all it was a good week.",
    "There is nothing else to report.",
    "The details will follow soon.",
    "Everybody else knows already.",
    "That is all for now.",
    "More will be said at the next meeting.",
)
_REMARKS = (
    " Keep the order of the text.",
    " Add nothing else.",
    " Do not explain anything.",
    " Use the words of the text.",
    " No other words, please.",
)
_LISTS: tuple[tuple[str, str, Callable[[Sequence[str]], str]], ...] = (
    (", separated by commas", "Separate the answers by commas.", ", ".join),
    (", separated by semicolons", "Put semicolons between the answers.", "; ".join),
    (", one to a line", "Put each answer on a line of its own.", "\n".join),
    (" as a bulleted list", "Use a bulleted list.", lambda items: "\n".join(f"- {item}" for item in items)),
    (
        " as a JSON array",
        "Answer with a JSON array.",
        lambda items: json.dumps([int(item) if item.isdigit() else item for item in items]),
    ),
)
_TABLES: tuple[tuple[str, str, Callable[[dict[str, str]], str]], ...] = (
    (", one to a line, with a colon between", "Use a line for each, with a colon between.",
     lambda pairs: "\n".join(f"{left}: {right}" for left, right in pairs.items())),
    (" as a bulleted list with colons", "Answer with a bulleted list and colons.",
     lambda pairs: "\n".join(f"- {left}: {right}" for left, right in pairs.items())),
    (" as a JSON object", "Answer with a JSON object.", json.dumps),
    (", one to a line, with a bar between", "Use a line for each, with a bar between.",
     lambda pairs: "\n".join(f"{left} | {right}" for left, right in pairs.items())),
    (" on one line, with each {second} in brackets", "Answer on one line, with each {second} in brackets.",
     lambda pairs: ", ".join(f"{left} ({right})" for left, right in pairs.items())),
)  # fmt: skip


def _task(dice: Draw, make: Callable[[], tuple[str, str]], asks: str, **slots: object) -> Draft:
    """make: an input and its output."""
    pairs = different_pairs(make, dice.integer(1, 3), changed=False)
    return Draft(ask_one(dice, asks, **slots), instances_of(pairs.items()))


def _labelled(
    dice: Draw, make: Callable[[str], str], classes: Sequence[str], asks: str, **slots: object
) -> Draft:
    """make: an input for a label. Two or three labels appear, in any order."""
    made = labelled(dice, make, classes)
    return Draft(ask_one(dice, asks, **slots), made)


def _details(dice: Draw) -> dict[str, str]:
    name, other = dice.sample(_NAMES, 2)
    city, town = dice.sample(_CITIES, 2)
    return {
        "name": name, "other": other, "city": city, "town": town, "day": dice.pick(words.WEEKDAYS),
        "month": dice.pick(words.MONTHS), "colour": dice.pick(words.COLOURS), "topic": dice.topic(),
        "thing": dice.pick(_GOODS), "place": dice.pick(words.PLACES), "job": dice.pick(words.JOBS),
        "food": dice.pick(words.FOODS), "price": str(dice.integer(2, 90)), "count": str(dice.integer(3, 24)),
        "hour": str(dice.integer(7, 21)),
    }  # fmt: skip


def _passage(dice: Draw, frames: Sequence[str], pool: Sequence[str]) -> tuple[str, list[str]]:
    """One to three sentences with the items at their {} and no item twice, and these items in their order."""
    left = dice.sample(pool, 9)
    sentences: list[str] = []
    used: list[str] = []
    for frame in dice.sample(frames, dice.integer(1, 3)):
        taken = [left.pop() for _ in range(frame.count("{}"))]
        sentences.append(frame.format(*taken, **_details(dice)))
        used += taken
    if dice.chance(0.4) and "Stir in {}." not in frames:
        sentences.append(dice.pick(_FILLERS))
    return " ".join(sentences), used


def _listing(dice: Draw, frames: Sequence[str], pool: Sequence[str], asks: str, **slots: object) -> Draft:
    how, note, show = dice.pick(_LISTS)

    def make() -> tuple[str, str]:
        text, items = _passage(dice, frames, pool)
        return text, show(items)

    return _with_remark(dice, _task(dice, make, asks, how=how, note=note, **slots))


def _pairing(
    dice: Draw, frames: Sequence[str], lefts: Sequence[str], rights: Sequence[str], asks: str, second: str
) -> Draft:
    """Frames have {0} for what stands left in an answer, {1} for what stands right. second: its name."""
    how, note, show = dice.pick(_TABLES)
    how, note = how.format(second=second), note.format(second=second)

    def make() -> tuple[str, str]:
        count = dice.integer(1, 3)
        pairs = dict(zip(dice.sample(lefts, count), dice.sample(rights, count), strict=True))
        chosen = dice.sample(frames, count)
        sentences = [
            frame.format(left, right, a=with_article(right), **_details(dice))
            for frame, (left, right) in zip(chosen, pairs.items(), strict=True)
        ]
        if dice.chance(0.4):
            sentences.insert(dice.integer(0, count), dice.pick(_FILLERS))
        return " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences), show(pairs)

    return _with_remark(dice, _task(dice, make, asks, how=how, note=note))


def _with_remark(dice: Draw, draft: Draft) -> Draft:
    remark = dice.pick(("", "", *_REMARKS))
    return Draft(draft.instruction + remark, draft.instances)


# Lists of one kind of thing


def _names(dice: Draw) -> Draft:
    frames = (
        "{} and {} painted the fence on {day}.",
        "{} brought a cake for everyone.",
        "Later {} called {} from {city}.",
        "The keys were returned by {}.",
        "{} asked {} for the {thing}.",
        "The talk on {topic} was given by {}.",
        "{} could not come because of the storm.",
        "At noon {}, {} and {} left for {city}.",
        "In {city} we met {}, who sells {food}.",
    )
    asks = """
[List|Name|Write down] all people mentioned in the text{how}.
Who [is mentioned|appears] in the text? {note}
[Extract|Pull out|Collect] the first names of the people from the [passage|note]{how}.
Everybody in the note shall get [an invitation|a card]. [Find|Give] their names{how}.
For a report on {topic}, {somebody} wants the names in the text{how}.
[Scan|Search] the note for names of people and [return|report] them{how}.
Which people does the [writer|note] speak of? {note}"""
    return _listing(dice, frames, _NAMES, asks)


def _dates(dice: Draw) -> Draft:
    frames = (
        "The course on {topic} begins on {}.",
        "{name} was born on {}.",
        "The rent is due on {}.",
        "Our shop in {city} will be closed on {} and {}.",
        "Please return the {thing} by {}.",
        "The concert was moved from {} to {}.",
        "{name} and {other} got married on {}.",
        "On {}, {} and {} the office closes early.",
    )
    order = dice.pick(("{0} {1}", "{1} {0}", "{0} {1} 2024"))
    months = [month for month in words.MONTHS for _ in range(2)]
    pool = list(dict.fromkeys(order.format(dice.integer(1, 28), month) for month in months))
    asks = """
[Extract|Copy|Collect] every date from the [text|notice]{how}.
Which dates [occur|are named|are given] in the text? {note}
[Mark in a list|List] the dates that {somebody} should [remember|write in the calendar]{how}.
[Look for|Find] calendar dates in the message and [return|give] them{how}.
A calendar about {topic} needs the dates in this [note|notice]{how}.
[Pick out|Gather] the dates, exactly as they are written{how}.
When do the things in the [message|notice] happen? Give the dates. {note}"""
    return _listing(dice, frames, pool, asks)


def _places(dice: Draw) -> Draft:
    frames = (
        "{name} flew from {} to {}.",
        "The parcel was sent from {} last week.",
        "{name} grew up in {} and now lives in {}.",
        "The next meeting on {topic} takes place in {}.",
        "The train stops in {}, {} and {}.",
        "In {} it has been raining since {day}.",
        "{name} bought the {thing} in {}.",
    )
    asks = """
[Name|List|Identify] the cities in the text{how}.
Which cities does the text [mention|speak of]? {note}
[Extract|Take] all names of cities from the [passage|message]{how}.
A travel agency wants to know which cities [come up|occur] in the letter. {note}
[Pull|Filter] the names of cities out of the note for {somebody}{how}.
Where do the events [take place|happen]? Give only the cities. {note}
For a quiz on {topic} we need the cities from this text{how}."""
    return _listing(dice, frames, _CITIES, asks)


def _codes(dice: Draw) -> Draft:
    letters = "ABCDEFGHKLMNPRSTUVWXYZ"
    kind, frames, pool = dice.pick((
        ("order number",
         ("Your order {} has left {city}.", "Please quote {} when you call us.", "{} and {} are late.",
          "{name} asked about {} on {day}.", "The {thing} belongs to order {}."),
         [f"{dice.pick(letters)}{dice.pick(letters)}-{dice.integer(1000, 9999)}" for _ in range(12)]),
        ("phone number",
         ("You can reach {name} at {}.", "Call {} in the morning or {} in the evening.",
          "The clinic has a new number, {}.",
          "For questions about {topic}, dial {}.", "{name} left {} and {} on the machine."),
         [f"555-{dice.integer(1000, 9999)}" for _ in range(12)]),
        ("room number",
         ("The talk on {topic} moves to {}.", "{name} sits in {} now.", "Take the chairs from {} to {}.",
          "{} will be cleaned on {day}.", "The {thing} was left in {}."),
         [f"{dice.pick('ABCDE')}{dice.integer(100, 499)}" for _ in range(12)]),
    ))  # fmt: skip
    asks = """
[Extract|Copy|Collect] every {kind} from the [message|text]{how}.
Which {kind}s [does the message contain|can you find in the text]? {note}
[Look up|Locate|Spot] each {kind} in the message and [return|write] it exactly{how}.
{somebody} needs [every|each] {kind} in this note{how}.
[Read|Scan] the message for every {kind} in it and list what you find{how}.
Our office handles mail about {topic}. [Report|Save] each {kind} in this message{how}."""
    return _listing(dice, frames, list(dict.fromkeys(pool)), asks, kind=kind)


def _colours(dice: Draw) -> Draft:
    frames = (
        "The {} coat hangs beside the {} scarf.",
        "{name} painted the door {}.",
        "A {} bicycle stood in front of the {place}.",
        "The book on {topic} has a {} cover.",
        "The flag is {}, {} and {}.",
        "In {city} the buses are {} and the trams {}.",
        "{name} lost the {} gloves in {city}.",
    )
    pool = [colour for colour in words.COLOURS if colour[0] not in "ao"]
    asks = """
[List|Name|Note] the colours in the [description|text]{how}.
Which colours [appear|are mentioned] in the text? {note}
[Find|Look for] the colour words and [write|copy] them{how}.
A painter wants to [mix|buy] all colours named here. [List|Name] them{how}.
[Extract|Gather] every colour from the text, in order of appearance{how}.
[Tell|Help] {somebody} which colours the description [contains|needs]. {note}
For a lesson about {topic}, pick the colour words out of the text{how}."""
    return _listing(dice, frames, pool, asks)


def _ingredients(dice: Draw) -> Draft:
    frames = (
        "Mix {} with {}.",
        "Stir in {}.",
        "Take {} out of the cupboard.",
        "Add {} and leave everything to rest for an hour.",
        "Finish with {} and {}.",
        "Blend {}, {} and {} in a large bowl.",
        "Put {} and {} into a large pot.",
        "At the end, add {} and taste.",
        "Combine {} with {} and stir well.",
    )
    pool = (
        "200 g of flour", "two eggs", "a pinch of salt", "100 g of butter", "a cup of milk",
        "50 g of walnuts", "three spoons of honey", "a handful of raisins", "250 g of rice", "half a lemon",
        "two cloves of garlic", "a litre of water", "300 g of spinach", "a spoon of vinegar", "80 g of sugar",
        "four tomatoes", "a slice of bread", "two onions", "a glass of yogurt", "150 g of cheese",
        "some fresh mint",
    )  # fmt: skip
    asks = """
[List|Write out] the ingredients of the recipe with their amounts{how}.
What does the cook need for this [recipe|dish]? Give amounts, too. {note}
[Make|Prepare] a shopping list with amounts from the recipe{how}.
[Extract|Pull out] everything that goes into the dish, with its amount{how}.
Before {somebody} starts to cook, all ingredients should be on the table. [Name|List] them with amounts{how}.
Which ingredients, and how much of each, does the recipe [use|call for]? {note}
A cookbook about {topic} lists amounts before each recipe. [Write|Supply] the ingredients{how}."""
    return _listing(dice, frames, pool, asks)


def _numbers(dice: Draw) -> Draft:
    frames = (
        "The train has {} carriages.",
        "{name} sold {} tickets and kept {}.",
        "About {} people came to the talk on {topic}.",
        "The {place} has {} windows and {} doors.",
        "There are {} chairs in the hall.",
        "{name} counted {} birds in {city}.",
        "We printed {} copies and sent out {} letters.",
    )
    mode = dice.pick(("list", "largest", "smallest", "sum"))
    how, note, show = dice.pick(_LISTS)

    def make() -> tuple[str, str]:
        text, items = "", [""]
        while len(items) < 2:
            text, items = _passage(dice, frames, [str(number) for number in range(2, 100)])
        values = [int(item) for item in items]
        answers = {"largest": max(values), "smallest": min(values), "sum": sum(values)}
        return text, show(items) if mode == "list" else str(answers[mode])

    asks_for_all = """
[Extract|Collect|Copy] all numbers from the text{how}.
Which numbers [occur|stand] in the text? {note}
[List|Report] the figures in the note, in their order{how}.
For a report about {topic}, [find|spot] every number in this text{how}.
{somebody} only needs the numbers in this [text|note]. Give them{how}."""
    asks_for_one = """
What is the {mode} of the [numbers|figures] in the text?
[Find|Give|State] the {mode} of the numbers in the [note|text].
[Look through|Read] the text and [return|report] the {mode} of its numbers[ as digits|].
A report on {topic} needs one number: the {mode} of those in the text.
Tell {somebody} the {mode} of the numbers [mentioned|given] in the [note|text].
[Compute|Determine] the {mode} of all figures that the [text|note] mentions."""
    asks = asks_for_all if mode == "list" else asks_for_one
    draft = _task(dice, make, asks, how=how, note=note, mode=mode)
    return _with_remark(dice, draft) if mode == "list" else draft


# Pairs


def _prices(dice: Draw) -> Draft:
    frames = (
        "The {0} costs {1}.",
        "For the {0} we paid {1} in {city}.",
        "{name} sells the {0} for {1}.",
        "You can have the {0} for {1}.",
        "The price of the {0} is {1} now.",
        "On {day} the {0} was down to {1}.",
    )
    currency = dice.pick(("euros", "dollars", "pounds", "francs", "crowns"))
    rights = [f"{amount} {currency}" for amount in range(2, 90)]
    asks = """
[List|Collect] each article in the text with its price{how}.
What is for sale, and at what price? {note}
[Extract|Copy] the goods and what they cost{how}.
[Make|Prepare] a price list from the [advertisement|note]{how}.
Shoppers interested in {topic} wrote this. [Match|Pair] every article with its price{how}.
How much does each thing in the text cost? {note}
[Help|Assist] {somebody}: [write|set] down the articles and prices{how}."""
    return _pairing(dice, frames, _GOODS, rights, asks, "price")


def _occupations(dice: Draw) -> Draft:
    frames = (
        "{0} works as {a} in {city}.",
        "{0}, {a} from {city}, loves books about {topic}.",
        "Since {month} {0} has been {a}.",
        "{0} is {a} and lives near the {place}.",
        "After school {0} became {a}.",
        "{0} earns a living as {a}.",
    )
    asks = """
[Pair|Match] every person in the text with his or her job{how}.
Who does what for a living? {note}
[List|Record] the people and their [jobs|occupations]{how}.
Which job does each person [have|do]? {note}
[Extract|Gather] names and occupations from the [text|introduction]{how}.
A brochure about {topic} introduces its authors. [Collect|Sum up] names and jobs{how}.
{somebody} forgot who works as what. [Write|Note] it down{how}."""
    return _pairing(dice, frames, _NAMES, words.JOBS, asks, "job")


_DEEDS = (
    "book the room", "send the invoices", "water the plants", "call the printer", "order new chairs",
    "update the website", "clean the kitchen", "write the report", "pay the deposit", "invite the speakers",
    "collect the keys", "translate the leaflet", "check the heating", "buy stamps", "fix the printer",
)  # fmt: skip
_DONE = (
    "repaired the roof", "baked the bread", "found the keys", "washed the dishes", "opened the letter",
    "closed the windows", "fed the hens", "sang the first song", "carried the boxes", "lost the tickets",
    "painted the gate", "cooked the soup", "called the doctor", "won the race", "broke the teapot",
)  # fmt: skip


def _action_items(dice: Draw) -> Draft:
    frames = (
        "{0} will {1}.",
        "{0} has promised to {1}.",
        "it was agreed that {0} should {1}.",
        "{0} has to {1}.",
        "after some discussion {0} offered to {1}.",
        "the group asked {0} to {1}.",
    )
    rights = [
        f"{deed}{dice.pick(('', f' by {day}'))}" for deed in _DEEDS for day in [dice.pick(words.WEEKDAYS)]
    ]
    asks = """
[List|Extract|Sum up] the action items from the minutes, with the person in charge{how}.
Who has to do what after the meeting? {note}
[Turn|Boil down] the minutes into to-dos, each with a name{how}.
[Find|Collect] what each person has [promised|to do]{how}.
A meeting about {topic} ended with these notes. [State|Record] who does what{how}.
What are the to-dos in the notes, and whose are they? {note}
[Remind|Tell] {somebody} who took on which job: person first, then the job{how}."""
    return _pairing(dice, frames, _NAMES, rights, asks, "task")


def _who_did_it(dice: Draw) -> Draft:
    wanted = dice.pick(_DONE)

    def make() -> tuple[str, str]:
        names = dice.sample(_NAMES, 3)
        deeds = dice.shuffled([wanted, *dice.sample([deed for deed in _DONE if deed != wanted], 2)])
        frames = dice.sample(("{} {}.", "It was {} who {}.", "In the evening {} {}.", "Then {} {}.",
                              "Meanwhile {} {}.", "Without a word {} {}."), 3)  # fmt: skip
        sentences = [frame.format(*pair) for frame, *pair in zip(frames, names, deeds, strict=True)]
        return " ".join(sentences), names[deeds.index(wanted)]

    asks = """
Who in the [story|text] {wanted}?
[Tell me|Say] who {wanted} in the [story|text].
[Name|Identify] the person who {wanted}.
[According to|In] the [story|text], which person {wanted}?
{somebody} wants to thank the one who {wanted}. [Give|Find] the name.
[Read|Study] the [story|passage] and find out who {wanted}.
In a story for an evening about {topic}, somebody {wanted}. Who was it?"""
    return _task(dice, make, asks, wanted=wanted)


# Forms and passages

_FORMS = (
    ("{name} is {a_job} from {city} and starts on {day}.", ("name", "job", "city", "day")),
    ("We will meet {name} in {city} on {day}.", ("name", "city", "day")),
    ("On {day}, {name} ordered {count} boxes of {food}.", ("name", "food", "count", "day")),
    ("The {colour} {thing} from {city} costs {price} euros.", ("thing", "colour", "price", "city")),
    ("{name} would like a table for {count} people on {day}.", ("name", "count", "day")),
    ("A talk on {topic} will be given by {name} in {city} in {month}.", ("name", "topic", "city", "month")),
    ("{name} found a lost {thing} near the {place} on {day}.", ("name", "thing", "place", "day")),
)


def _fill_form(dice: Draw) -> Draft:
    frame, keys = dice.pick(_FORMS)
    style = dice.pick(("json", "form"))

    def make() -> tuple[str, str]:
        details = _details(dice)
        text = frame.format(a_job=with_article(details["job"]), **details)
        if style == "form":
            return text, "\n".join(f"{key.capitalize()}: {details[key]}" for key in keys)
        numbers = ("count", "price")
        record = {key: int(details[key]) if key in numbers else details[key] for key in keys}
        return text, json.dumps(record, ensure_ascii=False)

    asks = """
[Turn|Convert|Change] the sentence into a JSON object with the keys {keys}.
[Return|Produce|Write] JSON with the keys {keys} for the [note|sentence].
How would the [note|sentence] look as JSON? The keys are {keys}.
A program of {somebody} reads only JSON. [Supply|Create] the object with {keys}.
Parse the [message|note] and give back JSON: {keys}.
Our records on {topic} are kept as JSON with {keys}. [Encode|Store] this [note|entry]."""
    asks_for_form = """
[Fill in|Complete] a form with the fields {keys} from the [note|sentence].
[Put|Sort] the facts of the sentence into the fields {keys}, one to a line.
Which values belong in the fields {keys}? Write field, colon and value on each line.
{somebody} keeps index cards with {keys}. [Write|Type] the card for this [note|entry].
[Restructure|Break up] the note into lines that begin with {keys}.
For our index on {topic}, [extract|copy] {keys} into lines of their own."""
    listed = f"{', '.join(keys[:-1])} and {keys[-1]}"
    return _task(dice, make, asks if style == "json" else asks_for_form, keys=listed)


_STORIES = (
    ("In {month}, {name} opened a small shop for {food} in {city}. On the first day {count} customers came, "
     "and the {colour} door never stood still.",
     (("Who opened the shop?", "name"), ("In which month did the shop open?", "month"),
      ("In which city is the shop?", "city"), ("How many customers came on the first day?", "count"),
      ("What colour is the door?", "colour"), ("What does the shop sell?", "food"))),
    ("{name} found the {colour} {thing} near the {place} on {day}. It belonged to {other}, who had been "
     "looking for it since {month}.",
     (("Who found what was lost?", "name"), ("To whom did it belong?", "other"),
      ("On which day was it found?", "day"), ("What was found?", "thing"), ("What colour was it?", "colour"),
      ("Since which month had it been lost?", "month"))),
    ("A course on {topic} starts in {city} on {day}. It is taught by {name}, costs {price} euros and has "
     "{count} places.",
     (("What is the course about?", "topic"), ("Who teaches the course?", "name"),
      ("How many euros does it cost?", "price"), ("In which city is the course held?", "city"),
      ("On which day does it start?", "day"), ("How many places are there?", "count"))),
    ("{name} took the bus from {city} to {town} on {day}. The ticket cost {price} euros, and {other} was "
     "waiting at the stop with {food}.",
     (("Where did the journey begin?", "city"), ("Where did the journey end?", "town"),
      ("Who took the bus?", "name"), ("Who was waiting at the stop?", "other"),
      ("How many euros did the ticket cost?", "price"), ("On which day was the trip?", "day"))),
)  # fmt: skip


def _answer_question(dice: Draw) -> Draft:
    frame, questions = dice.pick(_STORIES)
    asked, wanted = dice.pick(questions)
    layout = dice.pick(("", "", "Passage: {}\nQuestion: {}", "{}\n{}", "Question: {1}\nText: {0}"))

    def make() -> tuple[str, str]:
        details = _details(dice)
        if not layout:
            return frame.format(**details), details[wanted]
        other_frame, other_questions = dice.pick(_STORIES)
        question, key = dice.pick(other_questions)
        return layout.format(other_frame.format(**details), question), details[key]

    asks = """
Answer the question about the [passage|text].{rule}
[Read|Study] the [passage|short text], then reply to the question.{rule}
What is the answer to the question, [going by|according to] the [text|passage]?{rule}
[Use|Take] only what the text says to answer the question [for|of] {somebody}.{rule}
{somebody} [has|had] no time to read the text. [Answer|Settle] the question.{rule}
[Test|Show] how well you read: answer the question that [comes with|belongs to] the text.{rule}
A reading test on {topic} has questions like this. [Answer|Solve] it.{rule}
[Locate|Look up] the fact that the question asks for.{rule}"""
    asks_for_one = """
{asked} [Answer|Reply] from the [text|passage].{rule}
[Read|Look at] the [text|passage] and answer: {asked}{rule}
Going by the text: {asked}{rule}
{somebody} [asks|would like to know]: {asked} The answer is in the text.{rule}
For a reading test on {topic}, use the text to answer this: {asked}{rule}
Help me with the [text|story] below. {asked}{rule}"""
    rule = dice.pick(("", "", " Be brief.", " One to three words will do.", " Copy the words from the text."))
    return _task(dice, make, asks if layout else asks_for_one, asked=asked, rule=rule)


def _find_sentence(dice: Draw) -> Draft:
    subject = dice.topic()
    frames = (
        "{} has read everything about {}.",
        "{} would rather talk about {}.",
        "A film about {1} made {0} laugh.",
        "Last year {} wrote a letter about {}.",
        "{} dreams of an exhibition on {}.",
        "Nobody knows more about {1} than {0}.",
        "{} teaches a class on {}.",
    )

    def make() -> tuple[str, str]:
        drawn = (dice.topic() for _ in range(dice.integer(2, 3)))
        topics = dict.fromkeys([subject, *(topic for topic in drawn if subject not in topic)])
        chosen = dice.sample(frames, len(topics))
        pairs = zip(chosen, dice.sample(_NAMES, len(topics)), topics, strict=True)
        sentences = [frame.format(name, topic) for frame, name, topic in pairs]
        return " ".join(dice.shuffled(sentences)), sentences[0]

    asks = """
Which sentence [mentions|is about|speaks of] {subject}?
[Copy|Quote|Return] the sentence that mentions {subject}.
[Find|Locate|Point out] the sentence [about|on] {subject} and give it in full.
[Show|Send] {somebody} the one sentence that [deals with|mentions] {subject}.
[Search|Skim] the text for {subject} and [quote|repeat] the sentence where you find it.
From the text, select only what it says about {subject}, [word for word|without any change].
[Drop|Delete] every sentence that does not mention {subject}."""
    return _task(dice, make, asks, subject=subject)


# Classes

_MESSAGES = {
    "date": ("The {thing} has to be back by {count} {month}.", "{name} arrives on {day}, {count} {month}.",
             "Our talk on {topic} was moved to {count} {month}."),
    "price": ("The {thing} costs {price} euros.", "{name} paid {price} dollars for the {food}.",
              "A ticket for the talk on {topic} is {price} pounds."),
    "city": ("{name} is on the way to {city}.", "The {thing} was made in {city}.",
             "The talk on {topic} will be held in {city}."),
    "phone number": ("You can reach {name} at 555-{hour}{count}.",
                     "To order the {colour} lamp, call 555-{hour}{count}.",
                     "Questions about {topic} are answered at 555-{hour}{count}."),
}  # fmt: skip


def _kind_of_detail(dice: Draw) -> Draft:
    labels = dice.sample(tuple(_MESSAGES), dice.integer(3, 4))

    def make(label: str) -> str:
        details = _details(dice) | {"count": str(dice.integer(10, 28)), "hour": str(dice.integer(10, 99))}
        text = dice.pick(_MESSAGES[label]).format(**details)
        return f"{text} {dice.pick(_FILLERS)}" if dice.chance(0.3) else text

    asks = """
What [does the message tell us|detail does the message give]: {labels}?
[Classify|Label|Sort] the message by what it states: {labels}.
[Decide|Say] whether the message contains {labels}.
Which one of these does the message [contain|mention]? [Choose|Pick] from {labels}.
Mail about {topic} is sorted by its main detail. [Assign|Choose] the label: {labels}.
For {somebody}, [note|mark] what kind of detail the message gives: {labels}."""
    listed = f"{', '.join(labels[:-1])} or {labels[-1]}"
    return _labelled(dice, make, labels, asks, labels=listed)


_CLAIMS = (
    ("{name} opened a shop in {city} in {month}.",
     (("The new shop is in {city}.", "city"), ("The shop was opened in {month}.", "month"))),
    ("On {day}, {name} sold the {colour} bicycle to {other}.",
     (("The buyer is called {other}.", "other"), ("The bicycle is {colour}.", "colour"),
      ("The bicycle was sold on {day}.", "day"))),
    ("{name} moved from {city} to {town} in {month}.",
     (("The new home is in {town}.", "town"), ("Before the move, {name} lived in {city}.", "city"))),
    ("{name} teaches a course on {topic} every {day} morning.",
     (("The course is on {day}.", "day"), ("The teacher is called {name}.", "name"))),
    ("The bus to {city} leaves at {hour}:30 and costs {price} euros.",
     (("A ticket costs {price} euros.", "price"), ("The bus leaves at {hour}:30.", "hour"),
      ("The bus goes to {city}.", "city"))),
)  # fmt: skip
_UNSAID = (
    "There will be soup for lunch.", "Everybody was pleased.", "It was raining.",
    "The newspaper wrote about it.", "It was the first time.", "The neighbours knew about it.",
)  # fmt: skip


def _check_claim(dice: Draw) -> Draft:
    labels = dice.pick((("true", "false"), ("true", "false", "not stated"), ("yes", "no"),
                        ("yes", "no", "unknown"), ("correct", "wrong"),
                        ("right", "wrong", "unclear"), ("supported", "contradicted"),
                        ("supported", "contradicted", "not mentioned")))  # fmt: skip

    def make(label: str) -> str:
        frame, claims = dice.pick(_CLAIMS)
        details = _details(dice)
        text = frame.format(**details)
        claim, key = dice.pick(claims)
        if label == labels[1]:  # one detail is another than in the text
            while details[key] in text:
                details[key] = _details(dice)[key]
        stated = label in labels[:2]
        return f"Text: {text}\nClaim: {claim.format(**details) if stated else dice.pick(_UNSAID)}"

    asks = """
[Check|Test] the claim against the text: {labels}.
Does the text [support|bear out] what {somebody} claims? [Answer|Reply] {labels}.
[Judge|Decide] from the text alone whether the claim holds, with {labels}.
[Compare|Set side by side] the text and the claim, then [answer|write] {labels}.
For a class on {topic}, pupils learn to test claims. [Test|Judge] this claim with {labels}.
{somebody} doubts the claim. Going by the text, answer {labels}.
Before our page on {topic} is printed, every claim is checked. [Mark|Label] this one {labels}.
If the text is right, what about the claim? [Choose|Say] {labels}."""
    return _labelled(dice, make, labels, asks, labels=f"{', '.join(labels[:-1])} or {labels[-1]}")


def _missing_detail(dice: Draw) -> Draft:
    business = dice.pick(("table booking", "hotel booking", "repair order", "library order", "boat hire"))
    details = ("name", "day", "number of people" if business != "repair order" else "address", "phone number")
    details = details if business != "library order" else ("name", "day", "title", "phone number")
    labels = dice.sample(details, 3)

    def make(missing: str) -> str:
        drawn = _details(dice)
        values = {
            "name": f"{drawn['name']} {dice.pick(words.SURNAMES)}",
            "day": drawn["day"],
            "number of people": str(dice.integer(2, 9)),
            "title": f"A Short Guide to {drawn['topic'].title()}",
            "address": f"{drawn['count']} Mill Lane, {drawn['city']}",
            "phone number": f"555-{dice.integer(1000, 9999)}",
        }
        lines = [f"{label.capitalize()}: {values[label]}" for label in labels if label != missing]
        return "\n".join(lines)

    asks = """
Every {business} [needs|must have] {all_of_them}. Which one is missing[ here|]?
[Find|Name|Spot] the missing part of the {business}: {labels}.
Which detail does the {business} lack: {labels}?
[Tell|Show] {somebody} what was left out of the {business}: {labels}.
A {business} came in incomplete. [Label|Mark] it with what has to be asked for: {labels}.
[Look over|Inspect] the {business} and reply with the one thing it lacks, {labels}."""
    listed = f"{', '.join(labels[:-1])} or {labels[-1]}"
    every = f"{', '.join(labels[:-1])} and {labels[-1]}"
    return _labelled(dice, make, labels, asks, labels=listed, all_of_them=every, business=business)


FAMILIES: tuple[Family, ...] = (
    Family("extract_names", is_classification=False, draw=_names),
    Family("extract_dates", is_classification=False, draw=_dates),
    Family("extract_cities", is_classification=False, draw=_places),
    Family("extract_codes", is_classification=False, draw=_codes),
    Family("extract_colours", is_classification=False, draw=_colours),
    Family("extract_ingredients", is_classification=False, draw=_ingredients),
    Family("extract_numbers", is_classification=False, draw=_numbers),
    Family("extract_prices", is_classification=False, draw=_prices),
    Family("extract_occupations", is_classification=False, draw=_occupations),
    Family("extract_action_items", is_classification=False, draw=_action_items),
    Family("who_did_it", is_classification=False, draw=_who_did_it),
    Family("fill_form_from_note", is_classification=False, draw=_fill_form),
    Family("answer_from_passage", is_classification=False, draw=_answer_question),
    Family("find_sentence_about", is_classification=False, draw=_find_sentence),
    Family("kind_of_detail", is_classification=True, draw=_kind_of_detail),
    Family("check_claim_against_text", is_classification=True, draw=_check_claim),
    Family("missing_detail", is_classification=True, draw=_missing_detail),
)
