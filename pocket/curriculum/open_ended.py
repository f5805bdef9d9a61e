"""Tasks with no single right answer: explain, compare, advise, name, invent.

Facts come from the tables of this module. Sentences about a topic are such as hold for any topic, singular
or plural. A row of asks is an instruction and its output, both filled in with the family's values.
"""

from __future__ import annotations

from curriculum import words
from curriculum.asking import READERS, bulleted, capitalized, free_task, numbered, read_rows, with_article
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]

_NUMBERS = ("zero", "one", "two", "three", "four", "five")
_SMALL_WORDS = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"))
_MILD_TONES = ("calm", "friendly", "gentle", "modest", "simple", "thoughtful", "warm")
_SINGLE_OBJECTS = [word for word in words.OBJECTS if word not in ("scissors", "soap")]


def _title(text: str) -> str:
    """Capitals as in a headline."""
    return " ".join(
        word if place and word in _SMALL_WORDS else capitalized(word)
        for place, word in enumerate(text.split())
    )


_CONCEPTS = read_rows("""
evaporation | Evaporation is the change of a liquid into a gas. | A puddle that dries up on a sunny day has
  evaporated.
gravity | Gravity is the force that pulls things with mass towards each other. | A cup that slips from your
  hand falls to the floor because the Earth pulls it down.
friction | Friction is the force that slows things down when they rub against each other. | A sledge stops
  sooner on gravel than on ice because gravel causes more friction.
a loan | A loan is money that you borrow now and pay back later, usually with interest. | A baker may take out
  a loan to buy a new oven and repay it month by month.
interest | Interest is the price paid for using somebody else's money. | If you borrow 100 euros and pay back
  105, the extra 5 euros are the interest.
inflation | Inflation means that prices rise over time, so that the same money buys less. | A loaf that cost 2
  euros last year and costs 2.20 today shows inflation at work.
a budget | A budget is a plan for how much money comes in and how much may be spent. | A family that sets
  aside 300 euros a month for food is keeping to a budget.
a rumour | A rumour is a story that passes from person to person without proof. | Hearing from a friend of a
  friend that the school will close is a rumour until somebody checks.
a vaccine | A vaccine trains the body to recognise a germ before the germ makes it ill. | After a measles
  vaccine, the body can fight the real virus quickly.
photosynthesis | Photosynthesis is the way plants make sugar from light, water and carbon dioxide. | A leaf on
  a sunny windowsill is making food for the whole plant.
a metaphor | A metaphor describes one thing by calling it another. | Saying that a crowded office is a beehive
  is a metaphor.
an alibi | An alibi is proof that a person was somewhere else when a crime took place. | A train ticket
  stamped in another town at the same hour can be an alibi.
a compromise | A compromise is an agreement in which each side gives up something. | If one person wants the
  sea and the other mountains, a walk along the cliffs is a compromise.
condensation | Condensation is the change of a gas into a liquid when it cools. | The drops on a cold glass of
  water come from the damp air around it.
a habit | A habit is something we do so often that it needs almost no thought. | Locking the door each time
  you leave home is a habit.
a deposit | A deposit is a sum you pay first, which shows that you mean to keep an agreement. | A tenant often
  pays one month's rent as a deposit and gets it back when moving out.
hibernation | Hibernation is a long winter rest in which an animal hardly uses any energy. | A hedgehog under
  a heap of leaves lives on its fat until spring.
an echo | An echo is a sound that bounces off a hard surface and reaches us again. | A shout in a rocky valley
  may come back a second later.
a password | A password is a secret word that proves who you are to a computer. | Your mailbox opens only
  after you have typed the right password.
recycling | Recycling means turning used material into something new. | Old newspapers can become egg boxes or
  new paper.
a bias | A bias is a leaning that makes us judge unfairly, often without noticing. | A coach who always picks
  her own son first shows bias.
a drought | A drought is a long time with far less rain than usual. | When a drought lasts all summer, wells
  can run dry and crops fail.
tides | Tides are the regular rise and fall of the sea, caused mainly by the Moon's pull. | A beach that is
  wide in the morning may be under water in the afternoon.
a monopoly | A monopoly exists when only one seller offers something that people need. | If a single company
  runs every ferry to an island, it can set the fares as it likes.
a reflex | A reflex is a quick reaction of the body that we do not decide on. | You pull your hand off a hot
  stove before you have thought about it.
insulation | Insulation is material that keeps heat, cold, sound or electricity from passing through. | A
  thick layer of wool in the roof keeps a house warm in winter.
erosion | Erosion is the slow wearing away of soil and rock by water, wind or ice. | A river that cuts deeper
  into its valley each year is an example of erosion.
a deadline | A deadline is the latest time at which something has to be finished. | If an essay is due on
  Friday at noon, Friday noon is the deadline.
""")

_EXPLAIN = read_rows("""
Explain what is meant by {c} to {a}, with an everyday example. | {what} {example}
What does the term “{t}” mean? Include one example. | {what} {example}
Imagine that {a} asks you about {c}. Reply in two sentences. | {what} {example}
Clarify the idea of {c} for {a} in a single sentence. | {what}
Define {c} in plain words. | {what}
Help {a} understand {c}: first give the meaning, then an example. | {what} {example}
How would you introduce {c} to {a}? Keep the answer to two sentences. | {what} {example}
In one sentence and without technical terms, tell {a} about {c}. | {what}
Somebody on the bus has just read the word “{t}” and wonders about it. Answer briefly. | {what}
Teach {a} the meaning of “{t}” with a definition and a case from daily life. | Definition: {what}{nl}In daily
  life: {example}
Pretend you are writing a pocket dictionary. What is your entry for “{t}”? | {t}: {what}
For a lesson with {a}, prepare a short explanation of {c} and something that shows it. | {what} {example}
Can you explain {c} so that {a} would follow? One sentence is enough. | {what}
Illustrate {c} with one concrete case. | {example}
""")


def _draw_explanation(dice: Draw) -> Draft:
    name, what, example = dice.pick(_CONCEPTS)
    term = name.removeprefix("an ").removeprefix("a ")
    return free_task(dice, _EXPLAIN, c=name, t=term, what=what, example=example, a=dice.pick(READERS))


_SCENES = read_rows("""
a small bakery at dawn | Trays of pale rolls wait in rows beside the oven. | The mixer hums and paper bags
  rustle. | The air is warm and smells of yeast.
a harbour in the evening | Fishing boats sway side by side in the last light. | Ropes creak and gulls quarrel
  over scraps. | A cool wind tastes of salt.
an old library | Tall shelves stand close together under green lamps. | Pages turn and a chair scrapes
  somewhere far off. | It smells of dust, leather and floor polish.
a busy market square | Striped awnings cover heaps of fruit and flowers. | Sellers call out prices over the
  chatter of the crowd. | The scent of coriander mixes with that of fried fish.
a forest after rain | Drops hang from every twig and the moss shines. | Water drips from leaf to leaf, and a
  woodpecker knocks. | The ground is soft and smells of mushrooms.
a railway station at night | One lamp flickers above an empty bench. | A distant loudspeaker mumbles about a
  delay. | The platform is cold under thin shoes.
a mountain hut in winter | Snow is piled up to the window sills. | The fire cracks and boots thump on the
  wooden floor. | Wet wool steams beside the stove.
a kitchen on a holiday | Bowls, peelings and floury handprints cover the table. | Lids rattle and everybody
  talks at once. | Cinnamon and melted butter fill the room.
a school corridor before lessons | Coats hang in crooked rows below painted paper fish. | Lockers slam and a
  bell rings twice. | It smells of wet jackets and apples.
a desert at noon | Sand and sky meet in a trembling white line. | There is no sound but the hiss of blown
  grains. | The heat presses down like a hand.
a repair shop for bicycles | Wheels hang from the ceiling like silver moons. | A chain clicks and a radio
  plays old songs. | Everything smells of rubber and oil.
a village pond in summer | Dragonflies hover over the water lilies. | Frogs croak and children splash near the
  bank. | The grass is warm and prickly.
a theatre just before the show | Red curtains glow under small golden lights. | Violins tune and whispers run
  along the rows. | The seats feel soft and slightly dusty.
a waiting room at the dentist's | Old magazines lie fanned out on a glass table. | Behind the door, a drill
  starts and stops. | It smells of mint and soap.
a greenhouse in early spring | Rows of seedlings lean towards the glass. | A watering can trickles and a bee
  bumps against a pane. | The air is damp and smells of earth.
a street during a snowstorm | Parked cars have turned into white hills. | Even the trams sound muffled and far
  away. | Flakes sting the cheeks and melt on the lips.
an attic full of old things | A rocking horse stares out between trunks and lampshades. | The floorboards
  groan and rain taps on the tiles. | The air is dry and smells of paper.
a night bus through the suburbs | Street lights slide across sleeping faces. | The engine drones and a bag of
  empty bottles clinks. | The window is cold against the forehead.
""")

