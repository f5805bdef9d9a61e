"""Families that say the same in another form: another tense, voice, person, number or register.

Sentences are put together from tables of verbs, nouns and phrases, so that both forms are known to be right.
Templates are one way to ask a line: the dice choose in [this|or that], {slots} are filled in, among them
{topic} and {somebody}.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from curriculum import words
from curriculum.asking import ask_one, capitalized, different_pairs, instances_of, labelled
from curriculum.base import Draft, Draw, Family

__all__ = ["FAMILIES"]

_REMARKS = (
    " Add no explanation.",
    " Give only the result.",
    " Write nothing else.",
    " The answer alone will do.",
    " Do not comment on it.",
)
_LABEL_REMARKS = (" Give only the label.", " One word is enough.", " Give no reasons.")


@dataclass(frozen=True, slots=True)
class _Verb:
    """objects: noun phrases that the verb takes; those that end in s are plural."""

    base: str
    third: str
    past: str
    participle: str
    gerund: str
    objects: tuple[str, ...]


def _verbs(table: str) -> tuple[_Verb, ...]:
    """A line of the table is five forms, a bar and the objects."""
    verbs = []
    for line in table.strip().splitlines():
        forms, _, objects = line.partition(" | ")
        base, third, past, participle, gerund = forms.split()
        verbs.append(_Verb(base, third, past, participle, gerund, tuple(objects.split(", "))))
    return tuple(verbs)


_VERBS = _verbs("""
bake bakes baked baked baking | a cake, fresh rolls, the bread, an apple pie
break breaks broke broken breaking | a cup, two plates, the old record, the window
bring brings brought brought bringing | a salad, the tickets, the spare keys, an umbrella
build builds built built building | a shed, two kites, a small boat, the stone wall
buy buys bought bought buying | a lamp, new curtains, the newspaper, two baskets
carry carries carried carried carrying | the boxes, a heavy basket, the suitcases, a ladder
catch catches caught caught catching | a fish, the ball, the hens, a grey cat
choose chooses chose chosen choosing | a colour, the prizes, the music, two songs
clean cleans cleaned cleaned cleaning | the oven, the windows, a brush, the stairs
close closes closed closed closing | the gate, the shutters, the shop, the curtains
cook cooks cooked cooked cooking | the soup, a big dinner, the beans, two eggs
deliver delivers delivered delivered delivering | the mail, two parcels, a letter, the flowers
find finds found found finding | a coin, the lost gloves, an old ring, the answer
fix fixes fixed fixed fixing | the tap, a bicycle, the lights, the radio
forget forgets forgot forgotten forgetting | the password, an umbrella, the keys, the date
grow grows grew grown growing | tomatoes, a lemon tree, the roses, herbs
hide hides hid hidden hiding | the presents, the key, a letter, two coins
lose loses lost lost losing | a glove, the tickets, the first game, the receipt
make makes made made making | a kite, the beds, the coffee, two masks
open opens opened opened opening | the door, a window, the boxes, the shop
paint paints painted painted painting | the fence, two doors, a portrait, the kitchen
plan plans planned planned planning | a trip, the party, two concerts, the menu
plant plants planted planted planting | a tree, the bulbs, the seeds, a hedge
print prints printed printed printing | the posters, a leaflet, the invitations, a page
repair repairs repaired repaired repairing | the roof, a clock, the bicycles, an old chair
sell sells sold sold selling | the car, two paintings, a piano, the farm
send sends sent sent sending | a postcard, the invoices, an email, the parcel
sing sings sang sung singing | a song, two carols, the anthem, a lullaby
sweep sweeps swept swept sweeping | the floor, the stairs, the yard, the path
take takes took taken taking | a photo, the last seats, the minutes, a break
tell tells told told telling | a story, two jokes, the truth, an old legend
test tests tested tested testing | the brakes, a recipe, the new software, two lamps
throw throws threw thrown throwing | the ball, a stone, a party, two snowballs
translate translates translated translated translating | a poem, the leaflet, two letters, the menu
wash washes washed washed washing | the dishes, a shirt, the car, the apples
win wins won won winning | a prize, the race, two medals, the match
write writes wrote written writing | a letter, two poems, the report, an article
""")
_MEN = (
    "Anders", "Ben", "Boris", "Daniel", "David", "Diego", "Emil", "Erik", "Felix", "Hugo", "Ivan", "Jonas",
    "Karim", "Lars", "Leo", "Marco", "Olaf", "Omar", "Oscar", "Pavel", "Rahul", "Stefan", "Tom", "Viktor",
    "Yusuf",
)  # fmt: skip
_WOMEN = (
    "Alma", "Ana", "Clara", "Elena", "Emma", "Eva", "Fatima", "Fiona", "Grace", "Hana", "Ida", "Ines",
    "Julia", "Laura", "Lucy", "Maria", "Mila", "Nadia", "Nora", "Olga", "Petra", "Priya", "Rosa", "Sara",
    "Vera",
)  # fmt: skip
_PLURAL_SUBJECTS = (
    "the children", "my neighbours", "our guests", "the volunteers", "the students", "my cousins",
    "the twins", "the actors", "the tourists", "her friends",
)  # fmt: skip


def _task(dice: Draw, make: Callable[[], tuple[str, str]], asks: str, **slots: object) -> Draft:
    """make: an input and its output."""
    pairs = different_pairs(make, dice.integer(1, 3))
    remark = dice.pick(("", "", "", *_REMARKS))
    return Draft(ask_one(dice, asks, **slots) + remark, instances_of(pairs.items()))


def _labelled(
    dice: Draw, make: Callable[[str], str], classes: Sequence[str], asks: str, **slots: object
) -> Draft:
    """make: an input for a label. Every label appears, in any order."""
    made = labelled(dice, make, classes)
    remark = dice.pick(("", "", *_LABEL_REMARKS))
    return Draft(ask_one(dice, asks, **slots) + remark, made)


def _pair(dice: Draw, table: Sequence[tuple[str, str]], *, swapped: bool = False) -> tuple[str, str]:
    """A row of the table with the same names, cities and so on in both of its sentences."""
    left, right = dice.pick(table)
    slots = {
        "name": dice.pick(_WOMEN), "other": dice.pick(_MEN), "city": dice.pick(words.CITIES),
        "day": dice.pick(words.WEEKDAYS), "month": dice.pick(words.MONTHS), "topic": dice.topic(),
        "count": dice.integer(3, 20),
        "colour": dice.pick(words.COLOURS),
    }  # fmt: skip
    left, right = capitalized(left.format(**slots)), capitalized(right.format(**slots))
    return (right, left) if swapped else (left, right)


# Verbs


@dataclass(frozen=True, slots=True)
class _Clause:
    """subject: in lower case unless a name. place: an ending such as `in Oslo`, or empty."""

    subject: str
    plural: bool
    verb: _Verb
    object: str
    place: str

    def active(self, tense: str) -> str:
        return capitalized(f"{self.subject} {self.conjugated(tense)} {self.object}{self.place}.")

    def conjugated(self, tense: str) -> str:
        be, was, have = ("are", "were", "have") if self.plural else ("is", "was", "has")
        return {
            "present": self.verb.base if self.plural else self.verb.third,
            "past": self.verb.past,
            "future": f"will {self.verb.base}",
            "present perfect": f"{have} {self.verb.participle}",
            "present continuous": f"{be} {self.verb.gerund}",
            "past continuous": f"{was} {self.verb.gerund}",
        }[tense]

    def helper(self, tense: str) -> str:
        """What begins a question and takes `not` in a negation."""
        return {"present": "do" if self.plural else "does", "past": "did", "future": "will"}[tense]

    def passive(self, tense: str) -> str:
        many = self.object.endswith("s")
        be = {"present": "are" if many else "is", "past": "were" if many else "was", "future": "will be",
              "present perfect": "have been" if many else "has been"}[tense]  # fmt: skip
        return capitalized(f"{self.object} {be} {self.verb.participle} by {self.subject}{self.place}.")


def _clause(dice: Draw, *, placed: bool = True) -> _Clause:
    verb = dice.pick(_VERBS)
    subject = dice.pick(
        (dice.pick(_MEN), dice.pick(_WOMEN), f"the {dice.pick(words.JOBS)}", dice.pick(_PLURAL_SUBJECTS))
    )
    city = dice.pick(words.CITIES)
    place = dice.pick(
        ("", "", f" in {city}", f" near {city}", " at school", " with a friend", " near the station")
    )
    return _Clause(
        subject, subject in _PLURAL_SUBJECTS, verb, dice.pick(verb.objects), place if placed else ""
    )


_TENSES = {
    "present": ("the simple present", "the present tense"),
    "past": ("the simple past", "the past tense"),
    "future": ('the future with "will"', "the future tense"),
    "present perfect": ("the present perfect", 'the present perfect, with "have" or "has"'),
    "present continuous": ("the present continuous", 'the present continuous, with "is" or "are"'),
    "past continuous": ("the past continuous", 'the past continuous, with "was" or "were"'),
}


def _change_tense(dice: Draw) -> Draft:
    source, target = dice.sample(tuple(_TENSES), 2)

    def make() -> tuple[str, str]:
        clause = _clause(dice)
        return clause.active(source), clause.active(target)

    asks = """
