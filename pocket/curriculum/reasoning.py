"""Tasks that are solved by thinking: order, compare, conclude, exclude, continue, spot what does not fit.

Puzzles are made from their solution, so that the answer is known and the only one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from curriculum import words
from curriculum.asking import capitalized, in_setting, instances_of, read_rows
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]


Pair = tuple[str, str]
"""Input and output of an instance."""


_AFTER = read_rows("""
{name} likes such puzzles.
{name} will check the answer on {weekday}.
It is an exercise for {audience}.
{name}, {job}, would like to know.
The question comes from a quiz in {city}.
Use nothing but what is given.
Take care: every word counts.
""")

_BEFORE = read_rows("""
Think before you answer.
Here is a riddle from {name}.
Imagine a quiz in {city}.
You are testing {audience}.
""")


def _set(dice: Draw, instruction: str) -> str:
    """Often with a sentence about where the question comes from."""
    instruction = capitalized(instruction)
    if dice.chance(0.4):
        return instruction
    return in_setting(dice, instruction, _BEFORE, _AFTER, share_after=0.75)


def _worked(dice: Draw, instruction: str, pairs: Sequence[Pair], *, inline: str = "") -> Draft:
    """A task with inputs; of equal inputs one is kept.

    inline: `before`, `after` or `colon`, where the first input may as well stand in the instruction.
    """
    if inline and dice.chance(0.4):
        given, output = pairs[0]
        given = re.sub(r"(?<=[.?!])\n", " ", given).replace("\n", "; ")
        if inline == "before":
            instruction = f"{given} {capitalized(instruction)}"
        elif inline == "after":
            instruction = f"{capitalized(instruction)} {given}{'' if given[-1] in '.?' else '.'}"
        else:
            instruction = f"{capitalized(instruction).rstrip('.?')}: {given}"
        return Draft(instruction, (Instance(input="", output=output),))
    return Draft(_set(dice, instruction), instances_of(pairs))


def _sentences(*clauses: str) -> str:
    return " ".join(f"{capitalized(clause)}." for clause in clauses)


# Order

_STEPS = read_rows("""
making a phone call | Look up the number. | Dial it. | Wait for an answer. | Say what you want. | Hang up.
posting a letter | Write the letter. | Fold it and put it into an envelope. | Seal the envelope. | Stick a
  stamp on it. | Throw it into the letter box.
washing clothes | Sort the clothes. | Fill the machine. | Start the machine. | Hang up the wet clothes. | Fold
  the dry clothes.
borrowing a book | Enter the library. | Find the book on the shelf. | Show it at the desk with your card. |
  Take it home. | Bring it back in time.
boiling an egg | Fill a pot with water. | Heat the water until it boils. | Lower the egg into the boiling
  water. | Wait six minutes. | Take the egg out and cool it.
growing beans | Dig over the soil. | Sow the beans. | Water them until they sprout. | Tie the young plants to
  poles. | Pick the ripe beans.
taking a train | Buy a ticket. | Walk to the platform. | Board the train. | Show the ticket to the conductor.
  | Get off at your stop.
painting a wall | Clear the room. | Cover the floor with paper. | Stir the paint. | Put the paint on the wall.
  | Remove the paper from the floor.
brushing your teeth | Pick up the brush. | Put toothpaste on it. | Brush for two minutes. | Spit out the foam.
  | Rinse your mouth.
visiting the doctor | Make an appointment. | Arrive at the surgery. | Wait until you are called. | Describe
  what hurts. | Collect the medicine afterwards.
baking bread | Mix flour, water and yeast. | Knead the dough. | Let the dough rise. | Bake the loaf. | Slice
  the bread.
writing an essay | Choose a subject. | Collect ideas. | Write a first draft. | Correct the draft. | Hand in
  the essay.
changing a light bulb | Switch off the light. | Let the old bulb cool. | Unscrew the old bulb. | Screw in the
  new bulb. | Switch on the light.
sending a parcel | Find a box. | Put the goods inside. | Tape the box shut. | Write the address on it. | Hand
  it in at the post office.
holding an election | Announce the date. | Let the candidates speak. | Open the polling stations. | Count the
  votes. | Declare the winner.
lighting a campfire | Gather dry wood. | Build a small pile. | Strike a match. | Light the pile. | Put out the
  fire before leaving.
