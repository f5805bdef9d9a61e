"""Tasks of daily life: messages, lists, plans and the little talk between people.

Messages are made of sentence frames, plans are computed from their times, quantities from the number of
guests. A row of asks is an instruction and its output, both filled in with the family's values.
"""

from __future__ import annotations

import re

from curriculum import words
from curriculum.asking import (
    READERS,
    bulleted,
    capitalized,
    free_task,
    in_setting,
    numbered,
    read_rows,
    with_article,
)
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six")
_WORKDAYS = words.WEEKDAYS[:5]


_BEFORE = read_rows("""
{name} asked for help with this.
You assist {job} in {city}.
Here is a small job from {name}, {job}.
{name} from {city} would like a hand with this.
Imagine that you work for {job}.
""")

_AFTER = read_rows("""
{name} will read the result.
The result is for {job} in {city}.
{name}, {job}, needs it by {weekday}.
Be brief, since {name} is in a hurry.
{name} would like to use it in {city}.
Think of {audience} as the reader.
""")


def _worked(dice: Draw, instruction: str, pairs: list[tuple[str, str]]) -> Draft:
    """A task with inputs; often a sentence says who wants it done, or for whom."""
    instruction = capitalized(instruction)
    if dice.chance(0.7):
        instruction = in_setting(dice, instruction, _BEFORE, _AFTER)
    return Draft(instruction, tuple(Instance(input=given, output=output) for given, output in pairs))


def _boxes(lines: list[str]) -> str:
    return "\n".join(f"[ ] {line}" for line in lines)


def _clock(minutes: int) -> str:
    """Of minutes since midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


# Messages

_DEEDS = read_rows("""
helping me move house | Without you I would still be carrying boxes.
lending me a bicycle | It saved me two long walks to the station.
watering my plants in {month} | Every single one is alive and growing.
the lovely dinner on {weekday} | I am still thinking about the soup.
the woollen scarf | It keeps me warm on the way to work.
driving me to {city} | I would never have arrived on time by bus.
repairing my old laptop | It runs as if it were new.
looking after the cat | She seems to miss you already.
the book on {topic} | I read it in one weekend.
the long talk last night | I feel much better today.
translating my letter | The office in {city} understood every word.
the birthday cake | There was not a crumb left in the evening.
the concert ticket | I had never heard music like that before.
standing in for me on {weekday} | I could rest and am well again.
""")

_THANKS = read_rows("""
Write a thank-you note to {name} for {deed}. | Dear {name},{nl}thank you very much for {deed}. {detail}
Thank {name} in two sentences for {deed}. | Thank you so much for {deed}, {name}! {detail}
I want to thank my {who}, {name}, for {deed}. Draft a short message that ends with my name, {me}. | Dear
  {name},{nl}many thanks for {deed}. {detail}{nl}Yours,{nl}{me}
Express gratitude to {name} for {deed}, with one concrete detail. | {name}, I am so grateful for {deed}.
  {detail}
How can {me} thank {name} for {deed}? Suggest the wording of a card. | Dear {name}, thank you for {deed}.
  {detail} With love, {me}
Text {name} a single sentence of thanks for {deed}. | Thanks a lot for {deed}, {name}!
My {who} deserves a formal letter of thanks for {deed}. Put it in three sentences. | I would like to thank you
  sincerely for {deed}. {detail} If I can ever return the favour, please let me know.
Show appreciation for {deed} in a message to {name} that offers something in return. | Thank you for {deed},
  {name}. {detail} Next time, dinner is on me.
Word a warm email to {name} about {deed}, including a subject line. | Subject: Thank you!{nl}{nl}Dear
  {name},{nl}thank you for {deed}. {detail}
""")

_PEOPLE = ("aunt", "boss", "colleague", "cousin", "friend", "landlady", "neighbour", "teacher", "uncle")


def _draw_thanks(dice: Draw) -> Draft:
    values = {
        "month": dice.pick(words.MONTHS), "weekday": dice.pick(words.WEEKDAYS),
        "city": dice.pick(words.CITIES), "topic": dice.topic(),
    }  # fmt: skip
    deed, detail = (cell.format(**values) for cell in dice.pick(_DEEDS))
    name, me = dice.sample(words.NAMES, 2)
    return free_task(dice, _THANKS, deed=deed, detail=detail, name=name, me=me, who=dice.pick(_PEOPLE))


_MISHAPS = read_rows("""
I broke your blue vase | breaking your blue vase | I will gladly pay for a new one.
I forgot your birthday | forgetting your birthday | May I invite you to lunch this week?
I arrived an hour late | arriving an hour late | I have set a second alarm so that it will not happen again.
I lost the book you lent me | losing the book you lent me | A new copy is already on its way to you.
I was rude on the phone | being rude on the phone | You did not deserve that tone.
I missed our meeting | missing our meeting | Could we find a new time tomorrow?
I spilled coffee on your notes | spilling coffee on your notes | I can type them out again for you.
I left the gate open | leaving the gate open | From now on I will check it twice.
I told others your secret | telling others your secret | You trusted me, and I should have kept quiet.
I scratched your car | scratching your car | My insurance will cover the repair.
I woke the whole house at night | waking the whole house at night | I will leave my boots at the door from now
  on.
I sent you the wrong parcel | sending you the wrong parcel | The right one will leave today, free of charge.
I did not answer your letter | not answering your letter | I have no excuse, but I do have an answer now.
I ate the last piece of cake | eating the last piece of cake | I am baking another one tonight.
""")

_APOLOGIES = read_rows("""
Apologise to {name} in two sentences: {mishap}. | Dear {name}, I am truly sorry for {doing}. {repair}
{mishap}. What should I write to {name} to say sorry? | {name}, please forgive me for {doing}. {repair}
Compose an apology to {name} from {me} for {doing}. | Dear {name},{nl}I am very sorry for {doing}.
  {repair}{nl}{me}
Say sorry for {doing} in one short sentence. | I am very sorry for {doing}.
Find honest words for this situation, without excuses: {mishap}. | I am sorry for {doing}; it was my fault.
  {repair}
Ask {name} to forgive {me}, who feels bad about the following. “{mishap}.” | Dear {name}, I apologise for
  {doing}. {repair} {me}
Formulate a polite apology to a {who}: {mishap}. | I would like to apologise for {doing}. {repair}
Make up with {name} after this mishap and offer to put things right: {mishap}. | I am so sorry for {doing},
  {name}. {repair}
""")


def _draw_apology(dice: Draw) -> Draft:
    mishap, doing, repair = dice.pick(_MISHAPS)
    name, me = dice.sample(words.NAMES, 2)
    who = dice.pick(("friend", "neighbour", "customer", "colleague", "teacher"))
    return free_task(dice, _APOLOGIES, mishap=mishap, doing=doing, repair=repair, name=name, me=me, who=who)


_INVITATIONS = read_rows("""
Invite {name} to {event} on {weekday} at {h} p.m. | Dear {name}, I would be happy to see you at our {noun} on
  {weekday} at {h} p.m.
