"""Outputs that are not there, end too soon, never end, or run into the next example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import plain, speaks_of, without_code
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.placeholders import without_placeholder

__all__ = ["CutOff", "EmptyOutput", "Loop", "RunTogether"]

_NOTHING = re.compile(
    r"[<(\[]?(?:n/?a|no[ _]?(?:valid )?output(?: found| given| needed| required)?|no (?:answer|response)"
    r"|output|answer|response|undefined|nan|null|nil|none|empty|todo|tbd)[>)\]]?\s*[.:]?",
    re.IGNORECASE,
)
_MARKS_ONLY = re.compile(r"[-–—_.…·*\s#=~?!:;,/\\|'\"`()\[\]{}<>]+")
_MAY_BE_NOTHING = speaks_of(
    "n/a none null nil nan nothing no not any if whether either missing empty undefined blank todo tbd output"
    " answer response absent otherwise keine* kein* aucun* ninguno ninguna"
)
_WRITES = re.compile(
    r"(?:please )?(?:write|compose|create|generate|describe|explain|summari[sz]e|translate|rewrite|paraphrase"
    r"|draft|tell|give|list|suggest|make|design|outline|provide)\b",
    re.IGNORECASE,
)
_MARKS_ASKED = speaks_of(
    "punctuation symbol* sign* character* operator* mark* bracket* parenthes* morse emoticon* ascii dash*"
    " ellipsis dots? fill comma colon pattern* regex* expression braille glob wildcard delimiter separator"
)


@dataclass(frozen=True, slots=True)
class EmptyOutput:
    """An output without a text, or with a word for none."""

    name: ClassVar[str] = "empty_output"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("empty_output",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "No output, or a word for none, such as N/A."
    example: ClassVar[Row] = Row("Write a haiku about rain.", "", "N/A")

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.strip()
        if not output:
            return Verdict("empty_output")
        if len(output) > 40:
            return None
        if _NOTHING.fullmatch(output) or not without_placeholder(output):
            strong = re.search(r"n/a|output", output, re.IGNORECASE)
            asked = row.instruction if strong else f"{row.instruction}\n{row.input}"
            meant = _MAY_BE_NOTHING(asked) and not (strong and _WRITES.match(row.instruction.strip()))
            if meant or not (strong or _WRITES.match(row.instruction.strip())):
                return None
            return Verdict("empty_output", f"only {output!r}")
        if _MARKS_ONLY.fullmatch(output) and not _MARKS_ASKED(f"{row.instruction}\n{row.input}"):
            return Verdict("empty_output", f"only {output!r}")
        return None


# ------------------------------------------------------------------------ cut off

_END_MARKS = ".!?…。！？।؟۔:;)\"”’»“'`]}>*|~_。」』】）›%°$€£/—-"
_CANNOT_END = {
    "en": "the a an and or of because although whose than and/or my your our their its every very such",
    "de": "der die das und oder ein eine einen einem einer des dem den weil dass sowie",
    "fr": "le la les des et ou un une que qui du aux",
    "es": "el los las del y una que o",
}
_DANGLING = frozenset(" ".join(_CANNOT_END.values()).split()) - {"die", "a", "o", "y", "la", "que"}
_DANGLING_ENGLISH = frozenset(
    f"{_CANNOT_END['en']} und oder der das ein eine einen weil dass que les des una los del".split()
)
_RARELY_ENDS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "could",
        "should",
        "may",
        "might",
        "must",
        "to",
        "for",
        "with",
        "from",
        "by",
        "as",
        "but",
        "if",
        "when",
        "while",
        "into",
        "this",
        "these",
        "not",
        "ist",
        "sind",
        "wird",
        "mit",
        "für",
        "von",
        "zu",
        "est",
        "sont",
        "avec",
        "pour",
        "dans",
        "es",
        "son",
        "para",
        "con",
        "por",
        "en",
    ]
)
_MODIFIES = frozenset(
    [
        "before",
        "after",
        "until",
        "since",
        "unless",
        "whether",
        "which",
        "that",
        "it",
        "they",
        "he",
        "she",
        "we",
        "you",
        "who",
        "whose",
        "where",
        "their",
        "his",
        "our",
        "your",
        "my",
        "others",
        "nach",
        "weil",
        "dass",
        "einen",
        "durch",
        "unter",
        "que",
        "et",
        "de",
        "y",
        "del",
        "al",
        "qui",
        "une",
        "more",
        "most",
        "many",
        "several",
        "some",
        "both",
        "between",
        "against",
        "about",
        "over",
        "through",
        "during",
        "including",
        "such",
        "many's",
    ]
) - {
    "it",
    "you",
    "others",
    "that",
    "more",
    "most",
    "over",
    "through",
    "some",
    "both",
    "they",
    "we",
    "my",
    "after",
}
_NO_CLOSE = re.compile(r"(?:然后|因为|所以|但是|并且|以及|和|的|在|是|，|、)$")
_COMPLETION = speaks_of(
    "complete finish fill blank* next continue* missing_word gap autocomplete "
    "predict ergänze complète completa break* cliffhanger unfinished"
    " interrupt* incomplete half mid-sentence opening beginning trail* abrupt* cut* stem prefix"
)
_TRANSLATES = speaks_of("translat* übersetz* tradui* traduc* traduz* 翻译 paraphras* rewrite rephras*")
_MAIL = speaks_of(
    "e-?mails? letters? message* note* invit* greeting* mail brief* lettre* "
    "carta* poem* song* lyric* verse* haiku*"
)
_SENTENCE_END = re.compile(r"[.!?…。！？।؟][\"”’)\]]*(?:\s+|$)|[。！？]")
_ABBREVIATION = re.compile(
    r"(?:^|\W)(?:\w|e\.g|i\.e|etc|vs|Mr|Mrs|Ms|Dr|Prof|St|No|Jr|Sr|Inc|approx|z\.B)\.\s*$"
)
_LIST_LINE = re.compile(r"\s*(?:[-*•–+]|\(?\d{1,3}[.):]|\(?[a-zA-Z][.)])\s+")
_BARE_MARK = re.compile(r"(?:^|\n)\s*(?:\d{1,3}[.)]|[-*•])\s*$")
_UNENDED_SCRIPTS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_FREE_FORM = frozenset(
    {Format.CODE, Format.MARKUP, Format.TABLE, Format.FIELDS, Format.VERSE, Format.LETTER, Format.DIALOGUE}
)
_VERSE = speaks_of(
    "poem* poetry haiku* limerick* song* lyric* verse* sonnet* rhym* rap gedicht* poème* poema*"
)


@dataclass(frozen=True, slots=True)
class CutOff:
    """An output that stops in the middle: of a sentence, a bracket, a block of code."""

    name: ClassVar[str] = "cut_off"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("cut_off",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The output stops in the middle of a sentence, a list or a block of code."
    example: ClassVar[Row] = Row(
        "Why do leaves turn yellow?",
        "",
        "In autumn trees stop making chlorophyll. The yellow pigments and the",
    )

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.rstrip()
        words = output.split()
        if len(words) < 4 or _COMPLETION(row.instruction):
            return None
        if row.input and row.input.rstrip()[-1:].isalnum() and _TRANSLATES(row.instruction):
            return None  # no less complete than what it is of
        if output.count("```") % 2:
            return Verdict("cut_off", "a block of code is never closed")
        last = output[-1]
        ending = " ".join(words[-5:])[-60:]
        if last in ",(" and len(words) > 4 and not (last == "," and _MAIL(row.instruction)):
            return Verdict("cut_off", f"it ends “{ending}”")
        form = output_format(output, row.instruction)
        if form in (Format.CODE, Format.MARKUP, Format.JSON, Format.TABLE):
            return None
        if _BARE_MARK.search(output) and len(words) > 6:
            return Verdict("cut_off", "it ends with the mark of a list item")
        word = words[-1].strip("*_").lower()
        if word in (_DANGLING_ENGLISH if output.isascii() else _DANGLING) and len(words) > 5:
            return Verdict("cut_off", f"it ends “{ending}”")
        sure = form not in (
            Format.PHRASE,
            Format.LIST,
            Format.BULLETS,
            Format.STEPS,
            Format.VERSE,
            Format.FIELDS,
            Format.DIALOGUE,
        )
        if word in _RARELY_ENDS and len(words) > 5 and sure and not _VERSE(row.instruction):
            return Verdict("cut_off", f"it ends “{ending}”")
        if last == "-" and len(words) > 5 and output[-2].isalpha():
            return Verdict("cut_off", f"it ends “{ending}”")
        opened = output.rfind("(")
        if (
            last not in _END_MARKS
            and opened > len(output) - 200
            and ")" not in output[opened:]
            and opened > 0
            and sure
        ):
            return Verdict("cut_off", "a bracket is never closed")
        if last == ":" and len(words) > 5 and not row.input.rstrip().endswith(":"):
            return Verdict("cut_off", f"it ends “{ending}”")
        if _NO_CLOSE.search(output) and "。" in output:
            return Verdict("cut_off", f"it ends “{output[-12:]}”")
        if len(words) > 8 and word in _MODIFIES and (sure or _LIST_LINE.match(output.rsplit("\n", 1)[-1])):
            return Verdict("cut_off", f"it ends “{ending}”")
        if self._is_unfinished(output, form) and not _VERSE(row.instruction):
            return Verdict("cut_off", f"the last sentence has no end: “{ending}”")
        return None

    def _is_unfinished(self, output: str, form: Format) -> bool:
        """Whether prose that ends its sentences leaves the last one open."""
        if output[-1] in _END_MARKS or not output[-1].isalnum() or form in _FREE_FORM:
            return False
        paragraph = output.rsplit("\n", 1)[-1]
        if _UNENDED_SCRIPTS.search(paragraph[-20:]):
            return False
        ends = [
            match.end()
            for match in _SENTENCE_END.finditer(paragraph)
            if not _ABBREVIATION.search(paragraph[: match.end()])
        ]
        rest = paragraph[ends[-1] :] if ends else paragraph
        if rest.split()[-1].startswith(("#", "@", "http", "www.")):
            return False
        if _LIST_LINE.match(paragraph):
            return len(ends) > 1 and len(rest.split()) > 1
        others = _SENTENCE_END.findall(output[: len(output) - len(paragraph)])
        if not ends and others:  # a last paragraph without any end, after paragraphs that have theirs
            return len(others) > 2 and len(rest.split()) > 6
        if not ends and not others and "\n" not in output and len(output.split()) > 34 and "," in output:
            return True
        return bool(
            len(ends) + len(others) > 0 and len(rest.split()) > 3 and form == Format.PARAGRAPH
        ) or bool(len(ends) + len(others) > 1 and (len(rest.split()) > 1 or not rest.isascii()))


# ------------------------------------------------------------------------ loops

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
_LETTERS_RUN = re.compile(r"([^\W\d_]|[!?.])\1{24,}|([^\W\d_])\2{14,}|((?:[^\W\d_]){2,4})\3{9,}")


@dataclass(frozen=True, slots=True)
class Loop:
    """An output that says the same over and over.

    times: how often a phrase must follow itself; sentences of eight words or more need three times.
    """

    name: ClassVar[str] = "loop"
    version: ClassVar[str] = "1"
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
        if run := _LETTERS_RUN.search(output):
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
        lines = [plain(line) for line in re.split(r"\n|(?<=[.!?。！？])\s+", output)]
        lines = [line for line in lines if len(line.split()) > 2 or not line.isascii()]
        if len(lines) > 5 and len(set(lines)) * 2 <= len(lines):
            commonest = max(set(lines), key=lines.count)
            return Verdict("loop", f"“{commonest[:60]}” {lines.count(commonest)} times")
        if len(words) > 60 and output_format(output) not in (Format.TABLE, Format.CODE, Format.MARKUP):
            triples = list(zip(words, words[1:], words[2:], strict=False))
            if len(set(triples)) < len(triples) * 0.4:
                return Verdict("loop", "most of it is said more than once")
        return None

    def _items(self, output: str) -> str:
        """An item of a list that comes again, in a list of which half is said before; empty for none."""
        items = [plain(_LIST_LINE.sub("", line)) for line in output.splitlines() if _LIST_LINE.match(line)]
        items = [item for item in items if item]
        if len(items) < 5 or len(set(items)) > len(items) * 0.6:
            return ""
        commonest = max(set(items), key=items.count)
        return commonest if items.count(commonest) > 2 or len(set(items)) * 2 <= len(items) else ""

    def _repetition(self, words: list[str], times: int) -> str:
        """A phrase of up to 30 words that follows itself often enough; empty for none."""
        for size in range(1, min(30, len(words) // 3) + 1):
            needed = times + 2 if size == 1 else times if size < 4 else times - 1
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
    version: ClassVar[str] = "1"
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
        if len(_EXAMPLES.findall(row.output)) > 1 and not _EXAMPLES_ASKED(row.instruction):
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
        if len(_QUESTIONS.findall(row.output)) > 1 and not _MANY_ASKED(row.instruction):
            return Verdict("run_together", "the output holds several questions with answers")
        if _NEXT_ITEM.search(row.output) and not _MANY_ASKED(row.instruction):
            return Verdict("run_together", "the output goes on with the next question")
        if self._next_fields(row):
            return Verdict("run_together", "the output goes on with the next items")
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

    def _tokens(self, row: Row) -> Iterator[str]:
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
        start = len(text) - len(text.lstrip())
        return [
            ((each["name"] or each["heading"]).lower(), 0 if each.start() <= start else each.start())
            for each in _TURN.finditer(text)
        ]
