"""Tasks with no single right answer: explain, compare, advise, name, invent.

Facts come from small tables in this module. Sentences about a topic are such as hold for any topic, and
agree with it in number: a topic may be singular or plural.
"""

from __future__ import annotations

from curriculum import words
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]
FAMILIES = ()

_NUMBERS = ("zero", "one", "two", "three", "four", "five")


def _free(instruction: str, output: str) -> Draft:
    return Draft(_upper(instruction), (Instance(input="", output=output),))


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _numbered(lines: list[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def _bulleted(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


_SMALL_WORDS = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"))


def _title(text: str) -> str:
    """Headline capitals."""
    parts = text.split()
    return " ".join(
        word if place and word in _SMALL_WORDS else _upper(word) for place, word in enumerate(parts)
    )


# Explaining

_CONCEPTS = (
    ("evaporation", "Evaporation is the change of a liquid into a gas.", "A puddle that dries up on a sunny day has evaporated."),
    ("gravity", "Gravity is the force that pulls things with mass towards each other.", "A cup that slips from your hand falls to the floor because the Earth pulls it down."),
    ("friction", "Friction is the force that slows things down when they rub against each other.", "A sledge stops sooner on gravel than on ice because gravel causes more friction."),
    ("a loan", "A loan is money that you borrow now and pay back later, usually with interest.", "A baker may take out a loan to buy a new oven and repay it month by month."),
    ("interest", "Interest is the price paid for using somebody else's money.", "If you borrow 100 euros and pay back 105, the extra 5 euros are the interest."),
    ("inflation", "Inflation means that prices rise over time, so that the same money buys less.", "A loaf that cost 2 euros last year and costs 2.20 today shows inflation at work."),
    ("a budget", "A budget is a plan for how much money comes in and how much may be spent.", "A family that sets aside 300 euros a month for food is keeping to a budget."),
    ("a rumour", "A rumour is a story that passes from person to person without proof.", "Hearing from a friend of a friend that the school will close is a rumour until somebody checks."),
    ("a vaccine", "A vaccine trains the body to recognise a germ before the germ makes it ill.", "After a measles vaccine, the body can fight the real virus quickly."),
    ("photosynthesis", "Photosynthesis is the way plants make sugar from light, water and carbon dioxide.", "A leaf on a sunny windowsill is making food for the whole plant."),
    ("a metaphor", "A metaphor describes one thing by calling it another.", "Saying that a crowded office is a beehive is a metaphor."),
    ("an alibi", "An alibi is proof that a person was somewhere else when a crime took place.", "A train ticket stamped in another town at the same hour can be an alibi."),
    ("a compromise", "A compromise is an agreement in which each side gives up something.", "If one person wants the sea and the other mountains, a walk along the cliffs is a compromise."),
    ("condensation", "Condensation is the change of a gas into a liquid when it cools.", "The drops on a cold glass of water come from the damp air around it."),
    ("a habit", "A habit is something we do so often that it needs almost no thought.", "Locking the door each time you leave home is a habit."),
    ("a deposit", "A deposit is a sum you pay first, which shows that you mean to keep an agreement.", "A tenant often pays one month's rent as a deposit and gets it back when moving out."),
    ("hibernation", "Hibernation is a long winter rest in which an animal hardly uses any energy.", "A hedgehog under a heap of leaves lives on its fat until spring."),
    ("an echo", "An echo is a sound that bounces off a hard surface and reaches us again.", "A shout in a rocky valley may come back a second later."),
    ("a password", "A password is a secret word that proves who you are to a computer.", "Your mailbox opens only after you have typed the right password."),
    ("recycling", "Recycling means turning used material into something new.", "Old newspapers can become egg boxes or new paper."),
    ("a bias", "A bias is a leaning that makes us judge unfairly, often without noticing.", "A coach who always picks her own son first shows bias."),
    ("a drought", "A drought is a long time with far less rain than usual.", "When a drought lasts all summer, wells can run dry and crops fail."),
    ("tides", "Tides are the regular rise and fall of the sea, caused mainly by the Moon's pull.", "A beach that is wide in the morning may be under water in the afternoon."),
    ("a monopoly", "A monopoly exists when only one seller offers something that people need.", "If a single company runs every ferry to an island, it can set the fares as it likes."),
    ("a reflex", "A reflex is a quick reaction of the body that we do not decide on.", "You pull your hand off a hot stove before you have thought about it."),
    ("insulation", "Insulation is material that keeps heat, cold, sound or electricity from passing through.", "A thick layer of wool in the roof keeps a house warm in winter."),
    ("erosion", "Erosion is the slow wearing away of soil and rock by water, wind or ice.", "A river that cuts deeper into its valley each year is an example of erosion."),
    ("a deadline", "A deadline is the latest time at which something has to be finished.", "If an essay is due on Friday at noon, Friday noon is the deadline."),
)  # fmt: skip

_EXPLAIN_ASKS = (
    ("Explain what is meant by {c} to {a}, with an everyday example.", True),
    ("What does the term “{t}” mean? Include one example.", True),
    ("Imagine that {a} asks you about {c}. Reply in two sentences.", True),
    ("Clarify the idea of {c} for {a} in a single sentence.", False),
    ("Define {c} in plain words.", False),
    ("Help {a} understand {c}: first say what the words mean, then give an example.", True),
    ("How would you introduce {c} to {a}? Keep the answer to two sentences.", True),
    ("In one sentence and without technical terms, tell {a} about {c}.", False),
    ("Somebody on the bus has just read the word “{t}” and wonders about it. Put them in the picture book "
     "way: simple and short.", False),
    ("Teach {a} the meaning of “{t}” using a definition and an illustration from daily life.", True),
    ("Pretend you are writing a pocket dictionary. What is your entry for “{t}”?", False),
    ("For a lesson with {a}, prepare a short explanation of {c} and something that shows it.", True),
    ("Can you explain {c} so that {a} would follow? One sentence is enough.", False),
)  # fmt: skip


def _draw_explanation(dice: Draw) -> Draft:
    name, meaning, example = dice.pick(_CONCEPTS)
    ask, wants_example = dice.pick(_EXPLAIN_ASKS)
    term = name.removeprefix("an ").removeprefix("a ")
    output = f"{meaning} {example}" if wants_example else meaning
    return _free(ask.format(c=name, t=term, a=dice.pick(words.AUDIENCES)), output)


_SCENES = (
    ("a small bakery at dawn", "Trays of pale rolls wait in rows beside the oven.", "The mixer hums and paper bags rustle.", "The air is warm and smells of yeast."),
    ("a harbour in the evening", "Fishing boats sway side by side in the last light.", "Ropes creak and gulls quarrel over scraps.", "A cool wind tastes of salt."),
    ("an old library", "Tall shelves stand close together under green lamps.", "Pages turn and a chair scrapes somewhere far off.", "It smells of dust, leather and floor polish."),
    ("a busy market square", "Striped awnings cover heaps of fruit and flowers.", "Sellers call out prices over the chatter of the crowd.", "The scent of coriander mixes with that of fried fish."),
    ("a forest after rain", "Drops hang from every twig and the moss shines.", "Water drips from leaf to leaf, and a woodpecker knocks.", "The ground is soft and smells of mushrooms."),
    ("a railway station at night", "One lamp flickers above an empty bench.", "A distant loudspeaker mumbles about a delay.", "The platform is cold under thin shoes."),
    ("a mountain hut in winter", "Snow is piled up to the window sills.", "The fire cracks and boots thump on the wooden floor.", "Wet wool steams beside the stove."),
    ("a kitchen on a holiday", "Bowls, peelings and floury handprints cover the table.", "Lids rattle and everybody talks at once.", "Cinnamon and melted butter fill the room."),
    ("a school corridor before lessons", "Coats hang in crooked rows below painted paper fish.", "Lockers slam and a bell rings twice.", "It smells of wet jackets and apples."),
    ("a desert at noon", "Sand and sky meet in a trembling white line.", "There is no sound but the hiss of blown grains.", "The heat presses down like a hand."),
    ("a repair shop for bicycles", "Wheels hang from the ceiling like silver moons.", "A chain clicks and a radio plays old songs.", "Everything smells of rubber and oil."),
    ("a village pond in summer", "Dragonflies hover over the water lilies.", "Frogs croak and children splash near the bank.", "The grass is warm and prickly."),
    ("a theatre just before the show", "Red curtains glow under small golden lights.", "Violins tune and whispers run along the rows.", "The seats feel soft and slightly dusty."),
    ("a waiting room at the dentist's", "Old magazines lie fanned out on a glass table.", "Behind the door, a drill starts and stops.", "It smells of mint and soap."),
    ("a greenhouse in early spring", "Rows of seedlings lean towards the glass.", "A watering can trickles and a bee bumps against a pane.", "The air is damp and smells of earth."),
    ("a street during a snowstorm", "Parked cars have turned into white hills.", "Even the trams sound muffled and far away.", "Flakes sting the cheeks and melt on the lips."),
    ("an attic full of old things", "A rocking horse stares out between trunks and lampshades.", "The floorboards groan and rain taps on the tiles.", "The air is dry and smells of paper."),
    ("a night bus through the suburbs", "Street lights slide across sleeping faces.", "The engine drones and a bag of empty bottles clinks.", "The window is cold against the forehead."),
)  # fmt: skip

_SENSES = {"sight": "what can be seen", "sound": "what can be heard", "touch and smell": "how it feels or smells"}


def _draw_description(dice: Draw) -> Draft:
    place, *sentences = dice.pick(_SCENES)
    senses = list(_SENSES)
    tone = dice.pick(words.TONES)
    first, second = sorted(dice.sample(range(3), 2))
    both = f"{sentences[first]} {sentences[second]}"
    asks = (
        (f"Describe {place} in three sentences.", " ".join(sentences)),
        (f"Describe {place}, using {senses[first]} only.", sentences[first]),
        (f"What is {place} like? Mention {_SENSES[senses[first]]} and {_SENSES[senses[second]]}.", both),
        (f"Set a scene for {dice.pick(words.AUDIENCES)}: {place}, told through the senses.", " ".join(sentences)),
        (f"Bring {place} to life in one sentence about {_SENSES[senses[second]]}.", sentences[second]),
        (f"A {dice.pick(('novelist', 'reporter', 'song writer', 'playwright'))} needs two sentences that evoke "
         f"{place}, in a {tone} voice.", both),
        (f"Sketch {place} in words, beginning with {_SENSES['sight']}.", " ".join(sentences)),
        (f"Without naming the place, let a reader guess that this is {place}. Two sentences.", both),
        (f"Close your eyes and think of {place}. Note one impression for each sense as a list: sight, sound, "
         "touch or smell.", _bulleted([f"{_upper(name)}: {text}" for name, text in
                                       zip(("sight", "sound", "touch or smell"), sentences, strict=True)])),
        (f"I am writing a guidebook with a {tone} tone. Suggest two sentences about {place}.", both),
    )  # fmt: skip
    return _free(*dice.pick(asks))


_PAIRS = (
    ("trains", "buses", "Both carry many passengers on fixed routes.", "Trains run on rails, while buses use the road."),
    ("moths", "butterflies", "Both are insects with four wings covered in tiny scales.", "Most moths fly at night, while most butterflies fly by day."),
    ("tea", "coffee", "Both are hot drinks that contain caffeine.", "Tea is made from leaves, while coffee is made from roasted beans."),
    ("violins", "cellos", "Both are string instruments played with a bow.", "A violin is held under the chin, while a cello stands on the floor."),
    ("letters", "emails", "Both carry written messages from one person to another.", "A letter takes days and paper, while an email arrives in seconds."),
    ("frogs", "toads", "Both are amphibians that lay their eggs in water.", "Frogs usually have smooth, moist skin, while toads have dry, bumpy skin."),
    ("stars", "planets", "Both can be seen as points of light in the night sky.", "Stars shine by their own light, while planets reflect the light of a star."),
    ("rivers", "canals", "Both carry water and boats across the land.", "Rivers are made by nature, while canals are dug by people."),
    ("novels", "short stories", "Both tell invented stories in prose.", "A novel takes hours or days to read, while a short story can be read in one sitting."),
    ("butter", "margarine", "Both are fats that people spread on bread.", "Butter is made from cream, while margarine is made mostly from plant oils."),
    ("cats", "dogs", "Both are mammals that people keep as pets.", "Cats like to hunt alone, while dogs descend from animals that hunted in packs."),
    ("comets", "asteroids", "Both are small bodies that travel around the Sun.", "Comets are largely ice and dust, while asteroids are mostly rock or metal."),
    ("silk", "wool", "Both are natural fibres that come from animals.", "Silk is spun by silkworms, while wool is shorn from sheep."),
    ("lakes", "seas", "Both are large bodies of water where fish live.", "Most lakes hold fresh water, while seas are salty."),
    ("apples", "pears", "Both are fruits that grow on trees and have a core with seeds.", "Apples are round and crisp, while pears are narrower at the top and softer when ripe."),
    ("owning a car", "sharing a car", "Both give you the freedom to drive where you like.", "An owner pays for the car all year, while a sharer pays only for the trips."),
    ("theatre", "film", "Both tell stories with actors in front of an audience.", "Theatre happens live on a stage, while a film is recorded and can be shown again."),
    ("bees", "wasps", "Both are flying insects, and many of them can sting.", "Bees feed on nectar and pollen, while many wasps also hunt other insects."),
    ("hotels", "youth hostels", "Both offer travellers a bed for the night.", "Hotel guests have a room to themselves, while hostel guests often share one."),
    ("gas", "liquid", "Both can flow and take the shape of their container.", "A gas spreads out to fill all the space, while a liquid keeps its volume."),
    ("rabbits", "hares", "Both are long-eared mammals that eat plants.", "Rabbits are born blind in burrows, while hares are born in the open with their eyes open."),
    ("running", "swimming", "Both are good for the heart and the lungs.", "Running puts weight on the joints, while swimming spares them."),
)  # fmt: skip


def _draw_comparison(dice: Draw) -> Draft:
    one, other, shared, difference = dice.pick(_PAIRS)
    first, second = dice.shuffled((one, other))
    audience = dice.pick(words.AUDIENCES)
    asks = (
        (f"Compare {first} and {second} in two sentences.", f"{shared} {difference}"),
        (f"Name one similarity and one difference between {first} and {second}.",
         f"Similarity: {shared}\nDifference: {difference}"),
        (f"What do {first} and {second} have in common?", shared),
        (f"In a single sentence, tell {audience} what sets {first} apart from {second}.", difference),
        (f"Contrast {first} with {second}.", difference),
        (f"How are {first} and {second} alike, and how do they differ? Write for {audience}.",
         f"{shared} {difference}"),
        (f"People often mix up {first} and {second}. Point out the difference to {audience}.", difference),
        (f"State what {first} share with {second}, or what the two have in common, in one line.", shared),
        (f"Weigh {first} against {second} as two bullet points, alike and different, for {audience}.",
         f"- Alike: {shared}\n- Different: {difference}"),
        (f"Is there any real difference between {first} and {second}?", f"Yes. {difference}"),
        (f"Tell {first} and {second} apart for {audience}, starting with what they share.",
         f"{shared} {difference}"),
    )  # fmt: skip
    return _free(*dice.pick(asks))


# Arguing and advising

_REASONS = (
    ("keep a diary", ("Writing clears the head at the end of a day.", "Small joys are not forgotten.", "Old pages show how you have changed.", "It trains you to put feelings into words.")),
    ("walk to work", ("Walking is exercise that costs nothing.", "There is no need to look for a parking space.", "You notice your neighbourhood.", "Fresh air wakes you up before the first meeting.")),
    ("learn a second language", ("You can talk to more people.", "Travelling becomes easier.", "Many jobs ask for it.", "You understand your own language better.")),
    ("cook at home", ("It is usually cheaper than eating out.", "You know what is in your food.", "Leftovers make tomorrow's lunch.", "Cooking together brings a family closer.")),
    ("plant trees in cities", ("Trees cool the streets in summer.", "Birds and insects find a home in them.", "Leaves catch dust from the air.", "A green street is more pleasant to live in.")),
    ("read aloud to children", ("Children learn new words by listening.", "It is a quiet time shared with a grown-up.", "Stories awaken the wish to read alone.", "Listening trains patience.")),
    ("repair things instead of replacing them", ("It often saves money.", "Less waste ends up in landfills.", "You learn how things work.", "A beloved object stays in use.")),
    ("get enough sleep", ("A rested mind learns faster.", "The body repairs itself at night.", "Tired people make more mistakes.", "Sleep lifts the mood.")),
    ("join a choir", ("Singing relaxes the body.", "You meet people of all ages.", "Nobody has to sing alone.", "A concert gives you something to look forward to.")),
    ("buy second-hand clothes", ("They cost less than new ones.", "Making new clothes uses a lot of water.", "You find pieces that nobody else wears.", "Good cloth lasts for many years.")),
    ("turn off your phone at dinner", ("Everybody listens better.", "The food gets the attention it deserves.", "Most messages can wait for an hour.", "Children copy what adults do.")),
    ("volunteer in your town", ("Your help makes a difference you can see.", "You learn new skills.", "You get to know your neighbours.", "Giving time makes many people happier.")),
    ("grow your own vegetables", ("Nothing tastes fresher.", "Gardening keeps you moving.", "Children see where food comes from.", "You decide what touches your food.")),
    ("save money every month", ("An emergency will not ruin you.", "Larger wishes come within reach.", "You depend less on loans.", "Small sums add up over the years.")),
    ("wear a bicycle helmet", ("It protects the head in a fall.", "Even careful riders meet careless drivers.", "Children follow the example.", "A bright helmet is easy to see.")),
    ("visit museums", ("You see real things instead of copies.", "A visit fills a rainy afternoon.", "Many museums cost little or nothing.", "Every room raises new questions.")),
    ("apologise after a mistake", ("The other person feels taken seriously.", "It helps to rebuild trust.", "You can stop worrying about it.", "It shows courage.")),
    ("write by hand now and then", ("Writing slowly helps you remember.", "A handwritten note feels personal.", "It needs neither power nor a screen.", "Nothing pops up to distract you.")),
    ("drink tap water", ("It costs far less than bottled water.", "No bottles have to be carried home.", "It makes less plastic waste.", "In many towns it is tested often.")),
    ("take regular breaks", ("Attention fades after an hour or so.", "The eyes need a rest from the screen.", "Good ideas often come away from the desk.", "Moving about helps against back pain.")),
)  # fmt: skip


def _draw_reasons(dice: Draw) -> Draft:
    action, reasons = dice.pick(_REASONS)
    audience = dice.pick(words.AUDIENCES)
    count = dice.integer(2, 3)
    chosen = dice.sample(reasons, count)
    number = _NUMBERS[count]
    listed = dice.pick((_numbered, _bulleted))(chosen)
    asks = (
        (f"Give {number} reasons to {action}.", listed),
        (f"Why should people {action}? List {number} arguments.", listed),
        (f"Persuade {audience} to {action} with one strong argument.", chosen[0]),
        (f"“Why would anybody {action}?” asks {audience}. Answer in {number} short sentences.", " ".join(chosen)),
        (f"Name {number} good reasons why {audience} might {action}.", listed),
        (f"State a single reason to {action}.", chosen[0]),
        (f"Argue that it is wise to {action}. Use {number} sentences and no list.", " ".join(chosen)),
        (f"Convince {audience} that it is worth it to {action}, in {number} bullet points.", _bulleted(chosen)),
        (f"What speaks for the advice to {action}? {_upper(number)} points will do.", listed),
        (f"Supply {number} numbered arguments for a poster that asks readers to {action}.", _numbered(chosen)),
    )
    instruction, output = dice.pick(asks[:3] + asks[4:]) if dice.chance(0.9) else asks[3]
    if instruction.startswith("“"):
        instruction = f"Answer this question in {number} short sentences: “Why would anybody {action}?”"
    return _free(instruction, output)


_CHOICES = (
    ("living in a big city", ("Shops and theatres are close by.", "Public transport runs often.", "There are many jobs."), ("Rents are high.", "It is noisy at night.", "Green space is scarce.")),
    ("living in a small village", ("Nature begins at the front door.", "Neighbours know each other.", "Houses cost less."), ("Buses are rare.", "Shops may be far away.", "News about you travels fast.")),
    ("working from home", ("There is no journey to work.", "You can choose your own desk and light.", "Quiet hours are easier to protect."), ("You may feel lonely.", "Work and free time mix easily.", "Quick questions take longer.")),
    ("keeping a dog", ("A dog makes you walk every day.", "It is good company.", "It greets you at the door."), ("Food and vet cost money.", "Holidays need planning.", "It must go out in any weather.")),
    ("travelling by night train", ("You wake up where you want to be.", "You save the price of a hotel.", "It pollutes less than a flight."), ("Sleep may be poor.", "Beds sell out early.", "A delay can spoil the morning.")),
    ("a four-day working week", ("People have more time to rest.", "Offices use less power.", "Fewer days are lost to illness."), ("The remaining days may be longer.", "Customers can reach fewer people on the fifth day.", "Not every trade can do it.")),
    ("paying with cash", ("You see what you spend.", "It works without electricity.", "It keeps your purchases private."), ("It can be lost or stolen.", "Coins are heavy.", "Some shops no longer take it.")),
    ("school uniforms", ("Mornings are simpler.", "Clothes cause less envy.", "Pupils are easy to recognise on a trip."), ("Pupils cannot show their own taste.", "Uniforms have to be bought.", "They may be uncomfortable.")),
    ("electronic books", ("Hundreds of titles fit into one device.", "The letters can be made larger.", "They arrive at once."), ("The device needs charging.", "They are hard to lend.", "Screens break.")),
    ("a holiday at home", ("It costs little.", "Nobody has to pack.", "You discover your own town."), ("Chores stay in sight.", "The weather may be poor.", "It feels less special.")),
    ("learning with an app", ("You can practise anywhere.", "Mistakes are corrected at once.", "It often costs nothing."), ("Nobody answers difficult questions.", "It is easy to give up.", "Speaking is hardly trained.")),
    ("shared flats", ("The rent is split.", "Somebody is there to talk to.", "Cooking for several is cheaper."), ("The bathroom may be occupied.", "Ideas of tidiness differ.", "There is less quiet.")),
    ("a wood stove", ("It gives pleasant heat.", "It works in a power cut.", "Wood grows back."), ("Smoke pollutes the air.", "Ash has to be carried out.", "Wood needs dry storage.")),
    ("shopping online", ("The shop never closes.", "Prices are easy to compare.", "Heavy things come to the door."), ("You cannot try things on.", "Parcels cause waste.", "Returning goods takes time.")),
    ("cycling in winter", ("You stay fit all year.", "You never wait for a bus.", "Cycling warms you up."), ("Roads can be icy.", "It gets dark early.", "Salt harms the chain.")),
    ("lessons in small groups", ("The teacher knows everyone.", "Shy pupils dare to speak.", "Questions are answered quickly."), ("More teachers are needed.", "Fewer ideas come together.", "Team games are harder to arrange.")),
)  # fmt: skip


def _draw_pros_and_cons(dice: Draw) -> Draft:
    choice, pros, cons = dice.pick(_CHOICES)
    audience = dice.pick(words.AUDIENCES)
    count = dice.integer(1, 3)
    number, plural = _NUMBERS[count], "" if count == 1 else "s"
    good, bad = dice.sample(pros, count), dice.sample(cons, count)
    listed = f"Pros:\n{_bulleted(good)}\nCons:\n{_bulleted(bad)}"
    asks = (
        (f"List {number} pro{plural} and {number} con{plural} of {choice}.", listed),
        (f"What are the advantages and drawbacks of {choice}? Name {number} of each for {audience}.", listed),
        (f"Think about {choice}. Which {number} disadvantage{plural} should {audience} know about?", _bulleted(bad)),
        (f"Present {number} advantage{plural} of {choice} to {audience}.", _bulleted(good)),
        (f"Balance one argument for and one against {choice} in a single sentence pair.", f"For: {good[0]} Against: {bad[0]}"),
        (f"Lay out both sides of {choice}: {number} point{plural} each, in two short lists.", listed),
        (f"Mention one thing that speaks for {choice} and one that speaks against it.", f"For: {good[0]}\nAgainst: {bad[0]}"),
        (f"A friend is thinking about {choice}. Warn of {number} drawback{plural}.", _bulleted(bad)),
        (f"Before a vote, {audience} would like to hear what is good and what is bad about {choice}. Offer "
         f"{number} of each.", listed),
    )  # fmt: skip
    return _free(*dice.pick(asks))


_TIPS = (
    ("fall asleep faster", ("Go to bed at the same time each night.", "Leave the phone in another room.", "Keep the bedroom cool and dark.", "Avoid coffee in the evening.", "Read a few pages on paper.")),
    ("remember names", ("Repeat the name when you hear it.", "Link it with someone you know.", "Write it down afterwards.", "Ask again early rather than late.", "Use the name when you say goodbye.")),
    ("save electricity at home", ("Switch off lights in empty rooms.", "Wash clothes at a lower temperature.", "Put a lid on the pot.", "Unplug chargers that are not in use.", "Dry laundry in the air.")),
    ("study for an exam", ("Start with the hardest chapter.", "Test yourself instead of rereading.", "Take a short break every hour.", "Explain the subject to a friend.", "Sleep well the night before.")),
    ("give a short speech", ("Know your first sentence by heart.", "Speak more slowly than feels natural.", "Look at friendly faces.", "Practise aloud twice.", "Stop while people still want more.")),
    ("keep house plants alive", ("Check the soil before you water.", "Put them near a window.", "Turn the pot once a week.", "Remove yellow leaves.", "Move them to a larger pot in spring.")),
    ("spend less on groceries", ("Write a list and keep to it.", "Never shop when you are hungry.", "Compare the price per kilo.", "Cook once and eat twice.", "Buy what is in season.")),
    ("start running", ("Begin with ten slow minutes.", "Walk whenever you are out of breath.", "Choose comfortable shoes.", "Rest on every second day.", "Run with a friend.")),
    ("keep a desk tidy", ("Throw away one thing each evening.", "Give every tool a fixed place.", "Put papers into folders at once.", "Keep only one cup on the desk.", "Wipe it every Friday.")),
    ("make friends in a new town", ("Join a club or a class.", "Greet your neighbours by name.", "Say yes to invitations.", "Visit the same café each week.", "Invite someone for a walk.")),
    ("prepare for a job interview", ("Read about the company.", "Prepare two questions of your own.", "Arrive ten minutes early.", "Have an example ready for each strength.", "Choose your clothes the day before.")),
    ("read more books", ("Carry a book everywhere.", "Read ten pages before bed.", "Give up books you do not enjoy.", "Ask friends what they loved.", "Visit the library every month.")),
    ("stay calm in traffic", ("Leave ten minutes earlier.", "Listen to quiet music.", "Breathe out slowly.", "Let others merge.", "Remember that a minute hardly matters.")),
    ("waste less food", ("Plan meals for the week.", "Store leftovers in clear boxes.", "Put older food at the front.", "Freeze bread in slices.", "Trust your nose as well as the date.")),
    ("learn new words", ("Use each word in a sentence.", "Review them after one day and one week.", "Say them aloud.", "Learn five a day rather than thirty a week.", "Label things in your kitchen.")),
    ("pack a light suitcase", ("Choose clothes that go together.", "Roll shirts instead of folding them.", "Wear the heaviest shoes.", "Fill small bottles with shampoo.", "Leave out anything you pack just in case.")),
    ("write a clear email", ("Put the request in the first line.", "Use one subject per message.", "Keep sentences short.", "Say by when you need an answer.", "Read it once before sending.")),
    ("take part in a meeting online", ("Test the microphone beforehand.", "Mute yourself when others speak.", "Sit facing a window.", "Have water within reach.", "Close all other programs.")),
    ("care for a wooden table", ("Wipe up spills at once.", "Put a mat under hot pans.", "Oil it twice a year.", "Keep it out of strong sun.", "Dust it with a soft cloth.")),
    ("hike safely", ("Tell someone your route.", "Carry enough water.", "Check the weather in the morning.", "Wear shoes with a good grip.", "Turn back before dark.")),
)  # fmt: skip


def _draw_tips(dice: Draw) -> Draft:
    goal, tips = dice.pick(_TIPS)
    audience = dice.pick(words.AUDIENCES)
    count = dice.integer(2, 4)
    chosen = dice.sample(tips, count)
    number = _NUMBERS[count]
    plain = "\n".join(chosen)
    asks = (
        (f"Offer {audience} {number} tips on how to {goal}.", _bulleted(chosen)),
        (f"What are {number} easy ways to {goal}?", _numbered(chosen)),
        (f"How can {audience} {goal}? Give {number} pieces of advice as a numbered list.", _numbered(chosen)),
        (f"Someone tries to {goal} and fails. Suggest one thing to do differently.", chosen[0]),
        (f"Share {number} short rules that help to {goal}, one per line and without numbers.", plain),
        (f"Fill a leaflet titled “How to {goal}” with {number} bullet points.", _bulleted(chosen)),
        (f"Recommend to {audience} the one habit that does most to {goal}.", chosen[0]),
        (f"My cousin, {dice.pick(words.JOBS_WITH_ARTICLE) if False else dice.pick(words.NAMES)}, wants to {goal}. "
         f"Provide {number} hints.", _bulleted(chosen)),
        (f"Advise {audience} who would like to {goal}, in {number} sentences.", " ".join(chosen)),
        (f"Tips wanted: {goal}. Send {number}, each under ten words.", _numbered(chosen)),
    )  # fmt: skip
    return _free(*dice.pick(asks))
