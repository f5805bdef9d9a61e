"""Plain words that many families share. Topics are noun phrases that stand without an article."""

from __future__ import annotations

__all__ = [
    "ADJECTIVES",
    "ANIMALS",
    "AUDIENCES",
    "CITIES",
    "COLOURS",
    "FOODS",
    "HOBBIES",
    "JOBS",
    "MONTHS",
    "NAMES",
    "OBJECTS",
    "PLACES",
    "SURNAMES",
    "TONES",
    "TOPICS",
    "WEEKDAYS",
]  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("\n", " ").split(",") if word.strip())


NAMES = _words("""
Ada, Alma, Amir, Ana, Anders, Anika, Arjun, Asha, Ben, Bianca, Boris, Carla, Chen, Clara, Daniel, Dara,
David, Diego, Dina, Elena, Eli, Elsa, Emil, Emma, Erik, Eva, Farid, Fatima, Felix, Fiona, Frida, Grace,
Hana, Hassan, Helen, Hugo, Ida, Igor, Ines, Iris, Ivan, Jana, Jonas, Josef, Julia, Kai, Karim, Kate, Kofi,
Lars, Laura, Lea, Leo, Lina, Lucas, Lucy, Maja, Malik, Marco, Maria, Marta, Max, Maya, Mei, Mila, Mina,
Mohan, Nadia, Nia, Nina, Noah, Nora, Olaf, Olga, Omar, Oscar, Paolo, Pavel, Petra, Priya, Rahul, Rania,
Rosa, Ruth, Sam, Sara, Selma, Sofia, Stefan, Tara, Theo, Tim, Tom, Uma, Vera, Viktor, Walter, Yara, Yusuf,
Zoe
""")

SURNAMES = _words("""
Abbas, Adler, Alvarez, Baker, Bauer, Berg, Bianchi, Brandt, Carter, Castro, Cohen, Costa, Dahl, Diaz,
Duarte, Eriksen, Evans, Farkas, Fischer, Foster, Garcia, Grant, Haddad, Hansen, Hayes, Horvat, Ito,
Jansen, Kaya, Keller, Khan, Klein, Kovacs, Larsen, Lindgren, Lopez, Marino, Mensah, Meyer, Moreau,
Nakamura, Novak, Okafor, Olsen, Patel, Pereira, Petrov, Quinn, Reyes, Rossi, Santos, Schmidt, Shah, Silva,
Sokolov, Stone, Suzuki, Tanaka, Torres, Varga, Vogel, Weber, Wong, Young, Zhang
""")

CITIES = _words("""
Athens, Bergen, Berlin, Bilbao, Boston, Bristol, Brno, Cairo, Chicago, Cork, Dakar, Dallas, Delhi, Denver,
Dublin, Florence, Geneva, Ghent, Graz, Hamburg, Hanoi, Helsinki, Istanbul, Kyoto, Lagos, Leeds, Lima,
Lisbon, Lyon, Madrid, Manila, Milan, Montreal, Nairobi, Naples, Oslo, Paris, Porto, Prague, Quito, Riga,
Rome, Seoul, Seville, Sofia, Tallinn, Tokyo, Toronto, Turin, Utrecht, Valencia, Vienna, Warsaw, Zurich
""")

FOODS = _words("""
apples, bananas, beans, bread, butter, cabbage, carrots, cheese, cherries, chickpeas, coffee, corn,
cucumbers, eggs, flour, garlic, grapes, honey, jam, leeks, lemons, lentils, lettuce, mangoes, melons,
milk, mushrooms, noodles, nuts, oats, olives, onions, oranges, pasta, peaches, pears, peas, peppers,
plums, potatoes, pumpkins, radishes, raisins, rice, salt, spinach, strawberries, sugar, tea, tomatoes,
turnips, walnuts, yogurt
""")

ANIMALS = _words("""
ant, badger, bat, bear, beaver, bee, butterfly, camel, cat, cow, crab, crane, crow, deer, dog, dolphin,
donkey, duck, eagle, elephant, falcon, fox, frog, giraffe, goat, goose, hamster, hare, hawk, hedgehog,
hen, horse, lion, lizard, lynx, mole, monkey, moth, mouse, octopus, otter, owl, ox, panda, parrot,
penguin, pig, pigeon, rabbit, rat, raven, salmon, seal, shark, sheep, snail, snake, spider, squirrel,
swan, tiger, toad, trout, turtle, whale, wolf, zebra
""")

OBJECTS = _words("""
backpack, basket, bicycle, blanket, book, bottle, bowl, box, bucket, candle, chair, clock, coat, comb,
cup, curtain, desk, drum, fork, guitar, hammer, hat, jar, kettle, key, knife, ladder, lamp, lantern,
mirror, mug, needle, notebook, pan, pen, pencil, piano, pillow, plate, rope, ruler, scarf, scissors,
shelf, shoe, shovel, soap, spoon, stamp, stool, suitcase, table, teapot, tent, ticket, towel, tray,
umbrella, vase, violin, wallet, watch, wheel, whistle
""")

COLOURS = _words(
    "amber, beige, black, blue, brown, gold, green, grey, orange, pink, purple, red, silver, white, yellow"
)

JOBS = _words("""
accountant, actor, architect, baker, barber, bus driver, butcher, carpenter, chef, cleaner, clerk,
dentist, designer, doctor, editor, electrician, engineer, farmer, fisher, florist, gardener, geologist,
guard, guide, journalist, judge, lawyer, librarian, mechanic, midwife, miner, musician, nurse, painter,
pharmacist, photographer, pilot, plumber, potter, programmer, sailor, scientist, shoemaker, surgeon,
tailor, teacher, translator, vet, waiter, weaver
""")

