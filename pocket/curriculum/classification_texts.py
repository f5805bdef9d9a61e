"""Classification of short texts by what they say or how they say it: mood, subject, manner, purpose, form.

The texts are composed from frames that are written for one class each, so the label is known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from curriculum import words
from curriculum.asking import capitalized, read_lines
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES", "labelled_task"]


_REMINDERS = read_lines("""
Give only the answer.
No explanation is needed.
Do not explain your choice.
Reply with nothing else.
Write the label alone.
Leave out any comment.
A single label is enough.
Keep to these labels.
There is always exactly one right label.
If in doubt, take the label that fits best.
Do not use any other label.
Answer without giving reasons.
Stick to the wording of the labels.
Nobody needs to know why.
The answer should be the label and nothing besides.
Take your time, but reply with one label.
Be brief.
One choice per item, please.
""")

_CHOICES = read_lines("""
Answer {either}.
Reply with {either}.
Choose from {both}.
The possible answers are {both}.
Say {either}.
Options: {listed}.
Use one of these labels: {listed}.
Your answer must be {either}.
The labels are {both}.
Respond only with {either}.
Write {either}, and nothing more.
It has to be {either}.
""")


def labelled_task(
    dice: Draw,
    ways: Sequence[str],
    labels: Sequence[str],
    make: Callable[[int], str],
    *,
    field: str = "",
    **slots: str,
) -> Draft:
    """Ask in one of the ways for the label of an input; up to three instances, of as many classes as can be.

    ways: with the slots `{0}`, `{1}`, … for the labels in their order, or `{either}`, `{both}` and `{listed}`
        for all of them; where a way has none of these, a sentence that names the labels is added.
    make: an input of the class with this number; an instance whose input repeats is left out.
    field: a name that some tasks write before their inputs.
    """
    spellings: Sequence[Callable[[str], str]] = (str, str, str, str, capitalized, capitalized, str.upper)
    spell = dice.pick(spellings)
    labels = [spell(label) for label in labels]
    quote = '"{}"' if dice.chance(0.1) else "{}"
    shown = [quote.format(label) for label in dice.shuffled(labels)]
    way = dice.pick(ways)
    if not any(slot in way for slot in ("{0}", "{either}", "{both}", "{listed}")):
        way = f"{way} {dice.pick(_CHOICES)}"
    elif dice.chance(0.6):
        way = f"{way} {dice.pick(_REMINDERS)}"
    start, end = ", ".join(shown[:-1]), shown[-1]
    instruction = way.format(
        *labels, either=f"{start} or {end}", both=f"{start} and {end}", listed=f"{start}, {end}", **slots
    )
    name = f"{field}: " if field and dice.chance(0.2) else ""
    classes = dice.shuffled(range(len(labels)))
    outputs: dict[str, str] = {}
    for number in (classes + classes)[: dice.pick((1, 2, 2, 2, 3, 3))]:
        outputs.setdefault(name + make(number), labels[number])
    return Draft(instruction, tuple(Instance(text, label) for text, label in outputs.items()))


_BUILDINGS = ("bakery", "bank", "bookshop", "café", "cinema", "clinic", "gym", "hotel", "library", "museum",
              "post office", "restaurant", "stadium", "theatre")  # fmt: skip


def _fill(dice: Draw, frame: str) -> str:
    """The frame with its slots filled, beginning with a capital letter."""
    name, friend = dice.sample(words.NAMES, 2)
    city, town = dice.sample(words.CITIES, 2)
    colour, shade = dice.sample(words.COLOURS, 2)
    return capitalized(
        frame.format(
            name=name, friend=friend, city=city, town=town, colour=colour, shade=shade, topic=dice.topic(),
            day=dice.pick(words.WEEKDAYS), place=dice.pick(_BUILDINGS), number=dice.integer(3, 48),
        )
    )  # fmt: skip


# What the writer thinks or feels

_REVIEWED = (
    ("hotel", ("room", "breakfast", "bed", "bathroom", "view from the window", "welcome")),
    ("restaurant", ("soup", "service", "dessert", "main course", "coffee", "bread")),
    ("film", ("ending", "acting", "music", "story", "dialogue", "camera work")),
    ("novel", ("ending", "style", "first chapter", "dialogue", "main character")),
    ("evening class", ("teacher", "pace", "material", "classroom", "last lesson")),
    ("museum", ("guide", "exhibition", "museum café", "audio tour", "gift shop")),
    ("app", ("design", "search", "help page", "latest update", "start screen")),
    ("train ride", ("seat", "conductor", "heating", "snack bar", "luggage rack")),
    ("campsite", ("shower block", "lawn", "playground", "camp shop", "view")),
    ("concert", ("singer", "sound", "hall", "first song", "lighting")),
)

_MOODS = (  # openings, judgements and closings for each mood
    (
        ("What a wonderful {thing}!", "I loved this {thing}.", "This {thing} made our week.",
         "I can only recommend this {thing}.", "We were delighted with the {thing}."),
        ("excellent", "a real pleasure", "much better than expected", "just right", "superb", "lovely"),
        ("We will be back.", "Full marks.", "Thank you!", "My family liked it too.", "Worth every cent."),
    ),
    (
        ("What a disappointing {thing}.", "I regret choosing this {thing}.", "This {thing} spoiled our day.",
         "I cannot recommend this {thing} to anyone.", "We expected far more of this {thing}."),
        ("dreadful", "a disappointment", "much worse than promised", "a disgrace", "awful", "no good at all"),
        ("Never again.", "We want our money back.", "What a waste of time.", "Stay away.", "I was annoyed."),
    ),
    (
        ("This {thing} is neither good nor bad.", "An ordinary {thing}.", "There is little to say here.",
         "The {thing} was about what we expected.", "We have no strong feelings about this {thing}."),
        ("average", "as described", "acceptable", "nothing special", "all right", "much like any other"),
        ("It did its job.", "Others may see it differently.", "That is all.", "It will do."),
    ),
)  # fmt: skip

_SENTIMENT = read_lines("""
Decide whether the {thing} review is {either}.
Label the opinion about {kind} as {either}.
Is the writer of this {thing} review {either} in judgement?
Rate the mood of the comment. It is about {kind}.
Visitors left comments about {kind}. Classify each comment by its sentiment.
How does the customer feel about the {thing}? Choose between {both}.
Read what a guest wrote about {kind} and determine the overall sentiment.
The owner of a website wants to sort {thing} reviews. Which of {listed} fits the given one?
Judge the sentiment of the text, which reviews {kind}: {either}.
Capture the attitude of this {thing} review in one label.
""")


def _sentiment(dice: Draw) -> Draft:
    thing, aspects = dice.pick(_REVIEWED)
    labels = dice.pick((("positive", "negative"), ("positive", "negative", "neutral"), ("good", "bad"),
                        ("favourable", "unfavourable", "neutral"), ("happy", "unhappy")))  # fmt: skip

    def review(mood: int) -> str:
        openings, judgements, closings = _MOODS[mood]
        one, two = dice.sample(aspects, 2)
        first, second = dice.sample(judgements, 2)
        body = dice.pick((f"The {one} was {first}.", f"The {one} was {first}, and the {two} was {second}."))
        opening, closing = dice.pick(openings).format(thing=thing), dice.pick(closings)
        return dice.pick((f"{opening} {body}", f"{body} {closing}", f"{opening} {body} {closing}"))

    kind = f"an {thing}" if thing[0] in "aeiou" else f"a {thing}"
    return labelled_task(dice, _SENTIMENT, labels, review, field="Review", thing=thing, kind=kind)


_FEELINGS = {
    "joyful": read_lines("""
