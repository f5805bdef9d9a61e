"""Inputs that an instruction speaks of and that are not there, or only named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import quoted, speaks_of
from selfinstruct.records import Row, Verdict
from selfinstruct.text.placeholders import without_placeholder

__all__ = ["MissingInput"]

_THINGS = (
    r"(?:sentences?|texts?|paragraphs?|passages?|articles?|stor(?:y|ies)|poems?|e-?mails?|letters?"
    r"|lists?|numbers?|equations?"
    r"|codes?|code snippets?|snippets?|images?|pictures?|photos?|photographs?|tables?|data|datasets?"
    r"|reviews?|tweets?|words?|statements?|dialogues?"
    r"|essays?|documents?|conversations?|phrases?|recipes?|quotes?|quotations?|expressions?"
    r"|functions?|queries|query|excerpts?"
    r"|abstracts?|reports?|files?|charts?|graphs?|diagrams?|lyrics|headlines?|comments?|messages?"
    r"|posts?|transcripts?|audio|video"
    r"|videos|clips?|product descriptions?|descriptions?|inputs?|strings?|arrays?|resumes?|résumés?"
    r"|cover letters?|contracts?|titles?)"
)
_POINTS = re.compile(
    rf"\b(?:(?:the|this|these|those|each of the|a|an) (?:\w+ )?(?:following|given|provided|attached"
    rf"|above|below|enclosed|accompanying)"
    rf" (?:(?!and |or |to )[\w-]+ ){{0,3}}?{_THINGS}\b(?! (?:format|way|order|style|structure))"
    rf"|(?:the |this |these |that )?(?:[\w-]+ ){{0,2}}{_THINGS} (?:below|above|provided|attached"
    rf"|given (?:below|above)|that follows|shown|enclosed)\b(?! (?:the|a|is|are|\d))"
    rf"|(?:translate|summari[sz]e|proofread|paraphrase|rewrite|rephrase|edit|correct|classify"
    rf"|describe|analy[sz]e|shorten|caption|transcribe)"
    rf" (?:the |this |these |my )(?:[\w-]+ )?{_THINGS}\b(?! (?:of|by|on|about|from|for|['\"“«]"
    rf"|in the \w+ (?:by|of)|titled|called|entitled|\w+['\"“]))"
    rf"|\b(?:in|from|according to|based on|using|of) (?:the |this )(?:\w+ )?(?:passage|picture|image"
    rf"|photo(?:graph)?|graph|chart|excerpt|transcript|screenshot|diagram|attachment)(?= *[.,?!]|$"
    rf"| shown| below| above)"
    rf"|\b(?:this|these) (?:picture|image|photo(?:graph)?|text|passage|article|paragraph|sentence"
    rf"|code snippet|code|table|graph|chart|document|file|video|audio|diagram|screenshot|email|review"
    rf"|tweet|excerpt)s?(?= *[.,?!]|$| into| to| in| for| and| so| without| using| by| show| as)"
    rf"|(?:attached|enclosed|uploaded) (?:file|image|document|picture|photo|pdf|spreadsheet|audio|video))",
    re.IGNORECASE,
)
_MAY_POINT = speaks_of(
    "following given provided attached above below enclosed accompanying follows shown uploaded this these"
    " translate summarise summarize proofread paraphrase rewrite rephrase edit correct classify describe"
    " analyse"
    " analyze shorten caption transcribe passage picture image photo photograph graph chart excerpt"
    " transcript"
    " screenshot diagram attachment"
)
"""A word that each alternative of `_POINTS` has, looked up first."""
_MAY_NEED = speaks_of(
    "sentence* text* passage* paragraph* article* review* table* chart* graph* context spreadsheet* document*"
    " image* picture* photo* option* dialog* conversation* code* snippet* map* figure* recording* screenshot*"
    " diagram* excerpt* statement* transcript* tweet* poem* email* sequence* list* following this these"
    " those it"
    " that bild foto* satz artikel abschnitt phrase* tableau imagen frase* artigo* imagem seguinte*"
)
_ENGLISH = speaks_of("the and of is")
_POINTS_ABROAD = re.compile(
    r"\b(?:(?:den|die|das|der|dem|diesen|diese|dieses) (?:folgenden?|gegebenen?|untenstehenden?"
    r"|beigefügten?|angehängten?) \w+"
    r"|\b(?:übersetze?|fasse?|korrigiere?|beschreibe?|analysiere?|verbessere?|vereinfache?|kürze?"
    r"|formuliere?)\w* (?:den|die|das|diesen|diese|dieses) (?:satz|text|artikel|absatz|brief|bild"
    r"|foto|code|e-mail|gedicht|tabelle)(?=[ .,!?]*$| ins| auf| in | um| zusammen)"
    r"|\b(?:tradui\w*|résume\w*|corrige\w*|décri\w*|analyse\w*|reformule\w*) (?:la phrase|le texte"
    r"|l(?:'|’)article|l(?:'|’)image|le paragraphe|la photo|ce texte|cette phrase|cet article"
    r"|cette image)(?=[ .,!?]*$| en)"
    r"|\b(?:traduc\w*|traduz\w*|resume|resum\w*|corrig\w*|describ\w*|analiza\w*"
    r"|reescrib\w*) (?:la frase|el texto|el artículo|la imagen|el párrafo|la foto|este texto"
    r"|esta frase|a frase|o texto)(?=[ .,!?]*$| al| en|ao)"
    r"|(?:le|la|les|ce|cette|ces) \w+ (?:suivante?s?|ci-dessous|ci-joint|donnée?s?)"
    r"|(?:el|la|los|las|este|esta) (?:siguientes? \w+|\w+ (?:siguientes?|adjunt[oa]s?|dad[oa]s?"
    r"|a continuación)))\b"
    r"|(?:以下|下面|下列|上述|所给|给定)(?:的)?(?:句子|文本|文章|段落|词|单词|文字|内容|短文|图片)",
    re.IGNORECASE,
)
_GIVEN_THING = (
    r"(?:sentences?|text|passage|paragraph|article|review|table|chart|graph|context|spreadsheet|document"
    r"|image|picture"
    r"|photo|options?|dialogue|conversation|code|snippet|map|figure|recording|screenshot|diagram|excerpt"
    r"|statement"
    r"|transcript|tweet|poem|email|sequence|list)"
)
_NEEDS = re.compile(
    rf"\b(?:(?:in|from|within|on|of|using|based on|according to|for|count|use|read|at|see|answer|choose"
    rf"|select)"
    rf" (?:the |this |these |that )(?:data (?:from|in) the |correct |given )?{_GIVEN_THING}(?= *[.,?!]|$"
    rf"| and | to )"
    rf"|(?:translate|summari[sz]e|rewrite|paraphrase|correct|fix|edit|simplify|classify|explain|convert"
    rf"|shorten) "
    rf"(?:this|these|it|that|the following)(?= *[.?!]|$| (?:in)?to | for | in )"
    rf"|(?:in|of|to|with|for|do|answer|solve|read|find) the following(?= *[.?!]|$)"
    rf"|which of the following\b|which of these\b"
    rf"|(?:sort|add|order|multiply|rank|group|arrange|compare|use|combine) (?:these|those) \w+"
    rf"|^\W*given (?:an? |the |some )(?:\w+ )?{_GIVEN_THING}(?= *,)"
    r"|(?:auf|in|aus) (?:dem|diesem|der|den) (?:bild|foto|text|satz|artikel|tabelle|absatz|abschnitt)\b"
    r"|(?:sur|dans|de) (?:la photo|l(?:'|’)image|le texte|la phrase|l(?:'|’)article|le tableau)\b"
    r"|(?:en|de) (?:la foto|la imagen|el texto|la frase|el artículo|la tabla)\b|(?:text|frase|imagem"
    r"|artigo|o texto) a seguir"
    r"|(?:seguinte|próxim[ao]) (?:texto|frase|artigo|parágrafo)"
    r"|次の(?:文|文章|テキスト|単語|画像)|この(?:文|文章|画像|写真)を)",
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"^\W*(?:how|why|when|write|create|design|compose|generate|come up|make|describe how|build"
    r"|what (?:makes|does an?)|can"
    r"|do|does|should|suggest|draft|explain (?:how|why|the difference)|tell me about|imagine"
    r"|give (?:me )?an example)\b",
    re.IGNORECASE,
)
_PROGRAM = speaks_of(
    "function* program* script* class method* algorithm* regex* query sql html css formula excel"
)
_CONTENT = re.compile(
    r"[:：]\s*\S|\n\s*\S|\d\s*[-+*/^=]\s*\d|\([^)]{12,}\)|\b\d+(?:,\s*\d+){2,}|[\[{][^\]}]{3,}[\]}]"
    r"|\$[^$]+\$|https?://"
)
_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|bmp|webp|svg|mp3|wav|m4a|ogg|flac|mp4|mov|avi|mkv|webm|pdf|docx?|pptx?|xlsx?"
    r"|csv|zip|txt)\b"
    r"|youtube\.com|youtu\.be|vimeo\.com|soundcloud|spotify\.com|imgur\.com|flickr\.com|drive\.google",
    re.IGNORECASE,
)
_URL_ONLY = re.compile(
    r"\W*(?:(?:link|url|image|audio|video|file|source|article|see)\s*:?\s*)?(?:https?://\S+|www\.\S+)\W*",
    re.IGNORECASE,
)
_FILE_ONLY = re.compile(
    r"\W*(?:(?:file|image|photo|audio|video|attachment)\s*:\s*)?[\w~./\\ -]{1,60}"
    + _MEDIA.pattern.split("|youtube")[0]
    + r"\W*",
    re.IGNORECASE,
)
_NAMED_ONLY = re.compile(
    r"\W*(?:(?:please )?(?:see|refer to|check|find|open|use|read) (?:the |this )?(?:attached"
    r"|attachment|enclosed|image|file|document|picture|link|above|below|photo)\b.{0,60}"
    r"|(?:the |an? )?(?:attached|uploaded|enclosed|provided) (?:file|image|picture|photo|document"
    r"|audio|video|text|article|pdf|spreadsheet|table)\b.{0,40}"
    r"|(?:insert|paste|enter|add|type|upload|put|provide)\b.{0,40}\b(?:here|text|image|input|file"
    r"|article|sentence|code|picture|paragraph|photo)\b.{0,20}"
    r"|(?:your |the |some |any )?(?:text|image|input|article|sentence|code|picture|paragraph|photo"
    r"|video|audio|file|table|passage|data|document)(?: goes)?(?: here| attached| above| below"
    r"| provided| omitted)?"
    r"|(?:image|picture|photo|photograph|video|audio|screenshot|painting|chart|graph|map) (?:of"
    r"|showing|with|from|file|clip|recording)\b.{0,80}"
    r"|keine (?:eingabe|angabe)|aucune (?:entrée|donnée)|pas d(?:'|’)entrée|(?:sin|ninguna) entrada"
    r"|entrada vacía|无输入|没有输入|无|入力なし|なし|siehe (?:anhang|angehängte).{0,30}"
    r"|voir (?:la )?pièce jointe.{0,20}|ver (?:el )?(?:archivo )?adjunto.{0,20}|见附件.{0,10}"
    r"|(?:same|as) (?:as )?above.{0,20}|no (?:context|text) (?:given|provided)?|\(?(?:no input"
    r"|(?:not|none|nothing) (?:provided|given|specified|available)|not applicable|unknown|nothing|empty"
    r"|blank|varies|user input|any|anything"
    r"|none given|not given)\)?)\W*",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\s*[<\[({](?P<inner>[^<>\[\](){}\n]{2,80})[>\])}]\s*\.?\s*")
_DESCRIBED = re.compile(
    r"image|picture|photo|video|audio|attach|insert|paste|upload|your|text|input|article|sentence"
    r"|file|code|document|song|chart|table|essay|email|letter|poem|passage|paragraph|list|data|review"
    r"|story|link|bild|datei|eingabe|fichier|imagen|图片|文件|文章",
    re.IGNORECASE,
)
_ABOUT_ADDRESSES = speaks_of(
    "urls? links? domain* address* website* web path* file_?names? filename* "
    "extension* html http* protocol* hostname"
    " parse extract classif* regex* file_type* format type* valid* shorten safe* phish* spam "
    "host bookmark* cit* reference*"
    " download fetch curl request* api site page code command* script* rename sort* categor* tld directory"
    " placeholder* templates? words? title* translate spell*"
)
_ASKS_BACK = re.compile(
    r"^\W*(?:(?:i(?:'|’)?m |i am )?sorry,? (?:but )?)?(?:(?:could|can"
    r"|would) you (?:please )?(?:provide|share|paste|send|upload|give)|please (?:provide|share|paste"
    r"|upload|supply|send|give me|enter|specify)|(?:there is|there's"
    r"|i see) no\s?(?:\w+ ){0,2}(?:input|text|image|article|sentence|attachment|file|passage"
    r"|paragraph|picture|code|list|data)"
    r"|(?:no|the) (?:\w+ )?(?:input|text|image|article|sentence|attachment|file|passage|paragraph"
    r"|picture|code|list|data|poem|email|story|review) (?:was|is|were|has been) (?:not )?(?:provided"
    r"|given|attached|missing|included|found|specified|supplied)"
    r"|[^\n]{0,50}\bi (?:do(?:n't|n’t| not) (?:see|have|find)|see no|can(?:not|'t|’t) (?:see"
    r"|find)) (?:any |an? |the )?(?:\w+ ){0,2}(?:input|text|image|article|sentence|attachment|file"
    r"|passage|paragraph|picture|code|list|data|essay|poem|email|review|document|table)\b"
    r"|you (?:have not|haven't|did not|didn't|haven’t|didn’t) (?:provided?|given|give|attached?"
    r"|included?|specif\w+|paste\w*|shared?)"
    r"|bitte (?:geben|gib|senden|stellen) |veuillez (?:fournir|préciser|indiquer)"
    r"|por favor,? (?:proporcion\w+|indi\w+|envíe|comparte)|请(?:提供|给出|输入)"
    r"|(?:the )?input is (?:missing|empty|not))",
    re.IGNORECASE,
)
_ASKS_WANTED = speaks_of(
    "ask* question* form* polite* request* e-?mail* mail letter* message* "
    "repl* respon* dialog* conversation* chat* customer*"
    " clarif* reminder* survey prompt* script* sentence_with instruction* "
    "rewrite* paraphras* rephras* translat* correct* sign notice"
    " error polite* policy announcement* convert* command* imperative formal* complete terms"
)


@dataclass(frozen=True, slots=True)
class MissingInput:
    """An input that the instruction speaks of and that is not there, or that only points to something."""

    name: ClassVar[str] = "missing_input"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("missing_input",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The input is missing, or only named: N/A, a link to a picture, “see attached”."
    example: ClassVar[Row] = Row("Summarize the following article.", "", "The article is about trains.")

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        given = row.input.strip()
        if given and (why := self._made_up(given, row.instruction)):
            return Verdict("missing_input", why)
        if (asks := _ASKS_BACK.match(row.output.strip()[:250])) and not _ASKS_WANTED(row.instruction):
            return Verdict("missing_input", f"the output asks for it: “{' '.join(asks[0].split())[:60]}”")
        if given:
            return None
        makes = _MAKES.match(row.instruction) or _PROGRAM(row.instruction)
        for pattern in (_POINTS, _POINTS_ABROAD, _NEEDS):
            if pattern is _POINTS and not _MAY_POINT(row.instruction):
                continue
            if pattern is _NEEDS and not _MAY_NEED(row.instruction) and row.instruction.isascii():
                continue
            if pattern is _POINTS_ABROAD and _ENGLISH(row.instruction) and row.instruction.isascii():
                continue
            points = None if pattern is _NEEDS and makes else pattern.search(row.instruction)
            if points and not self._holds_it(row.instruction, points):
                return Verdict(
                    "missing_input", f"there is no input, and “{' '.join(points[0].split())[:60]}”"
                )
        return None

    def _made_up(self, given: str, instruction: str) -> str:
        """Why an input is none; empty where it may be one."""
        if len(given) > 300:
            return ""
        if (
            not any(map(str.isalnum, given))
            and len(given) < 12
            and not _SIGNS(instruction)
            and not any(ord(char) > 0x2FFF for char in given)
        ):
            return f"it is {given!r}"
        if _LABEL_ONLY.fullmatch(given):
            return f"it is {given!r}"
        if not without_placeholder(given):
            return (
                ""
                if re.search(r"n/a|none|null|nil|empty", instruction, re.IGNORECASE)
                else f"it is {given!r}"
            )
        inner = _IN_BRACKETS.fullmatch(given)
        if (
            inner
            and _DESCRIBED.search(inner["inner"])
            and not re.search(r"html|tag|xml|bracket", instruction, re.IGNORECASE)
        ) and (_NAMED_ONLY.fullmatch(inner["inner"]) or len(inner["inner"].split()) < 9):
            return f"it is {given[:60]!r}"
        if _ABOUT_ADDRESSES(instruction):
            return ""
        if (
            len(given) < 180
            and _NAMED_ONLY.fullmatch(given)
            and (given[0] in "([<" or _THING_ONLY.search(given) or given[-1] not in "?")
        ):
            return f"it only says {given[:60]!r}"
        if "." in given and (_URL_ONLY.fullmatch(given) or _FILE_ONLY.fullmatch(given)):
            return f"it only points to {given[:60]!r}"
        return ""

    def _holds_it(self, instruction: str, points: re.Match[str]) -> bool:
        """Whether the instruction itself has something that it may speak of."""
        if re.match(r" (?:that\b|which\b|[A-Z])", instruction[points.end() :]):
            return True
        if quoted(instruction) or _CONTENT.search(instruction):
            return True
        rest = instruction[points.end() :]
        after = re.sub(r"\s+", " ", rest).strip(" .!?。")
        sentences = [each for each in re.split(r"(?<=[.!?])\s+", after) if each]
        return len(after.split()) > 25 or (len(sentences) > 1 and len(after.split()) > 15)


_SIGNS = speaks_of(
    "symbol* sign* punctuation character* emoji* emoticon* operator* "
    "mark* morse bracket* expression* pattern* string* ascii parenthes* balanced valid* delimiter*"
)
_LABEL_ONLY = re.compile(
    r"\W*(?:text|input|sentence|article|passage|paragraph|question|image|code|eingabe|satz|texte?"
    r"|entrada|phrase)\s*[:：]\W*",
    re.IGNORECASE,
)
_THING_ONLY = re.compile(
    r"attach|here|image|picture|photo|video|audio|above|below|upload|provided|omitted", re.IGNORECASE
)
