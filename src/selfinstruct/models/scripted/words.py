"""What the scripted model writes with: patterns, topics and sentences. Data only.

Changing anything here changes what it writes: raise `VERSION`, which a run records.
`{t}` stands for a topic, `{u}` for another one, `{labels}` for a row of `LABELS`.
"""

from __future__ import annotations

__all__ = [
    "AUDIENCES",
    "BLEMISHED",
    "CLASSIFYING",
    "CONSTRAINTS",
    "FACTS",
    "FORMATS",
    "LABELS",
    "PLAIN",
    "REPEATED",
    "SOURCES",
    "TOPICS",
    "VERSION",
    "WITH_INPUT",
]

VERSION = "scripted-3"

PLAIN: tuple[str, ...] = (
    "Explain the basics of {t}", "Describe the history of {t}", "Suggest names for a podcast about {t}",
    "List the most common mistakes people make with {t}", "Write a short story that involves {t}",
    "Compose a poem inspired by {t}", "Give practical advice on {t}", "Make up a quiz question on {t}",
    "Outline a weekend workshop on {t}", "Summarize the arguments for and against {t}",
    "Draft an email inviting colleagues to a talk on {t}", "Find an analogy between {t} and {u}",
    "Recommend three ways to learn more about {t}", "Propose a research question that concerns {t}",
    "Write a dialogue between two friends who disagree about {t}", "Tell a joke about {t}",
    "Invent a slogan for a company that specializes in {t}", "Debunk a popular myth about {t}",
    "Describe a typical day of somebody devoted to {t}", "Write a letter to the editor about {t}",
    "What should a journalist ask an expert on {t}", "Predict how {t} will change in the next decade",
    "Compare {t} with {u}", "Explain what connects {t} and {u}", "Design a classroom activity around {t}",
    "Imagine a museum devoted to {t} and describe its main hall", "Write a haiku on {t}",
    "Give an example of the mathematics behind {t}", "Name the tools that are needed for {t}",
    "Write the opening of a speech on {t}", "Plan a modest budget for a project on {t}",
    "Discuss the ethical questions that {t} raises", "Create a glossary of five terms from {t}",
    "How would you interest a stranger in {t}", "Write interview questions for a job in {t}",
    "Describe what could go wrong with {t} and how to prevent it", "Rank three skills that help with {t}",
    "Set a challenge for thirty days that improves one's knowledge of {t}",
    "Write a diary entry about a first attempt at {t}", "Argue that {t} deserves more public money",
    "If {t} had never been invented, what would be different today", "Why do some people dislike {t}",
    "Turn one idea from {t} into a children's game", "Write a riddle whose answer has to do with {t}",
    "Prepare a short news report on a discovery in {t}", "Explain {t} by way of {u}",
    "Suggest a gift for somebody who loves {t}", "Settle a bet between two colleagues about {t}",
    "Describe the sounds and smells of {t}", "Write a short play in which {t} saves the day",
    "Draw a conclusion about {t} from everyday life", "Devise a test of someone's understanding of {t}",
    "List words that rhyme or go well with {t}", "Write a fan letter to a pioneer of {t}",
    "Sketch a calendar of events around {t}", "State the environmental impact of {t} in plain numbers",
    "Think of a charity event that makes use of {t}", "Explain the costs of {t} to a taxpayer",
    "Name two films that could have been about {t}", "Advise a couple that quarrels over {t}",
    "What does a beginner need to know about {t}",
)  # fmt: skip

WITH_INPUT: tuple[str, ...] = (
    "Rewrite the following paragraph about {t}", "Summarize the following article on {t}",
    "Translate the following sentence about {t} into French", "Answer the following question on {t}",
    "Correct the grammar of the following sentence on {t}", "Continue the following story about {t}",
    "Turn the following notes on {t} into a paragraph", "Simplify the following explanation of {t}",
    "Extract the key terms from the following text on {t}", "Criticize the following claim about {t}",
    "Write a headline for the following report on {t}", "Shorten the following announcement on {t}",
    "Given a paragraph about {t}, write a question that it answers",
    "Reply to the following complaint about {t}", "Find the weakest point of the following essay on {t}",
)  # fmt: skip

CLASSIFYING: tuple[str, ...] = (
    "Classify the following statement about {t} as {labels}",
    "Decide whether the following comment on {t} is {labels}", "Label each remark about {t} as {labels}",
    "Given a message about {t}, tell whether it is {labels}",
    "Sort the following notes on {t} by whether they are {labels}",
    "Judge if this paragraph on {t} is {labels}", "Is the sentence below, which is about {t}, {labels}",
    "Detect whether a reader would call this text on {t} {labels}",
    "Assign one category to a question about {t}: {labels}",
    "Choose the word that fits this opinion on {t}: {labels}",
)  # fmt: skip

