"""Few-shot examples of step 3 for classification: a task shows each of its labels, or several of many.

Two, three and four labels; words, letters and yes or no; inputs of one field and of several, prose, code
and figures.
"""

from __future__ import annotations

from selfinstruct.recipes.paper.instances import ExampleTask
from selfinstruct.records import Instance

__all__ = ["OUTPUT_FIRST_EXAMPLES"]

OUTPUT_FIRST_EXAMPLES: tuple[ExampleTask, ...] = (
    ExampleTask(
        "Does the forecast promise a dry day or a wet one?",
        (
            Instance(
                output="dry",
                input="High pressure settles over the coast, with clear skies and a light easterly breeze.",
            ),
            Instance(output="wet", input="Showers move in before noon and turn to steady rain by evening."),
        ),
    ),
    ExampleTask(
        "Send the request to the right team at the help desk: Hardware, Accounts, or Network.",
        (
            Instance(
                output="Hardware",
                input="My laptop shuts down as soon as I unplug the charger, even with a full battery.",
            ),
            Instance(
                output="Accounts",
                input="I entered a wrong password three times and am locked out of payroll.",
            ),
            Instance(
                output="Network",
                input="Since this morning nobody on the second floor can open any website.",
            ),
        ),
    ),
    ExampleTask(
        "Compare the two statements. If the first is true, is the second one certain, impossible, or "
        "undecided?",
        (
            Instance(
                output="certain",
                input="First: Every shop on Mill Street is closed today.\n"
                "Second: The flower shop on Mill Street is closed today.",
            ),
            Instance(
                output="impossible",
                input="First: The ferry left the harbor at 07:15.\nSecond: The ferry never left the harbor.",
            ),
            Instance(
                output="undecided",
                input="First: Two girls are carrying a kayak to the lake.\nSecond: The girls are sisters.",
            ),
        ),
    ),
    ExampleTask(
        "Is this whole number prime? Reply yes or no.",
        (Instance(output="yes", input="97"), Instance(output="no", input="91")),
    ),
    ExampleTask(
        "Guess the genre of a novel from its blurb: mystery, romance, fantasy, or science fiction.",
        (
            Instance(
                output="mystery",
                input="The library was locked from the inside, yet on Monday its oldest atlas was gone and "
                "its guard was dead. Inspector Vale has one week and six suspects.",
            ),
            Instance(
                output="romance",
                input="Nora swore never to share a kitchen with her rival again. Then a snowstorm closes the "
                "roads, and the only inn for miles has a single stove.",
            ),
            Instance(
                output="fantasy",
                input="On her sixteenth birthday the ferryman's daughter learns that the river speaks, and "
                "that it owes her family a crown.",
            ),
            Instance(
                output="science fiction",
                input="Eighty years from Earth, the ship's mind wakes one passenger too early and asks her "
                "to help it forget what it has seen.",
            ),
        ),
    ),
    ExampleTask(
        "Which of the four words does not belong with the others? Give its letter.",
        (
            Instance(output="A", input="A) hammer\nB) violin\nC) cello\nD) harp"),
            Instance(output="C", input="A) copper\nB) iron\nC) granite\nD) silver"),
            Instance(output="D", input="A) oak\nB) maple\nC) birch\nD) salmon"),
        ),
    ),
    ExampleTask(
        "Look at the Python function. Does it change the list that is passed to it? Answer changes or keeps.",
        (
            Instance(output="changes", input="def tidy(items):\n    items.sort()\n    return items"),
            Instance(output="keeps", input="def tidy(items):\n    return sorted(items)"),
        ),
    ),
    ExampleTask(
        "How soon should the clinic call this patient back: immediately, today, or this week?",
        (
            Instance(
                output="immediately",
                input="My father suddenly can't lift his left arm and his speech is slurred.",
            ),
            Instance(
                output="today",
                input="I have had a fever of 39 degrees since yesterday and it hurts to swallow.",
            ),
            Instance(
                output="this week",
                input="I'd like to renew the prescription for my hay fever tablets, which last until the end "
                "of next month.",
            ),
        ),
    ),
    ExampleTask(
        "State the grammatical gender of the Spanish noun, masculine or feminine.",
        (Instance(output="masculine", input="problema"), Instance(output="feminine", input="mano")),
    ),
    ExampleTask(
        "Rate the tone of the request as rude, plain, or courteous.",
        (
            Instance(output="rude", input="Move your car. Now. How dense can you be?"),
            Instance(output="plain", input="Send me the March invoice by Friday."),
            Instance(
                output="courteous",
                input="Would you mind lowering the music a little after ten? That would be very kind of you.",
            ),
        ),
    ),
)