Write an invitation to {event} with these details: {weekday}, {h} p.m., the {place}. | You are warmly invited
  to our {noun} on {weekday} at {h} p.m. We meet at the {place}.
{me} is planning {event} at the {place} on {weekday}. Draft the invitation. | Please join us for our {noun} on
  {weekday} at the {place}! {me}
Ask friends in one line to come to {event} on {weekday}. | Would you like to come to our {noun} on {weekday}?
Word a formal invitation to {event} at the {place}, {weekday}, {h} p.m., asking for a reply. | We have the
  pleasure of inviting you to our {noun} at the {place} on {weekday} at {h} p.m. Please let us know whether
  you can attend.
Announce {event} to the neighbours: {weekday} from {h} p.m., everybody brings some {food}. | Dear neighbours,
  there will be {event} on {weekday} from {h} p.m. Please bring some {food} to share.
Accept an invitation from {name} to {event} on {weekday}. | Thank you, {name}! I would love to come to your
  {noun} on {weekday}.
Decline an invitation from {name} to {event} on {weekday} politely. | Thank you for the kind invitation,
  {name}. Sadly I cannot come to your {noun} on {weekday}, but I hope it goes well.
Text {name} to find out who else is coming to {me}'s {noun} on {weekday}. | Hi {name}, do you know who else is
  coming to the {noun} on {weekday}?
""")

_EVENTS = (
    "a birthday party", "a garden party", "a house concert", "a board game night", "a farewell lunch",
    "a reading evening", "a small wedding", "a clothes swap", "an open day", "a film night",
    "a street party", "a tea afternoon", "a choir rehearsal", "a housewarming", "a picnic", "a quiz night",
)  # fmt: skip


def _draw_invitation(dice: Draw) -> Draft:
    name, me = dice.sample(words.NAMES, 2)
    event = dice.pick(_EVENTS)
    return free_task(
        dice, _INVITATIONS, name=name, me=me, event=event, noun=event.split(" ", 1)[1],
        weekday=dice.pick(words.WEEKDAYS), h=dice.integer(2, 8), place=dice.pick(words.PLACES),
        food=dice.pick(words.FOODS),
    )  # fmt: skip


_DUTIES = read_rows("""
return the library books | the library books have to be returned
water the tomatoes | the tomatoes have to be watered
pay the electricity bill | the electricity bill has to be paid
hand in the report | the report has to be handed in
feed the neighbours' cat | the neighbours' cat has to be fed
renew the passport | the passport has to be renewed
book the train tickets | the train tickets have to be booked
take out the paper waste | the paper waste has to be taken out
confirm the dentist's appointment | the dentist's appointment has to be confirmed
order the birthday cake | the birthday cake has to be ordered
send the invitations | the invitations have to be sent
back up the laptop | the laptop has to be backed up
""")

_REMINDERS = read_rows("""
Write a reminder from the details{manner}. | {name}, please remember to {duty} by {weekday} at {h}:00.
Remind the person of the task{manner}. | Hello {name}, just a reminder to {duty} by {weekday} at {h}:00.
Put the task, the person and the time into one reminding sentence{manner}. | {name}, {passive} by {weekday} at
  {h}:00.
A note on the fridge should help nobody to forget. Make one from the fields{manner}. | {name}: {duty} by
  {weekday}, {h}:00!
Send a message that jogs the person's memory{manner}. | Hi {name}, have you thought of the deadline on
  {weekday} at {h}:00? Please {duty}.
From name, task and deadline, form a friendly question that works as a reminder{manner}. | {name}, could you
  {duty} by {weekday} at {h}:00?
Nudge the person to do the job in time{manner}. | Dear {name}, {weekday} at {h}:00 is not far away: please
  {duty}.
Which words would you use to remind this person? Write them{manner}. | {name}, do not forget to {duty} by
  {weekday} at {h}:00.
""")


def _draw_reminder(dice: Draw) -> Draft:
    ask, output = dice.pick(_REMINDERS)
    manner = dice.pick((
        "", ", staying friendly", " in one or two sentences", " as a text message",
        " without sounding strict", " in plain English",
    ))  # fmt: skip
    pairs = []
    for duty, passive in dice.sample(_DUTIES, dice.integer(2, 3)):
        values = {
            "name": dice.pick(words.NAMES), "weekday": dice.pick(words.WEEKDAYS), "h": dice.integer(8, 19),
        }  # fmt: skip
        given = f"Name: {values['name']}\nTo do: {duty}\nDeadline: {values['weekday']}, {values['h']}:00"
        pairs.append((given, output.format(**values, duty=duty, passive=passive)))
    return _worked(dice, ask.format(manner=manner), pairs)


_FAULTS = read_rows("""
kettle | it leaks at the bottom | a replacement
umbrella | it broke in the first gust of wind | my money back
lamp | it flickers after ten minutes | a repair
backpack | a strap came off on the first day | a new one
alarm clock | it rings at the wrong time | a replacement
pair of boots | the left sole came loose | a repair
train ticket | the train never arrived | a refund
hotel room | the heating did not work all night | part of the price back
pizza | it arrived cold and an hour late | a refund
garden hose | it has a hole near the tap | a replacement
printer | it prints every page twice | a repair
desk chair | it sinks down slowly | a new one
language course | the teacher missed three lessons | part of the fee back
phone case | it does not fit the phone | an exchange
""")

_COMPLAINTS = read_rows("""
Write a polite complaint to the shop about the purchase described{end} | Dear Sir or Madam,{nl}on {weekday} I
  paid for {thing} in {city}. Unfortunately, {fault}. I would like {wish}.
Use the facts given to complain in two sentences{end} | I am not satisfied with the {noun} that I paid for on
  {weekday}: {fault}. I ask for {wish}.
Turn the facts into a message to customer service{end} | Hello, my {noun} from {city} is a disappointment:
  {fault}. Could you please offer me {wish}?
What would an annoyed but polite customer write{ask} | I am sorry to say that I am unhappy with the {noun}
  from {city}, because {fault}. Please arrange {wish}.
Complain to the seller in one sentence about the fault and add the wish in another{end} | The {noun} that I
  paid for on {weekday} disappoints me, for {fault}. I expect {wish}.
Fill in a complaint form in full sentences with this information{end} | I paid for {thing} on {weekday} in
  {city}. The problem is that {fault}. I would like {wish}.
""")


def _draw_complaint(dice: Draw) -> Draft:
    ask, output = dice.pick(_COMPLAINTS)
    extra = dice.pick((
        "", " without insults", " in a calm tone", " without exaggeration", " on behalf of the customer",
        " without any threats", " in clear language", " in full sentences", " with all the details",
    ))  # fmt: skip
    pairs = []
    for noun, fault, wish in dice.sample(_FAULTS, dice.integer(1, 2)):
        weekday, city = dice.pick(words.WEEKDAYS), dice.pick(words.CITIES)
        given = f"Purchase: {noun}\nBought: {weekday}, {city}\nFault: {fault}\nWish: {wish}"
        values = {"noun": noun, "thing": with_article(noun), "fault": fault, "wish": wish}
        pairs.append((given, output.format(**values, weekday=weekday, city=city, nl="\n")))
    return _worked(dice, ask.format(end=f"{extra}.", ask=f"{extra}?"), pairs)


_CANCELLATIONS = read_rows("""
Cancel {what} on {weekday} because {reason}. | I am afraid I have to cancel {what} on {weekday}, because
  {reason}.