[Put|Shift|Move] the sentence into {target}.
[Rewrite|Restate] the sentence in {target}.
The sentence is in {source}. How does it read in {target}?
[Change|Adjust|Alter] the verb, so that the sentence stands in {target}.
A [pupil|learner] practises {target} with a text on {topic}. [Give|Write] this sentence in {target}.
For {somebody}, [transform|convert] the sentence from {source} to {target}.
Which form does the sentence take in {target}?"""
    slots = {"source": _TENSES[source][0], "target": dice.pick(_TENSES[target])}
    return _task(dice, make, asks, **slots)


def _change_voice(dice: Draw) -> Draft:
    source, target = dice.pick((("active", "passive"), ("passive", "active")))
    tense = dice.pick(("present", "past", "past", "future", "present perfect"))

    def make() -> tuple[str, str]:
        clause = _clause(dice, placed=False)
        voices = {"active": clause.active(tense), "passive": clause.passive(tense)}
        return voices[source], voices[target]

    asks = """
[Rephrase|Express] the sentence in the {target} voice[|, keeping its tense].
The sentence is {source}. [Make it {target}.|What is its {target} form?]
[Recast|Rework] the {source} sentence, so that it is {target}[ and means the same|].
How would {somebody} say this in the {target} voice?
[Switch|Change] from {source} to {target} voice[ and keep the tense|].
Before a text on {topic} is printed, its {source} sentences are made {target}. [Begin|Help] with this one.
[Supply|State] the {target} version of the sentence, which stands in {tense}.
For a lesson on {topic}, [turn|bring] this sentence into the {target} voice."""
    return _task(dice, make, asks, source=source, target=target, tense=_TENSES[tense][0])


def _make_question(dice: Draw) -> Draft:
    tense = dice.pick(("present", "past", "future"))

    def make() -> tuple[str, str]:
        clause = _clause(dice)
        helper = capitalized(clause.helper(tense))
        return clause.active(
            tense
        ), f"{helper} {clause.subject} {clause.verb.base} {clause.object}{clause.place}?"

    asks = """
