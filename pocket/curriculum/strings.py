"""Families that work on the letters and words of a text, whatever it means: every output is computed.

Templates are one way to ask a line: the dice choose in [this|or that], {slots} are filled in, among them
{topic} and {somebody}, and a template with {given} holds the input itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from curriculum import words
from curriculum.asking import ask_one, different_pairs, fill, instances_of, labelled, read_lines
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]

_KINDS = (
    ("foods", words.FOODS),
    ("animals", words.ANIMALS),
    ("cities", words.CITIES),
    ("first names", words.NAMES),
    ("household objects", words.OBJECTS),
    ("hobbies", words.HOBBIES),
    ("jobs", words.JOBS),
    ("adjectives", words.ADJECTIVES),
)
_POOLS = (words.OBJECTS, words.ANIMALS, words.ADJECTIVES, words.COLOURS, words.FOODS)
_WORDS = tuple(
    dict.fromkeys(
        word for pool in _POOLS for word in pool if word.isalpha() and len(word) > 3 and word != word[::-1]
    )
)
_WITHOUT_Y = tuple(word for word in _WORDS if "y" not in word)  # a vowel to some, a consonant to others
_PALINDROMES = (
    "civic", "deed", "deified", "kayak", "level", "madam", "minim", "noon", "peep", "radar", "redder",
    "refer", "reviver", "rotor", "sagas", "sees", "solos", "stats", "tenet",
)  # fmt: skip
_GROUP_NAMES = (
    (
        "Northern",
        "Eastern",
        "United",
        "National",
        "Regional",
        "Open",
        "Young",
        "Independent",
        "Royal",
        "Global",
    ),
    ("Rowing", "Weaving", "Chess", "Water", "Railway", "Garden", "Theatre", "Bread", "History", "Cycling"),
    (
        "Association",
        "Club",
        "Society",
        "Union",
        "League",
        "Council",
        "Network",
        "Institute",
        "Group",
        "Forum",
    ),
)
_SENTENCES = (
    "{name} left the {colour} {thing} at the {place}",
    "{name} and {other} are travelling to {city} by train",
    "Every {day} {name} buys {food} at the market",
    "The {job} from {city} forgot the {thing} again",
    "In {month} {name} will move to {city}",
    "{name} wants to read more about {topic}",
    "The library in {city} has three books about {topic}",
    "{name} keeps the {thing} next to the {colour} curtains",
    "Since {month} {name} has spent most evenings on {hobby}",
    "The {colour} {thing} belongs to the {job}",
    "{name} gave a short talk about {topic} on {day}",
    "On {day} {name} will bring the {thing} back",
    "My neighbour {name} works in {city} as a translator",
)
_QUESTIONS = (
    "Does {name} really need the {thing}",
    "Why did {name} give the {thing} to {other}",
    "When will {name} be back from {city}",
    "Has {name} ever met the {job} from {city}",
    "Where does {name} keep the {colour} {thing}",
    "Who told {name} about {topic}",
)


def _task(dice: Draw, make: Callable[[], tuple[str, str]], asks: str, **slots: object) -> Draft:
    """make: an input and its output."""
    template = dice.pick(read_lines(asks))
    wanted = 1 if "{given}" in template else dice.integer(1, 3)
    pairs = different_pairs(make, wanted)
    if "{given}" in template:
        [(given, output)] = pairs.items()
        return Draft(fill(dice, template, given=given, **slots), (Instance("", output),))
    return Draft(fill(dice, template, **slots), instances_of(pairs.items()))


def _labelled(dice: Draw, make: Callable[[str], str], labels: tuple[str, str], asks: str) -> Draft:
    """make: an input for a label. Both labels appear, in any order."""
    made = labelled(dice, make, labels)
    return Draft(ask_one(dice, asks, first=labels[0], second=labels[1]), made)


def _compose(dice: Draw, frame: str) -> str:
    name, other = dice.sample(words.NAMES, 2)
    return frame.format(
        name=name, other=other, thing=dice.pick(words.OBJECTS), place=dice.pick(words.PLACES),
        city=dice.pick(words.CITIES), day=dice.pick(words.WEEKDAYS), month=dice.pick(words.MONTHS),
        food=dice.pick(words.FOODS), job=dice.pick(words.JOBS), colour=dice.pick(words.COLOURS),
        hobby=dice.pick(words.HOBBIES), topic=dice.topic(),
    )  # fmt: skip


def _sentence(dice: Draw) -> str:
    return _compose(dice, dice.pick(_SENTENCES))


def _reverse_letters(dice: Draw) -> Draft:
    extra, glue = dice.pick((("", ""), ("", ""), ("a hyphen", "-"), ("a space", " ")))
    how = extra and f", with {extra} between the letters"
    note = extra and f" Put {extra} between the letters."

    def make() -> tuple[str, str]:
        word = dice.pick(_WORDS)
        return word, glue.join(reversed(word))

    asks = """