I got the job in {city}! I could dance all the way home.
We won, we won! {name} and I have not stopped laughing since {day}.
What a perfect {day}: sunshine, good friends and a letter from {name}.
My daughter took her first steps at the {place} today, and I am beaming.
"""),
    "angry": read_lines("""
How dare {name} read my letters! I will not put up with this any longer.
For the third time this week somebody has blocked my door. I am furious.
They cancelled our train to {city} and then laughed at us. This is outrageous!
I have had enough of these lies about the {place}. Somebody will answer for this.
"""),
    "sad": read_lines("""
The house has been so quiet since {name} moved to {city}.
I found the old letters from {name} and could not stop crying.
Our dog died on {day}. I still put out the bowl every morning.
Nobody came to my birthday at the {place}. I went home alone.
"""),
    "worried": read_lines("""
{name} should have called from {city} hours ago. What if something has happened?
I keep wondering whether the results from the clinic on {day} will be bad.
The dam near {city} has a crack, and I cannot sleep for thinking about it.
I hope I locked the {place}. What if somebody walks in tonight?
"""),
    "grateful": read_lines("""
{name}, thank you for sitting with me all night. I will never forget it.
I owe so much to my teacher in {city}, who believed in me when nobody else did.
How kind of you to fetch my mother from the {place} on {day}. Bless you!
Without the help of {name} we would have lost everything. We thank you deeply.
"""),
}

_TONE = read_lines("""
Name the tone of the message.
Recognize the feeling behind the words: {either}.
Which emotion speaks from the text?
Match the short message with one feeling from this list: {listed}.
Pick the word that describes the writer's state of mind.
Someone sends you these lines. Are they {either}?
An actor has to read the lines aloud. Should they sound {either}?
Detect the emotion in the note and reply with exactly one of {listed}.
If you had to describe the tone of this message, would you call it {either}?
""")


def _tone(dice: Draw) -> Draft:
    labels = dice.sample(list(_FEELINGS), dice.integer(2, 4))
    return labelled_task(
        dice, _TONE, labels, lambda number: _fill(dice, dice.pick(_FEELINGS[labels[number]])), field="Message"
    )


_OPINIONS = read_lines("""
{day} is the nicest day of the week.
A film about {topic} would be terribly dull.
{city} is more beautiful than {town}.
Walls look much better in {colour} than in {shade}.
Children should spend more time on {topic}.
Nobody ought to work on a {day}.
It is more fun to live in {city} than in {town}.
There is no better way to spend a {day} than reading about {topic}.
The {place} is the most pleasant spot in any town.
{name} is a far prettier name than {friend}.
""")

_FACTS = read_lines("""
Water freezes at zero degrees Celsius.
The Earth moves around the Sun.
A spider has eight legs.
The heart pumps blood through the body.
There are sixty minutes in an hour.
Bees make honey from nectar.
Iron rusts when it is left in damp air.
Penguins cannot fly.
Paper can be made from wood.
The Nile flows through Egypt.
A triangle has three sides.
Sound travels more slowly than light.
The word {colour} is the name of a colour.
The name {name} begins with a capital letter.
{city} and {town} are both cities.
The day after Monday is Tuesday.
The letter b follows the letter a in the alphabet.
""")

_FACT = read_lines("""
Tell apart facts and opinions: is the sentence {0} or {1}?
Does the sentence state something that can be checked, or a personal view? Answer {0} or {1}.
Mark the statement as {either}.
A pupil is learning what can be proved. Help out by calling the statement {either}.
Statements that can be verified are called {0}, personal judgements {1}. Which is this one?
Separate what is known from what is felt: label the line {0} or {1}.
Would a careful newspaper print this sentence as {0} or as {1}?
Classify the sentence by whether it can be proved: {0} if it can, {1} if it cannot.
""")


def _fact_or_opinion(dice: Draw) -> Draft:
    labels = dice.pick((("fact", "opinion"), ("objective", "subjective"), ("factual", "personal")))
    return labelled_task(
        dice,
        _FACT,
        labels,
        lambda number: _fill(dice, dice.pick((_FACTS, _OPINIONS)[number])),
        field="Sentence",
    )


# What the text is about or for

_SECTIONS = {
    "sport": read_lines("""
{name} scored twice, and {city} won the cup final against {town}.
The marathon in {city} was won by {name} for the second time.
A late goal decided the match between {city} and {town}.
The swimming team of {city} trains every {day} before the race.
"""),
    "weather": read_lines("""