_DESCRIBE = read_rows("""
Describe {place} in three sentences. | {sight} {sound} {touch}
Describe {place} using sounds only. | {sound}
What is {place} like? Mention what can be seen and what can be heard. | {sight} {sound}
Set a scene for {a}: {place}, told through the senses. | {sight} {sound} {touch}
Bring {place} to life in one sentence about what the eye notices. | {sight}
{job} needs two sentences that evoke {place}, in a {tone} voice. | {sight} {touch}
Sketch {place} in words for a {tone} story, starting with a sound. | {sound} {sight} {touch}
Without naming the place, let {a} guess that this is {place}. Two sentences. | {sight} {sound}
Close your eyes and think of {place}. Note one impression each for sight, sound and touch or smell. | Sight:
  {sight}{nl}Sound: {sound}{nl}Touch or smell: {touch}
Guidebooks often sound {tone}. Suggest two sentences of that kind about {place}. | {sight} {touch}
Evoke the air and the smells of {place} in a single sentence. | {touch}
Make {a} feel present at {place}, beginning with a sound. | {sound} {touch}
""")


def _draw_description(dice: Draw) -> Draft:
    place, sight, sound, touch = dice.pick(_SCENES)
    job = dice.pick(("a novelist", "a reporter", "a song writer", "a playwright", "a travel writer"))
    return free_task(
        dice, _DESCRIBE, place=place, sight=sight, sound=sound, touch=touch, job=job,
        a=dice.pick(READERS), tone=dice.pick(_MILD_TONES),
    )  # fmt: skip


_PAIRS = read_rows("""
trains | buses | Both carry many passengers on fixed routes. | Trains run on rails, while buses use the road.
moths | butterflies | Both are insects with four wings covered in tiny scales. | Most moths fly at night,
  while most butterflies fly by day.
tea | coffee | Both are hot drinks that contain caffeine. | Tea is made from leaves, while coffee is made from
  roasted beans.
violins | cellos | Both are string instruments played with a bow. | A violin is held under the chin, while a
  cello stands on the floor.
letters | emails | Both carry written messages from one person to another. | A letter takes days and paper,
  while an email arrives in seconds.
frogs | toads | Both are amphibians that lay their eggs in water. | Frogs usually have smooth, moist skin,
  while toads have dry, bumpy skin.
stars | planets | Both can be seen as points of light in the night sky. | Stars shine by their own light,
  while planets reflect the light of a star.
rivers | canals | Both carry water and boats across the land. | Rivers are made by nature, while canals are
  dug by people.
novels | short stories | Both tell invented stories in prose. | A novel takes hours or days to read, while a
  short story can be read in one sitting.
butter | margarine | Both are fats that people spread on bread. | Butter is made from cream, while margarine
  is made mostly from plant oils.
cats | dogs | Both are mammals that people keep as pets. | Cats like to hunt alone, while dogs descend from
  animals that hunted in packs.
comets | asteroids | Both are small bodies that travel around the Sun. | Comets are largely ice and dust,
  while asteroids are mostly rock or metal.
silk | wool | Both are natural fibres that come from animals. | Silk is spun by silkworms, while wool is shorn
  from sheep.
lakes | seas | Both are large bodies of water where fish live. | Most lakes hold fresh water, while seas are
  salty.
apples | pears | Both are fruits that grow on trees and have a core with seeds. | Apples are round and crisp,
  while pears are narrower at the top and softer when ripe.
owning a car | sharing a car | Both give you the freedom to drive where you like. | An owner pays for the car
  all year, while a sharer pays only for the trips.
theatre | film | Both tell stories with actors in front of an audience. | Theatre happens live on a stage,
  while a film is recorded and can be shown again.
bees | wasps | Both are flying insects, and many of them can sting. | Bees feed on nectar and pollen, while
  many wasps also hunt other insects.
hotels | youth hostels | Both offer travellers a bed for the night. | Hotel guests have a room to themselves,
  while hostel guests often share one.
gas | liquid | Both can flow and take the shape of their container. | A gas spreads out to fill all the space,
  while a liquid keeps its volume.
rabbits | hares | Both are long-eared mammals that eat plants. | Rabbits are born blind in burrows, while
  hares are born in the open with their eyes open.
running | swimming | Both are good for the heart and the lungs. | Running puts weight on the joints, while
  swimming spares them.
""")

_COMPARE = read_rows("""
Compare {x} and {y} in two sentences. | {shared} {difference}
Name one similarity and one difference between {x} and {y}. | Similarity: {shared}{nl}Difference: {difference}
What do {x} and {y} have in common? | {shared}
In a single sentence, tell {a} what sets {x} apart from {y}. | {difference}
Contrast {x} with {y}. | {difference}
How are {x} and {y} alike, and in what way are they different? Write for {a}. | {shared} {difference}
People often mix up {x} and {y}. Point out the difference to {a}. | {difference}
Weigh {x} against {y} for {a} in two bullet points, alike and different. | - Alike: {shared}{nl}- Different:
  {difference}
Is there any real difference between {x} and {y}? | Yes. {difference}
Tell {x} and {y} apart for {a}, starting with what they share. | {shared} {difference}
Put {x} next to {y}. Which similarity would {a} notice first? | {shared}
Distinguish between {x} and {y} in a way that {a} will remember. | {difference}
""")


def _draw_comparison(dice: Draw) -> Draft:
    one, other, shared, difference = dice.pick(_PAIRS)
    x, y = dice.shuffled((one, other))
    return free_task(dice, _COMPARE, x=x, y=y, shared=shared, difference=difference, a=dice.pick(READERS))


_REASONS = read_rows("""
keep a diary | Writing clears the head at the end of a day. | Small joys are not forgotten. | Old pages show
  how you have changed. | It trains you to put feelings into words.
walk to work | Walking is exercise that costs nothing. | There is no need to look for a parking space. | You
  notice your neighbourhood. | Fresh air wakes you up before the first meeting.
learn a second language | You can talk to more people. | Travelling becomes easier. | Many jobs ask for it. |
  You understand your own language better.
cook at home | It is usually cheaper than eating out. | You know what is in your food. | Leftovers make
  tomorrow's lunch. | Cooking together brings a family closer.
plant trees in cities | Trees cool the streets in summer. | Birds and insects find a home in them. | Leaves
  catch dust from the air. | A green street is more pleasant to live in.
read aloud to children | Children learn new words by listening. | It is a quiet time shared with a grown-up. |
  Stories awaken the wish to read alone. | Listening trains patience.
repair things instead of replacing them | It often saves money. | Less waste ends up in landfills. | You learn
  how things work. | A beloved object stays in use.
get enough sleep | A rested mind learns faster. | The body repairs itself at night. | Tired people make more
  mistakes. | Sleep lifts the mood.
join a choir | Singing relaxes the body. | You meet people of all ages. | Nobody has to sing alone. | A
  concert gives you something to look forward to.
buy second-hand clothes | They cost less than new ones. | Making new clothes uses a lot of water. | You find
  pieces that nobody else wears. | Good cloth lasts for many years.
turn off the phone at dinner | Everybody listens better. | The food gets the attention it deserves. | Most
  messages can wait for an hour. | Children copy what adults do.
volunteer in town | Your help makes a difference you can see. | You learn new skills. | You get to know your
  neighbours. | Giving time makes many people happier.
grow vegetables | Nothing tastes fresher. | Gardening keeps you moving. | Children see where food comes from.
  | You decide what touches your food.
save money every month | An emergency will not ruin you. | Larger wishes come within reach. | You depend less
  on loans. | Small sums add up over the years.
wear a bicycle helmet | It protects the head in a fall. | Even careful riders meet careless drivers. |
  Children follow the example. | A bright helmet is easy to see.
visit museums | You see real things instead of copies. | A visit fills a rainy afternoon. | Many museums cost
  little or nothing. | Every room raises new questions.
apologise after a mistake | The other person feels taken seriously. | It helps to rebuild trust. | You can
  stop worrying about it. | It shows courage.
write by hand now and then | Writing slowly helps you remember. | A handwritten note feels personal. | It
  needs neither power nor a screen. | Nothing pops up to distract you.
drink tap water | It costs far less than bottled water. | No bottles have to be carried home. | It makes less
  plastic waste. | In many towns it is tested often.
take regular breaks | Attention fades after an hour or so. | The eyes need a rest from the screen. | Good
  ideas often come away from the desk. | Moving about helps against back pain.
""")