Write to {name} to call off {what} on {weekday}. The reason: {reason}. | Dear {name}, I am sorry, but I must
  call off {what} on {weekday}, as {reason}.
{reason}, so {what} on {weekday} cannot take place. Let {name} know and propose another day. | Dear {name},
  {reason}, so I cannot keep {what} on {weekday}. Would {other} suit you instead?
Leave a message for {name} that moves {what} from {weekday} to {other}. | Hello {name}, could we move {what}
  from {weekday} to {other}? Thank you!
How do I tell {name} politely that {what} on {weekday} will not happen, since {reason}? | Dear {name}, I
  regret that {what} on {weekday} cannot happen, since {reason}. I am sorry for the trouble.
Postpone {what} with {name} until {other} in a single sentence. | Dear {name}, may I postpone {what} until
  {other}?
Explain to {name} in one sentence why {what} on {weekday} must be dropped: {reason}. | {name}, {what} on
  {weekday} has to be dropped because {reason}.
""")

_DATES = (
    "the dentist's appointment", "the piano lesson", "our lunch", "the haircut", "the guided tour",
    "the team meeting", "the viewing of the flat", "our game of chess", "the job interview", "the dinner",
    "the swimming lesson", "the visit to the museum", "the parents' evening", "the driving lesson",
)  # fmt: skip

_EXCUSES = (
    "my train was cancelled", "I have a fever", "my daughter is ill", "the car broke down",
    "a pipe burst in my kitchen", "I have to work late", "I twisted my ankle", "the babysitter is away",
    "my flight is delayed", "I lost my voice", "there is a strike", "the roads are icy",
)  # fmt: skip


def _draw_cancellation(dice: Draw) -> Draft:
    weekday, other = dice.sample(_WORKDAYS, 2)
    return free_task(
        dice, _CANCELLATIONS, what=dice.pick(_DATES), reason=dice.pick(_EXCUSES), weekday=weekday,
        other=other, name=dice.pick(words.NAMES),
    )  # fmt: skip


_FAVOURS = read_rows("""
lend me a ladder | I want to clean the windows
feed my fish while I am away | I will be travelling for four days
help me carry a sofa upstairs | the lift is out of order
read my application | a second pair of eyes would help
pick up a parcel for me | the post office closes before I get home
give me a lift to {city} | there are no trains that day
turn down the music after ten | the baby wakes up easily
show me how the washing machine works | the manual is missing
recommend a book on {topic} | I have to give a short talk
swap shifts with me | my sister is getting married
look after my dog for an evening | I have tickets for the theatre
write me a reference | I am applying for a job in {city}
explain the homework again | I was ill when it was set
sign my petition about {topic} | every name counts
""")

_REQUESTS = read_rows("""
Ask {name} politely to {favour}, and give a reason. | Dear {name}, could you please {favour}? {why}.
I need somebody to {favour}. Phrase the request to {name} in one sentence. | {name}, would you be so kind as
  to {favour}?
Request a favour from {name}: to {favour} on {weekday}. | Hi {name}, would you have time to {favour} on
  {weekday}? {why}.
Make this demand friendlier: “You must {favour}!” | Would you mind helping me out? It would be great if you
  could {favour}.
What is a courteous way to get a neighbour to {favour}? | I hope this is not too much to ask, but could you
  {favour}? {why}.
Beg {name} with some humour to {favour}. | {name}, you are my last hope: please {favour}! I will pay in
  biscuits.
Email {name}, a colleague, who could {favour}; mention {weekday} and say thank you. | Dear {name},{nl}may I
  ask you to {favour} on {weekday}? {why}.{nl}Thank you in advance!
""")


def _draw_request(dice: Draw) -> Draft:
    row = dice.pick(_FAVOURS)
    favour, why = (cell.format(city=dice.pick(words.CITIES), topic=dice.topic()) for cell in row)
    return free_task(
        dice, _REQUESTS, favour=favour, why=capitalized(why), name=dice.pick(words.NAMES),
        weekday=dice.pick(words.WEEKDAYS),
    )  # fmt: skip


_CARDS = read_rows("""
Write a birthday card for {name}, who is turning {age} and loves {hobby}. | Dear {name}, happy {th} birthday!
  May the coming year bring you good health and plenty of time for {hobby}.
Wish {name} a happy birthday in one sentence that mentions {hobby}. | Happy birthday, {name}, and many happy
  hours of {hobby}!
What can I write on a card for my {who}, who turns {age} on {weekday}? | Happy {th} birthday! I am glad to
  have {a_who} like you. Have a wonderful {weekday}.
Congratulate {name} on a {th} birthday with a wish and a joke about {hobby}. | All the best on your {th}
  birthday, {name}! May your cake be large and your excuses for {hobby} endless.
A colleague named {name} has a birthday on {weekday}. Pen a short message from the whole office. | Dear
  {name}, the whole office wishes you a very happy birthday. Enjoy your {weekday}, the coffee is on us!
Send late birthday wishes to {name}, whose birthday was last {weekday}. | Dear {name}, I am a little late, but
  my wishes are warm: happy birthday! I hope last {weekday} was a lovely day for you.
Rhyme two lines for the birthday of {name}. | {name}, today the candles shine;{nl}may every day ahead be fine.
Address a birthday greeting to {name}, aged {age}, from grandmother and grandfather. | Dear {name}, now you
  are {age}! We are proud of you and send you a big hug. Your grandmother and grandfather
""")


def _draw_birthday_card(dice: Draw) -> Draft:
    age, who = dice.integer(7, 90), dice.pick(_PEOPLE)
    ending = "th" if age // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(age % 10, "th")
    return free_task(
        dice, _CARDS, name=dice.pick(words.NAMES), age=age, th=f"{age}{ending}",
        hobby=dice.pick(words.HOBBIES), who=who, a_who=with_article(who), weekday=dice.pick(words.WEEKDAYS),
    )  # fmt: skip


_NEIGHBOURLY = read_rows("""
music after ten at night | there is often loud music after ten at night | Could you turn it down a little?
a bicycle in the hallway | a bicycle has been left in the hallway | Please put it in the cellar so that the
  way out stays free.
a party on {weekday} | we are having a party on {weekday} | It may get loud until midnight, so please ring the
  bell if it bothers you.
drilling on {weekday} | workers will be drilling in our flat on {weekday} | They will stop at five o'clock,
  and we are sorry for the noise.
a parcel for them | I have accepted a parcel for you | You can collect it at number {n} after six.
a found key | I found a key on the stairs this morning | If it is yours, please ring at number {n}.
a lost cat | our grey cat has been missing since {weekday} | Please look in your cellar and call us if you see
  it.
water being turned off | the water will be turned off on {weekday} morning | Please fill a few bottles in
  time.
a barking dog | a dog barks a lot during the day | If it is yours, perhaps we can find a solution over a cup
  of tea.
