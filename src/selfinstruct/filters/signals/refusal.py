"""Outputs that decline or apologize instead of answering."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import keeps_text, speaks_of, words_around, words_of
from selfinstruct.records import Row, Verdict

__all__ = ["Refusal"]

_HELP = (
    r"(?:assist|help|comply|fulfil+|complete|provide|generate|create|write|access|open|view|see"
    r"|browse|answer|do"
    r"|give|produce|perform|process|determine|summari[sz]e|translate|offer|share|engage|discuss"
    r"|continue|carry|"
    r"make|analy[sz]e|read|listen|watch|tell|classify|identify|describe|respond|support|predict|support)"
)
_MODEL_SPEAKS = re.compile(
    r"\bas an? (?:\w+ )?(?:ai|artificial intelligence|(?:large |ai )?language model"
    r"|machine learning model|virtual"
    r" assistant|chat ?bot|text-based)\b"
    r"|\bI(?:'|’)?(?: a)?m (?:just |only |simply )?an? (?:ai\b|(?:large )?language model|text-based)"
    r"|\bAls (?:eine? )?KI\b|\bals (?:ein )?Sprachmodell"
    r"|\ben tant qu(?:e|'|’)\s?(?:une? )?(?:IA"
    r"|intelligence"
    r" artificielle|modèle de langage|assistant)|\bcomo (?:una? )?(?:IA|modelo de (?:lenguaje"
    r"|linguagem)|inteligencia"
    r" artificial|asistente virtual)|作为(?:一个|一名)?\s?(?:AI|人工智能|(?:大型|大)?语言模型)"
    r"|\bcome (?:modello linguistico|IA)"
    r"|AI(?:アシスタント|言語モデル)として|\bкак (?:ИИ|языковая модель)",
    re.IGNORECASE,
)
_DECLINES = re.compile(
    rf"\bI(?:'|’)?(?: a)?m (?:really |very |so |truly |deeply )?(?:sorry|afraid)\b[^.\n]{{0,30}}?\bI "
    rf"(?:can(?:not|'t|’t| not)"
    rf"|am (?:unable|not able)|do(?:n't|n’t| not)|won(?:'t|’t)|could(?:n't|n’t| not))"
    rf"|^\W*(?:sorry|apologies|unfortunately|regrettably)\b[^.\n]{{0,25}}?\bI(?:(?:'|’)m"
    rf"| am)? (?:can(?:not|'t|’t| not)|unable|not able"
    rf"|do(?:n't|n’t| not))"
    rf"|^\W*I apologi[sz]e\b|^\W*(?:my apologies|i regret)\b[^.\n]{{0,40}}?\bI\b|^\W*(?:that"
    rf"|this)(?:'s|’s| is) (?:not )?something (?:that )?I (?:can(?:not|'t|’t)|can|am)"
    rf"|\b(?:this|your) request (?:goes against|violates)|\bagainst my (?:guidelines|programming"
    rf"|policy|policies)\b|^\W*(?:it is|it's) (?:not possible|impossible) for me\b"
    rf"|^\W*I do(?:n't|n’t| not) feel comfortable|^\W*(?:leider )?(?:bin ich"
    rf"|ich bin) (?:leider )?nicht in der Lage|^\W*(?:leider )?ist es mir (?:leider )?nicht möglich"
    rf"|^\W*es ist mir (?:leider )?nicht"
    rf"|^\W*je ne suis pas en mesure|^\W*il m'est impossible|^\W*no me es posible|^\W*não (?:posso"
    rf"|consigo) (?:ajudar|responder|fornecer|escrever|gerar|fazer)|^\W*non posso (?:aiutar"
    rf"|rispondere|fornire|scrivere)"
    rf"|^\W*我(?:没有能力|没办法|不方便)|^\W*すみません(?:が|、)"
    rf"|^\W*죄송(?:하지만|합니다)|^\W*عذر[اًً]|^\W*(?:أعتذر|آسف)"
    rf"|^\W*क्षमा करें"
    rf"|\bI(?: am|'m|’m) (?:currently |sorry,? but )?(?:unable|not able|not programmed|not allowed"
    rf"|not permitted|not designed|not capable)"
    rf" (?:to|of) {_HELP}|\bI(?: am|'m|’m) not (?:qualified|authori[sz]ed|in a position) to\b"
    rf"|^\W*I have no (?:personal|access|opinion|information)|^\W*I will not (?:write|do|create|help"
    rf"|provide)\b"
    rf"|\bI (?:can(?:not|'t|’t| not)|won(?:'t|’t)) (?:\w+ly )?{_HELP}\w*\b[^.\n]{{0,60}}?\b(?:this"
    rf"|that|your|the|any|such|for you|you|with)\b"
    rf"|^\W*I (?:can(?:not|'t|’t| not)|won(?:'t|’t)|must decline|refuse to|have to decline) {_HELP}"
    rf"|^\W*I(?: must|'m going to have to| have to)? (?:respectfully )?decline\b"
    rf"|^\W*I do(?:n't|n’t| not) (?:have|know) (?:the |any |enough |sufficient |access |an answer"
    rf"|how to|personal)"
    rf"|^[^\n]{{0,60}}\b(?:it|that|this) (?:would|is|wouldn't|isn't|wouldn’t"
    rf"|isn’t)(?: not)?(?: be)? (?:not )?(?:appropriate|ethical|right|possible|responsible) for me to"
    rf"|^\W*(?:I(?:'d|’d| would) (?:rather|prefer) not (?:to )?{_HELP}|I(?:'m|’m| am) not comfortable"
    rf"|I(?:'m|’m| am) going to (?:have to )?(?:pass|decline))"
    rf"|\bI do(?:n't|n’t| not) have (?:the (?:ability|capability)|access to|personal|enough information)"
    rf"|\bes tut mir (?:sehr )?leid\b[^.\n]{{0,20}}(?:\bich (?:kann|darf)|\baber)"
    rf"|^\W*(?:leider )?kann ich (?:\w+ ){{0,4}}nicht\b"
    rf"|^\W*(?:tut mir leid|entschuldigung)\b[^.\n]{{0,20}}\bich (?:kann|darf)|^\W*ich (?:kann"
    rf"|darf)\b[^.\n]{{0,60}}\bnicht"
    rf" (?:helfen|beantworten|erfüllen|schreiben|erstellen|unterstützen|ausführen)"
    rf"|\bje (?:suis |m'|m’)?(?:vraiment )?(?:désolée?|excuse)\b|^\W*désolée?\b[^.\n]{{0,20}}\bje (?:ne|n')"
    rf"|^\W*je ne (?:peux|suis) pas (?:\w+ ){{0,3}}(?:aider|répondre|fournir|écrire|en mesure|capable)"
    rf"|^\W*lo siento\b[^.\n]{{0,30}}\bno (?:puedo|tengo)|^\W*no puedo (?:ayudar|proporcionar"
    rf"|responder|cumplir|generar|escribir|crear)"
    rf"|^\W*(?:desculpe|sinto muito|lamento)\b[^.\n]{{0,30}}\bnão (?:posso|consigo)"
    rf"|^\W*mi dispiace\b[^.\n]{{0,25}}\bnon posso"
    rf"|^\W*(?:很?抱歉|对不起|不好意思)[，,]?[^。\n]{{0,12}}(?:无法|不能"
    rf"|没有)|^我(?:无法|不能)(?:提供|回答|满足|完成|帮|协助|生成)"
    rf"|^\W*(?:申し訳(?:ありません|ございません))|^\W*(?:извините"
    rf"|к сожалению)[^.\n]{{0,25}}\bне (?:могу|имею)"
    rf"|^\W*(?:przepraszam|niestety)[^.\n]{{0,25}}\bnie mogę|^\W*(?:helaas|sorry)[^.\n]{{0,15}}\bkan ik\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:this|that|your|the|such a) (?:\w+ )?(?:request|task|question|query|prompt|instruction|content)s?\b"
    r"|\b(?:assist|help)(?: you)? with (?:that|this|it|your)\b|Anfrage|Aufgabe|demande|solicitud|请求",
    re.IGNORECASE,
)
_REFUSES_THE_TASK = re.compile(
    r"\bI(?:'m|’m| am)? (?:(?:can(?:not|'t|’t| not)|won(?:'t|’t)|(?:do(?:n't|n’t| not) have the ability to"
    r"|unable to|not able to|not (?:going|programmed|designed|allowed) to))) (?:\w+ly )?(?:write|compose"
    r"|create"
    r"|generate|draw|sing|produce|draft|provide)\b(?: you)?(?: with)? (?:an?|the|any|such|this|that|personal"
    r"|original|creative|songs?|poems?|stories|lyrics|images|pictures|letters|content)\b"
    r"|\b(?:ne peux pas|ne suis pas (?:en mesure|capable) d(?:e |'|’))\s?(?:écrire|composer|créer|générer"
    r"|rédiger)|\bno puedo (?:escribir|componer|crear|generar|redactar)|\bnão posso (?:escrever|compor|criar"
    r"|gerar)|\bkann (?:ich )?(?:leider )?(?:dir |Ihnen )?kein(?:e|en)? (?:\w+ ){0,2}(?:schreiben|dichten"
    r"|verfassen|erstellen)|(?:不能|无法)(?:创作|写|生成)",
    re.IGNORECASE,
)
"""Speaks of writing, which nobody in a letter or a song does."""
_LATER = re.compile(
    r"(?:^|[.!?…\n]\s*)(?:note:\s*)?(?:(?:I(?:'m|’m| am) (?:very |so |really )?(?:sorry|afraid)|I"
    r" apologi[sz]e"
    r"|sorry|apologies|unfortunately),? (?:but )?(?:that )?)?(?:as an AI,? )?I (?:can(?:not|'t|’t| not)"
    r"|am (?:unable|not able) to|won(?:'t|’t)) (?:continue (?:this|the|with|writing)|provide (?:any )?(?:more"
    r"|further)|(?:assist|help)(?: you)? (?:further )?with (?:this|that|your)|(?:fulfil+|complete|comply with"
    r"|answer) (?:this|that|your|the) (?:request|task|question|story|prompt))",
    re.IGNORECASE,
)
"""A refusal after an answer was begun."""
_MAY_REFUSE = frozenset(
    word
    for words in (
        "i sorry apologies unfortunately regrettably request guidelines programming policy policies me ich",
        "mir leider",
        "entschuldigung je desole impossible no non siento desculpe lamento mi dispiace przepraszam",
        "niestety helaas",
        "ai model assistant chatbot bot ki sprachmodell ia intelligence modele modelo inteligencia",
        "modello artificial",
    )
    for word in words.split()
)
"""ASCII words of which each refusal in ASCII has one."""
_MAY_STOP = frozenset(
    word
    for words in ("continue further more assist help fulfil fulfill complete comply answer",)
    for word in words.split()
)
_GENRES = speaks_of(
    "letter* e-?mails? brief* lettre* courriel* carta* correo* poem* lyric* song* poème* poema* chanson*"
    " canción gedicht* lied* 诗 邮件"
)
_WRITTEN_ALOUD = re.compile(
    r"\n|^\W*(?:dear|hi|hello|hey|sehr|liebe|bonjour|ch[eè]re?|querid|estimad|hola)\b", re.I
)
_TURNED_DOWN = speaks_of(
    "refus* declin* reject* turn* apolog* sorry excus* say_no regret* unable can't cannot customer* "
    "complain* dialog*"
    " conversation* chat* role-?play* scripts? scene* letter* e-?mail* repl* responds? response* "
    "message* voicemail*"
    " text_message statement* invitation* absage* absagen entschuldig* brief* e-?mails lehne ablehn* excuse*"
    " poem* lyric* song* what_should* what_do_you_say excuses lettre* courriel* refuser carta* correo* "
    "disculp* rechaz* 拒绝 道歉 邮件 monologue confess*"
)
_SORRY = re.compile(
    r"\b(?:sorry|apolog\w+|afraid|regret\w*|unable|cannot|can(?:'|’)?t|can not|won(?:'|’)?t|decline"
    r"|refuse|unfortunately|leid|leider|entschuldig\w*"
    r"|désol\w+|malheureusement|peux pas|lo siento|puedo"
    r"|desculp\w+|posso|mi dispiace)\b|抱歉|对不起|无法|不能"
    r"|申し訳|すみません",
    re.IGNORECASE,
)
_AI_ASKED = speaks_of(
    "ai a.i. artificial_intelligence language_model* chat-?bot* assistant* llm* gpt* robot* "
    "machine ki ia 人工智能"
    " jailbreak refus* moderation alexa siri"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A model that declines or apologizes instead of doing what was asked."""

    name: ClassVar[str] = "refusal"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("refusal",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "The output declines, apologizes, or speaks of being a language model."
    example: ClassVar[Row] = Row(
        "Write a short story about a fox.",
        "",
        "I'm sorry, but as an AI language model I cannot write stories.",
    )

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        opening = row.output.strip()[:400]
        said = words_of(row.output)
        if row.output.isascii() and said.isdisjoint(_MAY_REFUSE):
            return None
        if speaks := _MODEL_SPEAKS.search(opening):
            if not _AI_ASKED(row.instruction) and not _MODEL_SPEAKS.search(row.input):
                return Verdict("refusal", f"“{words_around(opening, speaks)}”")
            return None
        declines = _DECLINES.search(opening[:220])
        if declines is None:
            later = None if said.isdisjoint(_MAY_STOP) else _LATER.search(row.output)
            asked = _ASKS_FOR_NO(row.instruction) or keeps_text(row.instruction)
            if later and not asked and not _quoted_at(row.output, later.start()):
                return Verdict("refusal", f"“{words_around(row.output, later).lstrip('.!?… ')}”")
            return None
        if keeps_text(row.instruction) and _SORRY.search(f"{row.instruction}\n{row.input[:1000]}"):
            return None
        if _TURNED_DOWN(row.instruction) and not self._turns_down_the_task(
            row.instruction, opening, declines
        ):
            return None
        return Verdict("refusal", f"“{words_around(opening, declines)}”")

    def _turns_down_the_task(self, instruction: str, opening: str, declines: re.Match[str]) -> bool:
        """Whether what declines is no letter, song or reply that was asked for."""
        if _ASKED_TO_DECLINE(instruction):
            return False
        at_once = declines.start() < 4
        if at_once and _REFUSES_THE_TASK.search(opening):
            return True
        if at_once and _GENRES(instruction) and not _WRITTEN_ALOUD.search(opening) and len(opening) < 300:
            return True
        return _REQUEST.search(opening) is not None and not _ASKS_FOR_NO(instruction)


def _quoted_at(text: str, place: int) -> bool:
    """Whether a quotation is open there."""
    before = text[:place]
    return before.count('"') % 2 == 1 or before.rfind("“") > before.rfind("”")


_ASKED_TO_DECLINE = speaks_of(
    "refus* declin* reject* turn* apolog* sorry excus* say_no regret* cancel* unable can't cannot absage*"
    " absagen entschuldig* lehne ablehn* annul* rechaz* disculp* refuser excuses 拒绝 道歉 confess*"
    " unavailable deny denies denying bad_news"
)
_ASKS_FOR_NO = speaks_of(
    "refus* declin* reject* turn* apolog* sorry excus* say_no regret* unable can't cannot complain* dialog*"
    " customer* conversation* chat* role-?play* script* reply* respon* absage* absagen ablehn* "
    "entschuldig* rechaz*"
    " disculp* refuser 拒绝 道歉 letter* e-?mail* message*"
)