LABELS: tuple[tuple[str, ...], ...] = (
    ("positive", "negative", "neutral"), ("true", "false"), ("fact", "opinion"), ("formal", "informal"),
    ("polite", "rude"), ("relevant", "irrelevant"), ("easy", "moderate", "hard"), ("urgent", "not urgent"),
    ("spam", "not spam"), ("optimistic", "pessimistic"), ("serious", "humorous"), ("clear", "confusing"),
    ("supportive", "critical", "undecided"), ("advice", "complaint", "praise"),
)  # fmt: skip

SOURCES: tuple[str, ...] = (
    "The texts come from letters to a local newspaper", "It was posted in an online forum last year",
    "Teachers collected these from their pupils", "The writer is a customer of a small shop",
    "All of them were overheard at a conference", "The material stems from a government survey",
    "Readers of a weekly magazine sent them in", "It was translated from another language",
    "A radio host read it out on air", "The author wanted to stay anonymous",
    "Volunteers wrote them down during interviews", "An old textbook contains every one of them",
    "Its author is better known for a book on {u}", "A magazine on {u} printed it by mistake",
    "Most of these people care more about {u}", "They were found among old papers on {u}",
    "It is part of a longer text that also covers {u}", "The discussion began with {u}",
    "A student of {u} chose them at random", "Expect a few remarks about {u} as well",
    "Visitors left it in a guest book", "The words were taken from a podcast transcript",
    "A family argued over it at dinner", "It once hung on a notice board at a university",
)  # fmt: skip

AUDIENCES: tuple[str, ...] = (
    "a class of ten-year-olds", "retired engineers", "people who have never heard of it", "busy parents",
    "new employees", "a sceptical manager", "first-year students", "a local newspaper", "tourists",
    "hospital staff", "members of a book club", "a neighbour who is easily bored", "amateur scientists",
    "readers of a travel magazine", "teenagers", "a small town council", "somebody learning English",
    "night-shift workers", "grandparents", "an audience of investors", "volunteers at a charity",
    "young athletes", "a panel of judges", "freelance designers", "people on a tight budget",
    "a friend who is moving abroad", "experienced professionals", "listeners of a morning show",
    "a travelling circus", "nurses on a break", "people who dislike reading", "the mayor's office", "bakers",
    "a group of pen pals", "students of law", "commuters", "an elderly aunt", "film makers",
    "visitors of a county fair", "a debating society", "shop owners", "future teachers",
)  # fmt: skip

CONSTRAINTS: tuple[str, ...] = (
    "Keep it under a hundred words", "Use everyday language", "Include one surprising number",
    "Avoid technical terms", "Mention at least two countries", "Begin with a question",
    "End on a hopeful note", "Do not repeat any adjective", "Give a reason for every claim",
    "Make it sound like a conversation", "Leave out names of brands", "Use a touch of irony",
    "Refer to one historical event", "Stick to the present tense", "Add a short example",
    "Write from the point of view of a critic", "Assume that time is short", "Quote a proverb",
    "Say which part is the hardest", "Take the opposite view halfway through", "Be honest about doubts",
    "Name one cost and one benefit", "Imagine the year 2050", "Explain every abbreviation",
    "Appeal to the senses", "Speak to the reader directly", "Consider people with little money",
    "Do without exclamation marks", "Think of safety first", "Let a child ask the questions",
    "Compare it with {u}", "Set the scene in winter", "Cover both city and countryside",
    "Base it on common sense alone", "Show how opinions have shifted", "Stay neutral throughout",
    "Bring in a fact about {u}", "Assume that the reader knows {u} well", "Mention {u} once",
    "Take the examples from {u}", "Give room to women's experiences",
    "Mind the difference between then and now", "Pretend that you have only a minute",
    "Draw up a short list first", "Weigh quality against speed", "Tell what you would do differently",
    "Support it with a made-up statistic", "Write it for radio", "Sum up each part in three words",
    "Make no promises", "Suggest where {u} might come in", "Treat {u} as the next step",
    "Explain why {u} does not belong here", "Work in a line about {u}", "Warn against mixing it up with {u}",
    "Link it to {u} at the end",
)  # fmt: skip

FORMATS: tuple[str, ...] = (
    "Answer as a numbered list", "Use two short paragraphs", "Give the result as a table",
    "Write a single sentence", "Structure it with headings", "Answer in bullet points",
    "Put the conclusion first", "Return five lines", "Divide it into three steps", "Write it as a letter",
    "Make the first line a title", "Format it as questions and answers",
)  # fmt: skip

BLEMISHED: tuple[str, ...] = (
    "Define {t}", "Discuss {t}", "Draw a picture of {t}", "Plot a graph that shows the growth of {t}",
    "Describe the image of {t} below", "Write a program that keeps records of {t}",
    "Write a program to simulate {t} and print the result", "- Explain {t} to a friend",
    '"{t}": what does this expression mean to you?', "Save the following notes on {t} to a file",
    "Go to the library and find a book about {t}", "Create a map of places known for {t}",
    "(Optional) Say something about {t}", "...and then explain {t} again", "", "{t}",
)  # fmt: skip
"""Rejected by one of the paper's filters other than novelty: too short, a keyword, a prefix, punctuation."""