Heavy rain is expected in {city} from {day} on.
Temperatures in {city} will fall below zero on {day}.
Thick fog kept the streets of {city} grey all morning.
After {number} dry days, thunderstorms will move towards {city}.
"""),
    "food": read_lines("""
Stir the lentils into the soup and let it simmer for {number} minutes.
The new bakery in {city} sells walnut bread every {day}.
{name} adds lemon juice and a pinch of salt to the dough.
A good stew from {city} needs onions, garlic and patience.
"""),
    "travel": read_lines("""
The night train to {city} leaves {town} every {day}.
{name} booked a hotel near the station in {city}.
Visitors to {city} can buy one ticket for all trams and museums.
The flight from {city} to {town} was delayed by {number} minutes.
"""),
    "health": read_lines("""
The clinic in {city} offers free flu vaccinations on {day}.
Doctors advise a walk of {number} minutes after a heavy meal.
{name} should rest and drink plenty of water until the fever is gone.
The hospital in {city} is treating {number} patients with a cough.
"""),
    "business": read_lines("""
The bank in {city} will lower its interest rates on {day}.
A furniture company in {city} plans to hire {number} workers.
Profits of the shoe maker rose by {number} percent this year.
{name} sold the family firm in {city} to a larger competitor.
"""),
    "music": read_lines("""
The orchestra of {city} opens its season on {day}.
{name} has recorded an album with {number} old folk songs.
The choir from {city} will sing works by local composers.
A young pianist from {city} played two encores on {day}.
"""),
    "technology": read_lines("""
The update repairs {number} errors in the phone's software.
Engineers in {city} have built a robot that climbs stairs.
{name} wrote a program that sorts old emails by sender.
The new laptop has a faster processor and {number} hours of battery life.
"""),
    "education": read_lines("""
The primary school in {city} will get {number} new desks.
{name} passed the mathematics exam on {day} with top marks.
The university of {city} offers evening lectures for beginners.
Teachers in {city} want smaller classes and more homework help.
"""),
}

_TOPIC = read_lines("""
Which section of a newspaper does this sentence belong in: {either}?
Assign one subject to the news item. Subjects: {listed}.
A local paper sorts its reports by subject. Which subject fits this one?
Tag the sentence with its subject.
From the subjects {both}, select the one that the sentence is about.
Under which heading should an editor print the report?
What is the sentence about: {either}?
Categorize one line of news as {either}.
Find the right shelf for this short report.
Sort the report by subject, so that interested readers find it.
""")


def _topic_of_sentence(dice: Draw) -> Draft:
    labels = dice.sample(list(_SECTIONS), dice.integer(2, 5))
    return labelled_task(
        dice, _TOPIC, labels, lambda number: _fill(dice, dice.pick(_SECTIONS[labels[number]])), field="Report"
    )


_ASKED = {
    "person": ("Who repaired the roof of the {place}?", "Who taught {name} to swim?",
               "Who is the mayor of {city}?", "Whose voice did {name} hear on {day}?"),
    "place": ("Where did {name} leave the keys?", "Where does the bus to {city} stop?",
              "In which city does {name} live now?", "Where can I read about {topic}?"),
    "time": ("When does the {place} open on {day}?", "What time is the train to {city}?",
             "When did {name} move to {city}?", "On what date does the course on {topic} begin?"),
    "reason": ("Why is the {place} closed on {day}?", "Why did {name} leave {city}?",
               "For what reason was the talk about {topic} cancelled?", "Why does {name} wear {colour}?"),
    "number": ("How many people work at the {place}?", "How many sisters does {name} have?",
               "How many times has {name} been to {city}?", "How many books about {topic} are there?"),
}  # fmt: skip

_ANSWER_KIND = read_lines("""
What kind of answer does the question ask for: {either}?
Predict the type of the expected answer.
Analyze the question, then say what the person who asks wants to hear about: {either}.
Every question looks for something. State what this one looks for.
A quiz program sorts questions by the answer that they need. Give the category for this question.
Identify the kind of information that is missing. Categories: {listed}.
Does the question call for {either}?
Before answering a question, one should know its type. Specify it here.
""")


def _question_type(dice: Draw) -> Draft:
    labels = dice.sample(list(_ASKED), dice.integer(2, 5))
    return labelled_task(
        dice,
        _ANSWER_KIND,
        labels,
        lambda number: _fill(dice, dice.pick(_ASKED[labels[number]])),
        field="Question",
    )


_PURPOSES = {
    "complaint": read_lines("""
The {colour} coat that I bought on {day} has already lost two buttons.
I waited {number} minutes at your shop in {city}, and nobody helped me.
Your driver left my parcel in the rain outside the {place}.
The soup was cold, and the waiter only shrugged. I am not pleased.
"""),
    "praise": read_lines("""
Your colleague {name} was patient and found the right shoes for me. Well done!
The {colour} lamp looks even better than on your website. I love it.
Thank you for the quick delivery to {city}. I am very happy with it.
The evening about {topic} was the best event of the year. Bravo!
"""),
    "question": read_lines("""
Are you open on {day} afternoons?
Do you also send parcels to {city}, and what does it cost?
Is the {colour} blanket still available?
Could you tell me which bus stops in front of the {place}?
"""),
    "suggestion": read_lines("""
