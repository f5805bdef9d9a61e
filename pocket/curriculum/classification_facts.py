"""Classification by knowledge and by calculation: what sort of thing a word names, what is true of a number.

A word's class is looked up in a small table, or the input is made so that it belongs to the class.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence

from curriculum import words
from curriculum.asking import read_lines, with_article
from curriculum.base import Draft, Draw, Family
from curriculum.classification_texts import labelled_task
from curriculum.knowledge import GROUPS

__all__ = ["FAMILIES"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _mention(dice: Draw, item: str, frames: Sequence[str]) -> str:
    """The item as it is, or in one of the frames, whose slots such as `{item}` and `{an_item}` are filled."""
    return dice.pick(("{item}", *frames)).format(
        item=item, an_item=with_article(item), name=dice.pick(words.NAMES), city=dice.pick(words.CITIES),
        day=dice.pick(words.WEEKDAYS),
    )  # fmt: skip


# What sort of thing a word names

_ANIMALS = {
    "mammal": _words(
        "badger, bat, bear, camel, cow, deer, dolphin, goat, hare, hedgehog, horse, otter, whale"
    ),
    "bird": _words("crane, crow, duck, eagle, falcon, goose, hawk, hen, ostrich, owl, parrot, penguin, swan"),
    "fish": _words("carp, cod, eel, herring, pike, salmon, sardine, shark, trout, tuna"),
    "insect": _words(
        "ant, bee, beetle, butterfly, dragonfly, fly, grasshopper, ladybird, mosquito, moth, wasp"
    ),
    "reptile": _words("alligator, cobra, crocodile, gecko, iguana, lizard, python, tortoise, turtle, viper"),
    "amphibian": _words("common frog, tree frog, newt, salamander, toad"),
}

_ANIMAL_CLASS = read_lines("""
To which class does the animal belong: {either}?
A zoo groups its animals as {both}. Where does this one go?
Biology pupils must classify animals. Classify the one below.
State the class of the animal.
Place the animal in the right group.
What type of animal is this, {either}?
Using what you know about its body, sort the animal into one of the classes {both}.
Enter the class of the animal for a field guide. Classes: {listed}.
Could you tell me whether the animal is a kind of {either}?
""")


def _animal_class(dice: Draw) -> Draft:
    labels = dice.sample(list(_ANIMALS), dice.integer(2, 5))
    frames = ("{name} saw {an_item} on {day}.", "The book that {name} reads is about the {item}.")
    return labelled_task(
        dice,
        _ANIMAL_CLASS,
        labels,
        lambda number: _mention(dice, dice.pick(_ANIMALS[labels[number]]), frames),
    )


_ALIVE = (
    _words("ant, beetle, blackbird, cabbage plant, cactus, daisy, goldfish, hedgehog, horse, mouse, "
           "mushroom, "
           "oak tree, owl, rose bush, snail, spider, sparrow, trout, turtle, willow"),
    _words("anchor, bicycle, bottle, brick, chair, clock, coin, cup, hammer, ladder, lamp, marble, "
           "pebble, pencil, "
           "robot, snowman, spoon, suitcase, teddy bear, umbrella"),
)  # fmt: skip

_LIVING = read_lines("""
Is the thing {either}?
Things that grow, feed and breathe are {0}; all others are {1}. What is this?
Separate living beings from objects by answering {0} or {1}.
Think of what all living beings do. Is what you read here {0} or {1}?
A young child asks whether this can be alive. Reply {0} or {1}.
Divide the world into two groups, {both}. Into which does the thing fall?
Would a biologist call this {either}?
Judge whether the thing named is alive. If so, say {0}; otherwise, say {1}.
Nature holds things that are {0} and things that are {1}. Pick the right word for this thing.
""")


def _living_or_not(dice: Draw) -> Draft:
    labels = dice.pick((("living", "non-living"), ("alive", "not alive"), ("living", "not living")))
    frames = ("{an_item}", "{name} has {an_item} in the garden.", "There is {an_item} in the yard.")
    return labelled_task(
        dice, _LIVING, labels, lambda number: _mention(dice, dice.pick(_ALIVE[number]), frames)
    )


_STATES = (
    _words(
        "a brick, a coin, copper, glass, gold, granite, ice, iron, marble, paper, salt, sand, steel, "
        "sugar, wood"
    ),
    _words(
        "apple juice, coffee, cooking oil, ink, lemonade, milk, petrol, rain water, sea water, tea, "
        "vinegar, wine"
    ),
    _words("air, carbon dioxide, helium, hydrogen, methane, nitrogen, oxygen, ozone, steam, neon"),
)

_STATE_OF_MATTER = read_lines("""
Name the state of matter of the substance: {either}.
Does the substance keep its shape, flow, or fill any space? Answer {0}, {1} or {2} accordingly.
Matter can be {either}. Which of these fits?
Decide in what state you normally meet the substance, {either}.
For a lesson in physics, mark the substance as {either}.
Fill in the state of the substance, as it is found in everyday life.
Is this usually {either}?
Assign a state of matter to the substance.
Remember the three states of matter, and reply with the one of the substance.
""")


def _state_of_matter(dice: Draw) -> Draft:
    frames = ("Substance: {item}", "What {name} needs for the lesson is {item}.")
    return labelled_task(
        dice, _STATE_OF_MATTER, ("solid", "liquid", "gas"),
        lambda number: _mention(dice, dice.pick(_STATES[number]), frames),
    )  # fmt: skip


_GROCERIES = (
    _words("apple, apricot, banana, blackberry, cherry, fig, grape, kiwi, lemon, mango, orange, peach, pear, "
           "pineapple, plum, raspberry, strawberry"),
    _words("artichoke, beetroot, broccoli, cabbage, carrot, cauliflower, garlic, kale, leek, lettuce, "
           "onion, parsnip, "
           "potato, radish, spinach, turnip"),
)  # fmt: skip

_FRUIT = read_lines("""
Is this sold as a {0} or as a {1} at the market stall?
Arrange the shopping: is the item a {0} or a {1}?
Help a shop assistant and call the item {either}.
Cooks treat some plants as {0} and others as {1}. How do they treat this one?
Tell whether the food counts as {0} or {1} in the kitchen.
Select {either} for the item on the shopping list.
Greengrocers sell two sorts of produce. What sort is this?
Pack the shopping into two bags, one for each sort. Is the item {either}?
Decide if a cook would call this a {either}.
Everything on the stall is a {0} or a {1}. Call the item by the right name.
Should it be in a sweet salad as a {0} or in a stew as a {1}?
""")


def _fruit_or_vegetable(dice: Draw) -> Draft:
    frames = (
        "Item: {item}",
        "{name} buys {item} at the market on {day}.",
        "Produce: {item}, grown near {city}",
    )
    return labelled_task(
        dice, _FRUIT, ("fruit", "vegetable"),
        lambda number: _mention(dice, dice.pick(_GROCERIES[number]), frames),
    )  # fmt: skip


_CONTINENTS = {
    "Africa": _words("Accra, Cairo, Casablanca, Dakar, Kampala, Lagos, Nairobi, Tunis"),
    "Asia": _words("Bangkok, Beijing, Delhi, Hanoi, Jakarta, Manila, Mumbai, Seoul, Tokyo"),
    "Europe": _words("Athens, Berlin, Dublin, Helsinki, Lisbon, Madrid, Oslo, Prague, Rome, Vienna, Warsaw"),
    "North America": _words("Boston, Chicago, Denver, Havana, Mexico City, Montreal, Toronto, Vancouver"),
    "South America": _words("Bogota, Buenos Aires, Caracas, La Paz, Lima, Montevideo, Quito, Santiago"),
    "Australia": _words("Adelaide, Brisbane, Canberra, Darwin, Hobart, Melbourne, Perth, Sydney"),
}

_CONTINENT = read_lines("""
On which continent is the city?
Locate the city: is it in {either}?
Travel agents order their offers by continent. Give the continent of this city.
The city belongs to one of the continents {both}. Name it.
Suppose you fly to this city. On what continent do you land?
Report the continent where the city lies, {either}.
Geography quiz: which of {listed} is home to the city?
Where in the world is this city?
""")


def _continent_of_city(dice: Draw) -> Draft:
    labels = dice.sample(list(_CONTINENTS), dice.integer(2, 5))
    frames = ("City: {item}", "{name} moved to {item} last year.", "We spent a week in {item}.")
    return labelled_task(
        dice,
        _CONTINENT,
        labels,
        lambda number: _mention(dice, dice.pick(_CONTINENTS[labels[number]]), frames),
    )


_INSTRUMENTS = {
    "string": _words("banjo, cello, double bass, guitar, harp, lute, mandolin, viola, violin"),
    "woodwind": _words("bassoon, clarinet, flute, oboe, piccolo, recorder, saxophone"),
    "brass": _words("bugle, cornet, French horn, trombone, trumpet, tuba"),
    "percussion": _words("bass drum, gong, kettledrum, snare drum, tambourine, xylophone"),
}

_INSTRUMENT = read_lines("""
Orchestras seat their players by family. In which family is the instrument?
Give the family of the musical instrument: {either}.
Is the instrument from the {either} family?
A music teacher labels her instruments with {both}. Which label does this one get?
How is the sound made? Put the instrument down as {either}.
Choose the instrument's family.
Assign the instrument to its family, one of {listed}.
Listen to an orchestra in your mind. From which section does this instrument sound: {either}?
""")


def _instrument_family(dice: Draw) -> Draft:
    labels = dice.sample(list(_INSTRUMENTS), dice.integer(2, 4))
    frames = (
        "Instrument: {item}",
        "{name} learns to play the {item}.",
        "On {day} we heard {an_item} in {city}.",
    )
    return labelled_task(
        dice, _INSTRUMENT, labels,
        lambda number: _mention(dice, dice.pick(_INSTRUMENTS[labels[number]]), frames),
    )  # fmt: skip


_ACTIVITIES = (
    _words("baking a cake, ironing shirts, loading the dishwasher, making the beds, playing darts in a pub, "
           "taking a bubble bath, trying on shoes in a shop, vacuuming the carpet, visiting a museum, "
           "watching a film at the cinema, working at a desk in an office, reading in the library"),
    _words("climbing a mountain, flying a kite, harvesting potatoes, mowing the lawn, paddling down a river, "
           "picking blackberries, ploughing a field, sailing on a lake, skiing down a slope, sledging, "
           "surfing in the sea, walking through the woods"),
)  # fmt: skip

_INDOORS = read_lines("""
Does this usually happen {either}?
Rain is forecast. Say whether the activity takes place {0} or {1}.
Plan a holiday programme by marking the activity {0} or {1}.
Where would one do this: {either}?
Organize the list of activities into {both}. To which list does the given one belong?
Do people need a roof over their heads for this? Then it is {0}; if not, it is {1}.
Note {0} or {1} beside the activity.
Check if the activity is done {either} as a rule.
A travel guide has one page for things to do {0} and one for things to do {1}. Which page lists this?
""")


def _indoor_or_outdoor(dice: Draw) -> Draft:
    labels = dice.pick((("indoors", "outdoors"), ("inside", "outside")))
    frames = ("On {day}, {name} will be {item}.", "Activity: {item}", "{name} spent all {day} {item}.")
    return labelled_task(
        dice, _INDOORS, labels, lambda number: _mention(dice, dice.pick(_ACTIVITIES[number]), frames)
    )


_EDIBLE = (
    _words("apple pie, boiled egg, bread roll, cheese sandwich, fried fish, grape, lentil soup, omelette, "
           "pancake, "
           "peach, potato salad, rice pudding, tomato soup, walnut cake"),
    _words("candle, cotton sock, glass bottle, iron nail, key ring, leather belt, pebble, pencil case, "
           "plastic fork, "
           "rubber boot, bar of soap, tin can, umbrella, wooden chair"),
)  # fmt: skip

_EATING = read_lines("""
Can people eat this? Answer {0} or {1}.
Is the thing {either}?
A robot in the kitchen must know what is food. Teach it whether this is {either}.
Let a hungry guest know if this is {either}.
Class the thing as {either}.
Would it be sensible to serve this for lunch? Use {0} for what can be eaten and {1} for the rest.
Declare the thing {either}.
Food or not? Settle the matter with {0} or {1}.
""")


def _edible_or_not(dice: Draw) -> Draft:
    labels = dice.pick((("edible", "inedible"), ("edible", "not edible")))
    frames = ("{an_item}", "{name} found {an_item} on the table.", "Thing: {item}")
    return labelled_task(
        dice, _EATING, labels, lambda number: _mention(dice, dice.pick(_EDIBLE[number]), frames)
    )


_ENERGY = (
    read_lines("""