""")

_ORDER_STEPS = read_rows("""
Arrange the steps of {what} in the right order. | numbers
These steps of {what} are mixed up. Number them correctly. | numbers
In which order should one follow these steps for {what}? | numbers
Sort the steps for {what} from first to last. | numbers
Which of these steps of {what} comes first? Copy it. | first
Find the last step of {what} among the lines. | last
Restore the natural sequence of {what}. | numbers
Someone has shuffled the instructions for {what}. Put them straight. | numbers
Order the actions involved in {what}; give a numbered list. | numbers
What has to happen last when it comes to {what}? Choose from the lines. | last
Sequence these actions ({what}) as they would happen. | numbers
""")


def _draw_steps(dice: Draw) -> Draft:
    what, *steps = dice.pick(_STEPS)
    ask, form = dice.pick(_ORDER_STEPS)
    kept = [steps[place] for place in sorted(dice.sample(range(5), dice.integer(3, 5)))]
    output = {
        "numbers": "\n".join(f"{number}. {step}" for number, step in enumerate(kept, start=1)),
        "first": kept[0], "last": kept[-1],
    }[form]  # fmt: skip
    mixed = dice.shuffled(kept)
    while mixed == kept:
        mixed = dice.shuffled(kept)
    return _worked(dice, ask.format(what=what), [("\n".join(f"- {step}" for step in mixed), output)])


_DEGREES = (
    ("taller", "shorter", "tallest", "shortest"), ("older", "younger", "oldest", "youngest"),
    ("faster", "slower", "fastest", "slowest"), ("heavier", "lighter", "heaviest", "lightest"),
    ("stronger", "weaker", "strongest", "weakest"), ("louder", "quieter", "loudest", "quietest"),
    ("richer", "poorer", "richest", "poorest"),
)  # fmt: skip

_RANK = read_rows("""
Read the clues. Who is {q}? | name
Find out who is {q}. | name
Deduce from the statements which person is {q}. Give the name only. | name
Three people are compared. Which one is {q}? | name
Rank the three people from {most} to {least}. | order
List the three names, the {most} person first. | order
Solve the comparison puzzle: who is {q}? Reply in a full sentence. | sentence
Put the people in order, beginning with the {least}. | reverse
Explain in one sentence who is {q} and why. | reason
Name the person who is {q}, with a reason. | reason
Someone wants to know who is {q}. Work it out and answer in a sentence. | sentence
""")


def _draw_ranking(dice: Draw) -> Draft:
    more, less, most, least = dice.pick(_DEGREES)
    place = dice.integer(0, 2)
    question = (f"the {most}", f"neither the {most} nor the {least}", f"the {least}")[place]
    ask, form = dice.pick(_RANK)
    pairs = []
    for _ in range(dice.integer(1, 3)):
        people = dice.sample(words.NAMES, 3)
        a, b, c = people
        clues = [
            dice.pick((f"{x} is {more} than {y}", f"{y} is {less} than {x}"))
            for x, y in dice.shuffled(((a, b), (b, c)))
        ]
        sentence = f"{people[place]} is {question}"
        output = {
            "name": people[place], "order": ", ".join(people), "reverse": ", ".join(reversed(people)),
            "sentence": f"{sentence}.",
            "reason": f"{sentence}, since {a} is {more} than {b} and {b} is {more} than {c}.",
        }[form]  # fmt: skip
        pairs.append((_sentences(*clues), output))
    return _worked(dice, ask.format(q=question, most=most, least=least), pairs, inline="before")


_ROWS = (
    "on a bench", "at a bus stop", "at a long table", "in the front row", "on a stage", "on a park wall",
    "in a photograph", "on a sofa", "at a counter",
)  # fmt: skip

_SEAT = read_rows("""
Three people are next to each other {where}. Give their order from left to right. | order
Who is in the middle? The clues are about three people {where}. | middle
Work out how the three people are placed {where}, from left to right. | order
Seat the three people {where} so that all clues hold. List them from left to right. | order
Using the clues, say who is on the far left {where}. | left
Which person is on the far right {where}? | right
Place the names {where} in the only possible order, left to right. | order
Locate the person in the middle {where}. | middle
From the hints about three people {where}, establish the order as seen by the viewer, left to right. | order
Fill three places {where} according to the clues. Who takes the middle one? | middle
""")


def _seating_clue(dice: Draw, people: Sequence[str]) -> tuple[str, Callable[[Sequence[str]], bool]]:
    x, y = dice.sample(people, 2)
    return dice.pick((
        (f"{x} is in the middle", lambda row: row[1] == x),
        (f"{x} is directly to the right of {y}", lambda row: row.index(x) == row.index(y) + 1),
        (f"{x} is directly to the left of {y}", lambda row: row.index(x) == row.index(y) - 1),
        (f"{x} is somewhere to the left of {y}", lambda row: row.index(x) < row.index(y)),
        (f"{x} is not next to {y}", lambda row: abs(row.index(x) - row.index(y)) == 2),
        (f"{x} is on the far left", lambda row: row[0] == x),
        (f"{x} is on the far right", lambda row: row[2] == x),
        (f"{x} is not in the middle", lambda row: row[1] != x),
    ))  # fmt: skip


def _draw_seating(dice: Draw) -> Draft:
    ask, form = dice.pick(_SEAT)
    pairs = []
    for _ in range(dice.integer(1, 3)):
        people = dice.sample(words.NAMES, 3)
        rows: list[tuple[str, ...]] = []
        while len(rows) != 1:
            clues = [_seating_clue(dice, people) for _ in range(2)]
            rows = [row for row in itertools.permutations(people) if all(holds(row) for _, holds in clues)]
        listed = f"{people[0]}, {people[1]} and {people[2]} are side by side"
        left, middle, right = rows[0]
        output = {"order": ", ".join(rows[0]), "middle": middle, "left": left, "right": right}[form]
        pairs.append((_sentences(listed, *dict.fromkeys(clue for clue, _ in clues)), output))
    return _worked(dice, ask.format(where=dice.pick(_ROWS)), pairs, inline="before")


# Conclusions

_MADE_UP = (
    "blim", "dorp", "fent", "glap", "krid", "lumt", "mork", "pelf", "quon", "rusk", "snib", "tove", "vark",
    "wint", "yarl", "zoob",
)  # fmt: skip

_CONCLUDE = read_rows("""
What follows from these statements{end}?
State the conclusion of the argument{end}.
Deduce what must be true{end}.
Complete the argument with its conclusion{end}.
Which sentence can be concluded from the premises{end}?
Derive the one statement that follows{end}.
Assume that the statements are true. Infer a third one{end}.
Suppose all this holds. What else must hold{end}?
Finish the line of thought{end}.
Reason from the premises to a conclusion{end}.
""")


def _syllogism(dice: Draw) -> tuple[str, str, str]:
    """Two premises, what follows from them, and what does not."""
    a, b, c = dice.sample(_MADE_UP, 3)
    name = dice.pick(words.NAMES)
    return dice.pick((
        (f"All {a}s are {b}s. All {b}s are {c}s.", f"All {a}s are {c}s.", f"All {c}s are {a}s."),
        (f"All {a}s are {b}s. {name} is a {a}.", f"{name} is a {b}.", f"All {b}s are {a}s."),
        (f"No {a} is a {b}. {name} is a {a}.", f"{name} is not a {b}.", f"All {a}s are {b}s."),
        (f"All {a}s are {b}s. {name} is not a {b}.", f"{name} is not a {a}.", f"{name} is a {a}."),
        (f"Some {a}s are {b}s. All {b}s are {c}s.", f"Some {a}s are {c}s.", f"All {a}s are {c}s."),
        (f"No {a} is a {b}. All {c}s are {a}s.", f"No {c} is a {b}.", f"Some {c}s are {b}s."),
        (f"Every {a} is green. {name} owns a {a}.", f"{name} owns something green.",
         f"{name} owns only green things."),
        (f"All {a}s can swim. No {b} can swim.", f"No {b} is a {a}.", f"All {b}s are {a}s."),
    ))  # fmt: skip


def _draw_conclusion(dice: Draw) -> Draft:
    (ask,) = dice.pick(_CONCLUDE)
    end = dice.pick((
        "", " in one sentence", " although the words are made up", " without using outside knowledge",
        ", beginning with “Therefore”", ", beginning with “So”", " by logic alone",
        ", however odd the words sound", " about these invented creatures",
    ))  # fmt: skip
    start = {"T": "Therefore, ", "S": "So "}.get(end.partition("“")[2][:1], "")
    pairs = []
    for _ in range(dice.integer(2, 3)):
        premises, conclusion, _ = _syllogism(dice)
        first = conclusion.split()[0]
        if start and first in ("All", "No", "Some"):
            conclusion = conclusion.replace(first, first.lower(), 1)
        pairs.append((premises, start + conclusion))
    return _worked(dice, ask.format(end=end), pairs, inline="before")


def _draw_validity(dice: Draw) -> Draft:
    good, bad = dice.pick(
        (("yes", "no"), ("valid", "invalid"), ("proved", "not proved"), ("follows", "does not follow"))
    )
    ask = dice.pick((
        "Does the last sentence follow from the first two? Answer {good} or {bad}.",
        "Judge the argument by logic alone: {good} or {bad}?",
        "Examine whether the conclusion is certain. Say {good} or {bad}.",
        "Check the reasoning step and output {good} or {bad}.",
        "The words are made up, the logic is not. Is it {good} or {bad}?",
        "Grade the last sentence of the argument as {good} or {bad}, given the sentences before it.",
        "Suppose the first two sentences are true. Must the third be true as well? Reply {good} or {bad}.",
        "A logician reads these three sentences. Would the verdict on the third be {good} or {bad}?",
    )).format(good=good, bad=bad)  # fmt: skip
    labels = dice.shuffled((good, bad)) + ([dice.pick((good, bad))] if dice.chance(0.4) else [])
    pairs = []
    for label in labels:
        premises, conclusion, fallacy = _syllogism(dice)
        pairs.append((f"{premises} Therefore: {conclusion if label == good else fallacy}", label))
    return _worked(dice, ask, pairs)


_CONDITIONS = read_rows("""
it rains on {weekday} | it does not rain on {weekday} | the match is cancelled | the match is not cancelled
{name} catches the early train | {name} does not catch the early train | {name} arrives in {city} before noon
  | {name} does not arrive in {city} before noon