It would be nice if you put a bench in front of the {place}.
Perhaps you could open an hour earlier on {day}s.
How about offering a course on {topic} next spring?
You might sell the blanket in {colour} as well as in {shade}.
"""),
}

_PURPOSE = read_lines("""
Customers of a shop write messages of several kinds. Is this one {either}?
Sort the customer's message: {either}.
Work out why the customer is writing.
Distinguish {both} in the feedback of customers. Which is this?
Feedback should be grouped by its purpose. Give the purpose of the message below.
Reading the note from a client, would you call it {either}?
Group the comment under {either}.
Our inbox is full. Say what kind of message this is.
""")


def _message_purpose(dice: Draw) -> Draft:
    labels = dice.sample(list(_PURPOSES), dice.integer(2, 4))
    return labelled_task(
        dice,
        _PURPOSE,
        labels,
        lambda number: _fill(dice, dice.pick(_PURPOSES[labels[number]])),
        field="Message",
    )


_OFFICES = {
    "online shop": {
        "delivery": read_lines("""
My parcel should have arrived on {day}, but nothing has come.
Can you bring order {number} to my office in {city} instead of my home?
The driver gave my package to a neighbour whom I do not know.
"""),
        "returns": read_lines("""
The shoes are too small, and I would like to send them back.
You sent me a {colour} coat instead of a {shade} one. How can I exchange it?
How many days do I have to bring back a lamp that I do not like?
"""),
        "billing": read_lines("""
I was charged twice for order {number}.
Could I have an invoice with the address of my firm in {city}?
The sum on the bill of {day} is higher than the price on your page.
"""),
        "technical support": read_lines("""
Your app closes as soon as I open the basket.
I have not been able to log in since {day}, even with a new password.
The search box on your website shows an error message every time.
"""),
    },
    "hotel": {
        "housekeeping": read_lines("""
We need fresh towels in room {number}, please.
The bed in room {number} has not been made since {day}.
Could somebody vacuum the carpet in room {number} while we are out?
"""),
        "kitchen": read_lines("""
Could we have a breakfast without eggs and milk on {day}?
{name} is allergic to nuts. Please leave them out of the dessert.
Is it possible to order soup and bread at ten in the evening?
"""),
        "maintenance": read_lines("""
The tap in room {number} has been dripping since {day}.
There is no light in the corridor, and the bulb looks broken.
The radiator in room {number} stays cold.
"""),
        "bookings": read_lines("""
We would like to stay two nights longer than planned, until {day}.
Do you have a double room free from {day} on?
Please cancel the reservation in the name of {name}.
"""),
    },
    "town hall": {
        "parks": read_lines("""
A tree has fallen across the path near the playground.
The flower beds by the pond need water badly since {day}.
Could you put up a new bench under the lime trees in the park?
"""),
        "roads": read_lines("""
There is a deep hole in the road in front of house number {number}.
The traffic light near the {place} has been dark since {day}.
Cars drive much too fast past number {number}. Could you put up a sign?
"""),
        "waste": read_lines("""
Our bins were not emptied on {day}.
Where can I leave an old sofa and {number} empty paint tins?
Somebody has dumped rubbish bags behind the {place}.
"""),
        "registry": read_lines("""
I was born in {city} and need a copy of my birth certificate.
Which papers do we have to bring if we want to marry on a {day}?
I have moved here from {city} and would like to register my new address.
"""),
    },
}

_DEPARTMENT = read_lines("""
Route the message that reached {office} to {either}.
Forward this request to the right department of {office}. Departments: {listed}.
You answer the mail of {office}. Who should deal with this message?
Direct the sender to {either}, the departments of {office} that take requests.
Which department of {office} has to read this?
Triage a message to {office}.
Imagine the reception of {office}. A message comes in; send it on to the team in charge.
At {office}, requests are shared out among {both}. Where does this one belong?
Hand the request on to the team at {office} that can help.
""")


def _department(dice: Draw) -> Draft:
    office = dice.pick(list(_OFFICES))
    labels = dice.sample(list(_OFFICES[office]), dice.integer(2, 4))
    label_frames = [_OFFICES[office][label] for label in labels]
    article = "an" if office[0] in "aeiou" else "a"
    return labelled_task(
        dice, _DEPARTMENT, labels, lambda number: _fill(dice, dice.pick(label_frames[number])),
        field="Message", office=f"{article} {office}",
    )  # fmt: skip


_INTENTS = {
    "alarm": ("Wake me at half past six on {day}.", "I have to be up before seven tomorrow, please ring.",
              "Could you ring in {number} minutes so that I take out the cake?", "Get me up at eight."),
    "music": ("Put on something quiet by {name} and the band.", "I would like a waltz.",
              "Play the song that was on the radio on {day}.", "Turn on some piano music for {name}."),
    "weather": ("Do I need an umbrella in {city} on {day}?", "Will it snow in {city} tonight?",
                "How warm is it going to be in {city}?", "Is {day} going to be sunny in {town}?"),
    "call": ("Ring {name} and put it on the loudspeaker.", "I want to talk to {name} in {city} now.",
             "Get the {place} on the line.", "Phone my sister {name}, please."),
    "shopping": ("Put milk and a dozen eggs on my list.", "We are out of flour, note that for the shop.",
                 "Add lemons to what we buy on {day}.", "Remember that {name} needs soap from the shop."),
    "light": ("It is too dark in here.", "Switch off the lamp in the hall.",
              "Make the living room brighter, {name} wants to read.", "Dim the bulbs to {number} percent."),
}  # fmt: skip

_INTENT = read_lines("""
Interpret what the user of a home assistant wants: {either}.
Infer the intent of the spoken request.
A voice assistant knows the skills {both}. Choose the skill for the request.
Which command is meant: {either}?
Resolve the request to one of these intents: {listed}.
What does the speaker want the assistant to deal with?
Connect the sentence with the function that it asks for.
Suppose you are a smart speaker. Select the function that the sentence needs.
Translate the request into a single command word.
""")


def _intent(dice: Draw) -> Draft:
    labels = dice.sample(list(_INTENTS), dice.integer(2, 5))
    return labelled_task(
        dice,
        _INTENT,
        labels,
        lambda number: _fill(dice, dice.pick(_INTENTS[labels[number]])),
        field="Request",
    )


_URGENCIES = (
    read_lines("""