[Reverse|Flip|Invert] the order of the letters in the [given |]word{how}.
Spell the word [backwards|from its last letter to its first]{how}.
What [do you get|results|comes out] when the word is [read|written] from right to left?{note}
Mirror the [word|input|string], so that its last letter [comes first|moves to the front].{note}
For a [quiz|game|secret sign] about {topic}, write the word [back to front|backwards]{how}.
The [clues|riddles] at an evening on {topic} are words written backwards. [Hide|Encode] this one{how}.
How [is the word|would {somebody} find the word] "{given}" written backwards?{note}
[Spell|Type] the word "{given}" [backwards|from right to left]{how}."""
    return _task(dice, make, asks, how=how, note=note)


def _reverse_words(dice: Draw) -> Draft:
    extra, glue = dice.pick((("", " "), ("", " "), ("slashes", " / "), ("hyphens", "-")))

    def make() -> tuple[str, str]:
        sentence = _sentence(dice)
        return sentence, glue.join(reversed(sentence.split()))

    asks = """
[Put|Write|Arrange] the words of the [sentence|line] in reverse order[| without changing their letters]{how}.
Read the [sentence|line] from its last word to its first and [write down|type] what you see.{note}
[Swap|Turn] the word order of the [line|sentence], so that the last word [opens|begins] it.{note}
How would the [sentence|line] look with its words [in the opposite order|the other way round]?{note}
A theatre group rehearses a play about {topic} backwards. [Turn|Write] this line the same way.{note}
For a joke, {somebody} [says|writes] every sentence from its end. [Rewrite|Copy] the sentence like that{how}.
[Say|Type] the [sentence|line] "{given}" backwards, word for word.{note}"""
    how = extra and f", with {extra} between them"
    return _task(dice, make, asks, how=how, note=extra and f" Put {extra} between the words.")


_SINGULAR = {
    "letters": "letter",
    "vowels": "vowel",
    "consonants": "consonant",
    "words": "word",
    "words with more than four letters": "word with more than four letters",
}


def _count(dice: Draw) -> Draft:
    kind = dice.pick(tuple(_SINGULAR))
    thing = "sentence" if "words" in kind else "word"
    full = dice.chance(0.4)

    def make() -> tuple[str, str]:
        text = _sentence(dice) if thing == "sentence" else dice.pick(_WITHOUT_Y)
        vowels = sum(letter in "aeiou" for letter in text)
        long = sum(len(word.replace("'", "")) > 4 for word in text.split())
        count = {"l": len(text), "v": vowels, "c": len(text) - vowels}.get(kind[0], len(text.split()))
        count = long if "four" in kind else count
        noun = _SINGULAR.get(kind, kind) if count == 1 else kind
        return text, f"The {thing} has {count} {noun}." if full else str(count)

    rule = "[Answer in a|Use a|Reply with a] full sentence." if full else "[Give|Return] [a|just the] number."
    asks = f"""
