"""General knowledge in small tables: questions about one row, several rows, or what rows have in common.

What a quiz knows is asked for the input, asked directly, or asked for several things at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from curriculum import words
from curriculum.asking import READERS, capitalized, read_lines, with_article
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES", "GROUPS"]


def _rows(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in read_lines(text))


def _task(instruction: str, *pairs: tuple[str, str]) -> Draft:
    return Draft(instruction, tuple(Instance(given, output) for given, output in pairs))


def _direct(instruction: str, output: str) -> Draft:
    return _task(instruction, ("", output))


"""Those who may ask and can follow."""


def _audience(dice: Draw, frames: Sequence[str], share: float) -> str:
    """Every so often a sentence about the reader, with a space before it, otherwise nothing."""
    return f" {dice.pick(frames).format(dice.pick(READERS))}" if dice.chance(share) else ""


# Quizzes: one table each, asked in the same few forms


@dataclass(frozen=True, slots=True)
class _Quiz:
    """rows: the table; `{0}` and `{1}` stand for its columns in all other texts.
    ways: instructions for a row that is the input, without slots. direct: questions that name the row.
    sentence: the answer as a sentence, which also is a true statement by itself.
    thing, what: what the first column holds and what is asked of it, as nouns, such as country and capital.
    listed: whether several rows are asked for at once, too; not where the first column is long.
    """

    rows: tuple[tuple[str, ...], ...]
    ways: tuple[str, ...]
    direct: tuple[str, ...]
    sentence: str
    thing: str
    what: str
    listed: bool = True

    def say(self, row: Sequence[str]) -> str:
        return capitalized(self.sentence.format(*row))


_READERS = ("The answer is for {}.", "The question comes from {}.", "Answer as you would to {}.",
            "Your answer will be read by {}.")  # fmt: skip

_SHORT = read_lines("""
Keep it short.
No full sentence is needed.
Write nothing but the answer.
A short answer is enough.
Give the bare answer.
Leave out any explanation.
""")

_FULL = read_lines("""
Answer in a full sentence.
Use a complete sentence.
Reply with one whole sentence.
Put the answer into a sentence.
Make it a complete sentence.
Phrase the answer as a sentence.
""")

_SEVERAL = {
    "line": read_lines("""
For every {thing}, write the {what} after a colon, one line each.
Go through the list and add the {what} to every {thing}, each on its own line.
Complete the list: put a colon and the {what} behind each {thing}.
Expand a list in which every {thing} still lacks its {what}. Use one line for each.
"""),
    "table": read_lines("""
Build a table with the columns {thing} and {what}, separated by a vertical bar.
Create a two-column table that shows the {what} for every {thing} listed. Divide the columns with a bar.
Tabulate each {thing} with its {what}, using | between the two columns and a header line.
"""),
    "json": read_lines("""
Return a JSON object with every {thing} as a key and the {what} as its value.
Produce JSON in which each {thing} leads to its {what}.
Encode the answers as JSON: keys are what is listed, values are the {what} of each {thing}.
"""),
}


def _draw_quiz(quiz: _Quiz, dice: Draw) -> Draft:
    form = dice.pick(("input", "input", "input", "direct", "direct", "several"))
    if form == "several" and quiz.listed:
        return _several(quiz, dice)
    full = dice.chance(0.4)
    ending = _audience(dice, _READERS, 0.3)
    if full or dice.chance(0.5):
        ending += f" {dice.pick(_FULL if full else _SHORT)}"
    answer = quiz.say if full else (lambda row: row[1])
    if form == "direct":
        row = dice.pick(quiz.rows)
        return _direct(dice.pick(quiz.direct).format(*row) + ending, answer(row))
    name = f"{capitalized(quiz.thing)}: " if dice.chance(0.25) else ""
    rows = dice.sample(quiz.rows, dice.integer(1, 3))
    return _task(dice.pick(quiz.ways) + ending, *((name + row[0], answer(row)) for row in rows))


def _several(quiz: _Quiz, dice: Draw) -> Draft:
    shape = dice.pick(list(_SEVERAL))
    instruction = dice.pick(_SEVERAL[shape]).format(thing=quiz.thing, what=quiz.what)
    instruction += dice.pick(("", "", " Keep the given order.", " Add no comments.", " Leave nothing out."))
    instruction += _audience(dice, ("It is for {}.", "The result will be shown to {}."), 0.5)
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
    ways=read_lines("""