_GIVE_REASONS = read_rows("""
Give {n} reasons to {action}. | {bullets}
Why should people {action}? List {n} arguments. | {numbers}
Persuade {a} to {action} with one strong argument. | {first}
Name {n} good reasons why {a} might {action}. | {bullets}
State a single reason to {action}. | {first}
Argue that it is wise to {action}. Use {n} sentences and no list. | {prose}
Convince {a} that it is worthwhile to {action}, in {n} bullet points. | {bullets}
What speaks for the advice to {action}? {N} points will do. | {numbers}
Supply {n} numbered arguments for a poster that asks readers to {action}. | {numbers}
Answer this question from {a} in {n} short sentences: why would anybody {action}? | {prose}
Back up the claim that everybody should {action} with {n} facts or experiences. | {bullets}
Stand by the advice to {action} with {n} sentences. | {prose}
""")


def _draw_reasons(dice: Draw) -> Draft:
    action, *reasons = dice.pick(_REASONS)
    count = dice.integer(2, 3)
    chosen = dice.sample(reasons, count)
    return free_task(
        dice, _GIVE_REASONS, action=action, n=_NUMBERS[count], N=capitalized(_NUMBERS[count]),
        first=chosen[0], prose=" ".join(chosen), bullets=bulleted(chosen), numbers=numbered(chosen),
        a=dice.pick(READERS),
    )  # fmt: skip


_CHOICES = read_rows("""
living in a big city | Shops and theatres are close by. | Public transport runs often. | There are many jobs.
  | Rents are high. | It is noisy at night. | Green space is scarce.
living in a small village | Nature begins at the front door. | Neighbours know each other. | Houses cost less.
  | Buses are rare. | Shops may be far away. | News about you travels fast.
working from home | There is no journey to work. | You can choose your own desk and light. | Quiet hours are
  easier to protect. | You may feel lonely. | Work and free time mix easily. | Quick questions take longer.
keeping a dog | A dog makes you walk every day. | It is good company. | It greets you at the door. | Food and
  vet cost money. | Holidays need planning. | It must go out in any weather.
travelling by night train | You wake up where you want to be. | You save the price of a hotel. | It pollutes
  less than a flight. | Sleep may be poor. | Beds sell out early. | A delay can spoil the morning.
a four-day working week | People have more time to rest. | Offices use less power. | Fewer days are lost to
  illness. | The remaining days may be longer. | Customers can reach fewer people on the fifth day. | Not
  every trade can do it.
paying with cash | You see what you spend. | It works without electricity. | It keeps your purchases private.
  | It can be lost or stolen. | Coins are heavy. | Some shops no longer take it.
school uniforms | Mornings are simpler. | Clothes cause less envy. | Pupils are easy to recognise on a trip. |
  Pupils cannot show their own taste. | Uniforms have to be bought. | They may be uncomfortable.
electronic books | Hundreds of titles fit into one device. | The letters can be made larger. | They arrive at
  once. | The device needs charging. | They are hard to lend. | Screens break.
a holiday at home | It costs little. | Nobody has to pack. | You discover your own town. | Chores stay in
  sight. | The weather may be poor. | It feels less special.
learning with an app | You can practise anywhere. | Mistakes are corrected at once. | It often costs nothing.
  | Nobody answers difficult questions. | It is easy to give up. | Speaking is hardly trained.
shared flats | The rent is split. | Somebody is there to talk to. | Cooking for several is cheaper. | The
  bathroom may be occupied. | Ideas of tidiness differ. | There is less quiet.
a wood stove | It gives pleasant heat. | It works in a power cut. | Wood grows back. | Smoke pollutes the air.
  | Ash has to be carried out. | Wood needs dry storage.
shopping online | The shop never closes. | Prices are easy to compare. | Heavy things come to the door. | You
  cannot try things on. | Parcels cause waste. | Returning goods takes time.
cycling in winter | You stay fit all year. | You never wait for a bus. | Cycling warms you up. | Roads can be
  icy. | It gets dark early. | Salt harms the chain.
lessons in small groups | The teacher knows everyone. | Shy pupils dare to speak. | Questions are answered
  quickly. | More teachers are needed. | Fewer ideas come together. | Team games are harder to arrange.
""")

_WEIGH_UP = read_rows("""
List {pros} and {cons} of {choice}. | {both}
What are the advantages and drawbacks of {choice}? Name {n} of each for {a}. | {both}
Think about {choice}. Which disadvantages should {a} know about? Mention {n}. | {bad}
Present the advantages of {choice} to {a}; {n} of them will be enough. | {good}
Balance one argument for and one against {choice}. | For: {pro}{nl}Against: {con}
Lay out both sides of {choice} in two short lists with {n} in each. | {both}
Mention one thing that speaks for {choice} and one that speaks against it. | For: {pro}{nl}Against: {con}
A friend is thinking about {choice}. Warn of one drawback. | {con}
Before a vote, {a} would like to hear what is good and bad about {choice}. Offer {n} of each. | {both}
Evaluate {choice} from the point of view of {a}: first a plus, then a minus. | Plus: {pro}{nl}Minus: {con}
Play the critic and object to {choice} in one sentence. | {con}
Defend {choice} against a critic in one sentence. | {pro}
""")


def _draw_pros_and_cons(dice: Draw) -> Draft:
    choice, *points = dice.pick(_CHOICES)
    count = dice.integer(1, 3)
    good, bad = bulleted(dice.sample(points[:3], count)), bulleted(dice.sample(points[3:], count))
    number, plural = _NUMBERS[count], "" if count == 1 else "s"
    return free_task(
        dice, _WEIGH_UP, choice=choice, n=number, pros=f"{number} pro{plural}", cons=f"{number} con{plural}",
        both=f"Pros:\n{good}\nCons:\n{bad}", good=good, bad=bad, pro=dice.pick(points[:3]),
        con=dice.pick(points[3:]), a=dice.pick(READERS),
    )  # fmt: skip