Water is running through the ceiling of the {place} right now. Please come at once!
{name} has fallen down the stairs and cannot get up.
I smell gas in the hall of number {number}. What shall I do?
The train to {city} leaves in ten minutes and my ticket does not open!
The server has just gone down, and no customer can pay. We need help immediately.
A child is locked in a car in front of the {place}, and the sun is beating down.
"""),
    read_lines("""
When you have a moment some day, could you send me the notes about {topic}?
I am thinking of repainting the fence in {colour} next year. Any ideas?
There is no hurry, but the clock at the {place} is a minute slow.
{name} would like to have the old newsletter for the archive, whenever it suits you.
Just to let you know that I enjoyed the talk about {topic}.
We might meet in {city} some time next summer. No need to reply soon.
"""),
)

_URGENCY = read_lines("""
Does the message need an answer right away? Call it {0} or {1}.
Prioritize the message: {0} or {1}.
An office reads its mail twice a day. Is this message {0} or {1}?
Flag the message as {0} if it cannot wait until tomorrow, and as {1} otherwise.
Screen the incoming note, and rank it as {either}.
How pressing is this? Choose {0} or {1}.
Should somebody jump up for this message, or is there plenty of time?
Our night shift only deals with emergencies. Give the message the status {0} or {1}.
Weigh how soon the sender needs help, and settle on {either}.
""")


def _urgency(dice: Draw) -> Draft:
    labels = dice.pick(
        (
            ("urgent", "not urgent"),
            ("urgent", "ordinary"),
            ("pressing", "not pressing"),
            ("critical", "minor"),
        )
    )
    return labelled_task(
        dice, _URGENCY, labels, lambda number: _fill(dice, dice.pick(_URGENCIES[number])), field="Message"
    )


_MAILS = (
    read_lines("""
Congratulations {name}, you are the lucky winner of {number} gold watches! Click here within an hour.
Dear friend, a prince in {city} wants to share {number} million with you. Send your bank details today.
Lose {number} kilos by {day} with this secret pill. Order now, stock is limited!!!
Your account is blocked. Confirm your password on this page before {day} or lose all your money.
Cheap {colour} sunglasses, {number} percent off, only today, buy buy buy!
Earn {number} thousand a week from home in {city}. No work, no risk, just pay the small starting fee.
"""),
    read_lines("""
Hi {name}, shall we meet at the {place} on {day}? I will bring the tickets.
Dear {name}, please find the notes of our meeting in {city} below. Corrections are welcome until {day}.
The library reminds you that your book about {topic} is due on {day}.
{name}, thank you for the {colour} scarf. Grandma sends her love from {city}.
The team meeting moves from {day} to room {number}, at the usual time.
Hello {name}, your bicycle is ready. You can collect it at our workshop in {city} from {day}.
"""),
)

_SPAM = read_lines("""
Filter the email: {0} or {1}?
Spot unwanted mail. Is the given message {0} or {1}?
Guess whether a mail program should let the message through, and answer {0} or {1}.
Protect an inbox from junk by labelling the message {either}.
Is somebody trying to cheat or to sell something here, or is this ordinary mail?
Examine the email, and return {0} if it looks like junk or a trick and {1} if it is ordinary mail.
My grandmother does not know whether she can trust this email. Tell her: {0} or {1}?
Check the message for tricks and advertising. The result is {0} or {1}.
""")


def _spam(dice: Draw) -> Draft:
    labels = dice.pick(
        (("spam", "not spam"), ("junk", "genuine"), ("spam", "normal"), ("unwanted", "wanted"))
    )
    return labelled_task(
        dice, _SPAM, labels, lambda number: _fill(dice, dice.pick(_MAILS[number])), field="Email"
    )


# How the text is said

_STYLES = (
    read_lines("""
We regret to inform you that the lecture on {topic} has been cancelled.
I would be grateful if you could confirm your attendance by {day}.
The committee wishes to express its gratitude to {name} for the generous support.
Visitors are kindly requested not to enter the {place} after six o'clock.
Please do not hesitate to contact our office in {city} should you require assistance.
It is my pleasure to invite you to the opening of the {place} in {city}.
Further to our conversation on {day}, I enclose the report on {topic}.
"""),
    read_lines("""