[Turn|Change|Make] the statement into a [question|yes-or-no question].
[Ask|Pose] the question that this statement answers with yes.
[Form|Create] a question from the sentence that {somebody} could answer with yes or no.
What is the question form of the [sentence|statement]?
An interviewer asks {somebody} whether this is true. [Write|Phrase] the question.
[Convert the [sentence|statement] into|Reword the [sentence|statement] as] a question in the same tense.
For a quiz on {topic}, {somebody} [rewrites|recasts] statements as questions. Do it with this one."""
    return _task(dice, make, asks)


def _answer_with_statement(dice: Draw) -> Draft:
    tense = dice.pick(("present", "past", "future"))
    yes = dice.chance(0.5)

    def make() -> tuple[str, str]:
        clause = _clause(dice)
        rest = f"{clause.verb.base} {clause.object}{clause.place}"
        helper = clause.helper(tense)
        answer = clause.active(tense) if yes else capitalized(f"{clause.subject} {helper} not {rest}.")
        return capitalized(
            f"{helper} {clause.subject} {rest}?"
        ), f"{'Yes' if yes else 'No'}, {_lower(clause, answer)}"

    asks = """
[Answer|Reply to] the question with {word} and a [full|complete] sentence.
The answer is {word}. [Say|Write] it as a full sentence.
[Respond|React] to the question in a full sentence that begins with {word}.
How would {somebody} say {word} to this question in a complete sentence?
[Turn|Change] the question into [an answer|a reply] that starts with {word}.
In a class on {topic}, every answer is a full sentence. [Answer|Say] {word} to this question.
Somebody asks {somebody} this. Give the answer {word} in a full sentence[, in the same tense|]."""
    return _task(dice, make, asks, word="yes" if yes else "no")


def _lower(clause: _Clause, sentence: str) -> str:
    return clause.subject + sentence[len(clause.subject) :]


def _negate(dice: Draw) -> Draft:
    tense = dice.pick(("present", "past", "future"))
    source = dice.chance(0.7)

    def make() -> tuple[str, str]:
        clause = _clause(dice)
        rest = f"{clause.verb.base} {clause.object}{clause.place}"
        negative = capitalized(f"{clause.subject} {clause.helper(tense)} not {rest}.")
        return (clause.active(tense), negative) if source else (negative, clause.active(tense))

    asks = """
[Negate|Deny] the [sentence|statement] [with|by means of] the word "not".
[Make|Turn] the sentence negative[|, in the same tense].
[Say|Write] the opposite of the sentence by adding "not".
What is the negative form of the [sentence|statement]?
{somebody} claims this. [Contradict|Deny] it with "not"[ in a full sentence|].
[Insert|Use] "not" and the right helping verb, so that it [says the opposite|becomes negative].
A report on {topic} got one fact wrong. [Correct|Fix] the sentence by [negating it|adding a "not"]."""
    asks_for_positive = """
[Remove|Drop] the negation from the sentence[ and correct the verb|].
[Make|Turn] the negative sentence positive[|, in the same tense].
What does the sentence look like without "not"?
[State|Affirm] what the sentence denies.
{somebody} says the opposite of this sentence. [Write|Give] that sentence, without "not".
In a report on {topic}, a wrong "not" slipped into this sentence. [Take it out|Undo it] and adapt the verb."""
    return _task(dice, make, asks if source else asks_for_positive)


def _correct_agreement(dice: Draw) -> Draft:
    def make() -> tuple[str, str]:
        clause = _clause(dice)
        tense = dice.pick(("present", "present", "present perfect", "present continuous"))
        wrong = _Clause(clause.subject, not clause.plural, clause.verb, clause.object, clause.place)
        return wrong.active(tense), clause.active(tense)

    asks = """
[Correct|Fix|Repair] the verb, which does not agree with its subject.
[Find|Spot] the mistake in the verb form and [give|send] {somebody} the correct sentence.
The sentence has one error of agreement. [Remove it.|Write it correctly.|How should it read?]
[Edit|Mend] the sentence so that subject and verb agree.
[Help|Assist] {somebody} with this sentence: its verb does not fit its subject. Write it correctly.
{somebody} is still learning English. [Improve|Put right] the verb in this sentence.
Which form of the verb is right here? [Return|Copy] the whole sentence with it.
A text on {topic} was typed too fast. [Adjust|Repair] the verb, which is singular or plural by mistake.
Our newsletter about {topic} is checked for verb forms. [Revise|Proofread] this sentence."""
    return _task(dice, make, asks)


def _name_tense(dice: Draw) -> Draft:
    names = dice.pick((("present", "past", "future"), ("now", "before", "later")))

    def make(label: str) -> str:
        clause = _clause(dice)
        while clause.plural and clause.verb.base == clause.verb.past:
            clause = _clause(dice)
        tenses = (("present", "present continuous"), ("past", "past continuous"), ("future", "future"))
        return clause.active(dice.pick(tenses[names.index(label)]))

    asks = """
[Name|State|Give] the tense of the sentence for {somebody}: {labels}.
When does [this|the action] happen: {labels}?
[Classify|Sort|Label] the sentence by the time it speaks of, {labels}.
Does the sentence belong to {labels}? [Look|Judge] by its verb.
[Help|Tell] {somebody} when it happens: {labels}.
Sentences from a diary about {topic} are sorted by time. [Choose|Pick] {labels} for this one.
[Read|Look at] the verb and [decide|answer] {labels}.
Learners of English meet such sentences in a text on {topic}. [Name|Note] the time: {labels}."""
    return _labelled(dice, make, names, asks, labels=f"{names[0]}, {names[1]} or {names[2]}")


def _name_voice(dice: Draw) -> Draft:
    labels = dice.pick((("active", "passive"), ("yes", "no")))

    def make(label: str) -> str:
        clause = _clause(dice, placed=False)
        tense = dice.pick(("present", "past", "future", "present perfect"))
        passive = label in ("passive", "yes")
        return clause.passive(tense) if passive else clause.active(tense)

    asks = """