_TIPS = read_rows("""
fall asleep faster | Go to bed at the same time each night. | Leave the phone in another room. | Keep the
  bedroom cool and dark. | Avoid coffee in the evening. | Read a few pages on paper.
remember names | Repeat the name when you hear it. | Link it with someone you know. | Write it down
  afterwards. | Ask again early rather than late. | Use the name when you say goodbye.
save electricity at home | Switch off lights in empty rooms. | Wash clothes at a lower temperature. | Put a
  lid on the pot. | Unplug chargers that are not in use. | Dry laundry in the air.
study for an exam | Start with the hardest chapter. | Test yourself instead of rereading. | Take a short break
  every hour. | Explain the subject to a friend. | Sleep well the night before.
give a short speech | Know your first sentence by heart. | Speak more slowly than feels natural. | Look at
  friendly faces. | Practise aloud twice. | Stop while people still want more.
keep house plants alive | Check the soil before you water. | Put them near a window. | Turn the pot once a
  week. | Remove yellow leaves. | Move them to a larger pot in spring.
spend less on groceries | Write a list and keep to it. | Never shop when you are hungry. | Compare the price
  per kilo. | Cook once and eat twice. | Buy what is in season.
start running | Begin with ten slow minutes. | Walk whenever you are out of breath. | Choose comfortable
  shoes. | Rest on every second day. | Run with a friend.
keep a desk tidy | Throw away one thing each evening. | Give every tool a fixed place. | Put papers into
  folders at once. | Keep only one cup on the desk. | Wipe it every Friday.
make friends in a new town | Join a club or a class. | Greet your neighbours by name. | Say yes to
  invitations. | Visit the same café each week. | Invite someone for a walk.
prepare for a job interview | Read about the company. | Prepare two questions of your own. | Arrive ten
  minutes early. | Have an example ready for each strength. | Choose your clothes the day before.
read more books | Carry a book everywhere. | Read ten pages before bed. | Give up books you do not enjoy. |
  Ask friends what they loved. | Visit the library every month.
stay calm in traffic | Leave ten minutes earlier. | Listen to quiet music. | Breathe out slowly. | Let others
  merge. | Remember that a minute hardly matters.
waste less food | Plan meals for the week. | Store leftovers in clear boxes. | Put older food at the front. |
  Freeze bread in slices. | Trust your nose as well as the date.
learn new words | Use each word in a sentence. | Review them after one day and one week. | Say them aloud. |
  Learn five a day rather than thirty a week. | Label things in your kitchen.
pack a light suitcase | Choose clothes that go together. | Roll shirts instead of folding them. | Wear the
  heaviest shoes. | Fill small bottles with shampoo. | Leave out anything you pack just in case.
write a clear email | Put the request in the first line. | Use one subject per message. | Keep sentences
  short. | Say by when you need an answer. | Read it once before sending.
take part in a meeting online | Test the microphone beforehand. | Mute yourself when others speak. | Sit
  facing a window. | Have water within reach. | Close all other programs.
care for a wooden table | Wipe up spills at once. | Put a mat under hot pans. | Oil it twice a year. | Keep it
  out of strong sun. | Dust it with a soft cloth.
hike safely | Tell someone your route. | Carry enough water. | Check the weather in the morning. | Wear shoes
  with a good grip. | Turn back before dark.
""")

_GIVE_TIPS = read_rows("""
Offer {a} {n} tips on how to {goal}. | {bullets}
What are {n} easy ways to {goal}? | {numbers}
How can {a} {goal}? Give {n} pieces of advice as a numbered list. | {numbers}
Someone tries to {goal} and fails. Suggest one thing to do differently. | {first}
Share {n} short rules that help to {goal}, one per line and without numbers. | {lines}
Fill a leaflet titled “How to {goal}” with {n} bullet points. | {bullets}
Recommend to {a} one habit that helps to {goal}. | {first}
My cousin {name} wants to {goal}. Provide {n} hints. | {bullets}
Advise {a} who would like to {goal}, in {n} sentences. | {prose}
Tips wanted: how to {goal}. Send {n}, each of ten words at most. | {numbers}
{name} asks how to {goal}. Reply with the first thing to try. | {first}
Collect {n} tricks with which {a} could {goal}. | {bullets}
""")


def _draw_tips(dice: Draw) -> Draft:
    goal, *tips = dice.pick(_TIPS)
    count = dice.integer(2, 4)
    chosen = dice.sample(tips, count)
    return free_task(
        dice, _GIVE_TIPS, goal=goal, n=_NUMBERS[count], first=chosen[0], lines="\n".join(chosen),
        prose=" ".join(chosen), bullets=bulleted(chosen), numbers=numbered(chosen),
        a=dice.pick(READERS), name=dice.pick(words.NAMES),
    )  # fmt: skip


# Naming

_SHOPS = read_rows("""
a bakery | Fresh before you wake. | Good bread, good morning. | Warm rolls, warm welcome.
a bicycle repair shop | We get you rolling again. | Small shop, smooth ride. | Your bike deserves a second
  spring.
a flower shop | Say it in full colour. | Every day can bloom. | Fresh stems, fresh smiles.
a bookshop | Open a book, open a door. | Stories by the shelf. | Read more, wonder more.
a tea house | Slow down, sip up. | A quiet cup for a loud world. | Leaves worth waiting for.
a dog walking service | Happy paws, happy home. | We walk, they wag. | Fresh air on four feet.
a language school | Speak up, go far. | New words, new worlds. | Say hello to more people.
a swimming club | Dive into your week. | Lane by lane, stronger. | Make a splash with us.
a shoe repair shop | New soles, old friends. | Every step lasts longer. | Walk on, we fix the rest.
a farm shop | From our field to your fork. | Grown here, loved here. | Picked today, eaten today.
a taxi company | Home safe, any hour. | You call, we roll. | Your ride is around the corner.
a hairdresser | A fresh cut for a fresh start. | Heads up, you look great. | Short wait, sharp style.
a cleaning company | Dust does not stand a chance. | You relax, we shine. | Clean rooms, clear minds.
a music school | Find your sound. | Every day needs a tune. | Play it your way.
a hostel | Sleep cheap, dream big. | Beds for the curious. | Many guests, one kitchen table.
a garden centre | Grow something today. | Green starts here. | Roots for every home.
a toy library | Borrow the fun. | Share toys, save money. | Play more, own less.
a night bus line | We stay up so you get home. | Late is never too late. | The city sleeps, we drive.
""")

_SLOGANS = read_rows("""
Write a slogan for {shop} in {city}. | {s}
Come up with a short advertising line for {shop} run by {name}. | {s}
{name} is opening {shop} in {city} and needs a catchy phrase for the sign. What could it say? | {s}
Invent two slogans for {shop}. | {s}{nl}{s2}
Advertise {shop} in at most eight words. | {s}
Create a line for the window of {shop}, followed by the name of the city, {city}. | {s} {city}.
Which slogan would suit {shop} that wants to sound {tone}? | {s}
Propose a phrase of fewer than nine words that {shop} could print on its bags. | {s}
Coin a slogan for a campaign about {topic}. | {t}
Design the text of a badge for people who care about {topic}; one line is enough. | {t}
Brand a weekly meeting on {topic} in {city} with a snappy line. | {t}
Rally {a} behind the subject of {topic} in one short line. | {t}
""")

_TOPIC_SLOGANS = (
    "Curious about {}? So are we.", "Make room for {}.", "Talk about {} today.", "Join the talk about {}.",
    "Learn more about {}, worry less.", "Let's get serious about {}.", "Think of {}. Think again.",
)  # fmt: skip


def _draw_slogan(dice: Draw) -> Draft:
    shop, *slogans = dice.pick(_SHOPS)
    first, second = dice.sample(slogans, 2)
    topic = dice.topic()
    return free_task(
        dice, _SLOGANS, shop=shop, s=first, s2=second, t=dice.pick(_TOPIC_SLOGANS).format(topic), topic=topic,
        city=dice.pick(words.CITIES), name=dice.pick(words.NAMES), tone=dice.pick(_MILD_TONES),
        a=dice.pick(READERS),
    )  # fmt: skip


_TITLES = read_rows("""
Find a title for {kind} on {topic}. | {plain}
What would be a fitting title for {kind} about {topic}? | {plain}
Suggest a title in the form of a question for {kind} about {topic}. | {question}
{name} has finished {kind} about {topic} but has no name for it yet. Help out. | {plain}
Think up a title with a subtitle for {kind} on {topic}, aimed at {a}. | {subtitled}
Head {kind} about {topic} with at most six words. | {short}
Christen {kind} about {topic}: the title must contain a number. | {number}
Brainstorm two different titles for {kind} on {topic}. | 1. {plain}{nl}2. {question}
Give {kind} on {topic} a name that makes {a} curious. | {question}
Entitle {kind} about {topic} in a {tone} way. | {plain}
Choose a working title for {kind} on {topic}, in capitals only. | {capitals}
""")

_SUBTITLES = (
    "What to Know and Where to Begin", "Small Facts and Large Questions", "An Invitation",
    "Stories and Answers", "First Steps", "A Short History",
)  # fmt: skip