the lamp is green | the lamp is not green | the machine is ready | the machine is not ready
{name} is a member | {name} is not a member | {name} gets a discount | {name} does not get a discount
the bakery is open | the bakery is not open | the sign is lit | the sign is not lit
the soup is too salty | the soup is not too salty | {name} adds water | {name} does not add water
the door is locked | the door is not locked | the alarm is on | the alarm is not on
today is {weekday} | today is not {weekday} | the market is open | the market is not open
the dog barks | the dog does not bark | the cat runs away | the cat does not run away
the river rises above the mark | the river does not rise above the mark | the bridge is closed | the bridge is
  not closed
{name} wins the last game | {name} does not win the last game | {name} becomes champion | {name} does not
  become champion
the tank is empty | the tank is not empty | the engine stops | the engine does not stop
the parcel weighs more than {n} kilos | the parcel does not weigh more than {n} kilos | it goes by truck | it
  does not go by truck
the password is wrong | the password is not wrong | the screen turns red | the screen does not turn red
""")

_IF_THEN = read_rows("""
What can be concluded from the rule and the fact? If nothing can, write “{none}”.
Apply the rule to the fact and state the result, or “{none}”.
Given a rule and a fact, infer what must be true. Otherwise answer “{none}”.
Combine the two sentences into a conclusion; where there is none, reply “{none}”.
Use the if-then rule. Which sentence follows? Say “{none}” if none does.
Think logically: what does the second sentence tell us, given the first? If it tells us nothing, say “{none}”.
Beware of false conclusions! Write what follows, or “{none}”.
Treat the first sentence as a law. Report what follows from the second, else “{none}”.
Assuming that both sentences are true, complete them with a third or with “{none}”.
""")


def _draw_if_then(dice: Draw) -> Draft:
    none = dice.pick(("Nothing follows", "No conclusion", "We cannot tell", "Unknown", "Nothing certain"))
    (ask,) = dice.pick(_IF_THEN)
    pairs = []
    for row in dice.sample(_CONDITIONS, dice.integer(2, 3)):
        values = {
            "weekday": dice.pick(words.WEEKDAYS), "name": dice.pick(words.NAMES),
            "city": dice.pick(words.CITIES), "n": dice.integer(2, 30),
        }  # fmt: skip
        condition, no_condition, result, no_result = (cell.format(**values) for cell in row)
        fact, follows = dice.pick((
            (condition, f"{capitalized(result)}."), (condition, f"{capitalized(result)}."),
            (no_result, f"{capitalized(no_condition)}."), (result, none), (no_condition, none),
        ))  # fmt: skip
        pairs.append((f"If {condition}, {result}. {capitalized(fact)}.", follows))
    return _worked(dice, ask.format(none=none), pairs, inline="after")


_CLASHES = read_rows("""
{name} has never been to {city} | {name} spent last summer in {city} | {name} would like to see {city} one day
The museum is closed every {weekday} | We visited the museum last {weekday} | The museum has {n} rooms
{name} is an only child | {name}'s sister lives in {city} | {name} has many friends
The shop sold all {n} umbrellas | Two of the {n} umbrellas are still in the shop | It rained all week
{name} does not eat meat | {name} had a beef stew for lunch | {name} likes to cook
The house has a single floor | The bedroom is on the second floor of the house | The house has a red roof
{name} went to bed at nine and slept until seven | {name} phoned me at midnight | {name} felt rested in the
  morning
The bus was empty when it reached {city} | {n} people got off the bus in {city} | The bus reached {city} on
  time
{name} cannot swim | {name} swam across the lake yesterday | {name} likes to sit by the lake
The letter was written by hand | The letter was typed on a computer | The letter was {n} pages long
The film lasts {n} minutes longer than an hour | The film is over after half an hour | The film was made in
  {city}
{name} is the youngest in the class | {name2} from the same class is younger than {name} | {name} sits next to
  {name2}
All the lights in the street were off | A street lamp shone through the window | It was a clear night
{name} sold the car in spring | {name} drove the same car to {city} in autumn, and it was still {name}'s |
  {name} often travels by train