new neighbours | we have just moved in at number {n} | We would be glad to meet you for coffee on {weekday}.
tall hedges | a hedge has grown across the path | Could you trim it when you have time?
garden tools to share | we have a mower that we seldom use | Feel free to borrow it at any time.
""")

_NOTES = read_rows("""
Write a short note to the neighbours about {issue}. | Dear neighbours, {what}. {ask}
Leave a note at the door of {name} concerning {issue}. | Dear {name}, {what}. {ask}
Pin a message about {issue} to the board in the stairwell, signed by {me}. | Dear all, {what}. {ask}{nl}{me}
How would you tell {name} from next door about {issue} without causing a quarrel? | Hello {name}, I hope you
  are well. I just wanted to let you know that {what}. {ask}
Inform the people in the house of {issue} in two sentences. | We would like to tell you that {what}. {ask}
Slip a friendly card under the door of number {n}: it is about {issue}. | Dear neighbour, {what}. {ask} Kind
  regards!
Draft what {me} could say to {name} on the stairs about {issue}. | Good morning, {name}! You know, {what}.
  {ask}
""")


def _draw_neighbour_note(dice: Draw) -> Draft:
    values = {"weekday": dice.pick(words.WEEKDAYS), "n": dice.integer(2, 40)}
    issue, what, ask = (cell.format(**values) for cell in dice.pick(_NEIGHBOURLY))
    name, me = dice.sample(words.NAMES, 2)
    return free_task(dice, _NOTES, issue=issue, what=what, ask=ask, name=name, me=me, n=values["n"])


_EMAILS = read_rows("""
The staff meeting on {weekday} will start at {h} instead of nine, because the caretaker needs the room in the
  morning. | Staff meeting on {weekday} now at {h}
Could you send me the invoice for the {n} chairs? I cannot find it in my folder. | Request: invoice for {n}
  chairs
Thank you for showing us round the flat in {city}. We would love to rent it from {month}. | Flat in {city}: we
  would like to rent it
My order of {n} mugs arrived today, and half of them are broken. Please send new ones. | Broken mugs in my
  order of {n}
I am writing to tell you that I have found a new job in {city} and will leave the team in {month}. | Leaving
  the team in {month}
The course on {topic} still has {n} free places. It begins in {month}. | {n} free places: course on {topic}
We are collecting old coats for the shelter in {city}. You can bring them every {weekday}. | Old coats wanted
  for the shelter in {city}
Due to repairs, the lift will be out of order from {weekday} on. Please use the stairs. | Lift out of order
  from {weekday}
I have read your article on {topic} and would like to invite you to speak at our school in {month}. |
  Invitation to speak on {topic} in {month}
Here are the minutes of the meeting on {weekday}. Please tell me if anything is missing. | Minutes of the
  meeting on {weekday}
{name} is retiring in {month} after {n} years. Who would like to chip in for a present? | Present for {name}'s
  retirement
I left my umbrella in your office on {weekday}. May I come by to collect it? | Umbrella left in your office
""")

_SUBJECTS = read_rows("""
Write a subject line for the email{end}
What should the subject of this email be{ask}
The writer forgot the subject line. Add one{end}
Summarise the message in a few words that could stand in the subject field{end}
Label this email with a subject{end}
Choose a clear subject for the message{end}
Name the email so that it can be found again{end}
An inbox shows only one short line per message. Supply that line{end}
Propose what to type into the subject field{end}
""")


def _draw_subject_line(dice: Draw) -> Draft:
    (ask,) = dice.pick(_SUBJECTS)
    extra = dice.pick((
        "", " in at most twelve words", ", without a full stop", " for a busy reader",
        ", avoiding empty words", " that names the main point", " in neutral words",
        ", short enough for a phone", " for a reader at work", ", starting with a capital letter",
    ))  # fmt: skip
    pairs = []
    for email, subject in dice.sample(_EMAILS, dice.integer(2, 3)):
        values = {
            "weekday": dice.pick(_WORKDAYS), "h": dice.pick(("ten", "eleven", "noon", "two", "four")),
            "n": dice.integer(6, 30), "city": dice.pick(words.CITIES), "month": dice.pick(words.MONTHS),
            "topic": dice.topic(), "name": dice.pick(words.NAMES),
        }  # fmt: skip
        pairs.append((email.format(**values), capitalized(subject.format(**values))))
    return _worked(dice, ask.format(end=f"{extra}.", ask=f"{extra}?"), pairs)


# Talk

_TALKS = read_rows("""
a customer and a baker about the last loaf | Customer | Baker | Do you have any rye bread left? | One last
  loaf, and it is yours. | Lucky me! How much is it? | {n} coins, and the smile is free.
a passenger and a conductor about a delay | Passenger | Conductor | Excuse me, when will we reach {city}? |
  About {n} minutes late, I am afraid. | Will the train to {city2} wait? | Yes, it has been told to wait.
a child and a grandmother about {topic} | Child | Grandmother | Tell me something about {topic}! | First tell
  me what you already know. | Not very much. | Then we shall find out together.
two strangers at a bus stop in the rain | Stranger | Other stranger | Is this the stop for the {n}? | Yes, but
  it is always late when it rains. | Then we have time to talk. | And room under my umbrella.
a guest and a waiter about the soup | Guest | Waiter | What is the soup of the day? | {food} soup with fresh
  bread. | Is it very salty? | Not at all, our cook is careful.
a patient and a doctor about sleep | Patient | Doctor | I cannot fall asleep before two. | How much coffee do
  you have in the evening? | Only {n} cups. | Then I know where we should begin.
a teacher and a pupil about homework | Teacher | Pupil | Where is your homework on {topic}? | I finished it,
  but I left it at home. | Can you tell me what you wrote? | Yes, I remember nearly all of it.
a tourist and a local looking for the {place} | Tourist | Local | Excuse me, where is the {place}? | Straight
  ahead, then left at the lights. | Is it far? | You can walk there in {n} minutes.
two friends choosing a film | {name} | {name2} | Shall we watch the film about {topic}? | I saw it last week,
  but I would see it again. | Was it that good? | Good enough for {n} stars from me.
a seller and a buyer of an old bicycle | Buyer | Seller | How old is this bicycle? | About {n} years, but it
  rides well. | May I try it? | Of course, just ring the bell twice.
a mother and a son before a trip to {city} | Mother | Son | Have you packed your toothbrush for {city}? | Yes,
  and {n} pairs of socks. | Where are your tickets? | On the table next to the key.
two colleagues by the coffee machine | {name} | {name2} | How was your weekend? | Quiet, I read a book about
  {topic}. | Would you lend it to me? | Sure, I will bring it on {weekday}.