Is the sentence in the active or in the passive voice? [Answer|Reply] {labels}.
[Tell|Show] {somebody} whether the sentence is active or passive.
[Label|Mark] the voice of the sentence, active or passive, as pupils do in a class on {topic}.
[Determine|Identify] the voice of this sentence from a text on {topic}, active or passive.
Editors of a page on {topic} avoid the passive. Is this sentence active or passive?
For {somebody}, [sort|classify] the sentence as active or passive."""
    asks_yes = """
Is the sentence in the passive voice? [Answer|Reply|Respond] yes or no.
[Check|Judge] for {somebody} whether the sentence is passive, yes or no.
Editors of a page on {topic} look for the passive. Is it used here? [Say|Write] yes or no.
Is the [doer|person who acts] named after "by" in this sentence? [Choose|Give] yes or no.
{somebody} has to underline passive sentences. Should this one be underlined, yes or no?
[Decide|Determine] with yes or no if the verb is in the passive voice.
A lesson on {topic} ends with some grammar. Is this sentence passive? [Reply|Say] yes or no."""
    return _labelled(dice, make, labels, asks_yes if labels[0] == "yes" else asks, labels="active or passive")


# Nouns, pronouns and adjectives

_NOUNS = (
    ("child", "children"), ("mouse", "mice"), ("woman", "women"), ("leaf", "leaves"), ("knife", "knives"),
    ("city", "cities"), ("box", "boxes"), ("tomato", "tomatoes"), ("goose", "geese"), ("wolf", "wolves"),
    ("baby", "babies"), ("bus", "buses"), ("watch", "watches"), ("shelf", "shelves"), ("dog", "dogs"),
    ("key", "keys"), ("lady", "ladies"), ("fox", "foxes"), ("brush", "brushes"), ("loaf", "loaves"),
    ("toy", "toys"), ("glass", "glasses"), ("potato", "potatoes"), ("scarf", "scarves"), ("dish", "dishes"),
    ("man", "men"), ("book", "books"), ("letter", "letters"), ("tooth", "teeth"), ("foot", "feet"),
    ("church", "churches"), ("butterfly", "butterflies"), ("chair", "chairs"), ("monkey", "monkeys"),
)  # fmt: skip
_NUMBER_FRAMES = (
    ("this {} is too small", "these {} are too small"),
    ("the {} was gone by {{day}}", "the {} were gone by {{day}}"),
    ("that {} looks familiar", "those {} look familiar"),
    ("there is a {} on the poster about {{topic}}", "there are {} on the poster about {{topic}}"),
    ("{{name}} has never seen such a {}", "{{name}} has never seen such {}"),
    ("the {} in the photo comes from {{city}}", "the {} in the photo come from {{city}}"),
    ("which {} does {{other}} mean", "which {} does {{other}} mean"),
    ("a {} was shown on television", "{} were shown on television"),
)  # fmt: skip


def _change_number(dice: Draw) -> Draft:
    to_plural = dice.chance(0.6)
    single = dice.chance(0.3)

    def make() -> tuple[str, str]:
        one, many = dice.pick(_NOUNS)
        if single:
            return (one, many) if to_plural else (many, one)
        frame, frame_many = dice.pick(_NUMBER_FRAMES)
        end = "?" if frame.startswith("which") else "."
        pair = (frame.format(one) + end, frame_many.format(many) + end)
        return _pair(dice, [pair], swapped=not to_plural)

    asks = """
[Put|Set] the {noun} into the {target}[| and adapt the other words].
[Rewrite|Restate] the sentence with the {noun} in the {target}.
What is the sentence like when the {noun} is {target}?
[Change|Turn] the {noun} from {source} to {target} and make the rest agree.
A caption about {topic} has to be {target}. [Adapt|Modify] this sentence[ in the same way|].
{somebody} needs the sentence with a {target} noun. [Write|Prepare] it."""
    asks_for_word = """
What is the {target} of the [word|noun]?
[Give|State|Write] the {target} form of the noun.
[Form|Build] the {target} of the [given |]noun.
How is the {target} of this [word|noun] spelled?
[Supply|Provide] {somebody} with the {target} of the noun.
The noun is {source}. [Make it {target}.|Which form is the {target}?]
A word list on {topic} gives only {target} nouns. [Add|Enter] the {target} of this one."""
    source, target = ("singular", "plural") if to_plural else ("plural", "singular")
    noun = dice.pick(("noun", "main noun"))
    return _task(dice, make, asks_for_word if single else asks, source=source, target=target, noun=noun)


_PERSONS = {
    "I": ("I", "my", "me", "was", "have", "am"),
    "we": ("we", "our", "us", "were", "have", "are"),
    "he": ("he", "his", "him", "was", "has", "is"),
    "she": ("she", "her", "her", "was", "has", "is"),
    "they": ("they", "their", "them", "were", "have", "are"),
}
_PERSON_FRAMES = (
    "{0} left {1} coat in {{city}}, and nobody has called {2} since.",
    "{0} {3} late because {1} alarm did not ring.",
    "Last {{month}} {0} showed {1} photos of {{topic}} to {{name}}.",
    "{0} {4} lost {1} keys again.",
    "On {{day}} {{other}} invited {2} to dinner, and {0} brought {1} guitar.",
    "{0} {5} proud of {1} garden in {{city}}.",
    "{{name}} gave {2} a book about {{topic}}, which {0} read in one night.",
    "{0} {4} painted {1} kitchen {{colour}}.",
    "When {0} moved to {{city}}, {{other}} helped {2} with {1} boxes.",
    "{0} {3} asked to describe {1} first job.",
)


def _change_person(dice: Draw) -> Draft:
    source, target = dice.sample(tuple(_PERSONS), 2)

    def make() -> tuple[str, str]:
        frame = dice.pick(_PERSON_FRAMES)
        return _pair(dice, [(frame.format(*_PERSONS[source]), frame.format(*_PERSONS[target]))])

    asks = """
