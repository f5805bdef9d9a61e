"""General knowledge in small tables: questions about one row, several rows, or what rows have in common.

What a quiz knows is asked for the input, asked directly, or asked for several things at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from curriculum import words
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES", "GROUPS"]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.strip().splitlines())


def _rows(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in _lines(text))


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _task(instruction: str, *pairs: tuple[str, str]) -> Draft:
    return Draft(instruction, tuple(Instance(given, output) for given, output in pairs))


def _direct(instruction: str, output: str) -> Draft:
    return _task(instruction, ("", output))


# Quizzes: one table each, asked in the same few forms


@dataclass(frozen=True, slots=True)
class _Quiz:
    """rows: the table; `{0}` and `{1}` stand for its columns in all other texts.
    ways: instructions for a row that is the input, without slots. direct: questions that name the row.
    sentence: the answer as a sentence, which also is a true statement by itself.
    thing, what: what the first column holds and what is asked of it, as nouns, such as country and capital.
    """

    rows: tuple[tuple[str, ...], ...]
    ways: tuple[str, ...]
    direct: tuple[str, ...]
    sentence: str
    thing: str
    what: str

    def say(self, row: Sequence[str]) -> str:
        return _capitalized(self.sentence.format(*row))


_SHORT = _lines("""
Keep it short.
No full sentence is needed.
Write nothing but the answer.
A short answer is enough.
Give the bare answer.
Leave out any explanation.
""")

_FULL = _lines("""
Answer in a full sentence.
Use a complete sentence.
Reply with one whole sentence.
Put the answer into a sentence.
Make it a complete sentence.
Phrase the answer as a sentence.
""")

_SEVERAL = {
    "line": _lines("""
For every {thing}, write the {what} after a colon, one line each.
Go through the list and add the {what} to every {thing}, each on its own line.
Complete the list: put a colon and the {what} behind each {thing}.
Expand a list in which every {thing} still lacks its {what}. Use one line for each.
"""),
    "table": _lines("""
Build a table with the columns {thing} and {what}, separated by a vertical bar.
Create a two-column table that shows the {what} for every {thing} listed. Divide the columns with a bar.
Tabulate each {thing} with its {what}, using | between the two columns and a header line.
"""),
    "json": _lines("""
Return a JSON object with every {thing} as a key and the {what} as its value.
Produce JSON that maps each {thing} to its {what}.
Encode the answers as JSON: keys are what is listed, values are the {what} of each {thing}.
"""),
}


def _draw_quiz(quiz: _Quiz, dice: Draw) -> Draft:
    form = dice.pick(("input", "input", "input", "direct", "direct", "several"))
    if form == "several":
        return _several(quiz, dice)
    full = dice.chance(0.4)
    ending = f" {dice.pick(_FULL if full else _SHORT)}" if full or dice.chance(0.5) else ""
    answer = quiz.say if full else (lambda row: row[1])
    if form == "direct":
        row = dice.pick(quiz.rows)
        return _direct(dice.pick(quiz.direct).format(*row) + ending, answer(row))
    name = f"{_capitalized(quiz.thing)}: " if dice.chance(0.25) else ""
    rows = dice.sample(quiz.rows, dice.integer(1, 3))
    return _task(dice.pick(quiz.ways) + ending, *((name + row[0], answer(row)) for row in rows))


def _several(quiz: _Quiz, dice: Draw) -> Draft:
    shape = dice.pick(list(_SEVERAL))
    instruction = dice.pick(_SEVERAL[shape]).format(thing=quiz.thing, what=quiz.what)
    separator = dice.pick(("\n", "; "))
    pairs = []
    for size in {dice.integer(2, 4), dice.integer(2, 4)}:
        rows = dice.sample(quiz.rows, size)
        if shape == "line":
            output = "\n".join(f"{row[0]}: {row[1]}" for row in rows)
        elif shape == "table":
            output = "\n".join(f"{left} | {right}" for left, right, *_ in ((quiz.thing, quiz.what), *rows))
        else:
            output = json.dumps({row[0]: row[1] for row in rows})
        pairs.append((separator.join(row[0] for row in rows), output))
    return _task(instruction, *pairs)


_COUNTRIES = _rows("""
Angola|Luanda|Portuguese
Argentina|Buenos Aires|Spanish
Austria|Vienna|German
Brazil|Brasilia|Portuguese
Bulgaria|Sofia|Bulgarian
Chile|Santiago|Spanish
China|Beijing|Chinese
Croatia|Zagreb|Croatian
Cuba|Havana|Spanish
Denmark|Copenhagen|Danish
Egypt|Cairo|Arabic
France|Paris|French
Germany|Berlin|German
Greece|Athens|Greek
Hungary|Budapest|Hungarian
Iceland|Reykjavik|Icelandic
Italy|Rome|Italian
Japan|Tokyo|Japanese
Mexico|Mexico City|Spanish
Morocco|Rabat|Arabic
Norway|Oslo|Norwegian
Peru|Lima|Spanish
Poland|Warsaw|Polish
Portugal|Lisbon|Portuguese
Romania|Bucharest|Romanian
Senegal|Dakar|French
South Korea|Seoul|Korean
Spain|Madrid|Spanish
Sweden|Stockholm|Swedish
Thailand|Bangkok|Thai
Tunisia|Tunis|Arabic
Uruguay|Montevideo|Spanish
Vietnam|Hanoi|Vietnamese
""")

_CAPITALS = _Quiz(
    rows=_COUNTRIES,
    ways=_lines("""
