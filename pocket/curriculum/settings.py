"""Settings: a sentence about who wants a task done, where, for whom or until when.

Many families ask in some hundred ways and no more. An instruction that would come again and again gets such
a sentence before or behind it, so that every time it is another one (decks.py says when). The sentences
change nothing about what the right output is.
"""

from __future__ import annotations

from curriculum import words
from curriculum.asking import READERS, fill, read_lines, with_article
from curriculum.base import Draw

__all__ = ["with_setting"]

_BEFORE = read_lines("""
{name} {surname}, {job}, [asks for|needs|would like] [help with|a hand with|support in] this.
{name} [teaches|lives|works] in {city} and [has one question|has a small job for you|asks for one thing].
You [help|assist|work for|stand in for] {job} [in {city}|called {surname}|on {weekday} mornings].
Here is [a small job|a question|an errand|an exercise] for {audience}.
This [comes|came] up [in a talk|over lunch|in a course] with {job} [from {city}|named {name}].
At the {place} in {city}, {name} [is stuck|needs help|has been asked this].
A [message|note|request] from {name}, who works at the {place} in {city}.
On {weekday} {name} [meets|visits|trains|writes to] {audience}.
The {place} in {city} has [a new task|a small order|some work] for you.
Imagine that you [work for|share a desk with|are training|have lunch with] {job} named {name}.
Suppose {name} and {other} [run a {place}|share an office|meet in {city}].
For the {hobby} [club|course|group] that {name} leads, [do this|here is a task|this is needed].
{audience} will [see|read|use|check] the result.
Question {number} of the {weekday} quiz in {city}.
{name} collects [exercises|puzzles|little jobs] for {audience}, and this is number {number}.
As [a favour to|training for|practice for] {name}, {job}, [do|solve|finish] this.
""")

_AFTER = read_lines("""
{name} {surname} will [read|check|file|print|use] the result.
{name}, {job}, [needs|wants|expects|asked for] it [by|before|on] {weekday}.
The [result|answer] is for {job} in {city}.
The [result|answer] goes to {name} at the {place}.
The [result|answer] goes [to|straight to] {audience}.
{name} and {other} [disagree|argued|have a bet] about it.
{name} is [waiting for it|in a hurry] at the {place} in {city}.
[It is|This is] for {name}, who [works|lives|studies|has moved] in {city}.
[It is|This is] for the {month} [issue|edition|report] of a {hobby} newsletter.
[It is|This is] [exercise|question|item|card] {number} in the [workbook|folder|test] of {name} {surname}.
[It is|This is] part of [a course|a quiz|a test|a workshop] for {audience}.
[Work|Do it|Answer] as {job} in {city} would.
{name} wants to show it to {audience}.
{name} will [pin it up|read it out|hand it in|present it] in the {place} on {weekday}.
Do it for {name}, {job} from {city}.
Do this for {audience} in {city}.
Remember that {name} [reads it on a phone|is new to this|checks every line|has little time].
The {place} in {city} [needs|ordered|asked for|pays for] it.
The [{hobby}|{weekday}] [club|group|course] of {name} [needs|uses|wants] it in {month}.
{other} did it [last week|in {month}|for the {place}], and now {name} asks you.
Your reader is {name}, {job}.
Your readers are {audience}.
You have {number} [minutes|seconds], says {name}.
{name} from {city} [sent|brought|found|collected] [it|all of it] [on {weekday}|in {month}].
{name} learns it with {audience}.
{name} has to explain it to {audience} on {weekday}.
[Prepare it|Get it ready|Have it ready] for the [meeting|visit|trip|class] in {city} on {weekday}.
Use what {name} [noted|wrote down|was given|copied] at the {place}.
If {name} asks, it was [the idea|the wish] of {other}, {job}.
Afterwards {name} will [send|show|give] it to {job} in {city}.
""")


def with_setting(dice: Draw, instruction: str) -> str:
    """The instruction and a sentence; which, where it stands, and what fills it is for the dice."""
    after = dice.chance(0.72)
    name, other = dice.sample(words.NAMES, 2)
    sentence = fill(
        dice,
        dice.pick(_AFTER if after else _BEFORE),
        name=name,
        other=other,
        surname=dice.pick(words.SURNAMES),
        job=with_article(dice.pick(words.JOBS)),
        city=dice.pick(words.CITIES),
        place=dice.pick(words.PLACES),
        hobby=dice.pick(words.HOBBIES),
        weekday=dice.pick(words.WEEKDAYS),
        month=dice.pick(words.MONTHS),
        number=dice.integer(2, 40),
        audience=dice.pick(READERS),
    )
    return f"{instruction} {sentence}" if after else f"{sentence} {instruction}"