""")


def _clash(dice: Draw, row: tuple[str, ...]) -> list[str]:
    name, name2 = dice.sample(words.NAMES, 2)
    values = {
        "name": name, "name2": name2, "city": dice.pick(words.CITIES), "weekday": dice.pick(words.WEEKDAYS),
        "n": dice.integer(3, 40),
    }  # fmt: skip
    return [f"{cell.format(**values)}." for cell in row]


def _draw_consistency(dice: Draw) -> Draft:
    clash, fit = dice.pick((
        ("contradiction", "no contradiction"), ("conflict", "no conflict"), ("impossible", "possible"),
        ("inconsistent", "consistent"), ("clash", "no clash"),
    ))  # fmt: skip
    ask = dice.pick((
        "Can both sentences be true? Answer {clash} or {fit}.",
        "Compare the two sentences and write {clash} or {fit}.",
        "Check the pair of statements: {clash} or {fit}?",
        "Do the sentences exclude each other? Reply {clash} or {fit}.",
        "A detective notes two statements. Mark them {clash} or {fit}.", "Label the pair {clash} or {fit}.",
        "Look for a contradiction between the two lines; your answer is {clash} or {fit}.",
        "Read what two witnesses say and give the verdict, {clash} or {fit}.",
    ))  # fmt: skip
    labels = dice.shuffled((clash, fit)) + ([dice.pick((clash, fit))] if dice.chance(0.4) else [])
    pairs = []
    for label, row in zip(labels, dice.sample(_CLASHES, len(labels)), strict=True):
        first, contrary, compatible = _clash(dice, row)
        pairs.append(("\n".join(dice.shuffled((first, contrary if label == clash else compatible))), label))
    return _worked(dice, ask.format(clash=clash, fit=fit), pairs)


_SPOT = read_rows("""
Which two statements contradict each other? Give their letters. | letters
Find the two sentences that cannot both be true. | letters
Spot the contradiction and name the letters of the two sentences. | letters
One pair of these statements clashes. Which pair? Answer with letters. | letters
Two of the sentences are at odds. Copy them. | copies
Detect the pair of statements that exclude each other; output the letters. | letters
Which sentence has nothing to do with the contradiction? Give its letter. | other
Leave out the harmless statement and repeat the two that contradict each other. | copies
In this report, two remarks do not fit together. Point them out by letter. | letters
""")


def _draw_spot_contradiction(dice: Draw) -> Draft:
    ask, form = dice.pick(_SPOT)
    pairs = []
    for row in dice.sample(_CLASHES, dice.integer(1, 2)):
        first, contrary, compatible = _clash(dice, row)
        lines = dice.shuffled((first, contrary, compatible))
        letters = "".join(letter for letter, line in zip("ABC", lines, strict=True) if line != compatible)
        listed = "\n".join(f"{letter}) {line}" for letter, line in zip("ABC", lines, strict=True))
        output = {
            "letters": f"{letters[0]} and {letters[1]}",
            "copies": "\n".join(line for line in lines if line != compatible),
            "other": "ABC"[lines.index(compatible)],
        }[form]  # fmt: skip
        pairs.append((listed, output))
    return _worked(dice, ask, pairs, inline="after")


# Groups and relations

_GROUPS = read_rows("""
birds | sparrow | owl | robin | eagle | swan | crow
fish | trout | salmon | cod | herring | carp | tuna
insects | ant | bee | moth | beetle | wasp | cricket
fruits | apple | pear | plum | cherry | banana | peach
tools | hammer | saw | drill | pliers | screwdriver | chisel
musical instruments | violin | flute | trumpet | harp | cello | clarinet
trees | oak | birch | maple | willow | beech | ash
planets | Mars | Venus | Saturn | Jupiter | Neptune | Uranus
furniture | chair | table | wardrobe | sofa | shelf | desk
vehicles | tram | bicycle | lorry | bus | ferry | taxi
metals | iron | copper | zinc | lead | tin | nickel
clothes | shirt | scarf | trousers | coat | sock | skirt
drinks | tea | juice | coffee | lemonade | cocoa | milk
sports | tennis | rowing | football | judo | fencing | hockey
months | March | June | April | October | May | December
continents | Africa | Asia | Europe | Antarctica | Australia | South America
shapes | circle | square | triangle | hexagon | oval | rectangle
body parts | elbow | knee | shoulder | ankle | thumb | chin
""")

_ODD = read_rows("""
Which word is the odd one out, and why? | reason
Find the word that does not fit and explain the choice in one sentence. | reason
Three of the four words belong together. Name the outsider. | word
Pick the stranger among these words. Give only the word. | word
What do three of the words have in common that the fourth lacks? | common
Remove the word that breaks the group. | rest
Eliminate the intruder from the list and say what the rest are. | reason
Identify the item that belongs to another group. | word
Group the three related words and write the remaining one after a slash. | slash
Say which of these is different from the others, and justify it briefly. | reason
""")


def _draw_odd_one(dice: Draw) -> Draft:
    ask, form = dice.pick(_ODD)
    pairs = []
    for _ in range(dice.integer(1, 3)):
        (group, *members), (_, *others) = dice.sample(_GROUPS, 2)
        three, odd = dice.sample(members, 3), dice.pick(others)
        given = ", ".join(dice.shuffled((*three, odd)))
        are = "pieces of furniture" if group == "furniture" else group
        rest = [word for word in given.split(", ") if word != odd]
        output = {
            "word": odd,
            "reason": f"{capitalized(odd)} is the odd one out, because the other three are {are}.",
            "common": f"They are {are}, but {odd} is not one of them.", "rest": ", ".join(rest),
            "slash": f"{', '.join(rest)} / {odd}",
        }[form]  # fmt: skip
        pairs.append((given, output))
    return _worked(dice, ask, pairs, inline="colon")


_RELATIONS = read_rows("""
hand glove | foot sock | head hat | neck scarf | finger ring | waist belt
bird nest | bee hive | fox den | spider web | lion den | dog kennel
cat kitten | dog puppy | cow calf | sheep lamb | horse foal | duck duckling
baker bread | tailor suit | potter jug | poet poem | brewer beer | shoemaker shoe
day night | hot cold | early late | wide narrow | full empty | heavy light
pen write | knife cut | broom sweep | oven bake | spade dig | needle sew
eye see | ear hear | nose smell | tongue taste | skin feel | brain think
pilot plane | captain ship | driver bus | cyclist bicycle | rider horse | astronaut rocket
page book | petal flower | key piano | wheel bicycle | leaf tree | finger hand
teacher school | nurse hospital | chef kitchen | farmer field | judge court | actor theatre
milk cheese | grapes wine | flour bread | wood paper | clay bricks | sand glass
rain wet | sun warm | frost cold | ice slippery | fire hot | night dark
France Paris | Italy Rome | Spain Madrid | Japan Tokyo | Egypt Cairo | Austria Vienna
metre length | kilogram weight | second time | litre volume | degree temperature | volt voltage
""")

_ANALOGY = read_rows("""
Complete the analogy with one word.
Which word is missing?
Fill the gap so that both pairs are related in the same way.
Find the fourth word.
What belongs in place of the question mark?
Supply the word that makes the comparison work.
Transfer the relation of the first pair to the second.
See how the first two words are linked and finish the second pair.
Solve the word equation.
""")


def _draw_analogy(dice: Draw) -> Draft:
    pairs = []
    for row in dice.sample(_RELATIONS, dice.integer(2, 3)):
        (a, b), (c, d) = (cell.split() for cell in dice.sample(row, 2))
        pairs.append(((a, b, c), d))
    if dice.chance(0.4):
        (a, b, c), answer = pairs[0]
        ask = dice.pick((
            "{a} is to {b} as {c} is to what?", "If {a} goes with {b}, what goes with {c}?",
            "Complete the comparison: {a} and {b} are related like {c} and which other word?",
            "Name the word that relates to {c} as {b} relates to {a}.", "What is to {c} as {b} is to {a}?",
            "Think of {a} and {b}. Which partner would {c} have?",
        ))  # fmt: skip
        return Draft(_set(dice, ask.format(a=a, b=b, c=c)), (Instance(input="", output=answer),))
    (ask,) = dice.pick(_ANALOGY)
    form = dice.pick(
        ("{a} : {b} = {c} : ?", "{a} is to {b} as {c} is to ?", "{a} → {b}\n{c} → ?", "{a}-{b}, {c}-?")
    )
    return _worked(dice, ask, [(form.format(a=a, b=b, c=c), answer) for (a, b, c), answer in pairs])


def _kinship(dice: Draw) -> Pair:
    a, b, c, d = dice.sample(words.NAMES, 4)
    clues, answer = dice.pick((
        ((f"{a} is a parent of {b}", f"{b} is a parent of {c}"), f"{a} is a grandparent of {c}."),
        ((f"{a} is the brother of {b}", f"{b} is a parent of {c}"), f"{a} is an uncle of {c}."),
        ((f"{a} is the sister of {b}", f"{b} is a parent of {c}"), f"{a} is an aunt of {c}."),
        ((f"{a} is a parent of {b}", f"{a} is also a parent of {c}"), f"{b} and {c} are siblings."),
        ((f"{a} and {b} are sisters", f"{c} is a child of {a}", f"{d} is a child of {b}"),
         f"{c} and {d} are cousins."),
        ((f"{a} is the mother of {b}", f"{b} is the mother of {c}"), f"{a} is the grandmother of {c}."),
        ((f"{a} is the father of {b}", f"{b} is the mother of {c}"), f"{a} is the grandfather of {c}."),
        ((f"{a} is married to {b}", f"{b} is the daughter of {c}"), f"{c} is a parent-in-law of {a}."),
    ))  # fmt: skip
    first, last = (name for name in re.findall(r"\w+", answer) if name in (a, b, c, d))
    return f"{_sentences(*clues)}\nIn question: {first} and {last}", answer


def _draw_kinship(dice: Draw) -> Draft:
    ask = dice.pick((
        "How are the two people at the end related?", "Determine the family relation that is asked for.",
        "Work out how the two named last belong together.",
        "State in a sentence how the two people in question are related.",
        "Untangle the family ties and answer the question.",
        "From these facts about a family, give the relation in question.",
        "What are the two people to each other?", "Clear up the relationship between the last two names.",
        "Without sketching a family tree, say how the last two are related.",
    ))  # fmt: skip
    return _worked(dice, ask, [_kinship(dice) for _ in range(dice.integer(1, 3))], inline="after")


_CAUSES = read_rows("""
the road was icy | the bus arrived late
{name} forgot the umbrella | {name} came home soaking wet
the oven was too hot | the cake burned
the power failed | the lights went out
nobody watered the plants | the leaves turned brown
the tyre had a hole | {name} had to push the bicycle
the story was very funny | the whole class laughed
the shop lowered its prices | a long queue formed at the door
{name} practised every day | {name} won the contest
the baby was hungry | the baby started to cry
the window was open | the papers blew off the desk
it had not rained for months | the well ran dry
the alarm clock was broken | {name} overslept
the bridge was closed | everybody took the ferry
{name} left the gate open | the sheep walked into the garden
the milk was old | the milk tasted sour
the path was muddy | {name}'s shoes got dirty
the soup was too hot | {name} dropped the spoon
the team trained hard | the team won every match in {month}
the river froze | the children went skating
""")

_CAUSALITY = read_rows("""
Join the two sentences with “because”. | because
Which of the two sentences is the cause? | cause
Which sentence describes the effect? | effect
Combine cause and effect in one sentence with “so”. | so
Make one sentence out of two, beginning with “Since”. | since
Decide what happened first and write it down. | cause
Tell the result apart from the reason: copy the result. | effect
Link the events logically, using “because”. | because
Ask a question that begins with “Why did it happen that” and answer it. | question
Rewrite as “cause → effect”. | arrow
Say what led to what, with an arrow in between. | arrow
""")


def _draw_causality(dice: Draw) -> Draft:
    ask, form = dice.pick(_CAUSALITY)
    pairs = []
    for row in dice.sample(_CAUSES, dice.integer(2, 3)):
        values = {"name": dice.pick(words.NAMES), "month": dice.pick(words.MONTHS)}
        cause, effect = (cell.format(**values) for cell in row)
        output = {
            "because": f"{capitalized(effect)} because {cause}.", "cause": f"{capitalized(cause)}.",
            "effect": f"{capitalized(effect)}.", "so": f"{capitalized(cause)}, so {effect}.",
            "since": f"Since {cause}, {effect}.",
            "question": f"Why did it happen that {effect}? Because {cause}.",
            "arrow": f"{cause} → {effect}",
        }[form]  # fmt: skip
        pairs.append((_sentences(*dice.shuffled((cause, effect))), output))
    return _worked(dice, ask, pairs, inline="before")


# Sequences, numbers, times

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _sequence(dice: Draw) -> tuple[list[str], str]:
    """Six items and their rule."""
    step = dice.integer(1, 3)
    start = dice.integer(0, 26 - 5 * step - 1)
    some = [_ALPHABET[start + step * place] for place in range(6)]
    by = ("", "the next", "every second", "every third")[step]
    first_day, first_month = dice.integer(0, 6), dice.integer(0, 11)
    one, two = dice.sample(words.COLOURS, 2)
    three = dice.pick([colour for colour in words.COLOURS if colour not in (one, two)])
    days = [words.WEEKDAYS[(first_day + step * place) % 7] for place in range(6)]
    months = [words.MONTHS[(first_month + step * place) % 12] for place in range(6)]
    return dice.pick((
        (some, f"It takes {by} letter of the alphabet."),
        (some[::-1], f"It goes backwards through the alphabet and takes {by} letter."),
        (days, f"It takes {by} day of the week."), (months, f"It takes {by} month of the year."),
        ([f"{name}{place}" for place, name in enumerate(some, start=1)], "Letters and numbers both go up."),
        ([name * place for place, name in enumerate("ABCDEF", start=1)],
         "Each letter is repeated once more than the one before."),
        ([one, two] * 3, "Two words take turns."), ([one, two, three] * 2, "Three words take turns."),
        ([_ALPHABET[place * 2 : place * 2 + 2] for place in range(6)], "It takes the alphabet in pairs."),
        ([_ALPHABET[: place + 1] for place in range(6)], "The next letter of the alphabet is added."),
        ([f"{name}{name.lower()}" for name in some],
         f"Large and small letters, taking {by} letter of the alphabet."),
    ))  # fmt: skip


_CONTINUE = read_rows("""
What comes next in the sequence? | next
Continue the series with one more item. | next
Extend the row by two more items. | two
Predict the next item. | next
Which item has to follow? Give it together with the rule. | rule
Look for the pattern and add what comes next. | next
Describe the pattern in one sentence. | pattern
Discover the rule behind the row, then name the next item. | rule
The row goes on. How? Write the following two items. | two
Replace the dots with the right item. | next
""")


def _draw_sequence(dice: Draw) -> Draft:
    ask, form = dice.pick(_CONTINUE)
    pairs = []
    for _ in range(dice.integer(2, 3)):
        items, rule = _sequence(dice)
        output = {
            "next": items[4], "two": ", ".join(items[4:6]), "rule": f"{items[4]}. {rule}", "pattern": rule,
        }[form]  # fmt: skip
        pairs.append((f"{', '.join(items[:4])}, …", output))
    return _worked(dice, ask, pairs, inline="colon")


_GOODS = read_rows("""
egg | eggs
bread roll | bread rolls
battery | batteries
pencil | pencils
litre of juice | litres of juice
kilo of apples | kilos of apples
kilo of rice | kilos of rice
bottle of water | bottles of water
candle | candles
light bulb | light bulbs
bar of soap | bars of soap
envelope | envelopes
metre of rope | metres of rope
bag of compost | bags of compost
""")

_BARGAIN = read_rows("""
Which offer is cheaper per unit? | letter
Compare the unit prices and name the better offer. | letter
Find the better bargain and give its price per unit. | price
Calculate both unit prices. | both
{name} wants to save money. Which of the two offers should it be? | letter
Work out what a single unit costs in each offer. | both
Where does one unit cost less, and how much? | price
Choose between the offers by price per unit; explain in a sentence. | reason
Decide which pack is the better buy, showing the unit prices. | reason
By how many cents per unit do the offers differ? | difference
""")


def _draw_unit_price(dice: Draw) -> Draft:
    ask, form = dice.pick(_BARGAIN)
    pairs = []
    for one, many in dice.sample(_GOODS, dice.integer(1, 2)):
        sizes = dice.sample((2, 3, 4, 5, 6, 8, 10, 12), 2)
        cents = dice.sample(range(15, 160, 5), 2)
        better = cents.index(min(cents))
        lines = [
            f"{letter}: {size} {many} for {size * cent / 100:.2f} euros"
            for letter, size, cent in zip("AB", sizes, cents, strict=True)
        ]
        low, high = f"{min(cents) / 100:.2f}", f"{max(cents) / 100:.2f}"
        letter, worse = "AB"[better], "AB"[1 - better]
        output = {
            "letter": letter, "price": f"{letter}, at {low} euros per {one}",
            "both": f"A: {cents[0] / 100:.2f} euros per {one}\nB: {cents[1] / 100:.2f} euros per {one}",
            "reason": f"Offer {letter}: one {one} costs {low} euros there and {high} euros in offer {worse}.",
            "difference": f"By {max(cents) - min(cents)} cents.",
        }[form]  # fmt: skip
        pairs.append(("\n".join(lines), output))
    return _worked(dice, ask.format(name=dice.pick(words.NAMES)), pairs, inline="after")


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _moment(dice: Draw) -> Pair:
    day, shift = dice.integer(0, 6), dice.integer(2, 10)
    days = words.WEEKDAYS
    name, name2 = dice.sample(words.NAMES, 2)
    city = dice.pick(words.CITIES)
    now, length = 5 * dice.integer(84, 240), 5 * dice.integer(4, 33)
    start, end = _clock(now), _clock(now + length)
    common, *rest = dice.sample(days, 5)
    free = [dice.shuffled((common, *rest[:2])), dice.shuffled((common, *rest[2:]))]
    one, other = (
        f"{who} is free on {on[0]}, {on[1]} and {on[2]}." for who, on in zip((name, name2), free, strict=True)
    )
    return dice.pick((
        (f"Today is {days[day]}. Which day will it be in {shift} days?", days[(day + shift) % 7]),
        (f"Today is {days[day]}. Which day was it {shift} days ago?", days[(day - shift) % 7]),
        (f"The day after tomorrow is {days[day]}. Which day is today?", days[(day - 2) % 7]),
        (f"Yesterday was {days[day]}. Which day is tomorrow?", days[(day + 2) % 7]),
        (f"{one} {other} On which day can they meet?", common),
        (f"The train to {city} leaves at {start} and takes {length} minutes. When does it arrive?", end),
        (f"The film ended at {end} and lasted {length} minutes. When did it begin?", start),
        (f"{name} came at {start} and {name2} {length} minutes later. When did {name2} come?", end),
        (f"The clock shows {end}, but it is {length} minutes fast. What time is it?", start),
        (f"The meeting was planned for {days[day]} and put off by {shift} days. When is it now?",
         days[(day + shift) % 7]),
    ))  # fmt: skip


def _draw_moment(dice: Draw) -> Draft:
    ask = dice.pick((
        "Deduce the day or time that is asked for.", "Answer the question with a day or a time.",
        "Work out when it is.", "Give the day of the week or the clock time.",
        "Determine the moment in question.", "When is it? Reply with a single day or time.",
        "Count forwards or backwards and answer.", "Ascertain the right day or hour.",
        "Read closely and tell the day or the time, nothing more.",
        "Reckon with days and minutes to answer the question.", "Figure out the missing day or time.",
    ))  # fmt: skip
    return _worked(dice, ask, [_moment(dice) for _ in range(dice.integer(2, 3))], inline="after")


_TURNS = ("north", "east", "south", "west")


def _draw_direction(dice: Draw) -> Draft:
    who = dice.pick(
        ("A hiker", "A robot", "A dancer", "A tourist", "A sailor", "A guard", "An owl", "A child")
    )
    ask = dice.pick((
        "Which way is {who} facing at the end: {turns}?",
        "Follow the turns and give the final direction ({turns}).",
        "After all turns, is the direction {turns}?",
        "Track every turn and name the last direction: {turns}.",
        "{Turns}? Say where one looks after these turns.",
        "Keep count of the turns. The answer is {turns}.",
        "Turn as told, and report the compass direction: {turns}.",
        "Go through the turns in your mind: {turns} at the end?",
    ))  # fmt: skip
    *some, last = dice.shuffled(_TURNS)
    turns = f"{', '.join(some)} or {last}"
    ask = ask.format(who=who[0].lower() + who[1:], turns=turns, Turns=capitalized(turns))
    pairs = []
    for goal in dice.sample(range(4), dice.integer(2, 3)):
        moves = [
            dice.pick((("turns right", 1), ("turns left", -1), ("turns round", 2)))
            for _ in range(dice.integer(1, 3))
        ]
        start = (goal - sum(quarter for _, quarter in moves)) % 4
        told = ", then ".join(move for move, _ in moves)
        pairs.append((f"{who} faces {_TURNS[start]} and {told}.", _TURNS[goal]))
    return _worked(dice, ask, pairs)


# Facts

_MEASURES = read_rows("""
years old | is | older than | younger than
centimetres tall | is | taller than | shorter than
points | has | ahead of | behind
""")


_TRUE = read_rows("""
Which of the three statements is true? | letter
Exactly one statement agrees with the facts. Give its letter. | letter
Verify the statements against the facts and choose the true one. | letter
Copy the statement that is true according to the facts. | copy
Which statement is false? | false
Only one of A, B and C is wrong. Which? | false
Select the letter of the correct statement. | letter
Quote the one sentence that the facts support. | copy
Expose the false statement by its letter. | false
Compare A, B and C with the facts above them, then write out the true one. | copy
""")


def _draw_true_statement(dice: Draw) -> Draft:
    ask, form = dice.pick(_TRUE)
    wanted = form != "false"
    pairs = []
    for _ in range(dice.integer(1, 2)):
        unit, verb, above, below = dice.pick(_MEASURES)
        people = dice.sample(words.NAMES, 3)
        numbers = sorted(dice.sample(range(120, 180) if unit.startswith("c") else range(12, 70), 3))
        a, b, c = people
        facts = dice.shuffled(
            [f"{who} {verb} {number} {unit}" for who, number in zip(people, numbers, strict=True)]
        )
        true = [
            f"{c} is {above} {a}", f"{a} is {below} {b}", f"{b} is between {a} and {c}",
            f"{b} is {above} {a}", f"{b} is {below} {c}", f"nobody is {above} {c}", f"nobody is {below} {a}",
        ]  # fmt: skip
        false = [
            f"{a} is {above} {c}", f"{b} is {below} {a}", f"{a} is between {b} and {c}",
            f"{b} is {above} {c}", f"{c} is {below} {b}", f"nobody is {above} {a}", f"nobody is {below} {b}",
        ]  # fmt: skip
        special = dice.pick(true if wanted else false)
        lines = dice.shuffled((special, *dice.sample(false if wanted else true, 2)))
        listed = "\n".join(
            f"{letter}) {capitalized(line)}." for letter, line in zip("ABC", lines, strict=True)
        )
        output = f"{capitalized(special)}." if form == "copy" else "ABC"[lines.index(special)]
        pairs.append((f"{_sentences(*facts)}\n{listed}", output))
    return _worked(dice, ask, pairs, inline="after")


_NEEDS = read_rows("""
How long does the trip to {city} take? | The bus drives {n} kilometres an hour. | the speed | The trip is {m}
  kilometres long. | the distance