How many {kind} [does the {thing} have|are there in the {thing}]? {rule}
Count the {kind} [in|of] the {thing}. {rule}
[State|Report|Tell me] the number of {kind} in the {thing}. {rule}
[Work out|Find out|Determine] how many {kind} the {thing} [has|contains]. {rule}
[In a lesson|At a quiz] on {{topic}}, pupils count the {kind} in a {thing}. Do the same here. {rule}
[An editor|A sign painter] needs to know how many {kind} are in the {thing}. {rule}
How many {kind} are there in the {thing} "{{given}}"? {rule}"""
    return _task(dice, make, asks)


def _change_case(dice: Draw) -> Draft:
    title = "title style, with a capital at the start of every word"
    mode, what = dice.pick((("upper", "capital letters"), ("lower", "lower-case letters"), ("title", title)))
    frames = ("a short guide to {}", "ten facts about {}", "my first year with {}", "some notes on {}")

    def make() -> tuple[str, str]:
        if mode == "title":
            text = dice.pick(frames).format(dice.topic())
            return text, " ".join(word[0].upper() + word[1:] for word in text.split())
        text = _sentence(dice)
        return (text.upper(), text.lower()) if mode == "lower" else (text, text.upper())

    asks = """
[Write|Print|Retype] the [text|line|words] in {what}.
[Convert|Change|Switch] every word of the [text|line] to {what}.
The [poster|sign|noticeboard] by the [door|stairs] needs its text in {what}. Adapt this one.
[Could|Can] you put the [line|text] into {what} for {somebody}[, please|]?
Our leaflet about {topic} sets its captions in {what}. Reformat [the|this] caption.
Bring the text into {what}[ and keep the wording|, but keep the order of words|].
[Set|Show] the words "{given}" in {what}."""
    return _task(dice, make, asks, what=what)


def _make_acronym(dice: Draw) -> Draft:
    extra, mark = dice.pick((("", ""), ("", ""), ("a full stop", "."), ("a hyphen", "-"), ("a space", " ")))

    def make() -> tuple[str, str]:
        parts = [dice.pick(column) for column in _GROUP_NAMES]
        if dice.chance(0.4):
            parts += ["of", dice.pick(words.CITIES)]
        elif dice.chance(0.3):
            parts.insert(1, dice.pick(("Women's", "Student", "Night", "Family", "Volunteer")))
        letters = [part[0] for part in parts if part != "of"]
        return " ".join(parts), mark.join(letters) + (mark if mark == "." else "")

    asks = """
[Form|Make|Build|Create] an acronym from the [name|words|full name], leaving out the word "of"{how}.
[Abbreviate|Shorten] the [organisation|name of the club] to its initials, skipping small words{how}.
What are the initials of this [organisation|association|body] if the word "of" is [ignored|left out]?{note}
Which letters would stand on the [badge|flag|door sign] of this [organisation|club]? Skip "of".{note}
Take the first letter of each capitalised word and [join|combine] them{how}.
Even {somebody} is tired of the long name. [Provide|Suggest] an acronym without "of"{how}.
Posters for a talk on {topic} show only the initials of the organiser. [Which|What] are they?{note}
What is the acronym of "{given}" if small words do not count?{note}"""
    extra += " after every letter" if mark == "." else " between the letters" if mark else ""
    return _task(dice, make, asks, how=extra and f", with {extra}", note=extra and f" Put {extra}.")


_ORDERS: tuple[tuple[str, Callable[[str], str | int], bool], ...] = (
    ("alphabetical order", str.lower, False),
    ("reverse alphabetical order", str.lower, True),
    ("order of length, shortest first", len, False),
    ("order of length, longest first", len, True),
)


def _sort_list(dice: Draw) -> Draft:
    kind, pool = dice.pick(_KINDS)
    order, key, backwards = dice.pick(_ORDERS)
    glue, how = dice.pick(
        ((", ", ""), (", ", ""), ("\n", ", one to a line"), ("; ", ", with semicolons between"))
    )

    def make() -> tuple[str, str]:
        items = dice.sample(pool, dice.integer(4, 7))
        if key is len:  # no two of one length
            items = list({len(item): item for item in dice.sample(pool, 10)}.values())[:5]
        ranked = sorted(items, key=key, reverse=backwards)
        return ", ".join(items if items != ranked else ranked[::-1]), glue.join(ranked)

    asks = """