REPEATED: tuple[str, ...] = (
    "Write a short story about a lost key.", "Give three tips for staying healthy.",
    "Explain why the sky is blue.", "Write a poem about the sea.", "Suggest a good name for a cat.",
    "Summarize the plot of your favourite novel.", "Describe your ideal holiday in a few sentences.",
    "Write a thank-you note to a teacher.", "Explain the difference between weather and climate.",
    "Tell me an interesting fact about whales.", "Create a weekly dinner plan for a family of four.",
    "Name some benefits of getting up early.",
)  # fmt: skip
"""What it falls back on again and again, as models do."""

TOPICS: tuple[str, ...] = (
    "renewable energy", "bread baking", "chess openings", "beekeeping", "tax returns", "urban gardening",
    "jazz improvisation", "marathon training", "coral reefs", "public libraries", "sign language",
    "coffee roasting", "medieval castles", "machine learning", "bird watching", "home insulation",
    "space travel", "hand knitting", "volcanoes", "folk dancing", "water purification", "bicycle repair",
    "opera singing", "stamp collecting", "ocean currents", "cheese making", "school uniforms",
    "electric cars", "mountain rescue", "ancient Rome", "crossword puzzles", "street photography",
    "remote work", "vaccines", "sourdough", "board games", "desert plants", "road safety", "glass blowing",
    "world languages", "childhood friendships", "tea ceremonies", "earthquakes", "personal budgets",
    "science fiction", "wild mushrooms", "family recipes", "light pollution", "origami", "sleep habits",
    "volunteer firefighting", "calligraphy", "train travel", "honey bees", "inflation", "solar eclipses",
    "community theatre", "video games", "pottery", "soil erosion", "the Silk Road", "mental arithmetic",
    "river ecology", "podcast editing", "cave paintings", "table tennis", "food allergies", "satellites",
    "the printing press", "wool dyeing", "museum curation", "antibiotics", "sailing", "election campaigns",
    "vertical farming", "perfume", "email etiquette", "fermentation", "tropical storms", "rock climbing",
    "the human heart", "wedding traditions", "cryptography", "dog training", "plate tectonics", "yoga",
    "supply chains", "street food", "animal migration", "recycling", "modern architecture", "first aid",
    "comic books", "wind turbines", "public speaking", "dinosaurs", "credit cards", "choir rehearsals",
    "quantum physics", "thrift shopping", "night skies", "rice farming", "memory techniques", "tunnels",
    "customer service", "fairy tales", "snowboarding", "noise pollution", "pension plans", "ballet",
    "robotics", "lighthouses", "meditation", "herbal medicine", "ice hockey", "copyright law", "puppetry",
    "data privacy", "carpentry", "juggling", "penguins", "silent films", "weather forecasts", "fishing",
    "parenting", "sundials", "open-source software", "candle making", "flood barriers", "bridge building",
    "the Olympic Games", "probability", "second-hand clothes", "aquariums", "graffiti", "night markets",
    "sports injuries", "the water cycle", "local dialects", "drought", "mosaics", "time zones", "camping",
    "hospital design", "dictionaries", "truck driving", "astronomy", "compost", "debate clubs", "barley",
    "kite flying", "tide pools", "radio drama", "paper money", "spices", "bamboo furniture", "gravity",
    "job interviews", "magic tricks", "poetry slams", "mountain goats", "shared flats", "dental care",
    "the French Revolution", "crowd psychology", "windmills", "sushi", "railway stations", "allotments",
)  # fmt: skip

FACTS: tuple[str, ...] = (
    "Few people expect {t} to be as varied as it is", "Many first meet {t} at school",
    "A good deal has been written about {t} since the last century",
    "Patience matters more than talent here", "What looks simple about {t} usually took years to work out",
    "The costs are lower than most would guess", "Experts still argue about where {t} began",
    "With {t}, small habits make the largest difference", "Every region has its own way with {t}",
    "A clear plan prevents most of the trouble", "It helps to watch somebody with experience",
    "Some find {t} dull until they try it themselves", "My uncle talks of nothing but {t}",
    "Last year the town spent more on {t} than on its roads",
    "I was disappointed by how little the guide said about {t}", "The best part of {t} is the company",
    "Nobody warned us how much preparation {t} takes", "The rules were changed twice within one summer",
    "In cold countries {t} has a longer tradition", "The second attempt is nearly always better",
    "A short course on {t} is offered every spring", "Newspapers tend to exaggerate what {t} can do",
    "Safety comes before speed", "Those who teach {t} often began as amateurs",
    "There is no single right answer, but there are several wrong ones",
    "Weather plays a larger part than luck", "Old photographs show how much {t} has changed",
    "The first step is to ask what it is for", "It is wise to start small and to keep notes",
    "Children pick it up faster than adults do", "Without trust, {t} would hardly work",
    "Three things count: time, care and curiosity", "Prices have risen, yet interest in {t} keeps growing",
    "You can learn the essentials in an afternoon",
)  # fmt: skip
