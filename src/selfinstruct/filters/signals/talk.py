"""Talk to the reader around the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import keeps_text, speaks_of, words_around
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format

__all__ = ["Talk"]

_OPENS = re.compile(
    r"^\W*(?:"
    r"(?:sure(?: thing)?|certainly|absolutely|of course|okay|ok|alright|no problem|gladly|definitely"
    r"|great question"
    r"|good question|happy to help|got it|understood)\b\s*[!.,:—–-]+\s*(?:$|(?:so,? )?(?:here|i\b|i'"
    r"|i’|let|below|the following|this is|please|as requested|happy|that|great)"
    r"|\S[^\n]{0,80}:\s*\n)"
    r"|(?:sure|certainly|absolutely|of course)!"
    r"|(?:here(?:'s|’s| is| are)|below (?:is|are)|the following (?:is|are)) (?:\w+ )?(?:the|a|an|some"
    r"|your|my|one|two|three|four|five|six|seven|eight|nine|ten|\d+)\b"
    r"[^\n]{0,120}?:(?:\s*\n|\s+\S|\s*$)"
    r"|(?:here you go|here it is|as requested|as you requested|i hope this)\b"
    r"|(?:i(?:'d|’d| would) be (?:happy|glad|delighted) to|i(?:'ll|’ll| will| can) (?:help you"
    r"|be happy to)|thank(?:s| you) for (?:your|the) (?:question|request))\b"
    r"|(?:great|good|excellent|interesting) question\b|(?:you asked|you want(?:ed)? me to)\b"
    r"|how about this(?: one)?:"
    r"|(?:let me (?:explain|help|try|give|write|provide|start|think)|i(?:'ll|’ll| will) (?:now "
    r"|gladly |try to |do my best|provide|write|give you|explain|help))\b|here(?:'s|’s"
    r"| is) my\b[^\n]{0,60}:"
    r"|(?:that(?:'s|’s| is) (?:a|an) (?:great|good|excellent|interesting) question)"
    r"|(?:thank(?:s| you) for asking|based on your request|as per your request|(?:that(?:'s|’s"
    r"| is) )an? (?:easy|simple) one"
    r"|i(?: have|'ve|’ve) (?:written|created|prepared|made|drafted|come up with) (?:an?|the|some"
    r"|your)\b[^\n]{0,60}?(?:for you|:)"
    r"|(?:based on|according to|following|for) the (?:\w+ )?(?:instructions?|prompt|task)\b(?: and"
    r" (?:the )?(?:\w+ )?"
    r"input)?(?: (?:above|given|provided))?,|the (?:correct |expected |appropriate |desired |final"
    r" )?(?:output|response) (?:for|to"
    r"|of) (?:the |this |your )(?:\w+ )?(?:instruction|prompt|task|input|request|question)s?\b"
    r"|(?:in order )?to (?:complete|fulfil+|accomplish|do|perform|carry out) (?:this|the|your) (?:task"
    r"|request"
    r"|instruction|prompt|exercise|assignment)\b"
    r"|(?:in order )?to \w+[^.\n]{2,140}?, i(?:'ll|’ll| will| would| am going to|'m going to| need to| can)"
    r" (?:first |then |now )?(?:follow|use|create|write|provide|make|analy[sz]e|identify|break|start"
    r"|think|begin|look"
    r"|try|consider|take)\b"
    r"|below you(?: will|'ll|’ll)? find|my (?:response|answer|reply)(?: is)?:|the (?:answer"
    r"|response) to your)"
    r"|(?:gerne|natürlich|klar|selbstverständlich)\s*!|(?:certainly|of course|sure)\.\s|(?:gerne"
    r"|natürlich|selbstverständlich|klar)\s*[!,.]\s*(?:hier|$)|hier (?:ist|sind|kommt"
    r"|findest) [^\n]{0,80}:\s*\n"
    r"|(?:bien sûr|avec plaisir|certainement)\s*[!,.]\s*|voici [^\n]{0,80}:\s*\n"
    r"|[¡]?(?:claro(?: que sí)?|por supuesto|con gusto)\s*[!,.]\s*|aquí (?:tienes?|está|hay) [^\n]{0,80}:"
    r"|(?:claro|com certeza)!\s*aqui|当然(?:可以)?[！，,!]"
    r"|好的[，,！!]|没问题[！，,]|以下是[^\n]{0,30}[：:]\s*\n"
    r"|もちろん(?:です)?[！、。]|はい、|(?:claro|com certeza)!"
    r")",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"(?:let me know if (?:you|there|this|that|anything)|(?:please )?feel free to (?:ask|reach|let"
    r"|contact|modify|adjust|customi[sz]e|change)"
    r"|i hope (?:this|that|it|these)(?: \w+)? (?:helps?|is helpful|was helpful|are helpful|meets?"
    r"|answers?)|hope (?:this|that) helps?"
    r"|(?:i )?hope you (?:like|enjoy|find)|\bword count\s*:|anything else (?:i|you)"
    r"|please note that (?:i|this (?:is|response|answer))|do you (?:want|need) (?:me|any|more)"
    r"|would you like (?:more|another|to know|any)"
    r"|\(note: (?:this|i|the)\b|espero ter ajudado|kann ich (?:dir|ihnen)"
    r"|kann ich (?:sonst|dir|ihnen) noch"
    r"|is there anything else|would you like me to|do you want me to|if you (?:have any|need any"
    r"|need more|would like)[^.\n]{0,60}(?:questions?|help|assistance|let me know|just ask|changes)"
    r"|do(?:n't|n’t| not) hesitate to ask|happy to help|i can (?:also )?(?:provide|write|add|adjust"
    r"|expand|help)[^.\n]{0,40}if you"
    r"|ich hoffe,? (?:das|dies) hilft|lass(?:en sie)? (?:es )?mich (?:es )?wissen|n'hésite(?:z"
    r"|s)? pas à|j'espère que (?:cela|ça)"
    r"|espero que (?:esto|te|le"
    r"|esta)[^.\n]{0,20}(?:ayude|útil|sirva)|no dudes en"
    r"|希望(?:这|以上|对你|对您|能)"
    r"|如果(?:你|您)(?:还)?(?:有|需要)[^。\n]{0,20}(?:告诉|随时|问题))",
    re.IGNORECASE,
)
_MESSAGES = speaks_of(
    "letter* e-?mail* mail message* reply repl* respond respon* note memo dialog* conversation* "
    "chat* customer*"
    " speech* invitation* script* post announcement* advert* ad blurb bot assistant* greeting* "
    "text review* interview*"
    " comment* newsletter* feedback role-?play* say talk call voicemail* welcome introduc* "
    "tweet* brief* nachricht*"
    " antwort* lettre* message* courriel* carta* correo* mensaje* 邮件 信 回复 host* support monologue pitch"
    " translat* paraphras* rewrite* rephras* correct* proofread* edit complete continue waiter* "
    "receptionist* faq*"
    " offer* cover blog podcast toast presentation phrases? sentences? expressions?"
)
_ALSO_OPENS = speaks_of(
    "dialog* conversation* chat* repl* respond* response* role-?play* scripts? phrases? interview* "
    "customer* toast* speech* presentation* podcast*"
    " voicemail* waiter* waitress* receptionist* clerk* agent* assistant* host* employee* "
    "seller* staff barista* transition* expressions? song lyrics"
    " poem* e-?mails? letters? messages? monologue* story scene* how_a* says? texts_back antwort* "
    "antworten dialoge? gespräch* répon* respuesta* 对话 回复"
)
_OPENERS = re.compile(
    r"\b(?:sure|of course|certainly|absolutely|here (?:is|are)|here's|okay|gladly|great|good question"
    r"|natürlich|selbstverständlich|gerne|klar|hier"
    r"|bien sûr|voici|claro|por supuesto|aquí)\b|当然|以下|好的|もちろん",
    re.IGNORECASE,
)
_OF_THE_TASK = re.compile(r"\b(?:instruction|prompt|task|output|response)s?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Talk:
    """Talk to the reader around the answer."""

    name: ClassVar[str] = "talk"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("talk",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The output talks about the answer: “Sure! Here is …”, “Let me know if …”."
    example: ClassVar[Row] = Row(
        "Write a haiku about rain.",
        "",
        "Sure! Here is a haiku about rain:\n\nSoft rain on the roof\nthe cat "
        "asleep by the fire\nnowhere else to be",
    )

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.strip()
        opens = _OPENS.match(output[:300])
        copied = keeps_text(row.instruction) and _OPENERS.search(f"{row.instruction}\n{row.input[:1000]}")
        if opens and _OF_THE_TASK.search(opens[0]) and _OF_THE_TASK.search(f"{row.instruction}\n{row.input}"):
            opens = None
        if opens and not copied and not _ALSO_OPENS(row.instruction) and len(output) > opens.end():
            return Verdict("talk", f"it begins “{words_around(output, opens)}”")
        last = output[-260:].split("\n")[-1] if "\n" in output[-260:] else output[-260:]
        closes = _CLOSES.search(last)
        if closes and len(output) > len(last) - closes.start() + 3 and not _MESSAGES(row.instruction):
            if output_format(output, row.instruction) in (Format.LETTER, Format.DIALOGUE):
                return None
            return Verdict("talk", f"it ends “{words_around(last, closes)}”")
        return None