[Put "{target}" for|Use "{target}" instead of] "{source}" and [adapt|adjust] every word that depends on it.
[Retell|Rewrite] the sentence with "{target}" instead of "{source}".
How does the sentence read when it is about "{target}" rather than "{source}"?
[Change|Shift] the point of view from "{source}" to "{target}".
A biography of {somebody} uses "{target}", not "{source}". [Adapt|Edit] the sentence.
[Let|Make] the sentence speak of "{target}" where it now has "{source}".
In a story about {topic} the teller changes from "{source}" to "{target}". [Revise|Convert] this sentence."""
    return _task(dice, make, asks, source=source, target=target)


_SCALES = (
    ("tall", "taller", "tallest", "{} is {} cm tall.", 150, 200),
    ("old", "older", "oldest", "{} is {} years old.", 18, 90),
    ("young", "younger", "youngest", "{} is {} years old.", 18, 90),
    ("fast", "faster", "fastest", "{} runs {} km an hour.", 8, 20),
    ("slow", "slower", "slowest", "{} runs {} km an hour.", 8, 20),
    ("rich", "richer", "richest", "{} has {} euros.", 10, 900),
    ("busy", "busier", "busiest", "{} works {} hours a week.", 20, 60),
    ("generous", "more generous", "most generous", "{} gave {} euros.", 5, 90),
)
_DEGREES = (
    ("big", "bigger", "biggest"), ("small", "smaller", "smallest"), ("happy", "happier", "happiest"),
    ("good", "better", "best"), ("bad", "worse", "worst"), ("thin", "thinner", "thinnest"),
    ("nice", "nicer", "nicest"), ("easy", "easier", "easiest"), ("hot", "hotter", "hottest"),
    ("careful", "more careful", "most careful"), ("famous", "more famous", "most famous"),
    ("early", "earlier", "earliest"), ("expensive", "more expensive", "most expensive"),
    ("strong", "stronger", "strongest"), ("wide", "wider", "widest"), ("sad", "sadder", "saddest"),
    ("honest", "more honest", "most honest"),
    ("wet", "wetter", "wettest"), ("quiet", "quieter", "quietest"), ("large", "larger", "largest"),
    ("patient", "more patient", "most patient"), ("heavy", "heavier", "heaviest"),
)  # fmt: skip


def _compare(dice: Draw) -> Draft:
    mode = dice.pick(("people", "people", "forms"))
    degree = dice.pick(("comparative", "superlative", "comparative and superlative"))
    positive, comparative, superlative, frame, low, high = dice.pick(_SCALES)
    wanted = "comparative" if degree == "comparative" else "superlative"

    def make() -> tuple[str, str]:
        if mode == "forms":
            _, more, most = row = dice.pick(_DEGREES)
            answers = {"comparative": more, "superlative": f"the {most}"}
            return row[0], answers.get(degree, f"{more}, {most}")
        names = dice.sample(_MEN + _WOMEN, 2 if wanted == "comparative" else 3)
        values = dice.sample(range(low, high), len(names))
        facts = " ".join(frame.format(*pair) for pair in zip(names, values, strict=True))
        ranked = [
            name
            for _, name in sorted(zip(values, names, strict=True), reverse=positive not in ("young", "slow"))
        ]
        if wanted == "comparative":
            return facts, f"{ranked[0]} is {comparative} than {ranked[1]}."
        return facts, f"{ranked[0]} is the {superlative} of the three."

    asks = """
[Compare|Contrast] the people in one sentence with the {wanted} of "{positive}".
[Sum up|Summarise] the facts with the {wanted} of "{positive}".
What do the facts say if you use the {wanted} of "{positive}"?
[Combine|Condense] the sentences into one that has the {wanted} of "{positive}".
[Tell|Show] {somebody} in one sentence how the people compare, using the {wanted} of "{positive}".
At a meeting on {topic} these people met. [Describe|Compare] them with the {wanted} of "{positive}"."""
    asks_for_forms = """
[Give|Write|State] the {degree} of the adjective.
What is the {degree} of this adjective?
[Form|Build] the {degree} of the [given |]adjective.
A learner asks for the {degree} of the word. [Answer|Help out].
[Supply|Provide] {somebody} with the {degree} of the adjective.
A text on {topic} needs this adjective in the {degree}. [Spell|Type] it out."""
    slots = {"degree": degree, "wanted": wanted, "positive": positive}
    return _task(dice, make, asks if mode == "people" else asks_for_forms, **slots)


# Register, contractions, requests, reports

_FORMAL = (
    ("hi {other}, got your note.", "Dear {other}, thank you for your message."),
    (
        "hey {name}, thanks a lot for your help!",
        "Dear {name}, I am very grateful for your assistance.",
    ),
    ("can you send me the stuff on {topic}?", "Could you please send me the documents on {topic}?"),
    ("sorry, I can't make it on {day}.", "I regret that I am unable to attend on {day}."),
    ("let me know if {day} works.", "Please inform me whether {day} would be convenient."),
    ("we've got tons of books on {topic}.", "We have a large number of books on {topic}."),
    ("give me a ring when you're in {city}.", "Please telephone me when you are in {city}."),
    ("the kids loved the talk on {topic}.", "The children greatly enjoyed the talk on {topic}."),
    ("it's a bit pricey, isn't it?", "It appears to be rather expensive."),
    ("we'll sort it out by {day}.", "We will resolve the matter by {day}."),
    ("wanna join us in {city}?", "Would you like to accompany us to {city}?"),
    ("I need it asap, {day} at the latest.", "I require it as soon as possible, no later than {day}."),
    ("{name} said no to {other}'s idea.", "{name} declined the suggestion made by {other}."),
    ("no worries, {day} is fine.", "Please do not be concerned; {day} is entirely suitable."),
)
_CONTRACTED = (
    ("I am sure that {name} is not at home.", "I'm sure that {name} isn't at home."),
    ("We do not know anything about {topic}.", "We don't know anything about {topic}."),
    ("They will not come before {day}.", "They won't come before {day}."),
    (
        "It is cold in {city}, and I have forgotten my coat.",
        "It's cold in {city}, and I've forgotten my coat.",
    ),
    ("You cannot miss it, because it is {colour}.", "You can't miss it, because it's {colour}."),
    ("She does not like the idea, but she will try it.", "She doesn't like the idea, but she'll try it."),
    (
        "There is a film about {topic} that I have not seen.",
        "There's a film about {topic} that I haven't seen.",
    ),
    ("We would help if we were not so far from {city}.", "We'd help if we weren't so far from {city}."),
    ("They are from {city}, are they not?", "They're from {city}, aren't they?"),
    ("{other} did not say that he was not coming.", "{other} didn't say that he wasn't coming."),
    ("I will tell {name} that you are waiting.", "I'll tell {name} that you're waiting."),
    (
        "He should not worry, since we have got {count} tickets.",
        "He shouldn't worry, since we've got {count} tickets.",
    ),
    ("That is why {name} has not called since {day}.", "That's why {name} hasn't called since {day}."),
    ("Let us see what is new in {city}.", "Let's see what's new in {city}."),
)


def _change_register(dice: Draw) -> Draft:
    target = dice.pick(("formal", "formal", "informal"))
    asks = """