Name the capital of the country.
What is the capital city of this country?
State which city is the capital of the given country.
An atlas lists every country with its capital. Supply the capital for this entry.
Tell a traveller which city is the capital of the country below.
Give me the capital that goes with the country.
In which city does the government of this country have its seat?
Recall the capital of the country named here.
"""),
    direct=read_lines("""
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
    ways=read_lines("""
Of which country is this city the capital?
Write down the country that has this capital.
Match the capital city with its country.
Someone is flying to this capital. Which country is it in?
Determine the country to which the capital belongs.
The city below is a capital. Say of which country.
Find the country whose capital is given.
"""),
    direct=read_lines("""
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
    ways=read_lines("""
What language do most people use at school and at work in this country?
Name an official language of the country.
Which language should a visitor to the country learn first?
Advise a traveller which language is spoken most widely in the country.
Road signs in this country are written in which language?
Select the language that a newspaper in this country is most likely to be printed in.
"""),
    direct=read_lines("""
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
    ways=read_lines("""
What are the young of this animal called?
Say what the animal's young is called.
Farm and forest words: give the name for the young of the animal.
Which word means the young of this animal?
Teach a child the word for the animal's baby.
Supply the special name of the animal's young, with its article.
"""),
    direct=read_lines("""
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
    ways=read_lines("""
Which verb says what sound the animal makes?
How does this animal make itself heard? Use one verb in the third person.
Write the verb for the animal's call, as in: a bird sings.
Describe the voice of the animal with a verb, in the form that follows he or she.
Hearing this animal, you would say that it does what? Give the verb with its ending -s.
"""),
    direct=read_lines("""
What does a {0} do with its voice?
Add the verb for the sound of the animal to this beginning: the {0} often ...
Which verb describes the sound of a {0}?
Imagine a {0} nearby. What sound does it make, as a verb?
"""),
    sentence="The {0} {1}.",
    thing="animal",
    what="sound verb",
)

_TOOLS = _Quiz(
    rows=_rows("""
a hammer|to drive nails into wood
a saw|to cut wood
a ladder|to reach high places
a needle|to sew cloth
a kettle|to boil water
a broom|to sweep the floor
a sieve|to separate lumps from flour
a thermometer|to measure temperature
a compass|to find north
a spade|to dig holes in the soil
a rake|to gather fallen leaves
a ruler|to measure short lengths
a pair of scissors|to cut paper
a microscope|to look at very small things
a telescope|to look at the stars
a corkscrew|to open wine bottles
a watering can|to water plants
an iron|to smooth clothes
a whisk|to beat eggs
an anchor|to hold a ship in place
a pair of scales|to weigh things
an axe|to split logs
a paintbrush|to spread paint
a lantern|to give light in the dark
a stopwatch|to time a race
a padlock|to keep a gate shut
"""),
    ways=read_lines("""
What is the tool for?
Explain what one does with this thing.
State the purpose of the object.
A visitor from another planet holds up this object. Tell the visitor what it is for.
Describe the use of the tool.
For what job would you fetch this from the shed or the kitchen?
Clarify why a household might own this.
"""),
    direct=read_lines("""
What is {0} used for?
Why would somebody need {0}?
Mention the main use of {0}.
Suppose a child asks what {0} is for. Reply.
I found {0} in the attic. What can I do with it?
"""),
    sentence="{0} is used {1}.",
    thing="tool",
    what="purpose",
)

_NEEDED = _Quiz(
    rows=tuple((use, tool) for tool, use in _TOOLS.rows),
    ways=read_lines("""
Which tool do you need for this?
Suggest the right tool for the job.
Recommend one object that helps somebody with this plan.
What should I take along if this is what I want?
Name the thing that is made for this purpose.
Lend a hand: what does one need for the job described?
Pick a tool for the purpose.
"""),
    direct=read_lines("""
Which tool is made {0}?
I would like {0}. What do I need?
What would you hand to a neighbour who wants {0}?
Propose one tool {0}.
Our club wants {0}. Which tool should we borrow?
"""),
    sentence="You need {1} {0}.",
    thing="purpose",
    what="tool",
    listed=False,
)

_MATERIALS = _Quiz(
    rows=_rows("""
a window pane|glass
a bicycle tyre|rubber
a newspaper|paper
a woollen jumper|wool
a candle|wax
a saddle|leather
a nail|steel
a wine barrel|wood
an igloo|snow
a flower pot|clay
a cotton shirt|cotton
a shopping bag in a supermarket|plastic
a birthday cake|flour, eggs and sugar
a gravestone|stone
a wedding ring|gold
a pencil lead|graphite
a pavement|concrete or stone
a light bulb|glass and metal
a parcel box|cardboard
a rope|hemp or nylon
"""),
    ways=read_lines("""
Of what material is this usually made?
What is the object made of, as a rule?
Name the usual material of the thing.
A craftsman wants to make this. What material does he need first?
Think about how the object feels, then name what it consists of.
Write down the stuff that the object is made from.
"""),
    direct=read_lines("""
What is {0} usually made of?
From what is {0} made?
If you took {0} apart, what material would you find?
Name the material that one needs for {0}.
Which material is typical of {0}?
"""),
    sentence="{0} is usually made of {1}.",
    thing="object",
    what="material",
)

_WORKERS = _rows("""
a baker|bakes bread and cakes|in a bakery
a teacher|teaches pupils|at a school
a nurse|looks after patients|in a hospital
a farmer|grows crops and keeps animals|on a farm
a mechanic|repairs cars|in a garage
a librarian|lends books to readers|in a library
a chef|cooks meals for guests|in a restaurant
a pilot|flies aeroplanes|in a cockpit
a carpenter|makes things of wood|in a workshop
a judge|decides cases|in a court
a plumber|repairs water pipes|in other people's houses
a tailor|makes and alters clothes|in a sewing room
a pharmacist|sells medicines|in a pharmacy
a miner|digs coal or ore|in a mine
a fisher|catches fish|at sea
a florist|sells flowers|in a flower shop
a dentist|treats teeth|in a dental practice
an actor|plays roles|in a theatre
an astronomer|studies the stars|at an observatory
a zookeeper|feeds and looks after animals|in a zoo
a translator|puts texts into another language|at a desk
a lifeguard|watches over swimmers|at a swimming pool
""")

_DUTIES = _Quiz(
    rows=tuple((job, duty) for job, duty, _ in _WORKERS),
    ways=read_lines("""
What does a person with this job do?
Sum up the job in a few words.
Describe the main task of somebody who works as this.
Pupils learn about jobs. Tell them what this person does all day.
Introduce the job by saying what the person does.
Outline what this person is paid for.
"""),
    direct=read_lines("""
What does {0} do?
Sum up in a few words what {0} does at work.
A child would like to know what {0} does. Tell the child.
Describe in one line what {0} does for a living.
Characterize the work of {0} briefly.
"""),
    sentence="{0} {1}.",
    thing="job",
    what="main task",
)

_WORKPLACES = _Quiz(
    rows=tuple((job, place) for job, _, place in _WORKERS),
    ways=read_lines("""
Where does this person usually work?
Say where one would meet this person at work.
Name the place of work that goes with the job.
You want to interview this person at work. Where should you look first?
Show where the job is normally done.
"""),
    direct=read_lines("""
Where does {0} work?
In what place would you expect {0} on a working day?
Locate the usual workplace of {0}.
If you had to visit {0} at work, where would that be?
Where can people normally find {0} at work?
"""),
    sentence="{0} works {1}.",
    thing="job",
    what="place of work",
)

_DEFINITIONS = _rows("""
a lake|a large area of water with land all round it|land
a river|a long stream of water that flows towards the sea|land
an island|a piece of land with water on every side|land
a desert|a dry region where hardly anything grows|land
a valley|a stretch of low land between hills|land
a volcano|a mountain from which hot melted rock can break out|land
a glacier|a mass of ice that moves slowly downhill|land
a museum|a building where valuable or interesting things are shown|building
a library|a place where people can read and borrow books|building
a lighthouse|a tower whose light guides ships at night|building
a greenhouse|a glass house in which plants are kept warm|building
a harbour|a sheltered place where ships can land|building
a hospital|a place where sick people are treated|building
a diary|a book in which somebody writes about each day|text
a recipe|a set of directions for making a dish|text
a dictionary|a book that explains the meaning of words|text
a biography|the story of a person's life|text
a timetable|a list of the times at which things happen|text
a receipt|a slip of paper that proves a payment|text
an orphan|a child whose parents are dead|person
a neighbour|a person who lives next door|person
a guest|a person who is invited to somebody's home|person
a beginner|a person who is just starting to learn something|person
an ancestor|a member of the family who lived long ago|person
an orchestra|a large group of musicians who play together|group
a choir|a group of people who sing together|group
a jury|a group of citizens who decide in a court|group
an audience|the people who watch or listen to a performance|group
""")

_MEANINGS = _Quiz(
    rows=tuple((word, meaning) for word, meaning, _ in _DEFINITIONS),
    ways=read_lines("""
Define the word given here.
What does this word mean?
Explain the word to somebody who is learning English.
Give a short definition of the noun.
Write an entry for a children's dictionary about this word.
Say in simple words what this is.
Put the meaning of the word in your own words.
"""),
    direct=read_lines("""
What is {0}?
How would you define what {0} is?
Explain to a young reader what {0} is.
In simple words, tell me what {0} is.
Give a definition of the noun in the phrase "{0}".
A learner of English asks what {0} is. What do you reply?
"""),
    sentence="{0} is {1}.",
    thing="word",
    what="definition",
)

_DEFINED = _Quiz(
    rows=tuple((meaning, word) for word, meaning, _ in _DEFINITIONS),
    ways=read_lines("""
Which word fits the definition?
Solve the crossword clue with a noun and its article.
Find the noun that is described.
Guess the word from its meaning.
A dictionary has lost one headword. Restore it from the definition.
Reverse dictionary: give the word for the description.
What do we call this?
"""),
    direct=read_lines("""
What do you call {0}?
Is there a word for {0}? Name it.
Find one noun that means {0}.
Crossword clue, one noun: {0}. Solve it.
Which English noun stands for {0}?
"""),
    sentence="{1} is {0}.",
    thing="definition",
    what="word",
    listed=False,
)

_IDIOMS = _rows("""
to break the ice|to make people feel at ease when they meet
to spill the beans|to give away a secret
to be over the moon|to be very happy
to sit on the fence|to avoid choosing a side
to burn the midnight oil|to work late into the night
to hit the nail on the head|to describe something exactly
to pull somebody's leg|to joke with somebody by telling something untrue
to cost an arm and a leg|to be very expensive
to be under the weather|to feel slightly ill
to let sleeping dogs lie|to leave an old quarrel alone
to bite the bullet|to do something unpleasant bravely
to cut corners|to do something badly in order to save time or money
to turn over a new leaf|to begin to behave better
to have butterflies in one's stomach|to feel nervous
to get cold feet|to lose courage shortly before doing something
to be all ears|to listen eagerly
to call it a day|to stop working for the day
to miss the boat|to be too late to use a chance
to have green fingers|to be good at growing plants
to jump the queue|to go in before people who were waiting earlier
""")

_SAYINGS = _Quiz(
    rows=_IDIOMS,
    ways=read_lines("""
What does the idiom mean?
Explain the expression in plain English.
A learner has never heard this idiom. Give its meaning.
Put the figurative expression into plain words.
Paraphrase the idiom so that nobody can misunderstand it.
Unlock the meaning of the saying for a foreign student.
"""),
    direct=read_lines("""
What does it mean "{0}"?
Explain the idiom "{0}" in plain words.
If somebody uses the expression "{0}", what is meant?
Give the meaning of the English idiom "{0}".
How would you express "{0}" without an idiom?
"""),
    sentence='"{0}" means {1}.',
    thing="idiom",
    what="meaning",
)

_OPPOSITES = _Quiz(
    rows=_rows("""
hot|cold
early|late
full|empty
heavy|light
open|closed
deep|shallow
wide|narrow
wet|dry
old|new
brave|cowardly
cheap|expensive
clean|dirty
sharp|blunt
thick|thin
loud|quiet
fast|slow
strong|weak
rough|smooth
rare|common
easy|difficult
tall|short
bright|dark
polite|rude
guilty|innocent
generous|mean
tight|loose
ancient|modern
cheerful|gloomy
"""),
    ways=read_lines("""
Give the opposite of the adjective.
What is the opposite of this word?
Find an antonym of the word.
Turn the adjective into its opposite.
Reverse the meaning by giving another adjective.
Which adjective says the contrary?
Contrast the word with its opposite.
"""),
    direct=read_lines("""
What is the opposite of {0}?
Which adjective means the contrary of {0}?
Give an antonym for the adjective {0}.
If something is not {0} but quite the contrary, what is it?
The word {0} has an opposite. What is it?
"""),
    sentence="The opposite of {0} is {1}.",
    thing="adjective",
    what="opposite",
)

_SYNONYMS = _Quiz(
    rows=_rows("""
big|large
begin|start
quick|fast
sad|unhappy
glad|happy
angry|furious
clever|intelligent
brave|courageous
silent|quiet
wealthy|rich
tiny|very small
strange|odd
famous|well-known
repair|mend
buy|purchase
help|assist
answer|reply
shut|close
choose|select
hide|conceal
collect|gather
permit|allow
error|mistake
present|gift
journey|trip
woods|forest
reason|cause
enormous|huge
"""),
    ways=read_lines("""
Give a synonym for the word.
Which word means nearly the same?
Replace the word by another with the same meaning.
A poet does not want to repeat this word. Offer another one.
Swap the word for one that means the same.
Look for a word with a similar meaning.
"""),
    direct=read_lines("""
What is another word for {0}?
Offer a synonym of the word {0}.
I have used the word {0} too often. What can I write instead?
Which word is close in meaning to {0}?
Substitute the word {0} with one that means about the same.
"""),
    sentence="Another word for {0} is {1}.",
    thing="word",
    what="synonym",
)

# Tasks across tables

_BLANK = read_lines("""
Fill in the blank in the sentence.
Complete the sentence with what is missing.
Which words belong in the gap?
Replace the line by the missing word or words.
Finish the sentence by filling its gap.
A line stands for something that was left out. Insert it.
Supply what is missing from the sentence.
Restore the sentence, in which something has been wiped out.
""")

_BLANK_SHORT = read_lines("""
Give only the missing part.
Write nothing but the missing words.
Answer with what belongs in the gap.
The rest of the sentence need not be repeated.
""")

_BLANK_FULL = read_lines("""
Write out the whole sentence.
Return the complete sentence.
Repeat the sentence with the gap filled.
Show the full sentence.
""")


def _fill_in_blank(dice: Draw) -> Draft:
    full, line = dice.chance(0.5), dice.pick(("____", "[...]", "[gap]", "___"))
    pairs = []
    for _ in range(dice.integer(1, 3)):
        quiz = dice.pick((_CAPITALS, _CAPITAL_OWNERS, _YOUNG, _MATERIALS, _OPPOSITES, _SYNONYMS, _WORKPLACES))
        row = dice.pick(quiz.rows)
        pairs.append((quiz.say((row[0], line)), quiz.say(row) if full else row[1]))
    way = dice.pick(_BLANK)
    if line != "____" or dice.chance(0.3):
        way = way.replace("A line stands", f"The sign {line} stands").replace("the line", f"the sign {line}")
    way += _audience(dice, ("The exercise is for {}.", "It comes from a worksheet for {}."), 0.5)
    return _task(f"{way} {dice.pick(_BLANK_FULL if full else _BLANK_SHORT)}", *dict(pairs).items())


_MISTAKE = read_lines("""
Correct the false statement.
The sentence contains an error of fact. Rewrite it so that it is true.
Every statement given here is wrong. Put it right.
Repair the sentence by changing the wrong part.
Someone has mixed up the facts. Change the sentence so that it becomes true.
A pupil wrote this on a test and got no point. What should the sentence say?
Revise the statement until it is correct, keeping its form.
Fact check: rewrite the false sentence below.
Edit the sentence so that nothing in it is untrue.
""")

_MISTAKE_ENDINGS = read_lines("""
Keep the beginning of the sentence.
Change as little as possible.
Only the last part is wrong.
Write the whole sentence again.
Reply with the corrected sentence alone.
Do not add anything else.
""")


def _correct_mistake(dice: Draw) -> Draft:
    pairs = []
    for _ in range(dice.integer(1, 3)):
        quiz = dice.pick((_CAPITALS, _CAPITAL_OWNERS, _YOUNG, _SOUNDS, _OPPOSITES, _WORKPLACES, _TOOLS))
        right, wrong = dice.sample(quiz.rows, 2)
        if right[1] != wrong[1]:
            pairs.append((quiz.say((right[0], wrong[1])), quiz.say(right)))
    if not pairs:
        pairs = [("The capital of Norway is Rome.", "The capital of Norway is Oslo.")]
    ending = f" {dice.pick(_MISTAKE_ENDINGS)}" if dice.chance(0.85) else ""
    audience = _audience(dice, ("The text is meant for {}.", "The mistake was noticed by {}."), 0.45)
    return _task(dice.pick(_MISTAKE) + audience + ending, *dict(pairs).items())


_ANALOGY = read_lines("""
Complete the analogy given here.
The first pair of words is related in some way. Find the word that makes the second pair alike.
What word is missing from the comparison?
Continue the pattern of the first pair in the second one.
Transfer the relation between the first two words to the third.
Reason by analogy and give the last word.
Two pairs share one relation. Which word completes the second pair?
Work out how the first two words belong together, then find the partner of the third.
""")


def _analogy(dice: Draw) -> Draft:
    frame = dice.pick(("{0} is to {1} as {2} is to ...", "{0} : {1} = {2} : ?", "{0} - {1}; {2} - ___",
                       "As {0} goes with {1}, so {2} goes with what?"))  # fmt: skip
    full = dice.chance(0.3)
    pairs = []
    for _ in range(dice.integer(1, 3)):
        quiz = dice.pick((_CAPITALS, _CAPITAL_OWNERS, _YOUNG, _OPPOSITES, _SOUNDS))
        bare = [
            [text.removeprefix("a ").removeprefix("an ") for text in row[:2]]
            for row in dice.sample(quiz.rows, 2)
        ]
        (one, partner), (two, answer) = bare
        whole = f"{one} is to {partner} as {two} is to {answer}"
        pairs.append((frame.format(one, partner, two), whole if full else answer))
    ending = dice.pick(("Write out the whole analogy in the form: A is to B as C is to D.",
                        "Answer with the complete analogy, using the words is to and as.")
                       if full else ("", *_SHORT))  # fmt: skip
    audience = _audience(dice, ("The puzzle is for {}.", "It was set by {}.", *_READERS), 0.6)
    return _task(f"{dice.pick(_ANALOGY)}{audience} {ending}".strip(), *dict(pairs).items())


_DIFFERENCE = read_lines("""
What is the difference between {0} and {1}?
Explain how {0} differs from {1}.
Contrast {0} with {1} in one sentence.
People sometimes confuse {0} with {1}. Clear up the difference.
Compare {0} and {1} for {audience}.
In one sentence, tell {audience} what sets {0} apart from {1}.
Distinguish between {0} and {1}.
""")


def _difference(dice: Draw) -> Draft:
    first = dice.pick(_DEFINITIONS)
    second = dice.pick([row for row in _DEFINITIONS if row[2] == first[2] and row is not first])
    joint = dice.pick((", whereas {} is {}.", ", while {} is {}.", ", but {} is {}."))
    answer = f"{capitalized(first[0])} is {first[1]}{joint.format(second[0], second[1])}"
    if dice.chance(0.4):
        way = dice.pick(("Explain the difference between the two things.", "How do the two differ?",
                         "Set the two words apart by defining both in one sentence.",
                         "Define both words in a single sentence that shows the contrast."))  # fmt: skip
        audience = _audience(dice, ("Write for {}.", "The question comes from {}."), 0.7)
        return _task(way + audience, (f"{first[0]} and {second[0]}", answer))
    return _direct(dice.pick(_DIFFERENCE).format(first[0], second[0], audience=dice.pick(READERS)), answer)


# Groups and their members

_GROUP_ROWS = _rows("""
tree|trees|oak, birch, maple, willow, beech, poplar, elm, spruce
bird|birds|owl, sparrow, heron, eagle, pigeon, stork, robin, gull
fish|fish|salmon, trout, herring, carp, cod, eel, tuna, pike
insect|insects|ant, bee, moth, beetle, wasp, mosquito, butterfly, ladybird
metal|metals|iron, copper, tin, zinc, nickel, aluminium, lead, silver
tool|tools|hammer, saw, chisel, screwdriver, spanner, drill, axe, rake
musical instrument|musical instruments|violin, trumpet, flute, piano, cello, harp, clarinet, tuba
piece of furniture|pieces of furniture|chair, table, wardrobe, sofa, stool, bed, desk, bookcase
vehicle|vehicles|bus, tram, lorry, bicycle, train, taxi, motorcycle, van
piece of clothing|pieces of clothing|coat, scarf, shirt, glove, sock, skirt, jacket, hat
fruit|fruits|apple, pear, plum, cherry, peach, mango, grape, lemon
vegetable|vegetables|carrot, leek, cabbage, turnip, potato, onion, radish, spinach
colour|colours|red, blue, green, yellow, purple, brown, grey, pink
planet|planets|Mercury, Venus, Mars, Jupiter, Saturn, Uranus, Neptune
part of the body|parts of the body|knee, elbow, shoulder, chin, wrist, ankle, thumb, nose
drink|drinks|tea, coffee, water, milk, lemonade, cocoa, juice
language|languages|Danish, French, Greek, Italian, Polish, Spanish, Korean, Arabic
flower|flowers|tulip, daisy, lily, daffodil, poppy, carnation, sunflower, dandelion
sport|sports|tennis, football, hockey, rowing, boxing, judo, volleyball, badminton
shape|shapes|circle, square, triangle, rectangle, pentagon, hexagon, oval
""")

GROUPS: dict[str, tuple[str, ...]] = {row[0]: tuple(row[2].split(", ")) for row in _GROUP_ROWS}
"""Names of groups in the singular, and their members; no word is in two groups."""

_PLURALS = {row[0]: row[1] for row in _GROUP_ROWS}


_MEMBERS = read_lines("""
Name {count} {groups}.
List {count} different {groups}.
Give {count} examples of {groups}.
Which {groups} do you know? Mention {count}.
For a word game, {name} has to think of {count} {groups}. Help out.
Write down {count} {groups}.
I am making a quiz in {city} and need {count} {groups}.
Come up with {count} {groups} for {audience}.
Collect {count} {groups}, none of them twice.
Can you think of {count} {groups}?
""")

_Layout = Callable[[Sequence[str]], str]

_LAYOUTS: dict[str, _Layout] = {
    "Separate them with commas.": ", ".join,
    "Put each on a line of its own.": "\n".join,
    "Number them.": lambda items: "\n".join(f"{place}. {item}" for place, item in enumerate(items, 1)),
    "Use bullet points.": lambda items: "\n".join(f"- {item}" for item in items),
    "Arrange them in alphabetical order, with commas between them.": lambda items: ", ".join(sorted(items)),
    "Join them with the word and.": " and ".join,
    "Answer with a JSON list of strings.": json.dumps,
    "Write them in capital letters, separated by commas.": lambda items: ", ".join(items).upper(),
}

_COUNTS = ("two", "three", "four", "five")


def _name_members(dice: Draw) -> Draft:
    count, name, city = dice.integer(2, 5), dice.pick(words.NAMES), dice.pick(words.CITIES)
    layout = dice.pick(list(_LAYOUTS))
    slots = {"count": _COUNTS[count - 2], "name": name, "city": city, "audience": dice.pick(READERS)}
    if dice.chance(0.3):
        chosen = dice.sample(list(GROUPS), dice.integer(2, 3))
        ways = [way for way in _MEMBERS if "{groups}." in way]
        way = dice.pick(ways).format(groups="members of the group", **slots)
        pairs = [(_PLURALS[group], _LAYOUTS[layout](dice.sample(GROUPS[group], count))) for group in chosen]
        return _task(f"{way} {layout}", *pairs)
    group = dice.pick(list(GROUPS))
    way = dice.pick(_MEMBERS).format(groups=_PLURALS[group], **slots)
    return _direct(f"{way} {layout}", _LAYOUTS[layout](dice.sample(GROUPS[group], count)))


_CATEGORY = read_lines("""
What do the words have in common?
Find one heading for the list.
Name the group that all the items belong to.
Say in a few words what all these are.
A shop, a school or a museum would group these under one heading. Which?
Summarize the list in a single general term.
Generalize: what are all of these?
State the category that covers every word.
""")


def _common_group(dice: Draw) -> Draft:
    full, separator, size = dice.chance(0.5), dice.pick((", ", "\n", " / ")), dice.integer(3, 5)
    pairs = []
    for group in dice.sample(list(GROUPS), dice.integer(1, 3)):
        items = separator.join(dice.sample(GROUPS[group], size))
        pairs.append((items, f"They are all {_PLURALS[group]}." if full else _PLURALS[group]))
    ending = f" {dice.pick(_FULL if full else _SHORT)}"
    audience = _audience(dice, _READERS, 0.5)
    return _task(dice.pick(_CATEGORY) + audience + ending, *pairs)


_INTRUDER = read_lines("""
Which word does not belong with the others, and why?
Find the odd one out and give a reason.
One item does not fit the list. Name it and justify your choice.
Cross out the word that is out of place and explain why it has to go.
Identify the intruder in the list, with a short reason.
Say which of the words is different from the rest and what makes it different.
Point out the misfit among the words and support your answer.
All words but one share a category. Name the exception, and say what it is instead.
""")


def _intruder(dice: Draw) -> Draft:
    separator, size = dice.pick((", ", "\n", "; ")), dice.integer(3, 4)
    frame, ask = dice.pick((
        ("{item}: it is {one}, and the others are {others}.", "Write the word, a colon and the reason."),
        ("The word {item} does not belong, because it is {one}, while the others are {others}.", ""),
        ("{item}, because it is {one} and the others are {others}.", "Begin with the word itself."),
        ("The others are {others}, but {item} is {one}.", "Mention the others first."),
    ))  # fmt: skip
    pairs = []
    for _ in range(dice.integer(1, 3)):
        group, other = dice.sample(list(GROUPS), 2)
        item = dice.pick(GROUPS[other])
        listed = separator.join(dice.shuffled([*dice.sample(GROUPS[group], size), item]))
        pairs.append((listed, frame.format(item=item, one=with_article(other), others=_PLURALS[group])))
    audience = _audience(
        dice, ("Make the reason clear to {}.", "The list comes from a quiz for {}.", *_READERS), 0.6
    )
    return _task(f"{dice.pick(_INTRUDER)}{audience} {ask}".strip(), *pairs)


# Rhymes

_RHYMES = tuple(
    tuple(line.split())
    for line in read_lines("""
cat hat bat mat flat
light night bright kite white
day play grey way stay
moon spoon soon tune noon
tree sea free bee key
rain train plane chain lane
cold gold old bold told
house mouse blouse
snow go low slow toe
sing ring king wing spring
book cook look hook
ball tall wall fall small
hill mill still bill
star car far jar
sand hand land band
boat coat goat note
cake lake snake make
pear bear chair hair
nose rose those toes
mountain fountain
table cable stable
flower tower power shower
ground sound round found
ship trip lip chip
""")
)

_RHYME = read_lines("""
Find {count} that {rhyme} with the word.
Which words rhyme with this one? Give {count}.
A songwriter is looking for {count} that {rhyme} with the word below. Help the songwriter.
Write {count} ending in the same sound as the given word.
Rhyme the word with {count} of your choice.
Poets need rhymes. Offer {count} that {rhyme} with this word.
What goes well at the end of the next verse? Name {count} that {rhyme} with the word.
Hunt for {count} that {rhyme} with the input.
""")


def _rhymes(dice: Draw) -> Draft:
    count = dice.integer(1, 2)
    slots = {"count": ("one word", "two words")[count - 1], "rhyme": ("rhymes", "rhyme")[count - 1]}
    layout = dice.pick(list(_LAYOUTS)[:5]) if count == 2 else dice.pick(("", *_SHORT))
    pairs = []
    for sounds in dice.sample([row for row in _RHYMES if len(row) > count], dice.integer(1, 3)):
        word, *others = dice.sample(sounds, count + 1)
        pairs.append((word, _LAYOUTS[layout](others) if count == 2 else others[0]))
    audience = _audience(dice, ("The verse is for {}.", "The rhyme should please {}."), 0.4)
    return _task(f"{dice.pick(_RHYME).format(**slots)}{audience} {layout}".strip(), *pairs)


# How and why

_REASONS = _rows("""
why leaves turn yellow in autumn|In autumn, trees stop making green chlorophyll, so the yellow colours \
that were hidden in the leaves can be seen.
why ice floats on water|Ice is less dense than liquid water, because water takes up more room when it \
freezes.
why we see lightning before we hear thunder|Light travels much faster than sound, so the flash reaches us \
before the noise does.
why the Moon shines|The Moon has no light of its own; it reflects the light of the Sun.
why there is day and night|The Earth turns once a day, so each place faces the Sun for a time and then \
turns away from it.
why there are seasons|The axis of the Earth is tilted, so each half of the Earth gets more sunlight in one \
part of the year than in another.
why iron rusts|Iron rusts because it reacts with oxygen and water from damp air.
why plants need light|Plants use the energy of light to make sugar from water and carbon dioxide.
why the sea is salty|Rivers carry small amounts of salt from rocks into the sea, and the salt stays behind \
when the water evaporates.
why we sweat when we are hot|Sweat cools the skin as it evaporates.
why birds have light bones|Many bones of birds are hollow, which keeps their bodies light enough to fly.
why a compass needle points north|The needle is a small magnet that lines up with the magnetic field of \
the Earth.
why bread dough rises|Yeast in the dough produces a gas, and the bubbles of gas make the dough swell.
why metal feels colder than wood|Metal carries heat away from the hand faster than wood does, so it feels \
colder.
why fish can breathe under water|Fish have gills, which take oxygen from the water.
why hot air rises|Warm air is less dense than the cold air around it, so it is pushed upwards.
why wet clothes dry on a line|The water in the clothes evaporates into the air, and wind and sunshine \
speed this up.
why salt is spread on icy roads|Salt lowers the freezing point of water, so the ice melts.
why puddles disappear after rain|Some of the water sinks into the ground, and the rest evaporates into the \
air.
why bees visit flowers|Bees collect nectar and pollen as food, and they pollinate the flowers on the way.
why we cannot see stars by day|The sky is so bright by day that the faint light of the stars is lost in \
it.
why soap helps to remove grease|One end of a soap molecule clings to grease and the other to water, so the \
grease can be rinsed away.
why camels can live in the desert|Camels store fat in their humps and can go for days without drinking.
why a hedgehog sleeps through the winter|There is little food in winter, and a hedgehog saves energy by \
sleeping until spring.
how a rainbow appears|Drops of rain bend and reflect the sunlight and split it into its colours.
how clouds form|Water vapour rises, cools down and turns into tiny drops or crystals of ice, which \
together make up a cloud.
how a thermometer with liquid works|The liquid expands when it gets warmer, so it climbs higher in its \
narrow tube.
how a tree's age can be counted|A tree grows one ring of wood a year, so counting the rings of the trunk \
shows its age.
how bats find their way in the dark|Bats send out high sounds and listen for the echoes that come back \
from objects.
how vaccines protect people|A vaccine shows the body a harmless form or part of a germ, so that it can \
defend itself quickly later.
""")

_EXPLAIN = read_lines("""
Explain {clause}.
Explain to {audience} {clause}.
Do you know {clause}?
Tell me {clause}.
{name} wonders {clause}. Write a short answer.
In one sentence, say {clause}.
Can you explain {clause}?
Give a simple explanation of {clause}.
Write one sentence for {audience} about {clause}.
Somebody asks on a walk {clause}. What do you say?
Teach {audience} {clause}, in a single sentence.
Science question: say briefly {clause}.
Reading about nature, {audience} may ask {clause}. Answer the question.
Inform the readers of a newspaper in {city} {clause}.
""")


def _explain_why(dice: Draw) -> Draft:
    slots = {
        "audience": dice.pick(READERS),
        "name": dice.pick(words.NAMES),
        "city": dice.pick(words.CITIES),
    }
    if dice.chance(0.3):
        rows = dice.sample(_REASONS, dice.integer(1, 3))
        way = dice.pick(("Answer the question about nature or daily life in a single sentence.",
                         "Respond to the science question briefly.", "What is the explanation? Be brief.",
                         "Satisfy the curiosity of the person who asks, using one sentence."))  # fmt: skip
        ending = dice.pick(("", "The answer is for {audience}.", "Write so that {audience} can follow."))
        instruction = f"{way} {ending.format(**slots)}".strip()
        return _task(instruction, *((f"I would like to know {row[0]}.", row[1]) for row in rows))
    clause, answer = dice.pick(_REASONS)
    return _direct(dice.pick(_EXPLAIN).format(clause=clause, **slots), answer)


_PROCESSES = _rows("""
bread|Mix flour, water, salt and yeast.|Knead the dough.|Let the dough rise in a warm place.|Bake the loaf \
in a hot oven.
a cup of tea|Boil fresh water.|Put a tea bag into a cup.|Pour the hot water over it.|Take the bag out \
after a few minutes.
jam|Wash the fruit and cut it up.|Boil the fruit with sugar.|Fill the hot jam into clean jars.|Close the \
jars and let them cool.
a clay pot|Knead the clay until it is soft.|Shape the pot on a potter's wheel.|Let the pot dry for some \
days.|Fire the pot in a kiln.
paper|Chop wood into small chips.|Cook the chips until they become a pulp.|Spread the pulp on a fine \
sieve.|Press and dry the sheet.
a woollen scarf|Shear the sheep.|Wash and comb the wool.|Spin the wool into yarn.|Knit the yarn into a \
scarf.
butter|Let the cream rise to the top of the milk.|Skim off the cream.|Churn the cream until lumps \
form.|Press the lumps together and chill them.
a candle|Melt the wax.|Fix a wick in the middle of a mould.|Pour the wax into the mould.|Take the candle \
out when it is hard.
a printed book|Write the text.|Edit the text and correct its mistakes.|Print the pages.|Bind the pages \
between two covers.
apple juice|Wash the apples.|Crush the apples into small pieces.|Press the juice out of the pieces.|Heat \
the juice and bottle it.
a compost heap|Choose a shady corner of the garden.|Pile up leaves and kitchen scraps.|Turn the heap every \
few weeks.|Spread the finished compost on the beds.
a salad|Wash the lettuce and the vegetables.|Cut everything into small pieces.|Stir oil, vinegar and salt \
into a dressing.|Pour the dressing over the salad and mix it.
""")

_MAKING = read_lines("""
How is {product} made? Answer in {count} steps.
List {count} steps that lead to {product}.
Describe for {audience} how to make {product}, in {count} short steps.
Guide {audience} through the making of {product} in {count} steps.
Break the making of {product} down into {count} steps.
{name} wants to make {product}. What are the {count} steps?
Write directions for {product}. Use {count} steps.
Instruct {audience} how {product} is made, using {count} steps.
""")

_STEPS: dict[str, _Layout] = {
    "Number the steps.": lambda steps: "\n".join(f"{place}. {step}" for place, step in enumerate(steps, 1)),
    "Put every step on its own line.": "\n".join,
    "Write them as one paragraph.": " ".join,
    "Start every line with a dash.": lambda steps: "\n".join(f"- {step}" for step in steps),
}


def _how_made(dice: Draw) -> Draft:
    layout = dice.pick(list(_STEPS))
    product, *steps = dice.pick(_PROCESSES)
    slots = {"audience": dice.pick(READERS), "name": dice.pick(words.NAMES), "count": "four"}
    return _direct(f"{dice.pick(_MAKING).format(product=product, **slots)} {layout}", _STEPS[layout](steps))


_ORDER = read_lines("""
Put the steps into the right order.
The directions are jumbled. Order them.
Sort the steps so that the directions for {product} make sense.
Rearrange the lines to show how {product} comes about.
Someone has shuffled the steps for {product}. Restore their order.
Bring the steps into a sensible sequence.
In what order should one do this?
Reorder the directions for {audience}.
""")


def _order_steps(dice: Draw) -> Draft:
    layout = dice.pick(list(_STEPS))
    way = dice.pick(_ORDER)
    rows = dice.sample(_PROCESSES, 1 if "{product}" in way else dice.integer(1, 2))
    pairs = []
    for _, *steps in rows:
        mixed = dice.shuffled(steps)
        if mixed == steps:
            mixed = steps[::-1]
        pairs.append(("\n".join(mixed), _STEPS[layout](steps)))
    reader = f" {dice.pick(words.NAMES)} will follow the directions." if dice.chance(0.5) else ""
    return _task(f"{way.format(product=rows[0][0], audience=dice.pick(READERS))}{reader} {layout}", *pairs)


_SEASONS = {
    "spring": ("Buds open on the trees.", "Many birds build their nests.", "The first bees look for flowers.",
               "The snow melts in the hills.", "Farmers sow their fields.", "The days become longer."),
    "summer": ("The days are long and warm.", "Wheat ripens in the fields.", "Children swim in lakes.",
               "Thunderstorms follow hot afternoons.", "Berries can be picked.", "Many people travel."),
    "autumn": ("Leaves turn yellow and red.", "Farmers harvest apples and pumpkins.", "Many birds fly south.",
               "Fog lies over the fields in the morning.", "Squirrels hide nuts.", "The days grow shorter."),
    "winter": ("Ponds may freeze over.", "Many trees have no leaves.", "Some animals sleep for months.",
               "It gets dark in the afternoon.", "People heat their homes.", "Snow may cover the ground."),
}  # fmt: skip

_IN_SEASON = read_lines("""
What happens in {season} in the cooler parts of the northern half of the Earth? Mention {count} things.
Describe {season} in {count} short sentences for {audience}.
Note {count} signs of {season} in northern Europe.
How can {audience} tell that it is {season} in a northern country? Give {count} signs.
Characterise a northern {season} in {count} sentences.
Prepare {count} sentences about {season} in Sweden for {audience}.
Give {count} facts about {season} in a cool northern country.
Remind {audience} of {count} things that are typical of {season} in central Europe.
""")


def _in_season(dice: Draw) -> Draft:
    count, layout = dice.integer(2, 4), dice.pick(list(_STEPS)[1:])
    season = dice.pick(list(_SEASONS))
    way = dice.pick(_IN_SEASON).format(season=season, count=_COUNTS[count - 2], audience=dice.pick(READERS))
    ending = layout.replace("every step", "every sentence")
    return _direct(f"{way} {ending}", _STEPS[layout](dice.sample(_SEASONS[season], count)))


def _quiz_family(name: str, quiz: _Quiz) -> Family:
    return Family(name, is_classification=False, draw=partial(_draw_quiz, quiz))


FAMILIES: tuple[Family, ...] = (
    _quiz_family("capital_of_country", _CAPITALS),
    _quiz_family("country_of_capital", _CAPITAL_OWNERS),
    _quiz_family("language_of_country", _TONGUES),
    _quiz_family("young_of_animal", _YOUNG),
    _quiz_family("sound_of_animal", _SOUNDS),
    _quiz_family("use_of_tool", _TOOLS),
    _quiz_family("tool_for_purpose", _NEEDED),
    _quiz_family("material_of_object", _MATERIALS),
    _quiz_family("task_of_job", _DUTIES),
    _quiz_family("workplace_of_job", _WORKPLACES),
    _quiz_family("definition_of_word", _MEANINGS),
    _quiz_family("word_for_definition", _DEFINED),
    _quiz_family("meaning_of_idiom", _SAYINGS),
    _quiz_family("opposite_of_adjective", _OPPOSITES),
    _quiz_family("synonym_of_word", _SYNONYMS),
    Family("fill_in_blank", is_classification=False, draw=_fill_in_blank),
    Family("correct_mistake", is_classification=False, draw=_correct_mistake),
    Family("complete_analogy", is_classification=False, draw=_analogy),
    Family("difference_between_words", is_classification=False, draw=_difference),
    Family("name_members_of_group", is_classification=False, draw=_name_members),
    Family("group_of_members", is_classification=False, draw=_common_group),
    Family("odd_one_out_with_reason", is_classification=False, draw=_intruder),
    Family("rhymes_with_word", is_classification=False, draw=_rhymes),
    Family("explain_why", is_classification=False, draw=_explain_why),
    Family("how_it_is_made", is_classification=False, draw=_how_made),
    Family("order_of_steps", is_classification=False, draw=_order_steps),
    Family("signs_of_season", is_classification=False, draw=_in_season),
)
