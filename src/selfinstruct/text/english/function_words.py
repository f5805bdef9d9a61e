"""Closed lists of English words that tell where a phrase begins and ends, and what commands look like."""

from __future__ import annotations

__all__ = [
    "AUXILIARIES",
    "CLAUSE_OPENERS",
    "COMMANDS",
    "DETERMINERS",
    "LEAD_INS",
    "OBJECT_PRONOUNS",
    "OPENINGS",
    "PARTICLES",
    "POSSESSIVES",
    "PRONOUNS",
    "QUANTIFIERS",
    "QUESTION_WORDS",
    "SCENE_SETTERS",
    "is_english",
    "words_of",
]


def words_of(text: str) -> frozenset[str]:
    """A set, written as words between white space."""
    return frozenset(text.split())


AUXILIARIES = words_of(
    """
    is are was were be been being am isn't aren't wasn't weren't has have had does did do don't doesn't
    didn't can could will would shall should may might must can't cannot couldn't won't wouldn't
    shouldn't
    """
)
POSSESSIVES = words_of("my your his her its our their whose")
DETERMINERS = words_of(
    "the a an this that these those each every any some no another all both either neither"
)
QUANTIFIERS = words_of(
    """
    each one two three four five six seven eight nine ten eleven twelve all both some any either neither most
    many few none half several more fewer less enough lots plenty
    """
)
"""Before `of` they count what follows; they are not the thing itself."""
PRONOUNS = words_of(
    """
    i you he she it we they me him us them myself yourself himself herself itself ourselves themselves
    mine yours hers ours theirs everything something anything nothing everyone someone anyone nobody
    somebody anybody everybody yes no not
    """
)
PREPOSITIONS = words_of(
    """
    of in on at by for from with without within to into onto about as than like between among against
    under over above below during through throughout across after before since until till per via upon
    towards toward around behind beside besides beyond near inside outside off out up down along except
    despite instead regarding concerning including versus vs unlike
    """
)
OBJECT_PRONOUNS = words_of("it them me us him")
QUESTION_WORDS = words_of("who whom whose what which when where why how whether if")
CLAUSE_OPENERS = (
    PREPOSITIONS
    | QUESTION_WORDS
    | words_of("and or but nor so yet because although though while unless then")
)
"""Words that no noun phrase goes beyond."""
PARTICLES = words_of("up out down off away back apart together")
OPENINGS = PREPOSITIONS | words_of(
    """
    given based using if when while whenever once because since although though assuming according
    considering whether as
    """
)
"""What may stand at the head of a phrase before the command: `Given a list of numbers, sort them.`"""
LEAD_INS = words_of(
    """
    please kindly just simply now then next first second third finally lastly also and or but so hi
    hello hey ok okay today again here instead always let's lets pls
    """
)
"""Words before a command that do not change what it is."""
SCENE_SETTERS = words_of("imagine suppose assume pretend consider act")
"""Verbs that lead up to a command. They count only where no other command follows."""
COMMANDS = words_of(
    """
    abbreviate act adapt add address advise alphabetize analyse analyze announce answer apply argue
    arrange ask assess assign assume balance boil brainstorm break build calculate call capitalize
    categorise categorize change characterize check choose cite clarify classify clean code collect
    combine come comment compare compile complete compose compute condense conduct connect consider
    construct continue contrast convert copy correct count craft create criticize critique cut debate
    decide decode decorate deduce define delete demonstrate derive describe design detect determine
    develop diagnose differentiate discuss display distinguish divide do draft draw edit elaborate
    eliminate encode encourage enhance enumerate establish estimate evaluate examine exclude expand
    explain explore express extend extract fill filter find finish fix flag follow forecast form format
    formulate generate get give go grade greet group guess help highlight hypothesize identify
    illustrate imagine implement improve include incorporate indicate infer insert instruct interpret
    introduce invent join judge justify keep label lay leave lengthen let link list locate look make
    mark match measure merge modify move multiply name negate normalize note number offer optimize order
    organize outline output paint paraphrase parse pay perform persuade pick plan plot point port praise
    predict prepare present pretend print process produce pronounce proofread propose prove provide
    punctuate put quote rank rate rearrange recall recast recommend record rectify reduce reformat
    reformulate refute remove rename render reorder repair repeat rephrase replace reply report
    represent request research resolve respond restate restructure return reverse review revise rewrite
    rhyme round run say scale schedule score screen search select sentence separate set share shorten
    show simplify simulate sing sketch solve sort specify spell split standardize start state store
    substitute subtract suggest sum summarise summarize suppose swap switch take talk tell test thank
    think touch trace transcribe transform translate transpose try turn type understand update use
    validate verify visualize weigh work write
    """
)
"""Verbs that, at the head of a sentence, are taken for commands even where they could be nouns."""
_FOREIGN = words_of(
    """
    la el le les los las der das und ein eine einen una uno del des du il di uma que por och ett zu von für
    dans sur een
    """
)
_ENGLISH = words_of("the of to and for with this that these your from it you are by how what which")


def is_english(words: list[str]) -> bool:
    """False where function words of other European languages stand and no English ones: some of their verbs
    look English (`describe`, `explore`)."""
    return _FOREIGN.isdisjoint(words) or not _ENGLISH.isdisjoint(words)