[Rewrite|Rephrase] the message in {target} English.
[Make|Render] the message more {target}.
How would one say this in [a {letter}|{target} language]?
[Change|Adapt] the tone of the line, so that it [suits|fits] a {letter}.
{somebody} [likes|prefers] {target} language. [Reword|Adjust] the line.
The line will be part of a {letter}[ about {topic}|]. [Give|Choose] the right tone.
[Translate|Convert] this into the style of a {letter}."""
    letters = ("business letter", "letter to a judge", "formal email")
    friendly = ("note to a friend", "chat with a friend", "text message to a cousin")
    slots = {"target": target, "letter": dice.pick(letters if target == "formal" else friendly)}
    return _task(dice, lambda: _pair(dice, _FORMAL, swapped=target == "informal"), asks, **slots)


def _name_register(dice: Draw) -> Draft:
    formal, informal = dice.pick((("formal", "informal"), ("official", "casual"), ("formal", "casual")))
    asks = """
Is the tone of the message {labels}?
A museum of {topic} receives many letters. Is the style of this line {labels}?
[Classify|Label|Tag] the message for {somebody} as {labels}.
[Judge|Decide] from its words whether the line is {labels}.
{somebody} sorts the mail into {labels}. Where does this line belong?
[Would you call|Do you find] the style of the line {labels}?
In a class about letters and {topic}, pupils tell styles apart. [Mark|Name] this one: {labels}.
[Assign|Give] the line one of two labels, {labels}."""

    def make(label: str) -> str:
        informal_line, formal_line = _pair(dice, _FORMAL)
        return formal_line if label == formal else informal_line

    return _labelled(dice, make, (formal, informal), asks, labels=f"{formal} or {informal}")


def _contractions(dice: Draw) -> Draft:
    expand = dice.chance(0.5)
    asks = """
[Shorten|Contract] the verb forms, as people do in speech.
[Use|Put in] contractions wherever [they are usual|English has them], as {somebody} would.
How would [{somebody}|a friend] say this, with contractions such as "it's"?
[Rewrite|Copy] the sentence with short forms like "don't" [and|or] "I'm".
The dialogue in a play about {topic} sounds stiff. [Loosen|Relax] this line with contractions.
[Replace|Swap] full forms by contractions, and [leave|keep] the rest."""
    asks_to_expand = """
[Expand|Spell out|Write out] all contractions in the [sentence|line].
[Replace|Remove] every short form, such as "don't", [with its long form|and write the full words].
How does the sentence read without [contractions|apostrophes]?
A report on {topic} may not use contractions. [Correct|Edit] the sentence.
{somebody} reads only full forms aloud. [Write|Type] the sentence without contractions.
[Undo|Resolve] the contractions and [keep|leave] everything else."""
    return _task(dice, lambda: _pair(dice, _CONTRACTED, swapped=expand), asks_to_expand if expand else asks)


_ORDERED = tuple(
    verb for verb in _VERBS if verb.base not in ("break", "catch", "forget", "hide", "lose", "win")
)


def _ask_politely(dice: Draw) -> Draft:
    opening = dice.pick(
        ("Could you please", "Would you mind", "Please", "Would you be so kind as to", "May I ask you to")
    )

    def make() -> tuple[str, str]:
        verb = dice.pick(_ORDERED)
        rest = dice.pick(verb.objects) + dice.pick(
            ("", "", " this evening", " before noon", " for the guests")
        )
        form = verb.gerund if opening.endswith("mind") else verb.base
        mark = "." if opening == "Please" else "?"
        return capitalized(f"{verb.base} {rest}{dice.pick('.!')}"), f"{opening} {form} {rest}{mark}"

    asks = """