sunlight on a roof
wind on the open sea
the current of a river
the tides of the sea
heat from deep inside the Earth
a water mill by a stream
a wind farm on a hill
a field of solar panels
a dam in the mountains
waves that roll towards the shore
"""),
    read_lines("""
coal from a mine
natural gas from a pipeline
petrol for a car
diesel for a lorry
crude oil from a well
heating oil in a tank
brown coal from an open pit
uranium for a nuclear power station
kerosene for a jet
a power station that burns coal
"""),
)

_RENEWABLE = read_lines("""
Will this source of energy run out one day? Write {1} if it will and {0} if it will not.
Is the energy source {either}?
Energy planners distinguish {both} sources. Which kind is this?
Indicate whether the source of energy is {either}.
Review the source of energy, and give it the label {0} or {1}.
Some sources are renewed by nature, some are used up for good. Call this one {either}.
With the climate in mind, classify the energy source as {either}.
What kind of energy source is it, {either}?
""")


def _renewable_or_not(dice: Draw) -> Draft:
    labels = dice.pick((("renewable", "non-renewable"), ("renewable", "not renewable")))
    frames = (
        "Source: {item}",
        "Energy source in {city}: {item}",
        "The topic of the lesson on {day} was {item}.",
    )
    return labelled_task(
        dice, _RENEWABLE, labels, lambda number: _mention(dice, dice.pick(_ENERGY[number]), frames)
    )


# Two or more things

_SCALES = (  # from the least to the most
    ("lighter", "heavier", ("a feather", "a grape", "an egg", "a loaf of bread", "a brick", "a bicycle",
                            "a sheep", "a cow", "an elephant", "a locomotive", "a cargo ship")),
    ("shorter", "taller", ("a daisy", "a milk bottle", "a kitchen chair", "a door", "a giraffe",
                           "a church tower", "a skyscraper", "a mountain")),
    ("slower", "faster", ("a snail", "a person out for a walk", "a cyclist in a race", "a car on a motorway",
                          "a passenger jet", "a space rocket")),
)  # fmt: skip

_MORE = read_lines("""
Which one is {more}, {0} or {1}?
Compare two things and give the letter of the {more} one.
Pick out the {more} of the two.
Of A and B, what is {more}?
Put the letter of whatever is {more}.
Estimate which thing is {more} and return its letter, {either}.
Using common sense, determine whether A or B is {more}.
Between the two things there is a clear difference. Choose the {more} one.
Say which of these is normally the {more} one, A or B.
""")


def _more_of_two(dice: Draw) -> Draft:
    less, more, scale = dice.pick(_SCALES)
    asked = dice.pick((less, more))

    def things(number: int) -> str:
        low, high = sorted(dice.sample(range(len(scale)), 2))
        first, second = (low, high) if (number == 0) == (asked == less) else (high, low)
        return f"A: {scale[first]}\nB: {scale[second]}"

    return labelled_task(dice, _MORE, ("A", "B"), things, more=asked)


_ODD_ONE = read_lines("""
Three of the words belong together. Which one does not? Give its letter.
Find the word that does not fit, and answer with {either}.
Spot the odd one out.
One word in the list is of another kind. Return the letter before it.
Look at four words. All but one belong to the same group; select the exception.
Which letter stands before the intruder: {either}?
Remove the word that has no place in the list by naming its letter.
What is the odd word out: {either}?
Inspect the list and report the letter of the item that differs from the rest.
""")


def _odd_one_out(dice: Draw) -> Draft:
    def quartet(number: int) -> str:
        group, other = dice.sample(list(GROUPS.values()), 2)
        items = dice.sample(group, 3)
        items.insert(number, dice.pick(other))
        return "\n".join(f"{letter}) {item}" for letter, item in zip("ABCD", items, strict=True))

    return labelled_task(dice, _ODD_ONE, ("A", "B", "C", "D"), quartet)


# Language

_PARTS = {
    "noun": _words("bicycle, boat, bridge, fence, garden, letter, mountain, river, violin, window"),
    "verb": _words(
        "admired, described, forgot, found, loved, noticed, painted, photographed, remembered, visited"
    ),
    "adjective": _words("beautiful, charming, famous, large, modern, old, quiet, strange, tiny, wonderful"),
    "adverb": _words("again, gladly, often, quickly, quietly, recently, secretly, slowly, suddenly, twice"),
}

_PART_OF_SPEECH = read_lines("""
What part of speech is the word in the sentence?
Grammar homework: tell if the word is used as {either}.
Specify the word's part of speech, {either}.
Parse the sentence, then label the given word.
Is the word, as it is used in the sentence, {either}?
Every word has a job in its sentence. Write down the job of the given word.
Determine the word class of the word named after the sentence.
Categorise the word by its role in the sentence.
""")


def _part_of_speech(dice: Draw) -> Draft:
    labels = list(_PARTS) if dice.chance(0.5) else ["noun", "verb", "adjective"]

    def sentence(number: int) -> str:
        used = {part: dice.pick(_PARTS[part]) for part in _PARTS}
        doer = dice.pick(words.JOBS)
        text = dice.pick((
            f"The {{adjective}} {doer} {{adverb}} {{verb}} the {{noun}}.",
            f"The {doer} {{verb}} the {{adjective}} {{noun}} {{adverb}}.",
            f"The {{adjective}} {{noun}} was what the {doer} {{adverb}} {{verb}}.",
        )).format(**used)  # fmt: skip
        return f"Sentence: {text}\nWord: {used[labels[number]]}"

    return labelled_task(dice, _PART_OF_SPEECH, labels, sentence)


_INITIAL = read_lines("""
Does the word begin with a {0} or a {1}?
Look only at the first letter and answer {either}.
The letters a, e, i, o and u are vowels. What does the word start with, {either}?
Check the initial letter of the word, and say {0} or {1}.
With which sort of letter does the word start?
Examine the start of the word. Its first letter is a {either}.
Report if the first letter is a {either}.
Children who learn to read sort words by their first letter. Sort this one as {either}.
Before a vowel one says "an" and not "a". Tell if the word starts with a {either}.
Read the word aloud in your mind, and name the kind of its first letter.
Words starting with a, e, i, o or u go with {0}, the rest with {1}. Label this word.
""")


def _vowel_or_consonant(dice: Draw) -> Draft:
    pool = dice.pick((words.FOODS, words.ANIMALS, words.OBJECTS, words.JOBS, words.ADJECTIVES, words.NAMES))
    split = [
        [word for word in pool if (word[0].lower() in "aeiou") == vowel and word[0].lower() != "y"]
        for vowel in (True, False)
    ]
    frames = ("Word: {item}", "The word is {item}.")
    return labelled_task(
        dice,
        _INITIAL,
        ("vowel", "consonant"),
        lambda number: _mention(dice, dice.pick(split[number]), frames),
    )


_ALPHABETICAL = read_lines("""
Are the words in alphabetical order? Answer {0} or {1}.
Check the order of the list: is it alphabetical, {either}?
A librarian looks at four words. Do they stand in the order of the alphabet?
Confirm whether the list runs from A to Z.
Has the list been sorted by the alphabet? Reply {0} if it has and {1} if it has not.
Test a list of words for alphabetical order, then return {either}.
If the words follow each other as in a dictionary, say {0}; if not, say {1}.
Is it true that each word comes after the one before it in the alphabet?
Proofread the index of a book by saying {0} when its words are in alphabetical order and {1} when not.
""")


def _alphabetical(dice: Draw) -> Draft:
    pool = dice.pick((words.FOODS, words.ANIMALS, words.OBJECTS, words.NAMES, words.CITIES))
    size, separator = dice.integer(3, 5), dice.pick((", ", "\n", " - "))

    def listed(number: int) -> str:
        items = sorted(dice.sample(pool, size))
        if number == 1:
            first, second = sorted(dice.sample(range(size), 2))
            items[first], items[second] = items[second], items[first]
        return separator.join(items)

    return labelled_task(dice, _ALPHABETICAL, dice.pick((("yes", "no"), ("sorted", "not sorted"))), listed)


# Numbers

_PRIME = read_lines("""
Is the whole number prime? Say {0} or {1}.
A prime has no divisors but 1 and itself. Is this number one? Answer {0} or {1}.
Determine if the number can only be divided by 1 and itself. If so, write {0}, else {1}.
Try to divide the number by smaller ones, then answer {0} if none of them fits and {1} if one does.
Mathematicians call numbers without smaller factors prime. Give {0} for such a number and {1} for any other.
Test the number for being prime and output {0} or {1}.
Can anything but 1 and the number itself divide it? If nothing can, write {0}; if something can, write {1}.
Work out whether the number is prime, and respond with {0} if it is and {1} if it is not.
""")

_PRIMES = [number for number in range(2, 200) if all(number % divisor for divisor in range(2, number))]
_COMPOSITES = [number for number in range(4, 200) if number not in _PRIMES]


def _prime_or_composite(dice: Draw) -> Draft:
    labels = dice.pick((("prime", "composite"), ("prime", "not prime"), ("yes", "no")))
    return labelled_task(
        dice, _PRIME, labels, lambda number: str(dice.pick((_PRIMES, _COMPOSITES)[number])), field="Number"
    )


_PARITY = read_lines("""
Is the number {either}?
Tell whether so many sweets can be shared fairly by two children: {0} if it can, {1} if not.
Look at the last digit of the number and answer {either}.
House numbers on one side of the street are {0}, on the other {1}. Which is this?
Divide by two in your head. With no remainder the answer is {0}, with one it is {1}.
Find the number in the text, and note if it is {either}.
Label the number {either}.
Numbers that end in 0, 2, 4, 6 or 8 are {0}, all others {1}. What about the given number?
State the parity of the number.
Mentally pair up so many socks. Is a sock left over? Then write {1}, and if none is, {0}.
Give me one word for the number, {either}.
Is the figure here {0}, or is it {1}?
""")


def _even_or_odd(dice: Draw) -> Draft:
    frames = ("{name} lives at number {item}.", "There are {item} chairs in the hall.", "Room {item}",
              "{name} counted {item} birds on {day}.")  # fmt: skip
    return labelled_task(
        dice, _PARITY, ("even", "odd"),
        lambda number: _mention(dice, str(2 * dice.integer(2, 499) + number), frames),
    )  # fmt: skip


_TRIANGLE = read_lines("""
Classify the triangle by its sides: {either}.
How many sides of the triangle are equal? Call it {0} for three, {1} for two and {2} for none.
Name the kind of triangle that has these sides.
From the lengths of its sides, tell whether the triangle is {either}.
The sides of a triangle are given. Is it {either}?
Compare the three lengths, and say what sort of triangle they make.
Geometry: decide on {either} for the triangle.
Return the type of the triangle with these side lengths, which is {either}.
""")


def _triangle(dice: Draw) -> Draft:
    unit = dice.pick(("cm", "m", "mm", "inches"))
    frame = dice.pick(("{} {unit}, {} {unit}, {} {unit}", "a = {}, b = {}, c = {}", "{}, {}, {}",
                       "The sides measure {}, {} and {} {unit}."))  # fmt: skip

    def sides(number: int) -> str:
        if number == 0:
            lengths = [dice.integer(2, 40)] * 3
        elif number == 1:
            equal = dice.integer(5, 30)
            lengths = [equal, equal, dice.pick([side for side in range(2, 2 * equal) if side != equal])]
        else:
            short, step = dice.integer(5, 30), dice.integer(1, 4)
            lengths = [short, short + step, dice.integer(short + step + 1, 2 * short + step - 1)]
        return frame.format(*dice.shuffled(lengths), unit=unit)

    return labelled_task(dice, _TRIANGLE, ("equilateral", "isosceles", "scalene"), sides)


_LARGER = read_lines("""
Is the first number {larger} than the second? Answer {0} or {1}.
Compare two numbers, and say {0} if the first is {larger}, otherwise {1}.
Given a pair of numbers, tell me whether the first one is {larger}.
Check this for a pupil: is the number before the comma {larger} than the one after it?
A pair of numbers is {0} if the first is the {larger} one, and {1} if not. Which is it?
Read two numbers and confirm or deny that the first is {larger}.
If the first number is {larger} than the second, return {0}, and return {1} if it is not.
Verify that the first of the two numbers is {larger}, with {either}.
On a number line, the {larger} number should come first here. Does it?
""")


def _first_is_larger(dice: Draw) -> Draft:
    larger, decimals = dice.pick(("larger", "smaller", "greater", "bigger")), dice.chance(0.3)

    def pair(number: int) -> str:
        low, high = sorted(dice.sample(range(1, 1000), 2))
        first, second = (low, high) if (number == 0) == (larger == "smaller") else (high, low)
        return f"{first / 10}, {second / 10}" if decimals else f"{first}, {second}"

    return labelled_task(dice, _LARGER, dice.pick((("yes", "no"), ("true", "false"))), pair, larger=larger)


# Dates and times

_WEEKEND = read_lines("""
Is it a {0} or a {1}?
Offices are open on a {0} and closed on a {1}. What kind of day is it?
Tell if the day falls on a {either}.
People sleep longer at the end of the week. Is this day a {either}?
Look up the day in the text, and sort it as {either}.
Count forward if you have to, and decide whether the day in question is a {either}.
Saturday is a {1} and so is Sunday; every other day is a {0}. Label the day meant here.
Work or rest? Name the kind of day, {either}.
Plan a visit to an office: is the day a {either}?
Most schools are closed on a {1} and open on a {0}. Which of the two is meant here?
Establish whether the text is about a {either}.
""")


def _weekday_or_weekend(dice: Draw) -> Draft:
    def text(number: int) -> str:
        place = dice.integer(0, 4) if number == 0 else dice.integer(5, 6)
        day, name, ahead = words.WEEKDAYS[place], dice.pick(words.NAMES), dice.integer(2, 6)
        today = words.WEEKDAYS[(place - ahead) % 7]
        return dice.pick((
            day, f"The market in {dice.pick(words.CITIES)} is held on {day}.", f"{name} was born on a {day}.",
            f"Today is {today}. The party takes place {ahead} days from now.",
        ))  # fmt: skip

    return labelled_task(dice, _WEEKEND, ("weekday", "weekend day"), text)


_SEASON = read_lines("""
In which season is this on the {half} half of the Earth?
Name the season, {either}, for a town in the {half} hemisphere.
Somebody in the {half} hemisphere writes down a date. What season is it there?
Match the month with its season in the {half} hemisphere: {either}.
Gardeners of the {half} hemisphere want to know the season. Give it.
Think of the weather in the {half} hemisphere, and pick {either}.
Seasons last three whole months each, and March opens {march} in the {half} hemisphere. Which one is it now?
Convert the time of year to a season of the {half} hemisphere.
""")

_SEASONS = ("winter", "spring", "summer", "autumn")


def _season(dice: Draw) -> Draft:
    south = dice.chance(0.3)

    def time(number: int) -> str:
        first = (3 * number + (6 if south else 0) + 11) % 12
        month = words.MONTHS[(first + dice.integer(0, 2)) % 12]
        return dice.pick((month, f"{dice.integer(1, 28)} {month}", f"The fair opens in {month}."))

    return labelled_task(
        dice, _SEASON, _SEASONS, time, half="southern" if south else "northern",
        march="autumn" if south else "spring",
    )  # fmt: skip


_LEAP = read_lines("""
Was or will this be a leap year? Answer {0} or {1}.
Does February have 29 days in that year? Say {0} if it does and {1} if it does not.
A year with 366 days is a leap year. Is this one, {either}?
Is it a leap year? Apply the rule: every fourth year, but of full centuries only those divisible by 400.
Calendar makers need to know whether the year is a leap year. Tell them.
Calculate whether the year gets an extra day. Output {0} or {1}.
Find out if someone could be born on 29 February in that year.
Determine if the year is a leap year: {either}.
""")


def _leap_year(dice: Draw) -> Draft:
    def year(number: int) -> str:
        wanted = number == 0
        century = 100 * dice.integer(17, 24)
        if dice.chance(0.2) and isleap(century) == wanted:
            return str(century)
        value = century + dice.integer(1, 99)
        while isleap(value) != wanted:
            value += 1
        return str(value)

    labels = dice.pick((("yes", "no"), ("leap year", "not a leap year"), ("leap", "common")))
    return labelled_task(dice, _LEAP, labels, year, field="Year")


_VALID = read_lines("""
Is this {kind} {either}?
Check that the {kind} can exist, and answer {0} if it can and {1} if it cannot.
A form asks for a {kind}. Is what was typed in {either}?
Validate the {kind}: {either}.
Could a clock or calendar ever show this {kind}? Reply with {0} for yes and {1} for no.
Reject entries that make no sense. Is the {kind} here {0} or {1}?
Someone typed a {kind} too fast. See whether it is {either}.
Look for mistakes in the {kind}, then call it {either}.
""")


def _valid_time(dice: Draw) -> Draft:
    dates = dice.chance(0.5)

    def entry(number: int) -> str:
        hour, minute = dice.integer(0, 23), dice.integer(0, 59)
        month = dice.pick(words.MONTHS)
        if dates:
            short = month in ("April", "June", "September", "November")
            last = 28 if month == "February" else 30 if short else 31
            day = dice.integer(1, last) if number == 0 else dice.integer(max(last, 29) + 1, 39)
            return f"{day} {month}"
        if number == 1:
            hour, minute = dice.pick(((dice.integer(25, 39), minute), (hour, dice.integer(60, 99))))
        return f"{hour:02}:{minute:02}"

    labels = dice.pick((("valid", "invalid"), ("possible", "impossible"), ("right", "wrong")))
    kind = "date" if dates else dice.pick(("time", "time of day", "clock time"))
    return labelled_task(dice, _VALID, labels, entry, kind=kind)


FAMILIES: tuple[Family, ...] = (
    Family("animal_class", is_classification=True, draw=_animal_class),
    Family("living_or_not", is_classification=True, draw=_living_or_not),
    Family("state_of_matter", is_classification=True, draw=_state_of_matter),
    Family("fruit_or_vegetable", is_classification=True, draw=_fruit_or_vegetable),
    Family("continent_of_city", is_classification=True, draw=_continent_of_city),
    Family("instrument_family", is_classification=True, draw=_instrument_family),
    Family("indoor_or_outdoor", is_classification=True, draw=_indoor_or_outdoor),
    Family("edible_or_not", is_classification=True, draw=_edible_or_not),
    Family("renewable_or_not", is_classification=True, draw=_renewable_or_not),
    Family("more_of_two_things", is_classification=True, draw=_more_of_two),
    Family("letter_of_odd_one_out", is_classification=True, draw=_odd_one_out),
    Family("part_of_speech", is_classification=True, draw=_part_of_speech),
    Family("vowel_or_consonant_start", is_classification=True, draw=_vowel_or_consonant),
    Family("alphabetical_or_not", is_classification=True, draw=_alphabetical),
    Family("prime_or_composite", is_classification=True, draw=_prime_or_composite),
    Family("even_or_odd", is_classification=True, draw=_even_or_odd),
    Family("triangle_by_sides", is_classification=True, draw=_triangle),
    Family("first_number_larger", is_classification=True, draw=_first_is_larger),
    Family("weekday_or_weekend", is_classification=True, draw=_weekday_or_weekend),
    Family("season_of_date", is_classification=True, draw=_season),
    Family("leap_year_or_not", is_classification=True, draw=_leap_year),
    Family("valid_time_or_date", is_classification=True, draw=_valid_time),
)
