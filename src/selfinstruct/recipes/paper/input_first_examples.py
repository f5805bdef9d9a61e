"""Few-shot examples of step 3 for tasks that are not classification: with one input field, with several, and
without any; answers from two words to a letter; prose, verse, code, JSON, figures, another language.

Mixed so that any first few are varied: a model with a small context window is shown only those.
"""

from __future__ import annotations

from selfinstruct.recipes.paper.instances import ExampleTask
from selfinstruct.records import Instance

__all__ = ["INPUT_FIRST_EXAMPLES"]

INPUT_FIRST_EXAMPLES: tuple[ExampleTask, ...] = (
    ExampleTask(
        "Turn the active sentence into a passive one.",
        (
            Instance(
                input="The night nurse checked the monitors twice.",
                output="The monitors were checked twice by the night nurse.",
            ),
            Instance(
                input="A retired clockmaker will repair the tower clock.",
                output="The tower clock will be repaired by a retired clockmaker.",
            ),
        ),
    ),
    ExampleTask(
        "What is an easy way to remember the order of the planets?",
        (
            Instance(
                input="",
                output="Memorize the sentence “My Very Eager Monkey Just Skipped Up North.” The first "
                "letters stand for Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus and Neptune, "
                "counted from the Sun.",
            ),
        ),
    ),
    ExampleTask(
        "From the opening hours and the time of arrival, calculate how long a visitor has until the museum "
        "closes.",
        (
            Instance(input="Opening hours: 10:00 to 17:30\nArrival: 16:45", output="45 minutes"),
            Instance(input="Opening hours: 09:30 to 18:00\nArrival: 15:10", output="2 hours and 50 minutes"),
            Instance(
                input="Opening hours: 11:00 to 19:00\nArrival: 19:20",
                output="No time at all: the museum closed 20 minutes before.",
            ),
        ),
    ),
    ExampleTask(
        "Read the café order and return a JSON object with the keys item, size and quantity.",
        (
            Instance(
                input="Could I get three large oat-milk lattes, please?",
                output='{"item": "oat-milk latte", "size": "large", "quantity": 3}',
            ),
            Instance(
                input="One small tomato soup to take away.",
                output='{"item": "tomato soup", "size": "small", "quantity": 1}',
            ),
        ),
    ),
    ExampleTask(
        "Compose a four-line poem about a train station at dawn.",
        (
            Instance(
                input="",
                output="The platform lamps are fading, one by one,\n"
                "A kiosk lifts its shutter to the light;\n"
                "The first train, gilded by the rising sun,\n"
                "Rolls in and carries off the end of night.",
            ),
        ),
    ),
    ExampleTask(
        "In one sentence, say what this Python function returns.",
        (
            Instance(
                input="def f(words):\n    return sorted({word.lower() for word in words})",
                output="It returns the distinct words in lower case as an alphabetically sorted list.",
            ),
            Instance(
                input="def g(n: int) -> bool:\n    return n > 0 and n & (n - 1) == 0",
                output="It returns True if n is a power of two, 1 included, and False otherwise.",
            ),
        ),
    ),
    ExampleTask(
        "Write a polite message to a landlord about the problem described.",
        (
            Instance(
                input="Landlord: Ms. Okafor\nTenant: Daniel Reyes, apartment 4B\n"
                "Problem: The kitchen faucet has been dripping for a week.",
                output="Dear Ms. Okafor,\n\n"
                "The kitchen faucet in apartment 4B has been dripping for a week, and tightening the handle "
                "has not helped. Could you send a plumber? I am at home on weekdays after 4 p.m. and can "
                "arrange other times if needed.\n\n"
                "Thank you for your help.\n\nKind regards,\nDaniel Reyes",
            ),
            Instance(
                input="Landlord: Mr. Lindqvist\nTenant: Amina Haddad\n"
                "Problem: The light on the second-floor stairs has stopped working.",
                output="Dear Mr. Lindqvist,\n\n"
                "I am writing to let you know that the light on the second-floor stairs no longer works. It "
                "is quite dark there in the evening and somebody could fall, so I would be grateful if you "
                "had it repaired this week.\n\n"
                "With best wishes,\nAmina Haddad",
            ),
        ),
    ),
    ExampleTask(
        "Why does bread dough have to rest before it is baked?",
        (
            Instance(
                input="",
                output="While the dough rests, yeast feeds on the sugars in the flour and gives off carbon "
                "dioxide. The gluten traps the gas in bubbles, so the loaf rises and turns out light. "
                "Resting also lets the gluten relax, which makes the dough easier to shape, and it adds "
                "flavor.",
            ),
        ),
    ),
    ExampleTask(
        "Think of three questions that a reader of the passage should be able to answer.",
        (
            Instance(
                input="The Rideau Canal, opened in 1832, links Ottawa with Kingston. In cold winters, part "
                "of it in Ottawa becomes a skating rink almost eight kilometers long.",
                output="1. When was the Rideau Canal opened?\n"
                "2. Which two cities does it link?\n"
                "3. What becomes of part of the canal in cold winters?",
            ),
            Instance(
                input="Emperor penguins breed during the Antarctic winter. The female lays a single egg, and "
                "the male keeps it warm on his feet for about two months while she feeds at sea.",
                output="1. In which season do emperor penguins breed?\n"
                "2. How many eggs does the female lay?\n"
                "3. Who keeps the egg warm, and for how long?",
            ),
        ),
    ),
    ExampleTask(
        "How would this sign read in German?",
        (
            Instance(input="Emergency exit", output="Notausgang"),
            Instance(input="No parking", output="Parken verboten"),
            Instance(input="Please close the door quietly", output="Bitte die Tür leise schließen"),
        ),
    ),
    ExampleTask(
        "Restore the missing punctuation and capital letters.",
        (
            Instance(
                input="my sister who lives in oslo called last night have you heard the news she asked",
                output="My sister, who lives in Oslo, called last night. “Have you heard the news?” she "
                "asked.",
            ),
            Instance(
                input="pack the tent the stove and two lamps well be back on sunday",
                output="Pack the tent, the stove, and two lamps. We'll be back on Sunday.",
            ),
        ),
    ),
)