How much do the tickets cost altogether? | A ticket costs {n} euros. | the price of a ticket | The group buys
  {m} tickets. | the number of tickets
How old is {name} today? | {name} was born in {year}. | the year of birth | The current year is {year2}. | the
  current year
How many apples does each child get? | There are {m} apples. | the number of apples | There are {n} children.
  | the number of children
When does the film end? | The film begins at eight. | the starting time | The film lasts {m} minutes. | the
  length of the film
How large is the garden? | The garden is {n} metres wide. | the width | The garden is {m} metres long. | the
  length
How much change does {name} get? | {name} pays with a {m}-euro voucher. | the sum paid | The goods cost {n}
  euros. | the price of the goods
How many pages are left to read? | The book has {year} pages. | the length of the book | {name} has read {n}
  pages. | the number of pages read
Is the suitcase too heavy? | The suitcase weighs {n} kilos. | the weight of the suitcase | The limit is {m}
  kilos. | the weight limit
How much does {name} earn in a week? | {name} works {n} hours a week. | the working hours | An hour is paid
  {m} euros. | the hourly wage
Who is taller, {name} or {name2}? | {name} measures {m} centimetres. | the height of {name} | {name2} measures
  {year} millimetres. | the height of {name2}
Can {name} afford the coat? | The coat costs {m} euros. | the price of the coat | {name} has {n} euros. | the
  money {name} has