Hey {name}, wanna grab a bite at the {place} on {day}?
Sorry mate, can't make it, I'm stuck in {city}.
That chat about {topic} was super fun, gotta do it again!
No way, {name} got a {colour} bike? That's so cool!
Yeah, {city} was great, but man, it rained a lot.
Guess who I ran into at the {place}? Yep, {name} again.
Can't be bothered with {topic} today, I'm totally worn out.
"""),
)

_FORMALITY = read_lines("""
Determine the style of the sentence: {0} or {1}.
Language for a business letter is {0}; language among friends is {1}. Which one is this?
Would you use this sentence in an official letter or in a chat with a friend?
Evaluate how the sentence would sound in an office, and label it {either}.
Listen to the way the sentence is put. Is it {0} or {1}?
Consider the wording and note the register, {either}.
Learners of English often mix up styles. Show them the style of this sentence.
Characterize the sentence as {0} or as {1}.
""")


def _formality(dice: Draw) -> Draft:
    labels = dice.pick((("formal", "informal"), ("formal", "casual"), ("official", "everyday")))
    return labelled_task(
        dice, _FORMALITY, labels, lambda number: _fill(dice, dice.pick(_STYLES[number])), field="Sentence"
    )


_WISHES = read_lines("""
open the window
call me back on {day}
bring me the book about {topic}
wait outside the {place}
turn down the radio
show me the way to the {place}
move the {colour} car
send the letter to {city}
give this seat to {name}
""")

_MANNERS = (
    ("Would you mind if I asked you to {wish}?", "Could you please {wish}? That would be very kind.",
     "Excuse me, might I ask you to {wish}? Thank you.", "If it is no trouble, please {wish}, dear {name}."),
    ("Are you deaf? I said {wish}!", "{wish}, you fool, and be quick about it.",
     "How often must I tell you to {wish}, you idiot?", "Stop being so useless and {wish} already!"),
    ("{wish}.", "You can {wish} after lunch.", "The plan is that you {wish}.",
     "{name} says that you should {wish}."),
)  # fmt: skip

_POLITENESS = read_lines("""
Grade the manners of the speaker: {either}.
Is the request {either}?
Describe how the speaker treats the other person with one label.
Observe the tone of the request and pick {either}.
A teacher of manners listens to requests. How does she judge this one: {either}?
Answer the question of whether this way of asking is {either}.
Imagine hearing this on a bus. Was the speaker {either}?
Assess the courtesy of the sentence.
""")


def _politeness(dice: Draw) -> Draft:
    labels = dice.pick((("polite", "rude"), ("polite", "rude", "neutral"), ("friendly", "unfriendly")))
    return labelled_task(
        dice, _POLITENESS, labels,
        lambda number: _fill(dice, dice.pick(_MANNERS[number]).replace("{wish}", dice.pick(_WISHES))),
        field="Request",
    )  # fmt: skip


_MEANINGS = (
    read_lines("""
{name} spilled the beans about the party on {day}.
{name} broke the ice with a joke about {topic}.
The exam on {day} was a piece of cake for {name}.
{name} was over the moon about the letter from {city}.
Time flew while we were in {city}.
It was raining cats and dogs in {city}.
{name} is drowning in paperwork this {day}.
{name} is the black sheep of the family.
{name} let the cat out of the bag on {day}.
The streets of {city} never sleep.
The classroom was a zoo on {day}.
The words of {name} cut like a knife.
{name} has two left feet on the dance floor.
"""),
    read_lines("""
{name} spilled the beans on the kitchen floor.
{name} broke the ice on the pond with a stick.
{name} ate a piece of cake after the exam on {day}.
{name} saw a thin cloud in front of the moon over {city}.
Two geese flew over the {place} while we were in {city}.
It rained on the cats and dogs at the farm near {city}.
{name} is sorting the paperwork this {day}.
{name} counted one black sheep on the meadow.
{name} let the cat out of the house on {day}.
The night guard of the {place} never sleeps at work.
The class visited the zoo on {day}.
{name} cut the bread with a long knife.
{name} put two left gloves on the table.
"""),
)

_FIGURATIVE = read_lines("""
Does the sentence mean exactly what it says? Label it {0} or {1}.
Recognise whether the wording is {either}.
Figures of speech do not mean what the words say. Is this sentence {0} or {1}?
Take the sentence word for word. If that makes sense, answer {1}, and if not, {0}.
Tell a learner of English how to take the sentence: {0} or {1}.
Is the expression {either} here?
Look for a figure of speech, then report {0} if you find one and {1} if you do not.
Explore the meaning of the sentence and write {either}.
A translator must not translate {0} wording word for word. Is this sentence {0} or {1}?
Understand the sentence as its speaker meant it, and decide if the wording is {either}.
""")


def _figurative(dice: Draw) -> Draft:
    labels = dice.pick((("figurative", "literal"), ("idiom", "literal"), ("metaphorical", "literal")))
    return labelled_task(
        dice, _FIGURATIVE, labels, lambda number: _fill(dice, dice.pick(_MEANINGS[number])), field="Sentence"
    )


# Grammar and logic

_VERBS = tuple(
    tuple(line.split("|"))
    for line in read_lines("""