_KINDS = (
    "a lecture", "a magazine article", "a podcast", "an exhibition", "an essay", "a workshop", "a song",
    "a radio feature", "a children's book", "a novel", "a poem", "a newsletter", "a short film",
    "a school project", "a museum guide", "a column", "a photo series", "a night course",
)  # fmt: skip


def _draw_title(dice: Draw) -> Draft:
    topic = dice.topic()
    plain = dice.pick((
        "a beginner's guide to {}", "the quiet story of {}", "notes on {}", "between us and {}",
        "a year with {}", "the secret life of {}", "in praise of {}", "{} at first sight",
        "letters about {}", "a closer look at {}",
    ))  # fmt: skip
    question = dice.pick((
        "what can {} teach us?", "who still cares about {}?", "why talk about {} now?",
        "what if we forget {}?", "how much do we know about {}?",
    ))  # fmt: skip
    count = dice.integer(3, 12)
    number = dice.pick(("{n} ways to think about {t}", "{n} short lessons on {t}", "{t} in {n} questions"))
    short = _title(dice.pick(("{} up close", "simply {}", "{} and us")).format(topic))
    return free_task(
        dice, _TITLES, kind=dice.pick(_KINDS), topic=topic, plain=_title(plain.format(topic)), short=short,
        question=_title(question.format(topic)), number=_title(number.format(n=count, t=topic)),
        subtitled=f"{short}: {dice.pick(_SUBTITLES)}", capitals=short.upper(),
        name=dice.pick(words.NAMES), a=dice.pick(READERS), tone=dice.pick(_MILD_TONES),
    )  # fmt: skip


_VALUES = read_rows("""
courage | Fear may come along, but it does not steer. | Dare first, doubt later.
patience | Slow roots, strong tree. | One step, then the next.
honesty | Say it straight and say it kindly. | True words travel far.
curiosity | Ask once more. | Every answer opens a door.
kindness | Leave people lighter than you found them. | Kind costs nothing.
thrift | Waste little, want little. | Save a little, share a lot.
punctuality | On time is a form of respect. | Early is easy.
good humour | Laugh first, then try again. | Take the work seriously, not yourself.
trust | We keep our word. | A promise is a bridge.
perseverance | Fall seven times, lace your shoes eight. | Nearly there is the time to go on.
care | Small things, done well. | Look after it and it will last.
fairness | Same rules, same chances. | Fair to one, fair to all.
openness | There is always one more chair. | Come as you are.
modesty | Let the work speak. | Do much, say little.
""")

_MOTTOES = read_rows("""
Write a motto for {group} that values {value}. | {m}
Which motto would you carve above the door of {group}, if {value} mattered most there? | {m}
{group} believes in {value}. Express that belief in at most ten words. | {m}
Formulate a guiding sentence on {value} for {group} in {city}. | {m}
Phrase the spirit of {value} as a motto that {a} could learn by heart. | {m}
Put {value} into a short saying. | {m}
Compose two mottoes about {value}; the members of {group} will vote on them. | {m}{nl}{m2}
Stitch a saying on {value} onto a banner for {group}: what are the words? | {m}
Boil {value} down to one line that {group} can live by. | {m}
""")

_GROUPS = (
    "a rowing club", "a fire brigade", "a school choir", "a repair café", "a large family",
    "a town library", "a hospital ward", "a football team", "a local newspaper", "a hiking club",
    "a chess club", "a small brewery", "a nursery school", "a ship's crew", "a village council",
    "a theatre company", "a night shelter",
)  # fmt: skip


def _draw_motto(dice: Draw) -> Draft:
    value, *mottoes = dice.pick(_VALUES)
    first, second = dice.shuffled(mottoes)
    return free_task(
        dice, _MOTTOES, value=value, m=first, m2=second, group=dice.pick(_GROUPS),
        city=dice.pick(words.CITIES), a=dice.pick(READERS),
    )  # fmt: skip


_EVENTS = read_rows("""
a lost dog was found in a post office in {city} | Lost Dog Turns Up in {city} Post Office
the mayor of {city} opened a new bicycle bridge | {city} Mayor Opens Bicycle Bridge
a school in {city} won a national cooking contest | {city} School Wins National Cooking Contest
heavy snow closed the airport of {city} for a day | Snow Shuts {city} Airport for a Day
a baker from {city} baked a loaf {n} metres long | {city} Baker Makes Loaf {n} Metres Long
the zoo in {city} welcomed {n} baby penguins | {n} Baby Penguins Born at {city} Zoo
a tram driver in {city} retired after {n} years | {city} Tram Driver Retires after {n} Years
pupils in {city} planted {n} trees in one morning | {city} Pupils Plant {n} Trees in a Morning
a museum in {city} found a forgotten painting in its cellar | Forgotten Painting Found in {city} Museum Cellar
the library of {city} abolished fines for late books | {city} Library Drops Late Fines
a power cut left {n} streets in {city} dark on {weekday} | Power Cut Darkens {n} Streets in {city}
{n} musicians played on balconies across {city} on {weekday} | {n} Balcony Musicians Delight {city}
the river in {city} rose by {n} centimetres overnight | {city} River Rises {n} Centimetres Overnight
a swan blocked the main road of {city} for {n} minutes | Swan Stops {city} Traffic for {n} Minutes
the market in {city} will move to {weekday} from next month | {city} Market Moves to {weekday}
""")

_HEADLINES = read_rows("""
Write a newspaper headline for this news: {event}.
Turn the following event into a headline: {event}.
Imagine that {event}. How would the local newspaper announce it?
You are the editor tonight, and {event}. Supply the headline.
In ten words or fewer, announce to the readers that {event}.
Condense this report into a headline with capital letters: yesterday {event}.
What headline fits best if {event}?
In the style of a front page, break the news that {event}.
{name}, a young reporter, has learned that {event}. Give the story a heading.
Sum up for a news website, in the present tense, that {event}.
""")


def _draw_headline(dice: Draw) -> Draft:
    event, headline = dice.pick(_EVENTS)
    values = {
        "city": dice.pick(words.CITIES),
        "n": dice.integer(3, 48),
        "weekday": dice.pick(words.WEEKDAYS),
    }
    asks = [(ask, headline.format(**values)) for (ask,) in _HEADLINES]
    return free_task(dice, asks, event=event.format(**values), name=dice.pick(words.NAMES))


# Inventing

_COUPLETS = read_rows("""
day | I thought about {t} all through the day, | and slowly the grey clouds drifted away.
evening | When evening comes and work is done, | I read of {t} just for fun.
tea | A cup of tea, a chair, a light, | and talk of {t} half the night.
rest | They asked me what I like the best; | I spoke of {t} and skipped the rest.
gold | Some dream of ships and some of gold; | of {t} my best tales are told.
time | O {t}, subject of my rhyme, | I come back to you every time.
song | Let others sing of love and wine; | a song of {t} will be mine.
wind | The rain may fall, the wind may blow; | of {t} there is more to know.
child | A child once asked me, wide awake, | how many lines on {t} I'd make.
wall | Write {t} down in letters tall | and hang the page upon the wall.
heart | I knew so little at the start; | now thoughts of {t} fill my heart.
page | The morning paper, page by page, | brings news of {t} to every age.
room | A word on {t}, then two, then three, | and soon the whole room talks with me.
still | Say what you like, say what you will, | the thought of {t} moves me still.
rhyme | Tell me of {t}, take your time, | and I will put it into rhyme.
garden | We spoke of {t}, you and I, | while garden swallows crossed the sky.
""")

_POEMS = read_rows("""
Write a rhyming poem of two lines about {t}. | {one}
Compose four lines of verse on {t}. | {one}{nl}{two}
Rhyme something short about {t} that contains the word “{word}”. | {one}
How might a poet begin two lines on {t}? Let them rhyme. | {one}
Craft a poem for {a} in two rhyming pairs of lines; the subject is {t}. | {one}{nl}{two}
{name} collects poems. Add a couplet on {t} to the collection. | {one}
Versify your thoughts about {t}: four lines, rhymed in pairs. | {one}{nl}{two}
Produce a little verse about {t} for a birthday card to {name}, beginning with the name. | {name}, here are
  lines for you{nl}on {t}, short and true.
Recite a couplet of your own about {t}. | {one}
Celebrate {t} in a poem with exactly four lines, in a {tone} mood. | {one}{nl}{two}
Try your hand at a two-line poem on {t}; use “{word}” somewhere. | {one}
""")