Sort the {kind} [into|in] {order}{how}.
[Arrange|Order|Rearrange] these {kind} in {order}{how}.
In which sequence do the {kind} stand in {order}? List them{how}.
I collect {kind} for a [quiz|booklet|lesson] about {topic}. Bring [the list|my list] into {order}{how}.
[Organise|Rank|Line up] the list of {kind} in {order}{how}.
[Here are|You get] some {kind} in no particular order. Give them back in {order}{how}.
[List|Write] the {kind} {given} in {order}{how}."""
    return _task(dice, make, asks, kind=kind, order=order, how=how)


def _repeated_items(dice: Draw) -> Draft:
    kind, pool = dice.pick(_KINDS)
    removing = dice.chance(0.6)

    def make() -> tuple[str, str]:
        items = dice.sample(pool, dice.integer(3, 5))
        twice = items[: dice.integer(1, 2)]
        mixed = dice.shuffled(items + twice)
        return ", ".join(mixed), ", ".join(item for item in dict.fromkeys(mixed) if removing or item in twice)

    asks = """
[Remove|Delete|Drop|Strike] the duplicates from the list of {kind}[ and keep the order|].
[Clean up|Tidy] the {kind}, so that [each|every one] appears only once.
What is left of the list of {kind} when repeated entries are [dropped|crossed out|removed]?
Keep the first mention of each of the {kind} and [delete|cut] the [others|later ones].
The {kind} for our [quiz|leaflet] on {topic} were typed in twice here and there. List each one once.
[Reduce|Condense] the list to the different {kind} in it, separated by commas."""
    asks_for_repeated = """
Which {kind} [appear|occur|stand] more than once in the list? [Name each only once.|Separate them by commas.]
[Find|Spot|Identify] the {kind} that are [repeated|listed twice].
[Report|Give] the duplicates [among|in] the {kind}, separated by commas.
Notes for an evening about {topic} repeat a few {kind}. [Name|List] the ones that [come|appear] twice.
[Check|Go through] the {kind} and [point out|mark|report] those that stand there twice.
Return only the {kind} that occur twice, in the order of their first appearance."""
    return _task(dice, make, asks if removing else asks_for_repeated, kind=kind)


def _extreme_word(dice: Draw) -> Draft:
    which, many = dice.pick((("longest", "most"), ("shortest", "fewest")))
    kind, pool = dice.pick(_KINDS)
    full = dice.chance(0.3)

    def make() -> tuple[str, str]:
        items = [item for item in dice.sample(pool, 6) if item.isalpha()]
        size = (max if which == "longest" else min)(map(len, items))
        found = [item for item in items if len(item) == size]
        items = [item for item in items if item not in found[1:]]
        return ", ".join(items), f"{found[0]}, with {size} letters" if full else found[0]

    asks = """
[Find|Pick|Choose|Select] the {which} word among the {kind}.{rule}
Which of these {kind} has the {many} letters?{rule}
Which is the {which} [entry|word] in the list of {kind}?{rule}
[Compare|Measure] the {kind} by their number of letters and name the {which}.{rule}
[Labels are small|Our sign about {topic} has little room]. Which of the {kind} is the {which}?{rule}
[Look at|Go over] the {kind}. Which one takes the {many} letters to write?{rule}
Which is the {which} of these words: {given}?{rule}"""
    rule = "[ Say how many letters it has.| State its length as well.]" if full else ""
    return _task(dice, make, asks.replace("{rule}", rule), kind=kind, which=which, many=many)


_REPLACEABLE = (
    (words.WEEKDAYS, ("The {place} is closed on {{}}.", "{name} visits us every {{}}.",
                      "We meet {other} at the {place} on {{}}.", "The course on {topic} starts on {{}}.",
                      "On {{}} the {job} comes at nine.")),
    (words.CITIES, ("{name} moved to {{}} in {month}.", "The {job} from {{}} knows {name}.",
                    "A talk on {topic} will be held in {{}}.", "The night train to {{}} leaves on {day}.")),
    (words.OBJECTS, ("{name} has lost the {{}} again.", "Put the {{}} back next to the {colour} chair.",
                     "The {job} bought the {colour} {{}}.", "Nobody at the {place} needs the {{}}.")),
    (words.NAMES, ("{{}} works as a translator in {city}.", "Has {{}} read the article on {topic}?",
                   "{{}} returns from {city} on {day}.", "The {colour} coat belongs to {{}}.")),
)  # fmt: skip


def _replace_word(dice: Draw) -> Draft:
    pool, frames = dice.pick(_REPLACEABLE)
    old, new = dice.sample(pool, 2)
    fields = dice.chance(0.25)

    def make() -> tuple[str, str]:
        before, after = dice.sample(pool, 2) if fields else (old, new)
        frame = _compose(dice, dice.pick(frames))
        given = frame.format(before)
        given = f"Sentence: {given}\nOld word: {before}\nNew word: {after}" if fields else given
        return given, frame.format(after)

    asks = """