""")

_DIALOGUES = read_rows("""
Write a dialogue of {n} lines between {who}.
Stage a short exchange between {who}: exactly {n} lines.
Imagine {who}. What do they say? Give {n} lines, each with the speaker's name.
Script {n} lines of conversation between {who} for a language course.
For {a}, invent a mini dialogue ({n} lines) between {who}.
Let the reader overhear {who}, in {n} lines.
Act out, on paper, {n} lines of talk between {who}.
A textbook needs {n} spoken lines between {who}. Supply them.
""")


def _draw_dialogue(dice: Draw) -> Draft:
    who, one, two, *lines = dice.pick(_TALKS)
    count = dice.pick((2, 4))
    city, city2 = dice.sample(words.CITIES, 2)
    name, name2 = dice.sample(words.NAMES, 2)
    speakers = (one, two, one, two)
    talk = "\n".join(f"{speaker}: {line}" for speaker, line in zip(speakers, lines[:count], strict=False))
    values = {
        "topic": dice.topic(), "place": dice.pick(words.PLACES), "city": city, "city2": city2, "name": name,
        "name2": name2, "weekday": dice.pick(_WORKDAYS),
        "food": dice.pick(("Leek", "Onion", "Carrot", "Lentil", "Pumpkin", "Potato", "Mushroom")),
    }  # fmt: skip
    output = talk.format(**values, n=dice.integer(3, 20))
    (ask,) = dice.pick(_DIALOGUES)
    instruction = ask.format(who=who.format(**values), n=_NUMBERS[count], a=dice.pick(READERS))
    return Draft(instruction, (Instance(input="", output=output),))


_REMARKS = read_rows("""
What a cold {month} we are having! | Yes, I have not put my scarf away yet. How do you keep warm?
I have just come back from {city}. | How nice! What did you like best in {city}?
This bus is always late on {weekday}s. | It is, but at least we can talk. Do you take it often?
My tomatoes look sad this year. | Mine too. Have you tried giving them more water in the morning?
I started {hobby} last month. | That sounds like fun! What made you choose {hobby}?
I am reading a book about {topic}. | Interesting! What have you learned about {topic} so far?
The new café opened on {weekday}. | I have walked past it. Is the coffee any good?
My son moves to {city} in {month}. | That is a big step. Is he looking forward to it?
I did not sleep well. | I am sorry to hear that. Was it too warm in the room?
We are painting the kitchen. | Good for you! Which colour did you choose?
I have a day off on {weekday}. | Lucky you! Do you have any plans?
The lift is broken again. | Oh no, and you live on the top floor! Can I carry something for you?
Today is my first day here. | Welcome! Shall I show you where the kitchen is?
""")

_REPLIES = read_rows("""
Reply to the remark with one friendly sentence and a question{place}.
Keep the small talk going with a sentence and a question{place}.
How could one answer this remark{place}? Show interest and ask something back.
Continue the conversation{place}: react briefly, then ask.
Respond as a friendly person would{place}, ending with a question.
Someone says this to you{place}. What do you say?
Pick up the thread and return the interest{place}.
Avoid an awkward silence{place}: react to the remark and ask a question.
""")


def _draw_small_talk(dice: Draw) -> Draft:
    (ask,) = dice.pick(_REPLIES)
    place = dice.pick(("", *(
        f" {where}" for where in (
            "at a bus stop", "in a lift", "at a party", "in the queue at the bakery", "over coffee at work",
            "on a train", "at a school gate", "in the garden", "at the hairdresser's", "on the stairs",
            "before a meeting", "in a waiting room", "at a wedding", "on a walk with the dog",
            "at the swimming pool", "by the photocopier", "at a language class", "on a park bench",
        )
    )))  # fmt: skip
    pairs = []
    for remark, reply in dice.sample(_REMARKS, dice.integer(2, 3)):
        values = {
            "month": dice.pick(("January", "February", "November", "December")), "topic": dice.topic(),
            "city": dice.pick(words.CITIES), "weekday": dice.pick(_WORKDAYS),
            "hobby": dice.pick(words.HOBBIES),
        }  # fmt: skip
        pairs.append((remark.format(**values), reply.format(**values)))
    return _worked(dice, ask.format(place=place), pairs)


_WORRIES = read_rows("""
I cannot wake up in the morning. | Put the alarm clock on the other side of the room, so that you have to get
  up to stop it.
My flatmate never washes up. | Agree on a simple plan together: whoever cooks does not wash up.
I have an exam in {n} days and have not started. | List the topics tonight, then study the most important one
  first thing tomorrow.
My {who} talks through every film. | Say it kindly before the film starts, and offer to talk about it
  afterwards.
I spend too much on coffee. | Brew it at home on workdays and treat yourself to a cup in town on Saturdays.
I moved to {city} and know nobody. | Join a club that meets every week; seeing the same faces makes it easy to
  talk.
I always forget birthdays. | Enter them all in a calendar that reminds you two days before.
My bicycle was stolen in {city}. | Report it to the police with the frame number, and look at online offers
  for a few days.
I am nervous about a talk on {topic}. | Practise the first two sentences until you know them by heart; the
  rest will follow.
My house plants keep dying. | You may be watering too much: wait until the soil feels dry.
I argue with my {who} about money. | Choose a quiet evening, write down all costs together and agree on a
  limit.
I check my phone all day. | Turn off the notifications and leave the phone in another room for an hour.
My back hurts after work. | Stand up every half hour, and see a doctor if the pain does not go away.
I have been offered a job in {city} but love my team. | Write down what matters most to you in {n} years, then
  see which choice fits better.
""")

_COUNSEL = read_rows("""
Give one piece of practical advice{to}.
What would you advise{to2}?
Read the worry and answer with a helpful suggestion{to}.
Respond like the advice column of a magazine{to}, in one or two sentences.
Counsel the person who writes this{to}.
Somebody has a problem. Suggest a first step{to}.
Find a kind and useful answer to the message{to}.
Solve the everyday problem with a single tip{to}.
Help out with a concrete idea{to}.
""")


def _draw_advice(dice: Draw) -> Draft:
    (ask,) = dice.pick(_COUNSEL)
    to = dice.pick((
        "", " without blaming anyone", " that is easy to try", " in a calm tone",
        ", as a good friend would", ", as a patient teacher would", ", the way a grandparent might",
        ", briefly", " that can be tried this week", ", with no more than thirty words",
    ))  # fmt: skip
    to2 = dice.pick((
        " the writer", " this person", " here", " in this situation", " as a friend", " as a neighbour",
        " in one or two sentences", " a person with this worry",
    ))  # fmt: skip
    pairs = []
    for worry, advice in dice.sample(_WORRIES, dice.integer(2, 3)):
        values = {
            "n": dice.integer(2, 9), "who": dice.pick(("brother", "sister", "cousin", "partner", "flatmate")),
            "city": dice.pick(words.CITIES), "topic": dice.topic(),
        }  # fmt: skip
        pairs.append((worry.format(**values), advice.format(**values)))
    return _worked(dice, ask.format(to=to, to2=to2), pairs)


_INTERVIEW = (
    "Why did you become {job}?", "What does a normal working day look like for you?",
    "Which mistake taught you the most?", "What do people get wrong about your work?",
    "Which tool could you not do without?", "What was your hardest day as {job}?",
    "Who taught you the most?", "What would you tell a young person who wants to become {job}?",
    "How has your work changed over the years?", "What do you do when a customer is unhappy?",
    "How do you rest after a long week?", "What makes somebody good at your work?",
)  # fmt: skip

_PREPARE_INTERVIEW = read_rows("""
Prepare {n} interview questions for {job}. | {many}
Which {n} questions would you ask {job} in a job interview? | {many}
A school newspaper is going to meet {job} from {city}. Think up {n} questions. | {many}
Question {job} for {a}: write the first question. | {one}
List {n} things you would like to know from {job} in {city}, as questions. | {many}
Interviewing {job} tomorrow, {name} still lacks a good opening question. Offer one. | {one}
Screen an applicant who wants to work as {job}: put down {n} questions. | {many}
Collect {n} open questions for a radio talk with {job}. | {many}
""")


def _draw_interview(dice: Draw) -> Draft:
    job, city = with_article(dice.pick(words.JOBS)), dice.pick(words.CITIES)
    count = dice.integer(2, 4)
    chosen = [question.format(job=job) for question in dice.sample(_INTERVIEW, count)]
    return free_task(
        dice, _PREPARE_INTERVIEW, job=job, city=city, n=_NUMBERS[count], many=numbered(chosen),
        one=chosen[0], a=dice.pick(READERS), name=dice.pick(words.NAMES),
    )  # fmt: skip


# Lists and plans

_DISHES = read_rows("""
pancakes | 100 g flour, 150 ml milk, 1 eggs, 10 g butter | Whisk the flour, milk and eggs. | Let the batter
  rest for ten minutes. | Melt a little butter in a pan. | Fry thin pancakes on both sides.
