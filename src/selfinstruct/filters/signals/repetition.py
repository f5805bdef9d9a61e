"""Outputs that never end: stuck in a loop, or run on into the next example."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from operator import eq
from typing import ClassVar

from selfinstruct.filters.signals.base import plain, speaks_of, without_code
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format

__all__ = ["Loop", "RunTogether"]

_LIST_LINE = re.compile(r"\s*(?:[-*•–+]|\(?\d{1,3}[.):]|\(?[a-zA-Z][.)])\s+")
_MAY_REPEAT = speaks_of(
    "repeat* times copies chorus refrain chant* mantra* villanelle pantoum pattern* ascii matrix "
    "grid sequence* binary tongue_twister* echo drum*"
    " beat* print* loop* wiederhol* répète* répéter repite* repet* "
    "line_of rows? stutter* onomatopoe* sound* laugh* 重复 anaphora litany"
)
_MAY_RETURN = speaks_of(
    "song* lyric* poem* rhyme* rap verse* hymn* lied* gedicht* chanson* "
    "poème* canción poema* lullab* nursery ballad* carol* 歌 诗"
)
_LABELS_EACH = speaks_of("classif* label* each categor* tag* sentiment* conjugat* verse rank*")
_PATTERN_ASKED = speaks_of(
    "same_sentence starting_with starts_with begins_with beginning_with each_line drill* cloze"
)
_MAY_BE_ALIKE = frozenset(
    {Format.TABLE, Format.CODE, Format.MARKUP, Format.JSON, Format.FIELDS, Format.VERSE, Format.NUMBER}
)
_LETTERS_RUN = re.compile(r"([^\W\d_]|[!?.])\1{24,}|([^\W\d_])\2{14,}|((?:[^\W\d_]){2,4})\3{9,}")
_SHORTEST_RUN = 15  # characters that it matches, none of them white space
_LINE_OR_SENTENCE = re.compile(r"\n|(?<=[.!?。！？])\s+")


@dataclass(frozen=True, slots=True)
class Loop:
    """An output that says the same over and over.

    times: how often a phrase must follow itself; sentences of eight words or more need three times.
    """

    name: ClassVar[str] = "loop"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("loop",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "The output repeats a phrase, a sentence or a line over and over."
    example: ClassVar[Row] = Row("Describe the sea.", "", "The sea is wide and blue and deep. " * 3)
    times: int = 4

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = without_code(row.output)
        if len(output) < 20 or _MAY_REPEAT(row.instruction):
            return None
        if row.input and plain(output) in plain(row.input):
            return None
        longest = max(map(len, output.split()), default=0)
        if longest >= _SHORTEST_RUN and (run := _LETTERS_RUN.search(output)):
            return Verdict("loop", f"“{run[0][:20]}…”")
        spaced = plain(output)
        words = (
            spaced.split()
            if spaced.isascii() or spaced.count(" ") * 8 > len(spaced)
            else list(spaced.replace(" ", ""))
        )
        verse = _MAY_RETURN(row.instruction)
        if repeated := self._repetition(words, self.times + 1 if verse else self.times):
            return Verdict("loop", f"“{repeated[:60]}” again and again")
        if verse:
            return None
        if (items := self._items(output)) and not _LABELS_EACH(row.instruction):
            return Verdict("loop", f"“{items[:60]}” again and again")
        lines = _LINE_OR_SENTENCE.split(output)
        if len(lines) > 5:
            lines = [plain(line) for line in lines]
            lines = [line for line in lines if len(line.split()) > 2 or not line.isascii()]
        if len(lines) > 5 and len(set(lines)) * 2 <= len(lines):
            commonest, times = Counter(lines).most_common(1)[0]
            return Verdict("loop", f"“{commonest[:60]}” {times} times")
        if len(words) > 60 and output_format(output) not in (Format.TABLE, Format.CODE, Format.MARKUP):
            triples = list(zip(words, words[1:], words[2:], strict=False))
            if len(set(triples)) < len(triples) * 0.4:
                return Verdict("loop", "most of it is said more than once")
        if phrase := self._said_again(words, output, row.instruction):
            return Verdict("loop", f"“{phrase[:60]}” again and again")
        return None

    def _said_again(self, words: list[str], output: str, instruction: str) -> str:
        """A phrase of five words that prose has four times, where half of it is such, or three times, where
        most is; else empty."""
        if not 24 <= len(words) <= 2000 or "://" in output:
            return ""
        grams = list(zip(words, words[1:], words[2:], words[3:], words[4:], strict=False))
        if len(grams) - len(set(grams)) < 2:  # none of them is there three times
            return ""
        counts = Counter(grams)
        if counts.most_common(1)[0][1] < 3 or _PATTERN_ASKED(instruction):
            return ""
        often = {gram for gram, count in counts.items() if count > 2}
        covered = {place + step for place, gram in enumerate(grams) if gram in often for step in range(5)}
        least = 0.5 if counts.most_common(1)[0][1] > 3 else 0.65
        if len(covered) < least * len(words):
            return ""
        if output_format(output, instruction) in _MAY_BE_ALIKE:
            return ""
        return " ".join(counts.most_common(1)[0][0])

    def _items(self, output: str) -> str:
        """An item of a list that comes again, in a list of which half is said before; empty for none."""
        lines = output.splitlines()
        if len(lines) < 5:
            return ""
        items = [plain(_LIST_LINE.sub("", line)) for line in lines if _LIST_LINE.match(line)]
        items = [item for item in items if item]
        if len(items) < 5 or len(set(items)) > len(items) * 0.6:
            return ""
        commonest, times = Counter(items).most_common(1)[0]
        return commonest if times > 2 or len(set(items)) * 2 <= len(items) else ""

    def _repetition(self, words: list[str], times: int) -> str:
        """A phrase of up to 30 words that follows itself often enough; empty for none."""
        again = len(words) - len(set(words))  # so many have to be there before
        for size in range(1, min(30, len(words) // 3) + 1):
            needed = times + 2 if size == 1 else times if size < 4 else times - 1
            if size * (needed - 1) > again:
                continue
            equal = bytes(map(eq, words[size:], words))  # to the word so many places before
            if b"\1" * (size * (needed - 1)) not in equal:
                continue
            run = 0
            for place in range(size, len(words)):
                run = run + 1 if words[place] == words[place - size] else 0
                if run >= size * (needed - 1):
                    phrase = words[place - size + 1 : place + 1]
                    if not all(word.isdigit() or len(word) == 1 for word in phrase):
                        return " ".join(phrase)
                    run = 0
        return ""


# ------------------------------------------------------------------------ run together

_TOKENS = re.compile(
    r"<\|[\w ]{2,30}\|>|</?s>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<eos>|<bos>|<pad>|<unk>"
)
_TURN = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*)?(?P<name>instruction|input|output|task|class label|response"
    r"|example|question|answer|q|a"
    r"|human|user|assistant|bot|problem|aufgabe|eingabe|ausgabe|entrée|sortie|entrada|salida|saída"
    r"|instrucción|tarea"
    r"|consigne|prompt|completion|输入|输出|指令|任务|入力|出力)(?:[ \t]*#?\d+)?[ \t]*(?:\*\*)?[:：]"
    r"|^#{2,3}[ \t]*(?P<heading>instruction|response|input|output|task)[ \t]*#?\d*[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_MAY_TURN = re.compile("[:：]|##")
_MANY_ASKED = speaks_of(
    "instruction* inputs? outputs? examples? tasks? prompts? questions? "
    "answers? dialog* conversation* q&a faq*"
    " quiz* test_cases? interview* script* chat* transcript* exercise* problems? exam* "
    "few-shot trivia riddle* jokes? joke puzzle*"
    " flash_?cards? dataset* training log* yaml json function* program* code template* aufgabe* frage* fragen"
    " format* user* labels? assistant* human* schema field*"
)
_FIELDS_ASKED = speaks_of(
    "instruction* inputs? outputs? tasks? prompts? test_cases? dataset* training "
    "log* yaml json function* program* few-shot template* aufgabe*"
)
_EXAMPLES = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*)?(?:example|beispiel|exemple|ejemplo|instance|sample|例)\s*#?\d+\b\W*",
    re.IGNORECASE | re.MULTILINE,
)
_EXAMPLES_ASKED = speaks_of(
    "examples beispiele* exemples ejemplos instances samples several multiple illustrat* example beispiel"
)
_TASKS = frozenset({"instruction", "task", "aufgabe"})
_QUESTIONS = re.compile(
    r"\b(?:question|q|frage|pregunta)\s?\d*:\s[^\n]{3,120}?\b(?:answer|a|antwort|respuesta):\s", re.I
)
_NEXT_ITEM = re.compile(r"\bnext (?:question|task|example|instruction|input)\s*:", re.IGNORECASE)
_INLINE = re.compile(
    r"(?:[.!?;,)\]]|\b\w+)[ \t]+(?P<given>Input|Instruction|Task|Sentence|Text|Review|Tweet|Question|Eingabe"
    r"|Entrée|Entrada|Human|User)[ \t]*\d*:[ \t]*\S[^\n]{0,200}?[ \t]+(?:Output|Answer|Label|Sentiment"
    r"|Response|Class"
    r"|Ausgabe|Sortie|Salida|Saída|Assistant|Translation)[ \t]*\d*:"
)
_INLINE_ASKED = re.compile(
    r"\b(?:input|output|label|answer|sentence|text|question)\w*[ \t]*\d*:", re.IGNORECASE
)
_NUMBERED = re.compile(r"[ \t]*\(?(\d{1,2})[.):][ \t]+\S")
_LONG_HEAD = re.compile(r"^\W{0,3}([A-Za-z][\w'’ -]{5,40}?)\s*:\s+\S")
_FIELD_NAME = re.compile(r"^\W{0,3}([A-Z][\w ]{1,24}?)\s*:")
_SEVERAL = speaks_of(
    "list* each several all every examples pairs dialog* conversation* script* table items questions "
    "two three four five six ten compare* faq interview* facts"
)
_NEXT = frozenset({"instruction", "task", "aufgabe", "prompt", "example", "human", "user", "problem"})


@dataclass(frozen=True, slots=True)
class RunTogether:
    """A row that holds the next example too, or marks of a prompt that should have ended it."""

    name: ClassVar[str] = "run_together"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("run_together",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "The row runs on into another example: “Input: …”, “Task: …”, <|endoftext|>."
    example: ClassVar[Row] = Row(
        "Name the capital of the country.", "France", "Paris\n\nInput: Italy\nOutput: Rome"
    )

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        if token := next(self._tokens(row), None):
            return Verdict("run_together", f"it holds {token}")
        asked = f"{row.instruction}\n{row.input}"
        names = self._names(row.output)
        kinds = {name for name, _ in names}
        if kinds & _TASKS and kinds & {"input", "output", "response"} and not _FIELDS_ASKED(row.instruction):
            return Verdict("run_together", "the output holds another task")
        if (
            "\n" in row.output
            and len(_EXAMPLES.findall(row.output)) > 1
            and not _EXAMPLES_ASKED(row.instruction)
        ):
            return Verdict("run_together", "the output holds several examples")
        if names and not _MANY_ASKED(row.instruction) and not _TURN.search(asked):
            later = [name for name, start in names if start > 0]
            if later and (
                kinds & _NEXT
                or len(names) > 1
                or later[0]
                in (
                    "input",
                    "instruction",
                    "output",
                    "eingabe",
                    "entrée",
                    "entrada",
                    "输入",
                    "入力",
                    "problem",
                )
            ):
                return Verdict("run_together", f"the output goes on with “{later[0].capitalize()}:”")
        if (
            len(row.instruction) > 12
            and plain(row.output).count(plain(row.instruction)[:-5]) > 1
            and not _MAY_REPEAT(row.instruction)
        ):
            return Verdict("run_together", "the output holds the instruction more than once")
        colons = row.output.count(":")  # without them the costly patterns cannot match
        if colons > 1 and len(_QUESTIONS.findall(row.output)) > 1 and not _MANY_ASKED(row.instruction):
            return Verdict("run_together", "the output holds several questions with answers")
        if colons and _NEXT_ITEM.search(row.output) and not _MANY_ASKED(row.instruction):
            return Verdict("run_together", "the output goes on with the next question")
        if len(row.output.splitlines()) > 1 and (
            self._next_fields(row)
            or self._next_pairs(row)
            or self._next_numbers(row)
            or self._next_heads(row)
        ):
            return Verdict("run_together", "the output goes on with the next items")
        if (
            colons
            and (inline := _INLINE.search(row.output, 1))
            and not _MANY_ASKED(row.instruction)
            and not _INLINE_ASKED.search(asked)
        ):
            return Verdict("run_together", f"the output goes on with “{inline['given']}:”")
        given = [name for name, _ in self._names(row.input)]
        if (
            "output" in given
            and given.count("input") + given.count("output") > 1
            and not _MANY_ASKED(row.instruction)
        ):
            return Verdict("run_together", "the input holds outputs")
        told = [name for name, start in self._names(row.instruction) if start > 0]
        if "output" in told and ("instruction" in told or "task" in told or told.count("output") > 1):
            return Verdict("run_together", "the instruction holds other tasks")
        return None

    def _next_fields(self, row: Row) -> bool:
        """Whether an answer without a field's name is followed by the same pair of fields, twice or more."""
        lines = [line for line in row.output.splitlines() if line.strip()]
        if len(lines) < 5 or _FIELD_NAME.match(lines[0]) or _SEVERAL(row.instruction):
            return False
        names = [match[1] for line in lines[1:] if (match := _FIELD_NAME.match(line))]
        if len(names) != len(lines) - 1 or len(names) < 4:
            return False
        return len(set(names)) == 2 and names[:2] == names[2:4] and names[0] != names[1]

    def _next_pairs(self, row: Row) -> bool:
        """Whether a short answer is followed by blocks that each hold an input and its answer."""
        if not row.input or _SEVERAL(row.instruction) or "\n" in row.input.strip():
            return False
        first, *others = [block.splitlines() for block in re.split(r"\n\s*\n", row.output.strip())]
        if len(first) != 1 or len(others) < 2 or any(len(block) != 2 for block in others):
            return False
        kind = output_format(first[0], row.instruction)
        if kind not in (Format.NUMBER, Format.LABEL, Format.WORD):
            return False
        return all(output_format(block[1], row.instruction) is kind for block in others)

    def _next_numbers(self, row: Row) -> bool:
        """Whether an answer without a number is followed by a list that begins with 2."""
        lines = [line for line in row.output.splitlines() if line.strip()]
        numbers = [int(match[1]) for line in lines if (match := _NUMBERED.match(line))]
        if numbers[:2] != [2, 3] or _NUMBERED.match(lines[0]):
            return False
        return not re.search(r"(?<!\d)1[.):]", f"{row.instruction}\n{row.input}\n{row.output}")

    def _next_heads(self, row: Row) -> bool:
        """Whether an answer without a heading is followed by others under `Slogan for a garage:`."""
        lines = [line for line in row.output.splitlines() if line.strip()]
        heads = [match[1].lower().split() for line in lines[1:] if (match := _LONG_HEAD.match(line))]
        if len(heads) < 2 or len(heads) < len(lines) - 1 or plain(lines[0]).split()[:2] == heads[0][:2]:
            return False
        if _SEVERAL(row.instruction) or len({tuple(head) for head in heads}) == 1:
            return False
        return len({tuple(head[:2]) for head in heads}) == 1 and heads[0][0] in plain(row.instruction).split()

    def _tokens(self, row: Row) -> Iterator[str]:
        if "<" not in row.output and "[" not in row.output:
            return
        for match in _TOKENS.finditer(row.output):
            if (
                match[0] not in row.instruction
                and match[0] not in row.input
                and "token" not in row.instruction
            ):
                if match[0] in ("<s>", "</s>") and re.search(r"html|strik", row.instruction, re.IGNORECASE):
                    continue
                yield match[0]

    def _names(self, text: str) -> list[tuple[str, int]]:
        """Names of fields that begin lines, with where: 0 at the beginning of the text."""
        if not _MAY_TURN.search(text):  # true of most texts
            return []
        start = len(text) - len(text.lstrip())
        return [
            ((each["name"] or each["heading"]).lower(), 0 if each.start() <= start else each.start())
            for each in _TURN.finditer(text)
        ]