paint|paints|painted|painted|painting|the garden fence
repair|repairs|repaired|repaired|repairing|the old bicycle
write|writes|wrote|written|writing|a long letter
clean|cleans|cleaned|cleaned|cleaning|the kitchen
sing|sings|sang|sung|singing|a folk song
bake|bakes|baked|baked|baking|a loaf of bread
fold|folds|folded|folded|folding|the newspaper
water|waters|watered|watered|watering|the apple tree
sell|sells|sold|sold|selling|the boat
build|builds|built|built|building|a bird house
carry|carries|carried|carried|carrying|the heavy box
open|opens|opened|opened|opening|the museum
teach|teaches|taught|taught|teaching|the beginners' class
wash|washes|washed|washed|washing|the blue car
choose|chooses|chose|chosen|choosing|the winner
""")
)


def _doer(dice: Draw) -> str:
    return dice.pick(words.NAMES) if dice.chance(0.5) else f"the {dice.pick(words.JOBS)}"


_TENSE = read_lines("""
Identify the tense of the sentence: {either}.
When does the action take place? Choose {either}.
In which tense is the verb?
Put the sentence into one of three groups, {both}, by the time of its verb.
Find out whether the sentence speaks of the {either}.
Verbs show time. Indicate the time that this sentence speaks about.
Students of grammar must name tenses. What is the tense here: {either}?
Mark the sentence with its tense, which is {either}.
Look at the verb form and give the tense.
""")


def _tense(dice: Draw) -> Draft:
    def sentence(number: int) -> str:
        base, third, past, _, progressive, what = dice.pick(_VERBS)
        day = dice.pick(words.WEEKDAYS)
        frames = (
            (f"{past} {what} last {day}", f"{past} {what} two days ago", f"{past} {what} yesterday"),
            (
                f"{third} {what} every {day}",
                f"is {progressive} {what} at the moment",
                f"often {third} {what}",
            ),
            (
                f"will {base} {what} next {day}",
                f"is going to {base} {what} tomorrow",
                f"will soon {base} {what}",
            ),
        )[number]
        return f"{capitalized(_doer(dice))} {dice.pick(frames)}."

    labels = dice.pick((("past", "present", "future"), ("past tense", "present tense", "future tense")))
    return labelled_task(dice, _TENSE, labels, sentence, field="Sentence")


_VOICE = read_lines("""
Is the verb {either}?
Inspect the grammar of the sentence and state its voice, {either}.
Does the subject act, or is something done to it? Respond with {0} or {1}.
Name the voice of the verb in this sentence.
A writer wants to avoid one of the two voices. Tell the writer which voice this sentence is in.
Sentences come in two voices. Decide on {0} or {1} for this one.
Test the sentence: is its voice {either}?
Analyse the form of the verb, and choose {either}.
Underline the verb in your mind, then reply with its voice.
""")


def _voice(dice: Draw) -> Draft:
    def sentence(number: int) -> str:
        base, third, past, participle, _, what = dice.pick(_VERBS)
        doer, day = _doer(dice), dice.pick(words.WEEKDAYS)
        frames = (
            (f"{doer} {past} {what} last {day}", f"{doer} will {base} {what}", f"{doer} {third} {what}"),
            (f"{what} was {participle} by {doer} last {day}", f"{what} will be {participle} by {doer}",
             f"{what} is {participle} by {doer} every {day}"),
        )[number]  # fmt: skip
        return f"{capitalized(dice.pick(frames))}."

    labels = dice.pick((("active", "passive"), ("active voice", "passive voice")))
    return labelled_task(dice, _VOICE, labels, sentence, field="Sentence")


_LANGUAGES = {
    "English": ("Good morning, {name}.", "Where is the station, please?", "My name is {name}.",
                "The soup is very hot today.", "I live in {city} with my sister.", "See you tomorrow!"),
    "French": ("Bonjour, {name}.", "Où est la gare, s'il vous plaît ?", "Je m'appelle {name}.",
               "La soupe est très bonne.", "J'habite à {city} avec ma sœur.", "À demain !"),
    "German": ("Guten Morgen, {name}.", "Wo ist der Bahnhof, bitte?", "Ich heiße {name}.",
               "Die Suppe ist heute sehr gut.", "Ich wohne mit meiner Schwester in {city}.", "Bis morgen!"),
    "Spanish": ("Buenos días, {name}.", "¿Dónde está la estación, por favor?", "Me llamo {name}.",
                "La sopa está muy buena hoy.", "Vivo en {city} con mi hermana.", "¡Hasta mañana!"),
    "Italian": ("Buongiorno, {name}.", "Dov'è la stazione, per favore?", "Mi chiamo {name}.",
                "La zuppa è molto buona oggi.", "Abito a {city} con mia sorella.", "A domani!"),
    "Dutch": ("Goedemorgen, {name}.", "Waar is het station, alstublieft?", "Ik heet {name}.",
              "De soep is erg lekker vandaag.", "Ik woon met mijn zus in {city}.", "Tot morgen!"),
}  # fmt: skip

_LANGUAGE = read_lines("""
In what language is the phrase written: {either}?
A traveller overhears a phrase. Which language is it?
Recognize the language of the short sentence.
Tell me the language of this phrase.
Detect whether somebody is speaking {either}.
A hotel wants to answer every guest in the right language. Name the language of this line.
Which of the languages {both} is this?
Give the language that the words below come from. It is {either}.
""")


def _language(dice: Draw) -> Draft:
    labels = dice.sample(list(_LANGUAGES), dice.integer(2, 4))
    return labelled_task(
        dice,
        _LANGUAGE,
        labels,
        lambda number: _fill(dice, dice.pick(_LANGUAGES[labels[number]])),
        field="Phrase",
    )


_CAUSES = tuple(
    tuple(line.split("|"))
    for line in read_lines("""