tomato pasta | 100 g pasta, 2 tomatoes, 10 ml olive oil, 20 g cheese | Boil the pasta in salted water. | Chop
  the tomatoes and fry them in the oil. | Mix the pasta with the sauce. | Grate the cheese on top.
vegetable soup | 2 carrots, 1 potatoes, 1 onions, 300 ml water | Peel and chop the vegetables. | Fry the
  onions until soft. | Add the water and the other vegetables. | Simmer for twenty minutes.
rice pudding | 50 g rice, 250 ml milk, 20 g sugar | Bring the milk to the boil. | Stir in the rice and the
  sugar. | Cook over low heat for half an hour, stirring often. | Let it cool a little before serving.
fruit salad | 1 apples, 1 bananas, 1 oranges, 10 g nuts | Wash and peel the fruit. | Cut it into small pieces.
  | Chop the nuts. | Mix everything in a bowl.
cheese omelettes | 2 eggs, 20 ml milk, 30 g cheese | Beat the eggs with the milk. | Pour the mixture into a
  hot pan. | Sprinkle the cheese on top. | Fold each omelette as soon as it is firm.
potato salad | 3 potatoes, 1 gherkins, 30 g mayonnaise | Boil the potatoes until tender. | Peel and slice
  them. | Chop the gherkins. | Stir everything together with the mayonnaise.
lentil stew | 80 g lentils, 1 carrots, 1 onions, 250 ml water | Chop the onions and carrots. | Fry them for
  five minutes. | Add the lentils and the water. | Simmer until the lentils are soft.
porridge | 50 g oats, 200 ml milk, 10 g honey | Heat the milk in a pot. | Stir in the oats. | Cook gently for
  five minutes. | Serve with the honey.
cucumber salad | 1 cucumbers, 50 g yogurt, 5 ml vinegar | Slice the cucumbers thinly. | Salt them and wait ten
  minutes. | Pour off the liquid. | Stir in the yogurt and the vinegar.
apple crumble | 2 apples, 40 g flour, 20 g butter, 20 g sugar | Slice the apples into a dish. | Rub the flour,
  butter and sugar into crumbs. | Spread the crumbs over the apples. | Bake until golden brown.
fried rice | 80 g rice, 1 eggs, 40 g peas | Boil the rice and let it cool. | Scramble the eggs in a hot pan. |
  Add the rice and the peas. | Fry for five minutes, stirring all the time.
toasted sandwiches | 2 slices of bread, 50 g cheese, 10 g butter | Butter the bread on the outside. | Put the
  cheese between the slices. | Toast in a pan until the cheese melts. | Cut each sandwich in half.
""")

_SHOPPING = read_rows("""
Write a shopping list for {dish} for {n} people. | {bullets}
What do I need to buy to make {dish} for {n}? | {bullets}
{name} is cooking {dish} for {n} guests. List the ingredients with their amounts. | {bullets}
Count up the ingredients of {dish} for a table of {n}, in one line. | {line}
Jot down what goes into {dish}, enough for {n} hungry people. | {line}
Shopping for {dish} on {weekday}: {n} portions. Make a list to tick off. | {boxes}
Enumerate, with commas between them, the amounts needed for {dish} for {n}. | {line}
Tick-box list wanted: ingredients for {dish}, {n} servings. | {boxes}
""")


def _draw_shopping_list(dice: Draw) -> Draft:
    dish, ingredients, *_ = dice.pick(_DISHES)
    people = dice.integer(2, 8)
    items = []
    for ingredient in ingredients.split(", "):
        amount, _, rest = ingredient.partition(" ")
        items.append(f"{int(amount) * people} {rest}")
    return free_task(
        dice, _SHOPPING, dish=dish, n=people, line=", ".join(items), bullets=bulleted(items),
        boxes=_boxes(items), name=dice.pick(words.NAMES), weekday=dice.pick(words.WEEKDAYS),
    )  # fmt: skip


_COOKING = read_rows("""
Explain in four steps how to make {dish}. | {steps}
How do you make {dish}? Number the steps. | {steps}
Write a short recipe for {dish} that {a} can follow. | {steps}
Cook {dish} with {name}: give four instructions. | {steps}
What is the first step in making {dish}? | {first}
Describe how {dish} should be finished, in one sentence. | {last}
Note the recipe for {dish} as running text. | {prose}
Teach {a} to make {dish}, listing ingredients for one person first. | Ingredients: {ingredients}{nl}{steps}
Walk {a} through the preparation of {dish}. | {steps}
{name} has never made {dish}. Guide the cook in four sentences. | {prose}
""")


def _draw_recipe(dice: Draw) -> Draft:
    dish, ingredients, *steps = dice.pick(_DISHES)
    ingredients = re.sub(r"\b1 (\w+?)(es)?s\b", _singular, ingredients)
    return free_task(
        dice, _COOKING, dish=dish, steps=numbered(steps), prose=" ".join(steps), first=steps[0],
        last=steps[-1], ingredients=ingredients, name=dice.pick(words.NAMES), a=dice.pick(READERS),
    )  # fmt: skip


def _singular(match: re.Match[str]) -> str:
    return "1 potato" if match[0] == "1 potatoes" else match[0].removesuffix("s")


_TRIPS = read_rows("""
a weekend at the beach | swimsuit | towel | sun cream | sandals | hat | book
a hike in the mountains | sturdy boots | rain jacket | water bottle | first-aid kit | compass | sandwiches
a business trip | laptop | charger | clean shirt | business cards | notebook | toothbrush
a camping trip | tent | sleeping bag | torch | matches | mug | warm socks
a stay in hospital | pyjamas | slippers | toothbrush | list of medicines | insurance card | book
a skiing holiday | ski jacket | gloves | woollen hat | thick socks | goggles | lip balm
a swimming lesson | swimsuit | towel | goggles | shampoo | coin for the locker | snack
a long train journey | ticket | water bottle | sandwiches | book | earplugs | scarf
a school trip to a museum | packed lunch | pencil | notebook | rain jacket | pocket money | water bottle
a rainy city break | umbrella | waterproof shoes | city guide | spare socks | raincoat | charger
a wedding in another town | suit or dress | good shoes | present | invitation | handkerchief | comb
a bicycle tour | helmet | repair kit | pump | rain jacket | water bottle | lock
a night in a youth hostel | towel | padlock | earplugs | flip-flops | pyjamas | identity card
a music camp | instrument | sheet music | music stand | pencil | warm jacket | water bottle
a day in the snow with children | spare gloves | flask of tea | sledge | woollen hats | biscuits | dry socks
""")

_PACKING = read_rows("""
Make a packing list with {n} items for {trip}. | {bullets}
What should {name} pack for {trip}? Name {n} things. | {bullets}
Pack for {trip}: {n} items, separated by commas. | {line}
{name} is leaving for {trip} on {weekday}. List {n} things that must not be forgotten. | {numbers}
Suggest {n} useful things to take on {trip}, as a list to tick off. | {boxes}
Which {n} things belong in the bag for {trip}? One line, please. | {line}
Tell {a} what to bring for {trip}; {n} items. | {line}
Only {n} things fit into the bag. What would you take along for {trip}? | {numbers}
Get ready for {trip} with a checklist of {n} entries. | {boxes}
""")


def _draw_packing_list(dice: Draw) -> Draft:
    trip, *items = dice.pick(_TRIPS)
    count = dice.integer(3, 6)
    chosen = dice.sample(items, count)
    return free_task(
        dice, _PACKING, trip=trip, n=_NUMBERS[count], line=", ".join(chosen), bullets=bulleted(chosen),
        numbers=numbered(chosen), boxes=_boxes(chosen), name=dice.pick(words.NAMES),
        weekday=dice.pick(words.WEEKDAYS), a=dice.pick(READERS),
    )  # fmt: skip


_OCCASIONS = read_rows("""
before you leave the house | Windows closed | Stove off | Keys in the pocket | Lights out | Phone charged
before a flight | Passport packed | Boarding pass ready | Liquids in a clear bag | Taxi ordered | Neighbours
  informed