""")


def _need(dice: Draw) -> list[str]:
    name, name2 = dice.sample(words.NAMES, 2)
    values = {
        "city": dice.pick(words.CITIES), "n": dice.integer(12, 60), "m": dice.integer(70, 190), "name": name,
        "name2": name2, "year": dice.integer(1950, 2010), "year2": dice.integer(2021, 2030),
    }  # fmt: skip
    return [cell.format(**values) for cell in dice.pick(_NEEDS)]


_MISSING = read_rows("""
What information is missing to answer the question?
Say what else one would have to know.
The question cannot be answered yet. Name the missing piece.
Which fact would you ask for?
Something is lacking here. What?
Before you can answer, what do you need to find out?
Point to the gap in the data.
Request the one detail without which the question stays open.
Identify the unknown that blocks the answer.
""")


def _draw_missing(dice: Draw) -> Draft:
    (ask,) = dice.pick(_MISSING)
    ending = dice.pick(("", " Answer in a few words.", " Use a full sentence.", " Put it as a noun phrase."))
    pairs = []
    for _ in range(dice.integer(2, 3)):
        question, *facts = _need(dice)
        place = dice.pick((0, 2))
        lacking = facts[3 - place]
        pairs.append(
            (
                f"{facts[place]} {question}",
                f"{capitalized(lacking)} is missing." if "full" in ending else capitalized(lacking),
            )
        )
    return _worked(dice, ask + ending, pairs)


def _draw_enough(dice: Draw) -> Draft:
    yes, no = dice.pick(
        (("enough", "not enough"), ("yes", "no"), ("solvable", "unsolvable"), ("complete", "incomplete"))
    )
    ask = dice.pick((
        "Is there sufficient information to answer the question? Reply {yes} or {no}.",
        "Decide, without calculating, whether the question can be answered: {yes} or {no}.",
        "Are the facts all one needs? Write {yes} or {no}.",
        "Sort the word problem by its data into {yes} or {no}.",
        "Do not solve the problem; only say {yes} if it could be solved and {no} if a fact is lacking.",
        "Could somebody answer this from the facts alone? Choose {yes} or {no}.",
        "Mark the problem {yes} if nothing is missing, otherwise {no}.",
    )).format(yes=yes, no=no)  # fmt: skip
    labels = dice.shuffled((yes, no)) + ([dice.pick((yes, no))] if dice.chance(0.4) else [])
    pairs = []
    for label in labels:
        question, one, _, two, _ = _need(dice)
        given = f"{one} {two}" if label == yes else dice.pick((one, two))
        pairs.append((f"{given} {question}", label))
    return _worked(dice, ask, pairs)


_SEARCHES = read_rows("""
The {thing} is in the {x}, the {y} or the {z} box | The {y} box is empty | There is only sand in the {z} box
The {thing} was taken by {x}, {y} or {z} | {y} was in {city} all day | {z} was asleep at the time
{who} lives at number {x}, {y} or {z} | Nobody lives at number {y} | Number {z} is a shop
The {thing} is hidden under cup {x}, {y} or {z} | Cup {y} is made of glass, and nothing can be seen under it |
  Cup {z} has just been lifted, and there was nothing there