[Replace "{old}" with "{new}"|Swap "{old}" for "{new}"|Put "{new}" in the place of "{old}"] in the text.
[Change|Correct] "{old}" to "{new}" and leave the rest of the [sentence|line] [alone|as it is].
[Our plans have changed.|The notice is out of date.] [Write|Say] {new} instead of {old} in the sentence.
What does the sentence say [if|when] it [speaks of|mentions] {new} rather than {old}?
The word {old} in the text has to become {new}. [Return the corrected text.|Make the change.]
[Copy|Repeat] the sentence, but use the word {new} where it says {old}."""
    asks_with_fields = """
[Exchange|Swap] the old word in the sentence for the new one[ and give the whole sentence|].
[Perform|Make] the [swap|replacement] that the [two |]fields ask for[| and change nothing else].
You get a sentence, an old word and a new word. [Write|Send back] the sentence with the new word.
How does the sentence read once the old word has [given way to|made room for] the new word?
Our text about {topic} is being corrected. [Apply|Carry out] the correction and return the sentence.
[Update|Edit] the sentence by [putting|using] the new word in the place of the old one."""
    return _task(dice, make, asks_with_fields if fields else asks, old=old, new=new)


def _edge_letters(dice: Draw) -> Draft:
    count = dice.integer(1, 3)
    first = dice.chance(0.5)
    number = ("letter", "two letters", "three letters")[count - 1]

    def make() -> tuple[str, str]:
        items = dice.sample(_WORDS, dice.integer(3, 5))
        return ", ".join(items), ", ".join(item[:count] if first else item[-count:] for item in items)

    asks = """
[Give|State|Provide] the {letters} of [each|every] word[, separated by commas| in the list|].
[Cut|Trim] [each|every] word down to its {letters}[ and keep the commas|].
What {be} the {letters} of [each|every one] of these words?
[Keep|Save] only the {letters} of every word; [drop the others|separate the results with commas].
Labels for a collection on {topic} show only the {letters} of each word. [Make|Type] the labels.
[Go through|Take] the words one by one and [note|copy] their {letters}.
For {given}, [list|write] the {letters} of each word."""
    letters = f"{'first' if first else 'last'} {number}"
    return _task(dice, make, asks, letters=letters, be="is" if count == 1 else "are")


def _shifted(word: str, places: int) -> str:
    return "".join(chr((ord(letter) - 97 + places) % 26 + 97) for letter in word)


_CIPHERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("moves every letter one place forward in the alphabet, from z to a", lambda word: _shifted(word, 1)),
    ("moves every letter two places forward in the alphabet, from z to b", lambda word: _shifted(word, 2)),
    ("moves every letter one place back in the alphabet, from a to z", lambda word: _shifted(word, -1)),
    ("puts a star in the place of every vowel (a, e, i, o, u)", lambda word: re.sub("[aeiou]", "*", word)),
    ("drops the vowels a, e, i, o and u", lambda word: re.sub("[aeiou]", "", word)),
    ("doubles every letter", lambda word: "".join(letter * 2 for letter in word)),
    ("writes every letter as its number in the alphabet, with hyphens between",
     lambda word: "-".join(str(ord(letter) - 96) for letter in word)),
    ("moves the first letter to the end", lambda word: word[1:] + word[0]),
    ("swaps the first and the last letter", lambda word: word[-1] + word[1:-1] + word[0]),
)  # fmt: skip


def _cipher(dice: Draw) -> Draft:
    rule, encode = dice.pick(_CIPHERS)

    def make() -> tuple[str, str]:
        word = dice.pick(_WORDS)
        return word, encode(word)

    asks = """