before you rent a flat | Water taps tested | Heating checked | Rent and costs noted | Neighbours met |
  Contract read
at the end of a working day | Desk tidied | Tomorrow's tasks noted | Computer shut down | Cups washed | Window
  closed
before a children's party | Balloons blown up | Cake baked | Games prepared | Breakables put away | Parents'
  phone numbers noted
before a video call | Camera tested | Microphone tested | Notes ready | Door closed | Glass of water filled
before an important email is sent | Name spelled correctly | Attachment added | Spelling checked | Date
  correct | Tone polite
before a bicycle ride | Tyres pumped up | Brakes tested | Lights working | Chain oiled | Helmet on
before a power cut | Torch ready | Batteries charged | Water bottles filled | Candles and matches found |
  Fridge kept shut
before bedtime with small children | Teeth brushed | Pyjamas on | Story read | Water glass filled | Night
  light on
before guests arrive | Bathroom cleaned | Table laid | Drinks cooled | Coats given a place | Music chosen
before an exam | Pens packed | Identity card ready | Route known | Alarm set | Breakfast eaten
when a tenant moves out | Walls painted | Keys counted | Meters read | Post forwarded | Cellar emptied
before a concert begins | Instruments tuned | Chairs set out | Programmes printed | Phones switched off |
  Exits free
""")

_CHECKLISTS = read_rows("""
Create a checklist of {n} points: {when}. | {boxes}
What should be checked {when}? List {n} points. | {bullets}
Set down a checklist with {n} entries for {a}, to be used {when}. | {boxes}
Design a list to tick off {when}, with exactly {n} boxes. | {boxes}
{name} always forgets something {when}. Help with {n} short reminders. | {bullets}
Verify {n} things {when}: which ones? | {numbers}
Put {n} points on a card that {a} can use {when}. | {bullets}
Note the {n} most useful checks {when}, in a numbered list. | {numbers}
""")


def _draw_checklist(dice: Draw) -> Draft:
    when, *items = dice.pick(_OCCASIONS)
    count = dice.integer(3, 5)
    chosen = dice.sample(items, count)
    return free_task(
        dice, _CHECKLISTS, when=when, n=_NUMBERS[count], boxes=_boxes(chosen), bullets=bulleted(chosen),
        numbers=numbered(chosen), name=dice.pick(words.NAMES), a=dice.pick(READERS),
    )  # fmt: skip


_CHORES = (
    "answer emails", "water the plants", "cook lunch", "read the newspaper", "walk the dog",
    "clean the bath", "call the bank", "practise the piano", "iron shirts", "do yoga", "write a report",
    "learn vocabulary", "repair the lamp", "bake bread", "tidy the desk", "fold the laundry",
    "buy groceries", "plan the week",
)  # fmt: skip

_SCHEDULES = read_rows("""
Make a schedule from the tasks and their lengths{without}.
Plan the day: give every task its start and end{without}.
Turn the list of tasks into a timetable{without}.
When does each task begin and end? Lay out the plan{without}.
Arrange the tasks one after another, beginning at the start time{without}.
Work out a plan with clock times for these tasks{without}.
Organise {name}'s {part} with the data given{without}.
Timetable the following activities{without}.
Assign clock times to the activities in the order in which they stand{without}.
Fit these activities into {name}'s {part}{without}.
""")


def _draw_schedule(dice: Draw) -> Draft:
    (ask,) = dice.pick(_SCHEDULES)
    without = dice.pick((
        "", ", without breaks", ", in the given order", " in 24-hour format", ", one line per task",
        " with no pause in between", ", leaving no gaps", ", writing times as HH:MM",
    ))  # fmt: skip
    pairs = []
    for _ in range(dice.integer(1, 2)):
        now = 30 * dice.integer(14, 34)
        chores = [(chore, 5 * dice.integer(2, 15)) for chore in dice.sample(_CHORES, dice.integer(2, 4))]
        listed = "\n".join(f"{chore}, {minutes} minutes" for chore, minutes in chores)
        given, lines = f"Start: {_clock(now)}\n{listed}", []
        for chore, minutes in chores:
            lines.append(f"{_clock(now)}–{_clock(now + minutes)} {chore}")
            now += minutes
        pairs.append((given, "\n".join(lines)))
    part = dice.pick(("day", "free day", "Saturday", "day at home"))
    return _worked(dice, ask.format(without=without, name=dice.pick(words.NAMES), part=part), pairs)


_ITEMS = (
    "budget", "new website", "summer party", "parking spaces", "staff training", "customer survey",
    "office plants", "safety rules", "holiday plan", "coffee machine", "spring sale", "recycling bins",
    "annual report", "opening hours", "volunteer roster", "repair fund",
)  # fmt: skip

_AGENDAS = read_rows("""
Write an agenda for {meeting} that starts at {start}: {items}. | {lines}
Set up the agenda of {meeting} at {start} with these items: {items}. | {lines}
{name} is chairing {meeting} at {start}. Turn this into an agenda with times: {items}. | {lines}
When does each item of {meeting} begin, if the start is at {start} and the items are {items}? | {lines}
Structure {meeting} ({start}; {items}) as a list of starting times. | {lines}
At what time will {meeting} end if it starts at {start} and covers {items}? | {end}
Calculate the end of {meeting} from its start, {start}, and its items: {items}. | {end}
Which item comes last at {meeting}, and when does it begin? It starts at {start} and deals with {items}. |
  {last}