The road was covered with ice.|The bus to {city} arrived late.
{name} forgot to water the plants for weeks.|The plants dried up.
The alarm clock did not ring.|{name} overslept on {day}.
The power failed in {city}.|All the street lamps went dark.
{name} left the window open in the storm.|The carpet got wet.
The bridge was closed for repairs.|Drivers had to take the long way to {city}.
{name} practised the song every day.|The concert went perfectly.
The milk stood in the sun all day.|The milk turned sour.
The bakery ran out of flour.|No bread was sold at the bakery on {day}.
{name} ran out of petrol.|The car stopped on the way to {city}.
A tree fell across the railway line.|The train from {city} had to wait.
{name} ate far too much cake.|{name} had a stomach ache.
The museum in {city} put up its prices.|Fewer visitors came to the museum.
It had not rained near {city} for months.|The river near {city} was very low.
""")
)

_CAUSE = read_lines("""
Of the two events, which one is the {role}?
One of the events led to the other. Say whether the {role} is {0} or {1}.
Sentences A and B belong together: one is the cause, the other the effect. Which is the {role}?
Compare the two events and pick the {role}.
Two events are connected. Which of them, {0} or {1}, is the {role}?
Point out the {role} by its letter.
Trace what led to what: is the {role} {0} or {1}?
Figure out which event is the {role} and which is not. Answer with the letter of the {role}.
Given two events, A and B, locate the {role}.
Something happened because of something else. Pin down the {role}.
A child mixes up causes and effects. Show which of the two events is the {role}.
Study both events before you say which of them is the {role}.
""")


def _cause_or_effect(dice: Draw) -> Draft:
    role = dice.pick(("cause", "effect"))

    def events(number: int) -> str:
        frames = dice.pick(_CAUSES)
        cause, effect = _fill(dice, "|".join(frames)).split("|")
        wanted, other = (cause, effect) if role == "cause" else (effect, cause)
        wanted, other = capitalized(wanted), capitalized(other)
        return f"A: {wanted}\nB: {other}" if number == 0 else f"A: {other}\nB: {wanted}"

    return labelled_task(dice, _CAUSE, ("A", "B"), events, role=role)


_FRUITS = ("apples", "lemons", "oranges", "pears", "plums", "mangoes", "peaches", "melons")
_COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine")

_SUPPORTED = read_lines("""
Verify the claim against the sentence: {either}?
Judging by the sentence alone, is the claim {either}?
Read a sentence and a claim about it. Does the sentence back the claim?
Confirm or reject the claim on the basis of the sentence.
Based on nothing but the sentence, call the claim {either}.
How does the claim relate to the sentence? Choose from {both}.
Use the sentence to test the claim. Your verdict is {either}.
Trust only what is written. The claim that follows the sentence is {either}.
""")


def _supported_claim(dice: Draw) -> Draft:
    def pair(number: int) -> str:
        name, friend = dice.sample(words.NAMES, 2)
        (city, town), (day, other) = dice.sample(words.CITIES, 2), dice.sample(words.WEEKDAYS, 2)
        (fruit, wrong), (count, more) = dice.sample(_FRUITS, 2), dice.sample(_COUNTS, 2)
        text = f"On {day}, {name} bought {count} {fruit} at a market in {city}."
        claims = (
            (f"{name} was in {city} on {day}.", f"{name} bought {fruit}.",
             f"The {fruit} came from a market."),
            (f"{name} bought {more} {fruit}.", f"The market was in {town}, not in {city}.",
             f"What {name} bought were {wrong}.", f"The {fruit} were bought on {other}."),
            (f"{name} lives far from {city}.", f"The {fruit} were cheap.", f"{friend} ate the {fruit}."),
        )[number]  # fmt: skip
        return f"Sentence: {text}\nClaim: {dice.pick(claims)}"

    labels = dice.pick((("true", "false"), ("true", "false", "unknown"), ("correct", "wrong"),
                        ("supported", "contradicted", "not mentioned")))  # fmt: skip
    return labelled_task(dice, _SUPPORTED, labels, pair)


_PARAPHRASES = (
    ("When does the {place} open?", "At what time does the {place} open its doors?"),
    ("Who built the {place} in {city}?", "By whom was the {place} in {city} built?"),
    ("How old is the {place} in {city}?", "What is the age of the {place} in {city}?"),
    ("How far is it from {city} to {town}?", "What is the distance between {city} and {town}?"),
    ("Which bus stops at the {place}?", "What bus do I take to the {place}?"),
    ("How much are tickets to {city}?", "What does it cost to travel to {city}?"),
    ("Is it warm in {city} in spring?", "Does {city} have warm weather in spring?"),
    ("How long do {food} keep in the fridge?", "For how many days can I store {food} in the fridge?"),
    ("Where do you buy your {food}?", "In which shop do you get your {food}?"),
    ("May dogs come into the {place}?", "Are dogs allowed in the {place}?"),
)

_DUPLICATE = read_lines("""
Do the two questions ask the same thing? Answer {0} or {1}.
A forum wants to remove repeated questions. Are these two {0} or {1}?
Compare the questions, and judge whether they are {either} in meaning.
Would one answer serve both questions? If so, write {0}, and if not, {1}.
Match the meanings of two questions: {0} or {1}?
Here are two questions from readers. Decide if they are {either}.
Help a librarian who collects questions: are the two given ones {either}?
Two people ask something. Determine whether their questions are {either}.
Searching a list of questions, somebody finds two that look alike. Are they {either}?
""")


def _duplicate(dice: Draw) -> Draft:
    def questions(number: int) -> str:
        frames, others = dice.sample(_PARAPHRASES, 2)
        (city, town, third), (place, building) = dice.sample(words.CITIES, 3), dice.sample(_BUILDINGS, 2)
        food, more = dice.sample(("carrots", "cherries", "eggs", "grapes", "mushrooms", "peppers"), 2)
        slots = {"city": city, "town": town, "place": place, "food": food}
        first, second = dice.shuffled(frames)
        if number == 1 and dice.chance(0.5):
            second = dice.pick(others)
        changed = number == 1 and second in frames
        again = {"city": third, "town": town, "place": building, "food": more} if changed else slots
        return f"First: {first.format(**slots)}\nSecond: {second.format(**again)}"

    labels = dice.pick((("same", "different"), ("duplicates", "not duplicates"), ("equal", "different")))
    return labelled_task(dice, _DUPLICATE, labels, questions)


FAMILIES: tuple[Family, ...] = (
    Family("sentiment_of_review", is_classification=True, draw=_sentiment),
    Family("tone_of_message", is_classification=True, draw=_tone),
    Family("fact_or_opinion", is_classification=True, draw=_fact_or_opinion),
    Family("topic_of_sentence", is_classification=True, draw=_topic_of_sentence),
    Family("question_type", is_classification=True, draw=_question_type),
    Family("message_purpose", is_classification=True, draw=_message_purpose),
    Family("department_for_message", is_classification=True, draw=_department),
    Family("intent_of_request", is_classification=True, draw=_intent),
    Family("urgent_or_not", is_classification=True, draw=_urgency),
    Family("spam_or_not", is_classification=True, draw=_spam),
    Family("formal_or_informal", is_classification=True, draw=_formality),
    Family("polite_or_rude", is_classification=True, draw=_politeness),
    Family("literal_or_figurative", is_classification=True, draw=_figurative),
    Family("tense_of_sentence", is_classification=True, draw=_tense),
    Family("active_or_passive", is_classification=True, draw=_voice),
    Family("language_of_phrase", is_classification=True, draw=_language),
    Family("cause_or_effect", is_classification=True, draw=_cause_or_effect),
    Family("claim_against_sentence", is_classification=True, draw=_supported_claim),
    Family("duplicate_questions", is_classification=True, draw=_duplicate),
)