[Encrypt|Encode|Disguise] the word with a [secret |simple |]code that {rule}.
A [children's|simple|home-made] cipher {rule}. What does the word [become|look like]?
[Scouts|Two friends|Readers of a book on {topic}] share a code that {rule}. [Write|Put] the word in it.
[Transform|Process] the [word|input|string] by a method that {rule}.
If a [secret |]code {rule}, how is the word written in it?
Our puzzle page on {topic} uses a code that {rule}. [Produce|Generate] the code for the given word.
A code {rule}. [Write|Encode] "{given}" in it."""
    return _task(dice, make, asks, rule=rule)


def _is_palindrome(dice: Draw) -> Draft:
    yes, no = dice.pick((("yes", "no"), ("palindrome", "other"), ("true", "false"), ("same", "different")))
    asks = """
Does the word read the same [in both directions|forwards and backwards]? [Answer|Reply] {first} or {second}.
[Decide|Judge|Determine] for {somebody} whether the word is a palindrome: {first} or {second}.
[Label|Mark|Tag] the word "{first}" if it stays the same when reversed, and "{second}" [otherwise|if not].
A palindrome is spelled the same from either end. Is this one? [Write|Choose] {first} or {second}.
[Check|Test] the word letter by letter from both ends. If they agree, answer {first}, else {second}.
Signs to be read from either side need palindromes, says {somebody}. Would this do? Say {first} or {second}.
Written backwards, some words stay as they are. Is this one of them? [Reply|Respond with] {first} or {second}.
Has {somebody} [really |]found a palindrome for the evening on {topic}? [Reply|Tell us] {first} or {second}.
For a quiz about {topic} we need palindromes. Is this word one? [Write|Choose] {first} or {second}."""
    return _labelled(dice, lambda label: dice.pick(_PALINDROMES if label == yes else _WORDS), (yes, no), asks)


def _in_alphabetical_order(dice: Draw) -> Draft:
    kind, pool = dice.pick(_KINDS)
    labels = dice.pick((("yes", "no"), ("sorted", "unsorted"), ("in order", "out of order")))

    def make(label: str) -> str:
        items = sorted(dice.sample(pool, dice.integer(3, 5)), key=str.lower)
        if label == labels[1]:
            place = dice.integer(0, len(items) - 2)
            items[place], items[place + 1] = items[place + 1], items[place]
        return ", ".join(items)

    asks = """
Do the {kind} stand in alphabetical order? [Answer|Reply] {first} or {second}.
[Verify|Check|Examine] the list of {kind}: is it in alphabetical order? [Say|Write] {first} or {second}.
[Classify|Label] the list of {kind} as {first} or {second}, [going by|according to] the alphabet.
A helper was asked to put {kind} in alphabetical order. Was it done correctly? Use {first} or {second}.
Would these {kind} be found in this order in an index about {topic}? Choose {first} or {second}.
Tell whether the {kind} run from A to Z without a mistake, with the answer {first} or {second}."""
    return _labelled(dice, make, labels, asks.replace("{kind}", kind))


_JOINTS: tuple[tuple[str, Callable[[list[str]], str]], ...] = (
    ('commas and the word "and" before the last', lambda items: f"{', '.join(items[:-1])} and {items[-1]}"),
    ('commas and the word "or" before the last', lambda items: f"{', '.join(items[:-1])} or {items[-1]}"),
    ("commas", ", ".join),
    ("semicolons", "; ".join),
    ("slashes", " / ".join),
    ("plus signs", " + ".join),
)


def _join_list(dice: Draw) -> Draft:
    kind, pool = dice.pick(_KINDS)
    how, join = dice.pick(_JOINTS)

    def make() -> tuple[str, str]:
        items = dice.sample(pool, dice.integer(3, 5))
        return "\n".join(items), join(items)

    asks = """
[Join|Connect|Combine] the lines [into|to] one, with {how}.
[Merge|Collapse] the list of {kind} into a single line. Use {how}.
Every line holds one of our {kind}. [Bring|Put] them on one line with {how}.
How would you list these {kind} on one line with {how}?
The page on {topic} has room for one line only. [Fit|Squeeze] the {kind} into it, using {how}.
[Concatenate|String together|Link] the {kind} with {how}."""
    return _task(dice, make, asks, kind=kind, how=how)


def _split_list(dice: Draw) -> Draft:
    kind, pool = dice.pick(_KINDS)
    style, mark = dice.pick((("a bulleted list", "- "), ("a numbered list", ""), ("a checklist", "[ ] ")))
    glue = dice.pick((", ", "; ", " / ", " and "))

    def make() -> tuple[str, str]:
        items = dice.sample(pool, dice.integer(2, 5))
        lines = [f"{mark or f'{number}. '}{item}" for number, item in enumerate(items, start=1)]
        return glue.join(items), "\n".join(lines)

    asks = """
[Break|Split|Separate] the line up into {style}.
[Turn|Convert|Make] the {kind} into {style}[|, one entry to a line].
[Could|Can] you [show|set out] these {kind} as {style}?
[Format|Present|Lay out] the {kind} as {style}.
A [speaker|teacher] wants to show {kind} next to a talk on {topic}. [Prepare|Provide] {style}.
One long line is [tiring|hard] to read. [Give|Write] the same {kind} as {style}.
Divide the text where one of the {kind} ends and the next begins, and return {style}."""
    return _task(dice, make, asks, kind=kind, style=style)


def _restore_punctuation(dice: Draw) -> Draft:
    what = dice.pick(("sentence", "line", "message", "note", "question", "question"))

    def make() -> tuple[str, str]:
        if what == "question":
            text = _compose(dice, dice.pick(_QUESTIONS))
            return text.lower(), f"{text}?"
        text = _sentence(dice)
        if dice.chance(0.4):
            first, second, third = dice.sample(words.FOODS, 3)
            start = dice.pick((f"{dice.pick(words.NAMES)} ordered", "Today we need", "The shop has no more"))
            text = f"{start} {first}, {second} and {third}"
        return text.lower().replace(",", ""), f"{text}."

    asks = """
[Insert|Add|Supply] the missing capitals and punctuation marks.
[Punctuate|Correct] the {what}, which {somebody} typed [in a hurry|on an old telephone|without capitals].
This {what} from {somebody} came without punctuation and capitals. [Can you add them?|Please repair it.]
Give the {what} its capital letters and [its|the] punctuation, without changing a word.
[Polish|Prepare] the {what} for a newsletter about {topic}: only capitals and punctuation need attention.
How should the {what} be written, with [proper|correct] capitals and punctuation?
[Proofread|Mend] the {what} for {somebody}: add capitals to names and the first word, and all punctuation."""
    return _task(dice, make, asks, what=what)


FAMILIES: tuple[Family, ...] = (
    Family("reverse_letters", is_classification=False, draw=_reverse_letters),
    Family("reverse_word_order", is_classification=False, draw=_reverse_words),
    Family("count_letters_or_words", is_classification=False, draw=_count),
    Family("change_letter_case", is_classification=False, draw=_change_case),
    Family("make_acronym", is_classification=False, draw=_make_acronym),
    Family("sort_word_list", is_classification=False, draw=_sort_list),
    Family("repeated_list_items", is_classification=False, draw=_repeated_items),
    Family("longest_or_shortest_word", is_classification=False, draw=_extreme_word),
    Family("replace_word", is_classification=False, draw=_replace_word),
    Family("first_or_last_letters", is_classification=False, draw=_edge_letters),
    Family("simple_cipher", is_classification=False, draw=_cipher),
    Family("is_palindrome", is_classification=True, draw=_is_palindrome),
    Family("is_in_alphabetical_order", is_classification=True, draw=_in_alphabetical_order),
    Family("join_list", is_classification=False, draw=_join_list),
    Family("split_list", is_classification=False, draw=_split_list),
    Family("restore_punctuation", is_classification=False, draw=_restore_punctuation),
)
