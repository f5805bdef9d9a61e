"""Porter's stemmer for English (1980), with the changes that NLTK made to it: what rouge_score stems by.

Here rather than out of NLTK, whose import takes from a third of a second to several, by what else is
installed (SciPy, scikit-learn); a test holds the two against each other.

A word is read as consonants and vowels, [C](VC)…[V]; its measure is the number of VC. Most rules take an
ending away, or put another in its place, if what stands before it has a certain measure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

__all__ = ["stem"]

_IRREGULAR = {
    "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "innings": "inning",
    "outings": "outing", "cannings": "canning", "sky": "sky", "news": "news", "inning": "inning",
    "outing": "outing", "canning": "canning", "howe": "howe", "proceed": "proceed", "exceed": "exceed",
    "succeed": "succeed",
}  # fmt: skip


def _rules(text: str) -> tuple[tuple[str, str], ...]:
    """Endings and what takes their place, out of `ational>ate tional>tion …`."""
    return tuple((ending, instead) for ending, _, instead in (rule.partition(">") for rule in text.split()))


_ADJECTIVES = _rules(
    "ational>ate tional>tion enci>ence anci>ance izer>ize bli>ble entli>ent eli>e ousli>ous ization>ize "
    "ation>ate ator>ate alism>al iveness>ive fulness>ful ousness>ous aliti>al iviti>ive biliti>ble fulli>ful"
)
_NOUNS = _rules("icate>ic ative> alize>al iciti>ic ical>ic ful> ness>")
_LAST = _rules(
    "al> ance> ence> er> ic> able> ible> ant> ement> ment> ent> sion>s tion>t ou> ism> ate> iti> ous> ive> "
    "ize>"
)


def stem(word: str) -> str:
    """word: lower-case letters and digits. Words of one or two letters stay as they are."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 2:
        return word
    for step in (_plural, _past, _final_y, _adjective, _noun, _last_ending, _final_e, _final_l):
        word = step(word)
    return word


def _shape(text: str) -> str:
    """`c` for each consonant, `v` for each vowel. A y after a consonant is a vowel, a digit a consonant."""
    shape = ""
    for letter in text:
        vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if vowel else "c"
    return shape


def _measure(text: str) -> int:
    return _shape(text).count("vc")


def _ends_short(text: str) -> bool:
    """In consonant, vowel and a consonant other than w, x and y, as `hop`; or as a whole in vowel and
    consonant, as `at`."""
    shape = _shape(text)
    return (shape.endswith("cvc") and text[-1] not in "wxy") or shape == "vc"


def _replaced(word: str, rules: Iterable[tuple[str, str]], holds: Callable[[str], bool]) -> str:
    """The first ending that the word has decides, whether or not the condition holds for what precedes."""
    for ending, instead in rules:
        if word.endswith(ending):
            before = word.removesuffix(ending)
            return before + instead if holds(before) else word
    return word


def _plural(word: str) -> str:
    """Step 1a."""
    if word.endswith("ies"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    """Step 1b: -ed and -ing, and what is to be mended once they are gone."""
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    before = word[:-2] if word.endswith("ed") else word[:-3] if word.endswith("ing") else ""
    if "v" not in _shape(before):
        return word
    if before.endswith(("at", "bl", "iz")):
        return before + "e"
    if len(before) > 1 and before[-1] == before[-2] and _shape(before)[-1] == "c":
        return before if before[-1] in "lsz" else before[:-1]
    return before + "e" if _measure(before) == 1 and _ends_short(before) else before


def _final_y(word: str) -> str:
    """Step 1c."""
    mended = word.endswith("y") and len(word) > 2 and _shape(word[:-1])[-1] == "c"
    return word[:-1] + "i" if mended else word


def _adjective(word: str) -> str:
    """Step 2."""
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        return _adjective(word[:-2])
    if word.endswith("logi"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    return _replaced(word, _ADJECTIVES, lambda before: _measure(before) > 0)


def _noun(word: str) -> str:
    """Step 3."""
    return _replaced(word, _NOUNS, lambda before: _measure(before) > 0)


def _last_ending(word: str) -> str:
    """Step 4. Before -ion the s or t belongs to the stem, and so to its measure."""
    for ending, kept in _LAST:
        if word.endswith(ending):
            before = word.removesuffix(ending) + kept
            return before if _measure(before) > 1 else word
    return word


def _final_e(word: str) -> str:
    """Step 5a."""
    before = word[:-1]
    measure = _measure(before)
    gone = word.endswith("e") and (measure > 1 or (measure == 1 and not _ends_short(before)))
    return before if gone else word


def _final_l(word: str) -> str:
    """Step 5b."""
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word