The winner is {x}, {y} or {z} | {y} came last | {z} gave up halfway
The meeting is on {x}, {y} or {z} | The room is closed on {y} | Everybody is away on {z}
""")

_EXCLUDE = read_rows("""
Exclude what is impossible and give the answer that remains.
Use the clues to find the only possibility left.
Which possibility is left?
Rule out two of the three and name the last one.
Solve the riddle by elimination.
Settle the matter: which of the three is it?
Narrow it down to one answer.
Strike out whatever the clues forbid. What is left over?
Consider all three cases and keep the one that fits.
""")


def _search(dice: Draw) -> Pair:
    kind = dice.integer(0, len(_SEARCHES) - 1)
    source: Sequence[str] = (
        words.COLOURS, words.NAMES, [str(number) for number in range(2, 40)], "123", words.NAMES,
        words.WEEKDAYS,
    )[kind]  # fmt: skip
    x, y, z = dice.sample(source, 3)
    values = {
        "x": x, "y": y, "z": z,
        "thing": dice.pick(("key", "coin", "letter", "ring", "ticket", "last biscuit", "old watch")),
        "city": dice.pick(words.CITIES), "who": dice.pick(words.NAMES),
    }  # fmt: skip
    first, *clues = (cell.format(**values) for cell in _SEARCHES[kind])
    listed = ", ".join(dice.shuffled((x, y, z)))
    first = first.replace(
        f"{x}, the {y} or the {z}", " or the ".join(listed.rsplit(", ", 1)).replace(", ", ", the ")
    )
    first = first.replace(f"{x}, {y} or {z}", " or ".join(listed.rsplit(", ", 1)))
    answer = (f"the {x} box", x, f"number {x}", f"cup {x}", x, x)[kind]
    return _sentences(first, *dice.shuffled(clues)), capitalized(answer)


def _draw_exclusion(dice: Draw) -> Draft:
    (ask,) = dice.pick(_EXCLUDE)
    return _worked(dice, ask, [_search(dice) for _ in range(dice.integer(2, 3))], inline="before")


_THINGS = read_rows("""
a clock | I have hands but cannot clap. | People look at me to be on time. | I often hang on a wall.
a candle | I grow shorter as I grow older. | I give light. | A breath can end my work.
an umbrella | I am opened when it rains. | I have ribs but no body. | People forget me on trains.
a river | I run but have no legs. | I have a mouth but never eat. | Boats travel on me.
a book | I have a spine but no bones. | I am full of words but never speak. | You find me in a library.
a piano | I have many keys but open no door. | I stand in concert halls. | Fingers make me sing.
a shadow | I follow you on sunny days. | I vanish in the dark. | You cannot catch me.
an egg | I have no doors, yet something may live inside. | I must be broken to be used. | Hens lay me.
a comb | I have teeth but never bite. | I am used every morning. | I put hair in order.
a towel | I get wetter as I dry. | I hang in the bathroom. | You need me after a shower.
a bridge | I cross water without getting wet. | People walk on my back. | I join two banks.
a needle | I have one eye but cannot see. | I need thread to work. | Tailors use me.
a stamp | I travel the world while sitting in a corner. | I am found on letters. | You pay for me before I
  travel.