""")


def _draw_agenda(dice: Draw) -> Draft:
    meetings = (
        "a staff meeting", "a meeting of the parents' council", "a club meeting", "a tenants' meeting",
        "a project meeting", "an online meeting", "a meeting of volunteers",
    )  # fmt: skip
    now = 30 * dice.integer(16, 38)
    start, lines = _clock(now), []
    items = [(item, 5 * dice.integer(1, 6)) for item in dice.sample(_ITEMS, dice.integer(2, 4))]
    for item, minutes in items:
        lines.append(f"{_clock(now)} {capitalized(item)}")
        now += minutes
    listed = ", ".join(f"{item} ({minutes} minutes)" for item, minutes in items)
    last_time, _, last_item = lines[-1].partition(" ")
    return free_task(
        dice, _AGENDAS, meeting=dice.pick(meetings), start=start, items=listed, end=_clock(now),
        lines="\n".join([*lines, f"{_clock(now)} End"]), last=f"{last_item}, at {last_time}",
        name=dice.pick(words.NAMES),
    )  # fmt: skip


_OTHER_WAY = {"left": "right", "right": "left"}

_DIRECTIONS = read_rows("""
Write out the directions in one sentence{end} | there
Put the route notes into a clear sentence{end} | there
Guide the walker with a complete sentence based on the notes{end} | there
Tell the visitor the way, following the notes{end} | there
Describe the way back instead of the way there{end} | back
Reverse the route: how does one get back{ask} | back
The notes lead from the start to the goal. Give the directions for the return{end} | back
Direct the person home again: the same way, the other way round{end} | back
Navigate: turn the keywords into directions{end} | there
""")


def _draw_directions(dice: Draw) -> Draft:
    ask, way = dice.pick(_DIRECTIONS)
    extra = dice.pick((
        "", " for a tourist", ", keeping every turn", " in plain English", " for someone on foot",
        " for a cyclist", " without adding landmarks", " for a new neighbour", ", naming start and goal",
    ))  # fmt: skip
    pairs = []
    for _ in range(dice.integer(1, 2)):
        start, goal, *marks = dice.sample(words.PLACES, dice.integer(4, 5))
        turns = [(dice.pick(("left", "right")), mark) for mark in marks]
        notes = ", ".join(f"{side} at {mark}" for side, mark in turns)
        given = f"From: {start}\nTo: {goal}\nNotes: {notes}"
        if way == "back":
            turns = [(_OTHER_WAY[side], mark) for side, mark in reversed(turns)]
            start, goal = goal, start
        steps = [f"turn {side} at the {mark}" for side, mark in turns]
        route = f"{', '.join(steps[:-1])} and then {steps[-1]}"
        pairs.append((given, f"From the {start}, {route} to reach the {goal}."))
    return _worked(dice, ask.format(end=f"{extra}.", ask=f"{extra}?"), pairs)


_GOALS = read_rows("""
I want to read more. | I will read {n} pages every evening until the end of {month}.
I should move more. | I will walk for {n} minutes every day until the end of {month}.
I want to save money. | I will put aside {n} euros every week until the end of {month}.
I ought to learn Italian. | I will learn {n} Italian words a week until the end of {month}.
I want to drink more water. | I will drink a glass of water at every meal until the end of {month}.
I want to see my friends more often. | I will meet a friend every {weekday} until the end of {month}.
I would like to sleep better. | I will switch off the light at ten every night until the end of {month}.
I should practise the guitar. | I will practise the guitar for {n} minutes every {weekday} until the end of
  {month}.
I want to tidy up more. | I will tidy one drawer every {weekday} until the end of {month}.
I want to write a novel. | I will write {n} lines every day and finish the first chapter by the end of
  {month}.
I should eat more vegetables. | I will cook a meal with fresh vegetables every {weekday} until the end of
  {month}.
I would like to be on time. | I will leave home {n} minutes earlier every morning until the end of {month}.
""")

_SHARPEN = read_rows("""
Make the wish into a concrete goal{end}
Rewrite the vague plan as a goal that can be checked{end}
Sharpen this intention so that it says how much and how often{end}
Set a measurable goal based on the sentence{end}
What would a specific version of this goal be{ask}
Convert the good intention into a promise with a deadline{end}
Vague wishes are seldom kept. Restate this one with numbers or days{end}
Commit to something definite instead{end}
Specify the aim so that one can tell later whether it was reached{end}
""")


def _draw_goal(dice: Draw) -> Draft:
    (ask,) = dice.pick(_SHARPEN)
    month = dice.pick(words.MONTHS)
    extra = dice.pick(("", " in the first person", " in one sentence")) + dice.pick((
        f", with the end of {month} as the deadline", f"; the deadline is the end of {month}",
        f", running until the end of {month}",
    ))  # fmt: skip
    pairs = []
    for wish, goal in dice.sample(_GOALS, dice.integer(2, 3)):
        values = {"n": 5 * dice.integer(2, 9), "month": month, "weekday": dice.pick(words.WEEKDAYS)}
        pairs.append((wish, goal.format(**values)))
    return _worked(dice, ask.format(end=f"{extra}.", ask=f"{extra}?"), pairs)


FAMILIES: tuple[Family, ...] = (
    Family("thank_you_message", is_classification=False, draw=_draw_thanks),
    Family("apology_message", is_classification=False, draw=_draw_apology),
    Family("invitation_message", is_classification=False, draw=_draw_invitation),
    Family("reminder_from_details", is_classification=False, draw=_draw_reminder),
    Family("complaint_from_details", is_classification=False, draw=_draw_complaint),
    Family("cancel_or_postpone", is_classification=False, draw=_draw_cancellation),
    Family("ask_a_favour", is_classification=False, draw=_draw_request),
    Family("birthday_card", is_classification=False, draw=_draw_birthday_card),
    Family("note_to_neighbours", is_classification=False, draw=_draw_neighbour_note),
    Family("email_subject_line", is_classification=False, draw=_draw_subject_line),
    Family("short_dialogue", is_classification=False, draw=_draw_dialogue),
    Family("small_talk_reply", is_classification=False, draw=_draw_small_talk),
    Family("everyday_advice", is_classification=False, draw=_draw_advice),
    Family("interview_questions", is_classification=False, draw=_draw_interview),
    Family("shopping_list_for_dish", is_classification=False, draw=_draw_shopping_list),
    Family("recipe_in_steps", is_classification=False, draw=_draw_recipe),
    Family("packing_list", is_classification=False, draw=_draw_packing_list),
    Family("checklist_for_occasion", is_classification=False, draw=_draw_checklist),
    Family("schedule_from_durations", is_classification=False, draw=_draw_schedule),
    Family("meeting_agenda", is_classification=False, draw=_draw_agenda),
    Family("walking_directions", is_classification=False, draw=_draw_directions),
    Family("concrete_goal", is_classification=False, draw=_draw_goal),
)
