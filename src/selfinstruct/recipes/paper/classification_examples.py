"""Few-shot examples of step 2: 12 classification tasks and 19 others, as many as the paper shows.

Mixed so that any first few hold both kinds in about this proportion: a model with a small context window is
shown only those. Some of the negatives are near misses, with short but open answers.
"""

from __future__ import annotations

__all__ = ["CLASSIFICATION_EXAMPLES"]

CLASSIFICATION_EXAMPLES: tuple[tuple[str, bool], ...] = (
    ("Label the bug report with its severity: critical, major, minor, or cosmetic.", True),
    ("How do bees find their way back to the hive?", False),
    ("Rewrite the diary entry in the third person.", False),
    ("Is the restaurant review mainly about the food, the service, or the price? Answer in one word.", True),
    ("Find every date in the contract and write it as YYYY-MM-DD.", False),
    ("Invent a slogan for a bicycle repair shop that never closes.", False),
    ("Given two product titles, respond with match if they refer to the same item, else no match.", True),
    ("Name the author of the novel and the year in which it was published.", False),
    ("Rate the readability of the paragraph as easy, medium, or hard.", True),
    ("Compose a short thank-you note to a friend who watered my plants.", False),
    ("Work out the price after the discount and the sales tax, showing each step.", False),
    ("In which of the four seasons does the scene take place?", True),
    ("Explain the difference between weather and climate to a ten-year-old.", False),
    ("List five ways in which a small bakery could waste less bread.", False),
    ("Assign the bank transaction to rent, groceries, transport, leisure, or savings.", True),
    ("When it is the given time in Tokyo, what time is it in Lisbon?", False),
    ("Does the second step of the recipe depend on the first? Reply dependent or independent.", True),
    ("Convert the shopping list to a JSON array of objects with a name and an amount.", False),
    ("Continue the dialogue between the lighthouse keeper and the lost sailor.", False),
    ("Which language is this line of poetry written in: French, Italian, or Portuguese?", True),
    ("Give constructive feedback on the opening paragraph of the speech.", False),
    ("Shorten the product description to at most twenty words.", False),
    ("Say whether the animal described is a mammal, a bird, a reptile, an amphibian, or a fish.", True),
    ("Count how often each vowel occurs in the word.", False),
    ("Decide if the chat message was written to a colleague or to a customer.", True),
    ("What should I pack for three days of hiking in the rain?", False),
    ("Translate the lunch menu from Spanish into English.", False),
    ("Tell if the clause in italics is active or passive.", True),
    ("Write a shell command that counts the lines of every log in a folder.", False),
    ("Could the two meetings overlap? Choose yes, no, or not enough information.", True),
    ("Propose a fair chore schedule for four flatmates over two weeks.", False),
)