a ladder | I have rungs. | People climb me. | I lean against walls.
a mirror | I show you yourself. | I swap left and right. | I break easily.
a kite | I fly without wings. | I need wind. | A string holds me.
snow | I am white and cold. | I fall without hurting myself. | Children build with me.
a key | I am small and made of metal. | I open doors. | People lose me all the time.
a letter box | I stand in the street with an open mouth. | I eat only paper. | I am emptied every day.
a snail | I carry my house. | I am slow. | I like wet leaves.
""")

_RIDDLE = read_rows("""
What am I? Find the answer. | it
Guess what is described. | it
Solve the following riddle. | it
Which thing speaks here? | it
Name the object or creature behind these hints. | it
Find the answer to the riddle and quote the hint that helped most. | why
Who or what says this? Answer in a sentence that begins with “It is”. | sentence
Crack this riddle in one or two words. | it
Reveal what hides behind the sentences. | sentence
""")


def _draw_riddle(dice: Draw) -> Draft:
    if dice.chance(0.35):
        thing, *hints = dice.pick(_THINGS)
        count = dice.integer(2, 3)
        number = ("two", "three")[count - 2]
        ask = dice.pick((
            "Write a riddle of {n} sentences whose answer is {x}.",
            "Invent {n} hints by which one can guess {x}.",
            "Let {x} describe itself in {n} sentences without saying what it is.",
            "Make up a riddle about {x} with {n} clues.",
            "How could {x} be put into a riddle of {n} short lines?",
        ))  # fmt: skip
        riddle = " ".join(dice.sample(hints, count))
        return Draft(_set(dice, ask.format(x=thing, n=number)), (Instance(input="", output=riddle),))
    ask, form = dice.pick(_RIDDLE)
    pairs = []
    for thing, *hints in dice.sample(_THINGS, dice.integer(2, 3)):
        chosen = dice.sample(hints, dice.integer(2, 3))
        output = {
            "it": capitalized(thing),
            "why": f"{capitalized(thing)}: “{chosen[0]}”",
            "sentence": f"It is {thing}.",
        }[form]
        pairs.append((" ".join(chosen), output))
    return _worked(dice, ask, pairs)


FAMILIES: tuple[Family, ...] = (
    Family("order_steps", is_classification=False, draw=_draw_steps),
    Family("rank_three_people", is_classification=False, draw=_draw_ranking),
    Family("seat_three_people", is_classification=False, draw=_draw_seating),
    Family("syllogism_conclusion", is_classification=False, draw=_draw_conclusion),
    Family("syllogism_validity", is_classification=True, draw=_draw_validity),
    Family("if_then_conclusion", is_classification=False, draw=_draw_if_then),
    Family("sentences_consistent", is_classification=True, draw=_draw_consistency),
    Family("spot_contradiction", is_classification=False, draw=_draw_spot_contradiction),
    Family("odd_word_out", is_classification=False, draw=_draw_odd_one),
    Family("word_analogy", is_classification=False, draw=_draw_analogy),
    Family("family_relation", is_classification=False, draw=_draw_kinship),
    Family("cause_and_effect", is_classification=False, draw=_draw_causality),
    Family("next_in_sequence", is_classification=False, draw=_draw_sequence),
    Family("unit_price", is_classification=False, draw=_draw_unit_price),
    Family("deduce_day_or_time", is_classification=False, draw=_draw_moment),
    Family("final_direction", is_classification=True, draw=_draw_direction),
    Family("statement_fits_facts", is_classification=False, draw=_draw_true_statement),
    Family("missing_information", is_classification=False, draw=_draw_missing),
    Family("enough_information", is_classification=True, draw=_draw_enough),
    Family("find_by_exclusion", is_classification=False, draw=_draw_exclusion),
    Family("object_riddle", is_classification=False, draw=_draw_riddle),
)