def _draw_poem(dice: Draw) -> Draft:
    topic = dice.topic()
    (word, *one), (_, *two) = dice.sample(_COUPLETS, 2)
    return free_task(
        dice, _POEMS, t=topic, word=word, one=capitalized("\n".join(one).format(t=topic)),
        two=capitalized("\n".join(two).format(t=topic)), name=dice.pick(words.NAMES),
        a=dice.pick(READERS), tone=dice.pick(_MILD_TONES),
    )  # fmt: skip


_OPENINGS = read_rows("""
a mystery | Nobody had opened the {place} since winter, so {name} wondered who had left {an_object} on its
  doorstep.
a mystery | On {weekday} morning {name} found a note under the {object}: “Leave the {place} before noon.”
a comedy | It took {name} eleven minutes, two ladders and one very patient goat to get the {object} off the
  roof of the {place}.
a comedy | The first rule of the {place} was simple, and {name} broke it with {an_object} before breakfast.
an adventure | The {object} was all that {name} saved from the storm, and by {weekday} it would lead the way
  to a hidden {place}.
an adventure | With {an_object} and three coins, {name} left the {place} long before sunrise.
a fairy tale | Once upon a time there was {an_object} that could speak, but only {name} at the {place} was
  willing to listen.
a fairy tale | Long ago, behind the {place}, lived a tailor named {name} who owned nothing but {an_object}.
a ghost story | Every {weekday} at midnight the {object} in the {place} moved by itself, and tonight {name}
  was there to see it.
a ghost story | “That belongs to me,” said a voice in the empty {place}, and {name} let go of the {object}.
a science fiction story | When the last ship left the Moon, {name} was still in the {place}, repairing
  {an_object} that no human had made.
a science fiction story | In the year 2190, a simple {object} was worth more than gold, and {name} had just
  found one under the {place}.
a love story | {name} came to the {place} to return {an_object} and stayed for the smile behind the counter.
a love story | Every {weekday}, {name} asked for the same {object} at the {place}, just to see who would hand
  it over.
""")

_TELL = read_rows("""
Write the first sentence of {genre} with {name}, {an_object} and {a_place}.
Begin {genre} that takes place around {a_place}. The hero is called {name}, and {an_object} matters.
How could {genre} start if its main character is {name} and {an_object} plays a part at {a_place}?
Open {genre} for {a}: {name}, {a_place}, {an_object}.
Draft an opening line for {genre}; mention {an_object}, {a_place} and the name {name}.
Start {genre} in one sentence, using the words “{object}” and “{place}”, and call the hero {name}.
Hook the reader of {genre} at once. Ingredients: {name}, {an_object}, {a_place}.
Once {name} finds {an_object} at {a_place}, {genre} begins. What is its opening sentence?
Launch {genre} with a {tone} narrator; {name}, {an_object} and {a_place} all appear.
""")


def _draw_story_opening(dice: Draw) -> Draft:
    genre, opening = dice.pick(_OPENINGS)
    thing, place = dice.pick(_SINGLE_OBJECTS), dice.pick(words.PLACES)
    values = {
        "name": dice.pick(words.NAMES), "object": thing, "an_object": with_article(thing), "place": place,
        "a_place": with_article(place), "weekday": dice.pick(words.WEEKDAYS),
    }  # fmt: skip
    asks = [(ask, opening.format(**values)) for (ask,) in _TELL]
    return free_task(dice, asks, genre=genre, a=dice.pick(READERS), tone=dice.pick(_MILD_TONES), **values)


_QUESTIONS = (
    "How did people first become interested in {}?", "What can children learn from {}?",
    "Which common belief about {} is wrong?", "What would the world be like without {}?",
    "When did you last think about {}?", "How has our view of {} changed in the past fifty years?",
    "Which book about {} would you recommend?", "What is the hardest thing to understand about {}?",
    "How could a school teach {} in one afternoon?", "Who in our town knows most about {}?",
    "What surprised you most when you first read about {}?",
    "Where would you send someone who is interested in {}?",
    "What will people say about {} in a hundred years?", "Why do some people never talk about {}?",
)  # fmt: skip

_ASK_QUESTIONS = read_rows("""
Ask {n} questions about {t} that {a} could discuss. | {many}
Think of a question about {t} that cannot be answered with yes or no. | {one}
What would you ask an expert on {t}? | {one}
Prepare {n} interview questions on {t}. | {many}
A quiz night needs {n} open questions on {t}. Note them as a numbered list. | {many}
Pose one question about {t} to {a}. | {one}
Start a conversation with {a} about {t} by asking something. | {one}
Which {n} questions should a beginner ask about {t}? | {many}
Generate {n} discussion questions for a lesson on {t}. | {many}
Interview {name}, who has written a book on {t}: what is your opening question? | {one}
Wonder aloud about {t} in a single question. | {one}
""")


def _draw_questions(dice: Draw) -> Draft:
    topic = dice.topic()
    count = dice.integer(2, 4)
    chosen = [question.format(topic) for question in dice.sample(_QUESTIONS, count)]
    return free_task(
        dice, _ASK_QUESTIONS, t=topic, n=_NUMBERS[count], many=numbered(chosen), one=chosen[0],
        a=dice.pick(READERS), name=f"{dice.pick(words.NAMES)} {dice.pick(words.SURNAMES)}",
    )  # fmt: skip


_FIGURES = read_rows("""
hope | Hope is a lamp left on in the hall. | Hope is like a seed under the snow. | It keeps shining while we
  wait.
time | Time is a river without a bridge. | Time is like sand in an open hand. | It never flows back.
anger | Anger is a pot about to boil over. | Anger is like a match in dry grass. | It builds up heat until it
  spills.
friendship | Friendship is a shared umbrella. | Friendship is like an old coat. | It shelters more than one
  person.
memory | Memory is an attic with a broken lamp. | Memory is like a book with missing pages. | Much is stored
  there, but hard to find.
a lie | A lie is a cracked bridge. | A lie is like a coat that is too short. | It cannot carry weight for
  long.
silence | Silence is fresh snow. | Silence is like a blanket over a room. | It covers everything softly.
fear | Fear is a locked gate. | Fear is like fog on a road. | It stops us from going on.
a new job | A new job is an unread book. | A new job is like a first swim in cold water. | Nobody knows the
  next page.
old age | Old age is a garden in late October. | Old age is like a well-worn path. | The harvest is in and the
  light is low.
childhood | Childhood is a long summer afternoon. | Childhood is like a house with every door open. | It seems
  to have no end.
a city at night | A city at night is a sky turned upside down. | A city at night is like a box of jewels. |
  Its lights shine below us like stars.
the internet | The internet is a library without a librarian. | The internet is like an endless market hall. |
  Everything is there, but nobody sorts it.
laughter | Laughter is an open window. | Laughter is like sunlight on water. | It lets fresh air into a room.
a secret | A secret is a stone in the shoe. | A secret is like a bird in a box. | It presses until we take it
  out.
learning | Learning is climbing a hill for the view. | Learning is like planting a tree. | The effort is
  rewarded at the top.
rain | Rain is a drummer on the roof. | Rain is like a grey curtain. | It beats a steady rhythm.
the sea | The sea is a restless sleeper. | The sea is like a giant's breath. | It turns over all night long.
winter | Winter is a white page. | Winter is like a guest who stays too long. | It covers what was written
  before.
doubt | Doubt is a crack in the cup. | Doubt is like a pebble in a clock. | It lets confidence leak away.
""")