PLACES = _words("""
airport, bakery, bank, barn, beach, bridge, café, castle, cinema, clinic, courtyard, factory, farm,
forest, garage, garden, harbour, hospital, hotel, kitchen, lake, library, market, meadow, museum, office,
park, playground, port, post office, quarry, restaurant, river, school, shop, square, stable, stadium,
station, swimming pool, theatre, town hall, tunnel, valley, village, warehouse, workshop, zoo
""")

HOBBIES = _words("""
archery, baking, birdwatching, board games, bookbinding, camping, candle making, ceramics, chess, choir
singing, climbing, cooking, crochet, cycling, dancing, fishing, folk music, gardening, hiking, juggling,
kite flying, knitting, model trains, origami, photography, playing the flute, pottery, quilting, reading,
rowing, running, sailing, sewing, skating, sketching, skiing, stargazing, swimming, table tennis, weaving,
woodworking, yoga
""")

AUDIENCES = _words("""
a beginner, a busy parent, a child of ten, a class of twelve-year-olds, a colleague, a curious teenager, a
customer, a five-year-old, a foreign visitor, a friend, a grandparent, a group of tourists, a local
newspaper, a neighbour, a new employee, a night nurse, a room full of engineers, a small shop owner, a
student, a team of volunteers, a town council, a university class, an apprentice, an audience of farmers,
an exchange student, an older reader, first-year students, future teachers, hospital staff, people who
have never heard of it, retired people, school children, the general public, the readers of a blog,
weekend gardeners
""")

TONES = _words("""
calm, cheerful, confident, critical, dry, encouraging, formal, friendly, gentle, grateful, honest,
hopeful, humble, humorous, informal, modest, neutral, optimistic, patient, persuasive, playful, polite,
practical, proud, respectful, serious, simple, solemn, sympathetic, thoughtful, warm
""")

ADJECTIVES = _words("""
bitter, brave, bright, broken, calm, cheap, clean, clever, cold, curious, dark, deep, dry, dull, early,
empty, fair, famous, fast, fresh, gentle, happy, hard, heavy, honest, hot, huge, kind, large, late, lazy,
light, loud, lucky, modern, narrow, new, noisy, old, patient, plain, polite, proud, quick, quiet, rare,
rough, round, sharp, shy, slow, small, smooth, soft, strong, sweet, tall, thick, thin, tidy, tiny, tired,
warm, weak, wide, wild, wise, young
""")

TOPICS = _words("""
air travel, allotment gardens, ancient Egypt, animal migration, apple orchards, archaeology, astronomy,
autumn leaves, bee keeping, bicycle lanes, bird song, board games, book clubs, bread baking, bridges, bus
timetables, butterflies, camping, canals, car sharing, caves, cheese making, chess, childhood memories,
chocolate, city parks, classical music, clean water, climate, clocks, clouds, coal mining, coffee, coins,
comets, community kitchens, composting, computer programming, coral reefs, corner shops, country dances,
crop rotation, cycling to work, daily exercise, dairy farming, deep-sea fish, deserts, detective stories,
digital privacy, dinosaurs, doctors' visits, dogs, dreams, drinking water, earthquakes, eclipses, electric
cars, elevators, email, evening classes, evolution, exam stress, fairy tales, family meals, farmers'
markets, fashion, fear of flying, ferries, film music, fire safety, first aid, fishing villages, flea
markets, floods, folk songs, food waste, football, forests, forgotten languages, fossils, friendship,
frost, gardening, genetics, glaciers, glass making, gravity, greenhouses, habits, hand washing, harvest
festivals, healthy breakfasts, hedgehogs, hiking, home repairs, honey, hospital food, hot air balloons,
house plants, housing costs, human rights, humour, icebergs, immune cells, insects, internet safety,
islands, jazz, job interviews, journalism, juggling, kites, knitting, knots, lake monsters, learning a
language, leap years, libraries, lighthouses, lightning, local history, local newspapers, lost luggage,
magnets, mail delivery, marathon running, markets, mathematics, medieval castles, memory, metals,
microscopes, migration, mirrors, mobile phones, modern art, money, moonlight, morning routines,
mosquitoes, mountain huts, mountains, moving house, museums, mushrooms, music lessons, myths, neighbours,
night trains, noise in cities, north winds, nurses, nutrition, ocean currents, old photographs,
open-source software, opera, orchestras, origami, owls, paper making, parenting, parking, patience, pen
friends, penguins, pets, photography, photosynthesis, picnics, plastic waste, playgrounds, poetry, polar
bears, potatoes, pottery, power stations, printing, proverbs, public speaking, public transport, puppets,
puzzles, quiet mornings, radio, railways, rain, rainbows, reading aloud, recycling, renewable energy, rice
fields, riddles, rivers, road safety, robots, rock climbing, roof gardens, sailing, salt, sandcastles,
saving money, school lunches, school uniforms, science fairs, sculpture, sea turtles, second-hand clothes,
sharks, shoes, silk, sleep, small talk, snow, soap making, soil, solar power, songbirds, soup, space
travel, spices, spiders, sports clubs, spring flowers, stamps, stars, steam engines, storms, street food,
street lamps, street musicians, study habits, submarines, sugar, sundials, swimming, tailors, tea,
teamwork, teeth, telephones, tents, theatre, thunder, tides, time management, time zones, tomatoes, town
planning, toys, traffic jams, trains, translation, travel budgets, tree houses, trees, tunnels,
typewriters, umbrellas, vaccines, vegetable soup, video games, village schools, violins, volcanoes,
volunteering, voting, walking, washing machines, water mills, weather forecasts, weddings, whales, wheat,
wild horses, wildfires, wind farms, windmills, winter sports, wolves, wood carving, woodland birds, wool,
work from home, yoga, youth hostels, zebras, zoos
""")

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