[Soften|Reword] the order into a polite request that begins with "{opening}".
[Make|Turn] the command [polite|courteous] with the words "{opening}".
How would [a guest|{somebody}] ask for this politely? Start with "{opening}".
[Add|Bring] some politeness to the order, using "{opening}".
At the information desk on {topic} nobody gives orders. [Rephrase|Express] this one with "{opening}".
[Begin|Open] with "{opening}" and ask for the same thing."""
    return _task(dice, make, asks, opening=opening)


_SAID = (
    ("I am too tired to cook", "{p} was too tired to cook"),
    ("I have lost my keys", "{p} had lost {s} keys"),
    ("I will call on {day}", "{p} would call on {day}"),
    ("I live in {city}", "{p} lived in {city}"),
    ("My brother knows everything about {topic}", "{s} brother knew everything about {topic}"),
    ("I can lend you my tent", "{p} could lend {o} {s} tent"),
    ("I need {count} more chairs", "{p} needed {count} more chairs"),
    ("We are moving to {city}", "they were moving to {city}"),
    ("I have never been to {city}", "{p} had never been to {city}"),
    ("I want to learn more about {topic}", "{p} wanted to learn more about {topic}"),
    ("My train leaves from {city}", "{s} train left from {city}"),
    ("I do not like my new job", "{p} did not like {s} new job"),
)


def _report_speech(dice: Draw) -> Draft:
    verb = dice.pick(("told", "said to", "explained to", "admitted to"))

    def make() -> tuple[str, str]:
        woman = dice.chance(0.5)
        speaker, hearer = ("{name}", "{other}") if woman else ("{other}", "{name}")
        pronouns = {"p": "she", "s": "her", "o": "him"} if woman else {"p": "he", "s": "his", "o": "her"}
        quote, reported = dice.pick(_SAID)
        for key, pronoun in pronouns.items():
            reported = reported.replace(f"{{{key}}}", pronoun)
        return _pair(
            dice, [(f'{speaker} {verb} {hearer}, "{quote}."', f"{speaker} {verb} {hearer} that {reported}.")]
        )

    asks = """
[Report|Retell] to {somebody} what was said, in indirect speech.
[Change|Turn|Convert] the direct speech into reported speech.
[Remove|Drop] the quotation marks and [report|give] the words in indirect speech, one tense back.
How would [a newspaper|{somebody}] report these words[ without quoting them|]? Use "that".
[Rewrite|Recast] the quotation as a clause with "that" and [move|shift] the verb into the past.
A report on {topic} must not quote anyone. [Rephrase|Rework] the sentence with "that".
Say what the speaker said, but [indirectly|in reported speech].
Which words does the reporter of a meeting on {topic} write instead of the quotation? Use "that".
Pass the message on to {somebody}: [put|bring] it into reported speech."""
    return _task(dice, make, asks)


# Joining, shortening, correcting

_CAUSES = (
    ("the road was icy", "the bus came late"),
    ("{name} had a cold", "the lesson was cancelled"),
    ("the shop in {city} was closed", "{other} bought nothing"),
    ("it had rained for a week", "the river was high"),
    ("{other} had studied hard", "the exam went well"),
    ("the lamp was broken", "{name} lit a candle"),
    ("the film about {topic} was sold out", "{name} stayed at home"),
    ("{name} speaks four languages", "the office in {city} hired her"),
    ("everybody was hungry", "{other} made {count} sandwiches"),
    ("the heating failed on {day}", "the school closed early"),
)
_CONTRASTS = (
    ("the room was small", "it felt comfortable"),
    ("{name} was tired", "she finished the report on {topic}"),
    ("the tickets were expensive", "{count} people bought one"),
    ("{other} lives in {city}", "he works somewhere else"),
    ("the soup was cold", "nobody complained"),
    ("it was raining on {day}", "the market was full"),
    ("the book about {topic} is long", "it is never dull"),
    ("{name} trained for months", "she lost the race"),
    ("the signs were old", "{other} found the way to {city}"),
    ("the bicycle is {colour} with rust", "it still works"),
)


def _combine(dice: Draw) -> Draft:
    word = dice.pick(("because", "so", "since", "but", "although", "yet", "even though"))
    table = _CAUSES if word in ("because", "so", "since") else _CONTRASTS
    first = {
        "so": "{0}, so {1}.",
        "but": "{0}, but {1}.",
        "yet": "{0}, yet {1}.",
        "because": "{1} because {0}.",
    }
    pattern = first.get(word, capitalized(word) + " {0}, {1}.")
    gap = dice.pick((" ", "\n"))

    def make() -> tuple[str, str]:
        left, right = dice.pick(table)
        apart, joined = _pair(dice, [(f"{left}.\n{right}.", pattern.format(left, right))])
        return gap.join(capitalized(sentence) for sentence in apart.split("\n")), joined

    asks = """