_COMPARE_BY_FIGURE = read_rows("""
Write a metaphor for {x} that {a} will enjoy. | {metaphor}
For {a}, complete a comparison that begins with “{X} is like”. | {simile}
Describe {x} by comparing it with something you can touch or see, without using the word “like”. | {metaphor}
What could stand for {x} in a poem for {a}? Answer with a metaphor and explain it. | {metaphor} {why}
Express {x} in a simile for {a}. | {simile}
Find a fresh way to speak of {x}: one metaphor and one simile for {a}. | Metaphor: {metaphor}{nl}Simile:
  {simile}
If {x} were a thing or a place, which would it be? Answer for {a}. | {metaphor}
Liken {x} to something that {a} would know. | {simile}
Give {a} a feeling for {x} with a {tone} figure of speech. | {simile}
Replace a dry definition of {x} with a metaphor, then justify your choice. | {metaphor} {why}
Say what {x} is without defining it; a metaphor will do. | {metaphor}
""")


def _draw_metaphor(dice: Draw) -> Draft:
    thing, metaphor, simile, why = dice.pick(_FIGURES)
    return free_task(
        dice, _COMPARE_BY_FIGURE, x=thing, X=capitalized(thing), metaphor=metaphor, simile=simile, why=why,
        a=dice.pick(READERS), tone=dice.pick(_MILD_TONES),
    )  # fmt: skip


_INTRODUCTIONS = read_rows("""
Introduce a talk on {t} to {group} in two or three sentences. | {hello} Tonight is about {t}. You need no
  knowledge, only an open mind.
Welcome {group} to {event} about {t}; the speaker is {name}. | {hello} Our subject today is {t}, and {name}
  knows more about it than anyone I have met.
Announce {name} from {city}, who will speak about {t}. | Please welcome {name} from {city}, who will tell us
  about {t}!
What would you say to {group} at the start of {event} on {t}? | {hello} I am glad that you came to hear about
  {t}. Please ask whenever something is unclear.
Write the introduction to a leaflet on {t} for {group}. | {hello} This leaflet tells you in a few minutes what
  is worth knowing about {t}.
Moderate {event}: greet {group}, then name the subject, {t}, and the guest, {name}. | {hello} The subject is
  {t}, and our guest is {name}.
Lead into a radio report about {t} with one sentence for {group}. | You may think you know all about {t}, but
  the next ten minutes could change that.
Prepare opening words on {t} for {group} that end with a question. | {hello} We will spend an hour on {t}.
  What comes to your mind first?
Greet {group} and explain that {event} about {t} will last {n} minutes. | {hello} For the next {n} minutes we
  will talk about {t}.
Warm up {group} before {event} on {t}; be {tone} and brief. | {hello} Lean back: the next half hour belongs to
  {t}.
""")

_CROWDS = read_rows("""
school children | Hello, everyone!
retired people | Good afternoon, and thank you for coming.
first-year students | Good morning, and welcome to the course.
hospital staff | Good evening, dear colleagues.
the general public | Ladies and gentlemen, welcome.
future teachers | Dear colleagues of tomorrow, welcome.
a group of tourists | Welcome to our town!
a team of volunteers | Hello, and thank you all for your time.
weekend gardeners | Good morning, dear gardeners.
parents | Dear parents, a warm welcome.
""")


def _draw_introduction(dice: Draw) -> Draft:
    group, hello = dice.pick(_CROWDS)
    events = ("an evening lecture", "a workshop", "a guided tour", "an online course", "a panel discussion")
    return free_task(
        dice, _INTRODUCTIONS, t=dice.topic(), group=group, hello=hello, event=dice.pick(events),
        name=f"{dice.pick(words.NAMES)} {dice.pick(words.SURNAMES)}", city=dice.pick(words.CITIES),
        n=5 * dice.integer(3, 18), tone=dice.pick(_MILD_TONES),
    )  # fmt: skip


_MOTIONS = read_rows("""
Every school should spend one lesson a month on {t}. | Pupils would learn to discuss {t} with facts. | The
  timetable is full enough already.
Our town should hold a yearly festival about {t}. | A festival would bring neighbours together. | The money is
  needed for roads and schools.
Newspapers should report on {t} every week. | Regular reports would help readers to judge for themselves. |
  Editors, not rules, should decide what is news.
Every library should have a special shelf for {t}. | Readers would find the subject at a glance. | Other
  subjects would be pushed into a corner.
Experts on {t} should advise the government. | Good decisions need good knowledge. | The government has many
  more urgent questions.
Films about {t} should be free for schools. | Films reach pupils who do not like to read. | Somebody has to
  pay the people who make them.
Children under ten are too young for lessons on {t}. | Young children learn more by playing. | Curiosity has
  no minimum age.
There should be a national day devoted to {t}. | One day a year reminds everybody of the subject. | Most
  special days are forgotten at once.
Universities should offer a free course on {t}. | Knowledge should not depend on income. | Free courses are
  often started and rarely finished.
""")

_DEBATES = read_rows("""
Write a statement about {t} that two teams could debate. | {motion}
Propose a motion on {t} for a debating club in {city}. | This house believes the following. {motion}
What claim about {t} would split a room in half? | {motion}
Formulate a debate statement on {t}, with one argument for and one against it. | {motion}{nl}For:
  {pro}{nl}Against: {con}
Take a position on {t} in one sentence and support it in another. | {motion} {pro}
Challenge this opinion in one sentence: “{motion}” | {con}
Support the following motion in a single sentence: “{motion}” | {pro}
Set a topic for a debate among {group}; it should concern {t}. | {motion}
Respond to the demand “{motion}” with an argument for each side. | For: {pro}{nl}Against: {con}
Provoke a friendly argument about {t} among {group}. | {motion}
""")


def _draw_debate(dice: Draw) -> Draft:
    topic = dice.topic()
    motion, pro, con = (cell.format(t=topic) for cell in dice.pick(_MOTIONS))
    return free_task(
        dice, _DEBATES, t=topic, motion=motion, pro=pro, con=con, city=dice.pick(words.CITIES),
        group=dice.pick(_CROWDS)[0],
    )  # fmt: skip


_FUN = read_rows("""
animals | If {animal} could talk for one minute, what would it complain about?
animals | Who would win a staring contest, {animal} or {animal2}?
animals | Would you rather share a tent with {animal} or with {animal2}?
food | If you could eat only {food} or only {food2} for a month, which would you choose?
food | What would a hat made of {food} look like?
food | Which song would {food} sing if they had a voice?
hobbies | How would you explain {hobby} to a visitor from another planet?
hobbies | Would you rather spend a whole week on {hobby} or never do it again?
hobbies | Which animal would be best at {hobby}, and why?
things at home | If {object} could give you advice, what would it say?
things at home | What is the strangest thing one could do with {object}?
things at home | Would you rather lose {object} or your sense of direction?
""")

_BREAK_ICE = read_rows("""
Come up with a fun question about {theme} for {occasion}.
Break the ice at {occasion} with a silly question on the theme of {theme}.
What playful question could start {occasion}? It should be about {theme}.
Entertain the guests of {occasion} by asking something odd about {theme}.
Invent a question about {theme} that has no right answer and makes people smile at {occasion}.
Liven up {occasion} with one light question about {theme}.
At {occasion}, everybody gets a funny question. Theme: {theme}. Write one for {name}.
Amuse {name} with a question about {theme}.
Surprise everyone at {occasion}: one unusual question, subject {theme}.
""")


def _draw_fun_question(dice: Draw) -> Draft:
    occasions = (
        "a team lunch", "a family dinner", "a long car ride", "a first day at school", "a birthday party",
        "a wedding table", "an online meeting", "a youth camp", "a train journey", "a language class",
        "a picnic", "a neighbours' barbecue",
    )  # fmt: skip
    theme, question = dice.pick(_FUN)
    animal, animal2 = dice.sample([word for word in words.ANIMALS if word != "sheep"], 2)
    food, food2 = dice.sample(_PLURAL_FOODS, 2)
    question = question.format(
        animal=with_article(animal), animal2=with_article(animal2), food=food, food2=food2,
        hobby=dice.pick(words.HOBBIES), object=with_article(dice.pick(_SINGLE_OBJECTS)),
    )  # fmt: skip
    asks = [(ask, question) for (ask,) in _BREAK_ICE]
    return free_task(dice, asks, theme=theme, occasion=dice.pick(occasions), name=dice.pick(words.NAMES))