Name the capital of the country.
What is the capital city of this country?
State which city is the capital of the given country.
An atlas lists every country with its capital. Supply the capital for this entry.
Tell a traveller which city is the capital of the country below.
Give me the capital that goes with the country.
In which city does the government of this country have its seat?
Recall the capital of the country named here.
"""),
    direct=_lines("""
What is the capital of {0}?
Which city is the capital of {0}?
A pupil has to learn the capital of {0}. What is it?
Do you know the capital of {0}? Name it.
Provide the name of the capital of {0}.
Answer a quiz question: which city is the capital of {0}?
"""),
    sentence="The capital of {0} is {1}.",
    thing="country",
    what="capital",
)

_CAPITAL_OWNERS = _Quiz(
    rows=tuple((capital, country) for country, capital, _ in _COUNTRIES),
    ways=_lines("""
Of which country is this city the capital?
Write down the country that has this capital.
Match the capital city with its country.
Someone is flying to this capital. Which country is it in?
Determine the country to which the capital belongs.
The city below is a capital. Say of which country.
Find the country whose capital is given.
"""),
    direct=_lines("""
Which country has {0} as its capital?
{0} is the capital of which country?
Identify the country whose capital is {0}.
If you stand in the capital city {0}, in which country are you?
Of what country is {0} the capital city?
"""),
    sentence="{0} is the capital of {1}.",
    thing="capital",
    what="country",
)

_TONGUES = _Quiz(
    rows=tuple((country, language) for country, _, language in _COUNTRIES),
    ways=_lines("""
What language do most people use at school and at work in this country?
Name an official language of the country.
Which language should a visitor to the country learn first?
Advise a traveller which language is spoken most widely in the country.
Road signs in this country are written in which language?
Select the language that a newspaper in this country is most likely to be printed in.
"""),
    direct=_lines("""
Which language is an official language of {0}?
Before a trip to {0}, what language is worth learning?
What language would you find on road signs in {0}?
Tell me what language is used in the schools of {0}.
Suppose you move to {0}. In what language will the offices write to you?
"""),
    sentence="An official language of {0} is {1}.",
    thing="country",
    what="language",
)

_ANIMALS = _rows("""
cat|a kitten|meows
dog|a puppy|barks
cow|a calf|moos
sheep|a lamb|bleats
horse|a foal|neighs
pig|a piglet|grunts
duck|a duckling|quacks
hen|a chick|clucks
goose|a gosling|honks
lion|a cub|roars
wolf|a pup|howls
goat|a kid|bleats
owl|an owlet|hoots
frog|a tadpole|croaks
elephant|a calf|trumpets
bear|a cub|growls
donkey|a foal|brays
mouse|a pup|squeaks
swan|a cygnet|hisses
eagle|an eaglet|screams
""")

_YOUNG = _Quiz(
    rows=tuple((animal, young) for animal, young, _ in _ANIMALS),
    ways=_lines("""
What are the young of this animal called?
Say what the animal's young is called.
Farm and forest words: give the name for the young of the animal.
Which word means the young of this animal?
Teach a child the word for the animal's baby.
Supply the special name of the animal's young, with its article.
"""),
    direct=_lines("""
What do you call a young {0}?
Children visit a farm and ask what a young {0} is called. Answer them.
Which English word means a young {0}?
Give the proper word for the baby of a {0}.
There is a special word for a young {0}. What is it?
"""),
    sentence="The young of the {0} is called {1}.",
    thing="animal",
    what="young",
)

_SOUNDS = _Quiz(
    rows=tuple((animal, sound) for animal, _, sound in _ANIMALS),
    ways=_lines("""
Which verb says what sound the animal makes?
How does this animal make itself heard? Use one verb in the third person.
Write the verb for the animal's call, as in: a bird sings.
Describe the voice of the animal with a verb, in the form that follows he or she.
A picture book needs a verb for each animal's sound. Choose one for this animal.
What does the animal do when it uses its voice?
""").__getitem__(slice(0, 4)),
    direct=_lines("""
What does a {0} do with its voice?
Complete with a verb for the sound of the animal: a {0} often …
Which verb describes the sound of a {0}?
Imagine a {0} nearby. What sound does it make, as a verb?
"""),
    sentence="The {0} {1}.",
    thing="animal",
    what="sound verb",
)