[Combine|Join|Link] the two sentences with "{word}".
[Connect|Merge] both sentences into one, using "{word}".
[Make|Form] a single sentence with "{word}"[| and change as little as possible].
How can the two sentences become one with "{word}"?
A text on {topic} has too many short sentences. [Tie|Bring] these two together with "{word}".
{somebody} would say it in one sentence. [Write|Say] it with "{word}".
[Use|Take] "{word}" to show how the two [sentences|facts] belong together."""
    return _task(dice, make, asks, word=word)


_WORDY = (
    ("due to the fact that it was late, {name} took a taxi.", "because it was late, {name} took a taxi."),
    ("{other} moved to {city} in order to study.", "{other} moved to {city} to study."),
    ("at this point in time, we have {count} members.", "now we have {count} members."),
    ("a large number of people in {city} know {name}.", "many people in {city} know {name}."),
    ("in the event that it rains on {day}, we will stay in.", "if it rains on {day}, we will stay in."),
    ("{name} has the ability to speak three languages.", "{name} can speak three languages."),
    ("the book on the subject of {topic} is missing.", "the book on {topic} is missing."),
    ("in spite of the fact that it is {colour}, {other} likes the coat.",
     "although it is {colour}, {other} likes the coat."),
    ("until such time as {name} returns, the shop is closed.", "until {name} returns, the shop is closed."),
    ("the coat is {colour} in colour.", "the coat is {colour}."),
    ("{other} called {name} on the telephone on {day}.", "{other} telephoned {name} on {day}."),
    ("it is possible that {name} may be in {city}.", "{name} may be in {city}."),
    ("we meet each and every {day} without exception.", "we meet every {day}."),
    ("in my own personal opinion, {city} is beautiful.", "I think {city} is beautiful."),
    ("during the course of {month}, {name} wrote two letters.", "during {month}, {name} wrote two letters."),
    ("{name} made the decision to leave {city}.", "{name} decided to leave {city}."),
)  # fmt: skip
_MISSPELLED = (
    ("recieve", "receive", "did you {} my letter from {{city}}?"),
    ("definately", "definitely", "{{name}} will {} come on {{day}}."),
    ("seperate", "separate", "we need {} rooms in {{city}}."),
    ("tommorow", "tomorrow", "the talk on {{topic}} is {}."),
    ("freind", "friend", "my {} {{other}} lives in {{city}}."),
    ("beleive", "believe", "I {} that {{name}} is right."),
    ("untill", "until", "the shop is closed {} {{day}}."),
    ("adress", "address", "please send me the {} of {{name}}."),
    ("calender", "calendar", "the {} for {{month}} is on the wall."),
    ("becuase", "because", "{{name}} stayed at home {} it rained."),
    ("suprise", "surprise", "the party for {{other}} is a {}."),
    ("libary", "library", "the {} has {{count}} books on {{topic}}."),
    ("thier", "their", "the neighbours sold {} {{colour}} car."),
    ("neccessary", "necessary", "a warm coat is {} in {{city}}."),
    ("begining", "beginning", "{{name}} missed the {} of the film."),
    ("wich", "which", "I know {} book {{other}} wants."),
    ("occured", "occurred", "the mistake {} on {{day}}."),
    ("intresting", "interesting", "{{name}} gave an {} talk on {{topic}}."),
    ("restaraunt", "restaurant", "there is a new {} in {{city}}."),
    ("writting", "writing", "{{other}} is {} a book about {{topic}}."),
    ("alot", "a lot", "{{name}} knows {} about {{topic}}."),
    ("peice", "piece", "would you like a {} of cake, {{name}}?"),
    ("foriegn", "foreign", "{{name}} speaks two {} languages."),
    ("truely", "truly", "the week in {{city}} was {} wonderful."),
    ("greatful", "grateful", "{{other}} was {} for the help."),
    ("buisness", "business", "{{name}} runs a small {} in {{city}}."),
)


def _shorten(dice: Draw) -> Draft:
    asks = """
[Shorten|Tighten|Trim] the sentence without [losing its meaning|changing what it says].
[Say|Write] the same in fewer words for {somebody}.
Which words are [too many|not needed] here? [Give|Return] the sentence in plain, short form.
[Cut|Simplify] the wordy phrase in the sentence.
The style of this line is heavy, [says|finds] {somebody}. [Lighten|Prune] it.
Readers of a page on {topic} are in a hurry. [Get|Bring] this sentence down to what it says.
How would {somebody} say this [briefly|in fewer words]?
An article on {topic} is too long. [Help|Begin] by making this sentence shorter.
[Express|Put] it more [simply|briefly], in one sentence."""
    return _task(dice, lambda: _pair(dice, _WORDY), asks)


def _correct_spelling(dice: Draw) -> Draft:
    def make() -> tuple[str, str]:
        wrong, right, frame = dice.pick(_MISSPELLED)
        return _pair(dice, [(frame.format(wrong), frame.format(right))])

    only_word = dice.chance(0.25)

    def make_word() -> tuple[str, str]:
        wrong, right, frame = dice.pick(_MISSPELLED)
        return _pair(dice, [(frame.format(wrong), frame.format(right))])[0], right

    asks = """
[Correct|Fix] the spelling mistake[ in the sentence|].
One word is [misspelled|written wrongly]. [Give|Write|Return] the sentence without the mistake.
[Proofread|Check] the sentence for {somebody} and put the spelling right.
[Find|Look for] the misspelled word and [repair|correct] it in the sentence.
How should the sentence be spelled?
Before this line [appears|is printed] in a booklet on {topic}, its spelling must be right. [Edit|Revise] it.
[Copy|Type] the sentence in correct spelling."""
    asks_for_word = """
[Find|Spot] the misspelled word and [give|write] only its correct spelling.
Which word is misspelled? [Answer|Reply] with the right spelling alone.
[Spell|Write] the wrong word of the sentence correctly[, and nothing else|].
{somebody} made one spelling mistake. [Name|Give] the word as it should be.
A spelling test on {topic} has sentences like this one. [Return|Type] just the corrected word."""
    return _task(dice, make_word if only_word else make, asks_for_word if only_word else asks)


FAMILIES: tuple[Family, ...] = (
    Family("change_tense", is_classification=False, draw=_change_tense),
    Family("change_voice", is_classification=False, draw=_change_voice),
    Family("statement_to_question", is_classification=False, draw=_make_question),
    Family("answer_in_full_sentence", is_classification=False, draw=_answer_with_statement),
    Family("negate_sentence", is_classification=False, draw=_negate),
    Family("correct_agreement", is_classification=False, draw=_correct_agreement),
    Family("name_tense", is_classification=True, draw=_name_tense),
    Family("name_voice", is_classification=True, draw=_name_voice),
    Family("change_number_of_noun", is_classification=False, draw=_change_number),
    Family("change_person", is_classification=False, draw=_change_person),
    Family("compare_with_adjectives", is_classification=False, draw=_compare),
    Family("change_register", is_classification=False, draw=_change_register),
    Family("name_register", is_classification=True, draw=_name_register),
    Family("contractions", is_classification=False, draw=_contractions),
    Family("ask_politely", is_classification=False, draw=_ask_politely),
    Family("report_speech", is_classification=False, draw=_report_speech),
    Family("combine_sentences", is_classification=False, draw=_combine),
    Family("shorten_sentence", is_classification=False, draw=_shorten),
    Family("correct_spelling", is_classification=False, draw=_correct_spelling),
)