_PLURAL_FOODS = [word for word in words.FOODS if word.endswith("s")]


# Shortening and lengthening

_PASSAGES = read_rows("""
The swimming pool in {city} will stay closed until {weekday}. A pipe burst last night and flooded the changing
  rooms. Visitors with season tickets may use the lake baths free of charge. | The pool in {city} is closed
  until {weekday} because of a burst pipe.
{name} has run the corner shop in {city} for {n} years. Next month the shop will move to a larger building
  near the station. Regular customers have offered to help carry the shelves. | After {n} years, {name}'s
  corner shop in {city} is moving to a larger building.
Last {weekday}, {n} volunteers met at the river in {city}. In three hours they collected more than forty bags
  of rubbish. The oddest find was {an_object}. | {n} volunteers collected over forty bags of rubbish at the
  river in {city}.
The library of {city} is trying something new. From {weekday} on, readers may borrow tools as well as books.
  {name}, who runs the project, hopes that fewer people will buy drills they use only once. | From {weekday}
  on, the library of {city} lends tools as well as books.
{name} missed the last train from {city} on {weekday}. Instead of waiting for a taxi, {name} walked home along
  the canal. The walk took four hours, but the sunrise was worth it. | {name} missed the last train, walked
  home for four hours and enjoyed the sunrise.
The oven of a bakery in {city} broke down early on {weekday}. {name}, the owner, rang the neighbours, and {n}
  of them baked the rolls at home. By nine o'clock every order had been delivered. | When a bakery's oven
  broke, {n} neighbours baked the rolls and every order was delivered.
A class from {city} counted birds in the park for a week. The pupils saw {n} sparrows, far more than last
  year. Their teacher thinks that the new hedges are the reason. | Pupils in {city} counted {n} sparrows, more
  than last year, perhaps thanks to new hedges.
{name} wanted to sell {an_object} at the flea market. A stranger offered {n} euros at once. Then {name}
  remembered how much Grandmother had loved it and took it home again. | {name} turned down {n} euros and kept
  a thing that Grandmother had loved.
The museum in {city} has a new guide: a robot that speaks {n} languages. It rolls from room to room and
  answers questions. Children love it, but some older visitors miss the human guides. | A robot guide in
  {city}'s museum delights children but not all older visitors.
""")

_SUMMARISE = read_rows("""
Summarise the passage in one sentence {limit}.
What is the main point of this short text? Answer {limit}.
Read the report and tell {a} in a single sentence what happened.
Reduce the three sentences to one, {limit}.
Retell the news for {a}, leaving out every minor detail.
Capture the key fact of the text {limit}.
If you had ten seconds to report this to {a}, what would you say?
Shrink this note to a single sentence for {a}.
Pick out what matters and put it {limit}.
Tell {a} the gist of the passage, {limit}.
""")


def _draw_summary(dice: Draw) -> Draft:
    limit = dice.pick((
        "in at most {} words", "using no more than {} words", "in fewer than {} words", "within {} words",
    )).format(dice.integer(18, 25))  # fmt: skip
    (ask,) = dice.pick(_SUMMARISE)
    instances = []
    for text, summary in dice.sample(_PASSAGES, dice.integer(1, 2)):
        values = {
            "city": dice.pick(words.CITIES), "weekday": dice.pick(words.WEEKDAYS), "n": dice.integer(6, 40),
            "name": dice.pick(words.NAMES), "an_object": with_article(dice.pick(_SINGLE_OBJECTS)),
        }  # fmt: skip
        instances.append(Instance(input=text.format(**values), output=summary.format(**values)))
    return Draft(ask.format(limit=limit, a=dice.pick(READERS)), tuple(instances))


_NOTES = read_rows("""
dentist {weekday} {h} pm, bring card | I have an appointment with the dentist on {weekday} at {h} p.m. and
  must bring my card.
train to {city} {n} min late, start without me | My train to {city} is {n} minutes late, so please start
  without me.
no milk left, {name} buys some on way home | There is no milk left, so {name} will buy some on the way home.
meeting moved: {weekday} {h}:30, room {n} | The meeting has been moved to {weekday} at {h}:30 and will take
  place in room {n}.
{name} ill, back {weekday} | {name} is ill and will be back on {weekday}.
heating broken flat {n}, plumber {weekday} | The heating in flat {n} is broken, and a plumber will come on
  {weekday}.
parcel for {name} at no. {n}, collect after {h} | A parcel for {name} is waiting at number {n} and can be
  collected after {h} o'clock.
bus {n} not running {weekday}, take tram | Bus {n} is not running on {weekday}, so take the tram.
keys found {city} station, ask {name} | Some keys were found at the station in {city}; please ask {name} about
  them.
party {name} {weekday} {h} pm, bring salad | {name} is giving a party on {weekday} at {h} p.m. and asks
  everyone to bring a salad.
choir cancelled {weekday}, next time {h} pm sharp | Choir is cancelled on {weekday}, and next time we will
  start at {h} p.m. sharp.
{name} moving to {city}, needs {n} boxes | {name} is moving to {city} and needs {n} boxes.
""")

_EXPAND = read_rows("""
Expand {this} into a full sentence{end}
Turn {this} into one complete sentence{end}
What does the writer of {this} mean? Spell it out in a sentence{end}
Rewrite {this} so that nothing is abbreviated{end}
Make a proper sentence out of {this}{end}
Unfold {this} into correct English{end}
Somebody scribbled {this} in a hurry. Write it out in full{end}
Fill in the missing words of {this}{end}
Decode {this}, giving one grammatical sentence{end}
Lengthen {this} to a sentence with a verb{end}
""")


def _draw_expansion(dice: Draw) -> Draft:
    this = dice.pick(("the note", "this memo", "the scribbled reminder", "these keywords", "the jotting",
                      "this line from a notepad", "the short message"))  # fmt: skip
    end = dice.pick((
        ".", " and keep every detail.", " that {a} could read.", " without adding facts.",
        ", with correct punctuation.", " for {a}.", "; all names and numbers stay.",
    )).format(a=dice.pick(READERS))  # fmt: skip
    (ask,) = dice.pick(_EXPAND)
    instances = []
    for note, sentence in dice.sample(_NOTES, dice.integer(2, 3)):
        values = {
            "city": dice.pick(words.CITIES), "weekday": dice.pick(words.WEEKDAYS[:5]),
            "n": dice.integer(3, 60), "name": dice.pick(words.NAMES), "h": dice.integer(2, 7),
        }  # fmt: skip
        instances.append(Instance(input=note.format(**values), output=sentence.format(**values)))
    return Draft(ask.format(this=this, end=end), tuple(instances))


FAMILIES: tuple[Family, ...] = (
    Family("explain_concept", is_classification=False, draw=_draw_explanation),
    Family("describe_scene", is_classification=False, draw=_draw_description),
    Family("compare_two_things", is_classification=False, draw=_draw_comparison),
    Family("give_reasons", is_classification=False, draw=_draw_reasons),
    Family("pros_and_cons", is_classification=False, draw=_draw_pros_and_cons),
    Family("give_tips", is_classification=False, draw=_draw_tips),
    Family("write_slogan", is_classification=False, draw=_draw_slogan),
    Family("find_title", is_classification=False, draw=_draw_title),
    Family("write_motto", is_classification=False, draw=_draw_motto),
    Family("write_headline", is_classification=False, draw=_draw_headline),
    Family("write_short_poem", is_classification=False, draw=_draw_poem),
    Family("open_story", is_classification=False, draw=_draw_story_opening),
    Family("ask_about_topic", is_classification=False, draw=_draw_questions),
    Family("find_metaphor", is_classification=False, draw=_draw_metaphor),
    Family("introduce_topic", is_classification=False, draw=_draw_introduction),
    Family("debate_statement", is_classification=False, draw=_draw_debate),
    Family("fun_question", is_classification=False, draw=_draw_fun_question),
    Family("summarise_passage", is_classification=False, draw=_draw_summary),
    Family("expand_note", is_classification=False, draw=_draw_expansion),
)
