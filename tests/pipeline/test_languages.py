"""Whole runs in Chinese, which has no spaces, and in Arabic, which has no capitals: what is kept, what is
dropped and why, what is asked for, and how the data set reads. The replies are scripted."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from command import run

from selfinstruct.records import Stage
from selfinstruct.seeds.load import bundled_seeds
from selfinstruct.store.reader import CandidateRow, RunReader

Recipe = Literal["paper", "chat"]


@dataclass(frozen=True)
class Written:
    """A good task, as a model would write it; with `label`, which is its output then, classification."""

    instruction: str
    input: str
    output: str = ""
    label: str = ""


@dataclass(frozen=True)
class Script:
    """What a model writes in one language.

    replies: instructions of one reply each, seven at most; those that are `good` and those that are not.
        What resembles a good one comes after it in the same reply.
    similar, too_short, too_long: those to be dropped, by reason.
    """

    language: str
    about: str
    good: tuple[Written, ...]
    replies: tuple[tuple[str, ...], ...]
    similar: tuple[str, ...]
    too_short: tuple[str, ...]
    too_long: str


CHINESE_TASKS = (
    Written(
        "请用三句话解释为什么天空在白天看起来是蓝色的。",
        "",
        "阳光进入大气层后会被空气分子散射。蓝光的波长较短，散射得最厉害。所以我们抬头看到的多半是蓝光。",
    ),
    Written(
        "把下面这句话翻译成文言文。",
        "我昨天和朋友一起去爬山，看到了很美的日出。",
        "昨与友登山，见日出甚美。",
    ),
    Written(
        "判断这条顾客评论的态度是正面、负面还是中性。",
        "面条很筋道，服务员也很热情，下次还会来。",
        label="正面",
    ),
    Written(
        "给一位刚退休的老师写一段不超过六十字的祝福语。",
        "",
        "三十年粉笔生涯，换来桃李满园。愿您往后清晨有茶，傍晚有风，健康自在，常念常安。",
    ),
    Written(
        "列出五种适合在阳台上种植的蔬菜，并说明各自的采收时间。",
        "",
        "生菜四十天，小白菜三十天，樱桃番茄八十天，辣椒七十天，香葱随时可剪。",
    ),
    Written(
        "菜谱里缺少一个步骤，请找出来并补在正确的位置。",
        "一、番茄切块。二、鸡蛋炒熟盛出。三、把鸡蛋倒回锅里翻炒，加盐出锅。",
        "缺少炒番茄的步骤，应在第三步之前补上：锅中放油，把番茄炒出汁水。",
    ),
    # Latin words: one that holds “file”, one that holds “map”, and two that Chinese letters stand close to.
    Written(
        "英文里的 profile 和 roadmap 通常怎样译成中文？请各举一例。",
        "",
        "profile 可译为“简介”，如“公司简介”；roadmap 可译为“路线图”，如“产品路线图”。",
    ),
    Written("如果一辆汽车每小时行驶八十公里，三个半小时能走多远？", "", "二百八十公里。"),
    Written(
        "这封邮件属于投诉、咨询还是订购？只回答其中一个词。",
        "您好，我上周买的台灯一打开就闪，请尽快给我换一个。",
        label="投诉",
    ),
    Written(
        "用“虽然……但是……”造两个和天气有关的句子。",
        "",
        "虽然外面下着大雨，但是比赛照常进行。虽然太阳很大，但是风吹在脸上仍然很凉。",
    ),
    Written(
        "为社区图书馆拟一条短信，提醒读者按时还书。",
        "",
        "【社区图书馆】您借的书三天后到期，请按时归还或在线续借。祝您阅读愉快。",
    ),
    Written(
        "《红楼梦》中宝玉初见黛玉时说了什么？这句话表现出他怎样的性格？",
        "",
        "他说：“这个妹妹我曾见过的。”这句话表现出他率真多情，不受礼法拘束。",
    ),
)
CHINESE_SIMILAR = (
    "请用三句话解释为什么天空在白天看起来是蓝色。",
    "把下面这句话翻译成文言文吧！",
    "列出五种适合在阳台种植的蔬菜，并且说明各自的采收时间。",
)

ARABIC_TASKS = (
    Written(
        "اشرح في ثلاث جمل لماذا تبدو السماء زرقاء في النهار.",
        "",
        "يدخل ضوء الشمس الغلاف الجوي فتشتته جزيئات الهواء. والأزرق أكثرها تشتتًا. لذلك نراه أينما نظرنا.",
    ),
    Written(
        "حوّل الجملة التالية إلى صيغة المبني للمجهول.",
        "فتح الحارس باب الحديقة صباحًا.",
        "فُتح باب الحديقة صباحًا.",
    ),
    Written(
        "صنّف تعليق الزبون على أنه إيجابي أو سلبي أو محايد.",
        "الطعام لذيذ والخدمة سريعة، سأعود حتمًا.",
        label="إيجابي",
    ),
    Written(
        "اكتب رسالة تهنئة قصيرة لمعلمة تقاعدت بعد ثلاثين عامًا من العمل.",
        "",
        "معلمتنا الغالية، زرعت فينا حب العلم ثلاثين عامًا. نتمنى لك أيامًا هادئة ملؤها الصحة والسعادة.",
    ),
    Written(
        "اذكر خمسة أعشاب يمكن زراعتها على الشرفة مع موعد قطف كل منها.",
        "",
        "النعناع والبقدونس بعد شهرين، والكزبرة بعد ستة أسابيع، والريحان صيفًا، والزعتر قبل إزهاره.",
    ),
    Written(
        "رتّب خطوات إعداد الشاي بالنعناع ترتيبًا صحيحًا.",
        "أضف النعناع. اغلِ الماء. صبّ الشاي في الأكواب.",
        "اغلِ الماء. أضف النعناع. صبّ الشاي في الأكواب.",
    ),
    Written(
        "ما الفرق بين الكلمتين الإنجليزيتين profile و roadmap في عالم الأعمال؟",
        "",
        "تعني الأولى نبذة تعريفية عن شخص أو شركة، وتعني الثانية خطة زمنية للوصول إلى هدف.",
    ),
    Written(
        "إذا قطعت سيارة ثمانين كيلومترًا في الساعة فكم تقطع في ثلاث ساعات ونصف؟",
        "",
        "مئتان وثمانون كيلومترًا.",
    ),
    Written(
        "حدّد هل الرسالة الواردة من العميل شكوى أم استفسار أم طلب شراء.",
        "المصباح الذي اشتريته الأسبوع الماضي يومض باستمرار، أرجو استبداله.",
        label="شكوى",
    ),
    Written(
        "استخدم كلمتي «رغم» و«لكن» في جملتين عن الطقس.",
        "",
        "خرجنا رغم المطر. كانت الشمس ساطعة لكن الهواء بارد.",
    ),
    Written(
        "اقترح نص رسالة هاتفية تذكّر القراء بموعد إعادة الكتب إلى المكتبة.",
        "",
        "عزيزي القارئ، ينتهي موعد إعارة كتابك بعد ثلاثة أيام. نرجو إعادته أو تمديد الإعارة.",
    ),
    Written(
        "«العلم في الصغر كالنقش على الحجر»، اشرح معنى هذا المثل بأسلوبك.",
        "",
        "ما يتعلمه الإنسان صغيرًا يثبت في ذاكرته كما يثبت النقش في الحجر.",
    ),
)
ARABIC_SIMILAR = (
    "اشرح في ثلاث جمل قصيرة لماذا تبدو السماء زرقاء في النهار.",
    "حوّل الجملة التالية إلى صيغة المبني للمجهول من فضلك.",
    "اذكر خمسة أعشاب يمكن زراعتها على الشرفة مع موعد قطف كل منها بالتفصيل.",
)


SAID: dict[Recipe, dict[Stage, tuple[str, ...]]] = {
    "paper": {
        Stage.INSTRUCTIONS: ("Come up with a series of tasks in {language} about {about}:\n1. ",),
        Stage.INSTANCES: ("From the next task on, everything is written in {language}.",),
    },
    "chat": {
        Stage.INSTRUCTIONS: ("Write every task in {language},", "Every task is about {about}."),
        Stage.INSTANCES: ("Write inputs and outputs in {language},", "is about {about};"),
    },
}
"""Of every prompt of a stage."""


def script(
    language: str,
    about: str,
    good: tuple[Written, ...],
    similar: tuple[str, ...],
    too_short: tuple[str, ...],
    too_long: str,
) -> Script:
    """Twelve good tasks; two of them again, word for word; and what is given besides."""
    texts = [task.instruction for task in good]
    replies = (
        (*texts[:4], similar[0], similar[1], too_short[0]),
        (*texts[4:8], similar[2], texts[7]),
        (*texts[8:], texts[10], too_short[1], too_long),
    )
    return Script(language, about, good, replies, similar, too_short, too_long)


SCRIPTS = {
    "Chinese": script(
        "Chinese",
        "家庭生活",
        CHINESE_TASKS,
        CHINESE_SIMILAR,
        ("写一首诗。", "翻译"),
        "请详细说明搬家以前应该做哪些准备，" + "并且说明每件物品应该怎样打包才不会损坏，" * 18,
    ),
    "Arabic": script(
        "Arabic",
        "الحياة اليومية",
        ARABIC_TASKS,
        ARABIC_SIMILAR,
        ("اكتب قصيدة جديدة.", "ترجم"),
        "اشرح بالتفصيل كيف تستعد الأسرة للانتقال إلى بيت جديد " + "وكيف تغلف كل قطعة أثاث قبل نقلها " * 22,
    ),
}


def paper_replies(script: Script) -> list[str]:
    """Lists as a base model continues them: behind the bare number 9."""
    return [
        "".join(f"\n{number}. {text}" for number, text in enumerate(texts, start=9)).removeprefix("\n9.")
        for texts in script.replies
    ]


def chat_replies(script: Script) -> list[str]:
    """JSON in the characters themselves, JSON in escapes, and a list in place of JSON."""
    kinds = {task.instruction: bool(task.label) for task in script.good}
    first, second = (
        {"tasks": [{"instruction": text, "is_classification": kinds.get(text, False)} for text in texts]}
        for texts in script.replies[:2]
    )
    mark = "、" if script.language == "Chinese" else ". "
    listed = "\n".join(f"{number}{mark}{text}" for number, text in enumerate(script.replies[2], start=1))
    return [json.dumps(first, ensure_ascii=False), json.dumps(second, indent=1), listed]


def instance_reply(task: Written, recipe: Recipe) -> str:
    if recipe == "chat":
        instance = {"input": task.input, "output": task.label or task.output}
        return json.dumps({"instances": [instance]}, ensure_ascii=False)
    if task.label:
        return f"Class label: {task.label}\n{task.input}"
    given = f"Example 1\nInput: {task.input}\n" if task.input else ""
    return f"{given}Output: {task.output}"


def write_script(path: Path, script: Script, recipe: Recipe) -> Path:
    """The first row that matches answers: questions about a task's kind, then a task's instances, then all
    else, which is new instructions."""
    rows: list[dict[str, Any]] = []
    for task in script.good:
        asked = {
            "paper": f"Task: {task.instruction}\nIs it classification?",
            "chat": f"yes or no.Task: {task.instruction}",
        }[recipe]
        rows.append({"contains": asked, "reply": " Yes" if task.label else " No"})
    end = "\n" if recipe == "paper" else ""
    rows += [
        {"contains": f"Task: {task.instruction}{end}", "reply": instance_reply(task, recipe)}
        for task in script.good
    ]
    rows.append(
        {"contains": "", "reply": paper_replies(script) if recipe == "paper" else chat_replies(script)}
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def verdicts(rows: list[CandidateRow], text: str) -> set[str | None]:
    """What became of a text, every time that it was written."""
    return {row.reason for row in rows if row.instruction == text}


@pytest.mark.parametrize("language", list(SCRIPTS))
@pytest.mark.parametrize("recipe", ["paper", "chat"])
def test_good_tasks_are_kept_and_others_dropped_for_their_reason(
    tmp_path: Path, recipe: Recipe, language: str
) -> None:
    script, directory = SCRIPTS[language], tmp_path / "run"
    file = write_script(tmp_path / "script.jsonl", script, recipe)
    config = tmp_path / "inline.toml"
    config.write_text('[recipe]\nanswers = "inline"\n')  # the script writes inputs with their outputs
    asked_for = ("--language", language, "--about", script.about, "--tasks", 50, "--config", config)
    done = run("generate", directory, "--model", f"scripted/{file}", "--recipe", recipe, *asked_for, "--json")

    assert done.code == 5, "all that this model has to say is said"
    assert done.json()["lost"] == {}
    reader = RunReader.open(directory)
    candidates = list(reader.candidates())
    for task in script.good:
        times = [row.reason for row in candidates if row.instruction == task.instruction]
        assert times[0] is None, task.instruction
        assert set(times[1:]) == {"similar"}, "said again"
    for text in script.similar:
        assert verdicts(candidates, text) == {"similar"}
    for text in script.too_short:
        assert verdicts(candidates, text) == {"too_short"}
    assert verdicts(candidates, " ".join(script.too_long.split())) == {"too_long"}
    assert done.json()["rejected"].keys() == {"similar", "too_short", "too_long"}

    text = (directory / "dataset.jsonl").read_bytes().decode()
    assert "\\u" not in text, "people can read it"
    kept = {row["instruction"]: row for row in map(json.loads, text.splitlines())}
    assert kept.keys() == {task.instruction for task in script.good}
    for task in script.good:
        row = kept[task.instruction]
        assert row["instances"] == [{"input": task.input, "output": task.label or task.output}]
        assert row["is_classification"] == bool(task.label)
    assert_prompts_name(reader, recipe, language, script.about)


def assert_prompts_name(reader: RunReader, recipe: Recipe, language: str, about: str) -> None:
    rows = list(reader.requests())
    for stage, sentences in SAID[recipe].items():
        prompts = [row.prompt for row in rows if row.stage is stage]
        assert prompts
        for sentence in sentences:
            said = sentence.format(language=language, about=about)
            assert all(said in prompt for prompt in prompts), said


@pytest.mark.parametrize("recipe", ["paper", "chat"])
def test_classification_only_shows_no_other_seeds(tmp_path: Path, recipe: Recipe) -> None:
    directory = tmp_path / "run"
    arguments = ("--model", "scripted", "--recipe", recipe, "--classification-only", "--tasks", 100)
    done = run("generate", directory, *arguments)

    assert done.code == 0, done.stderr
    reader = RunReader.open(directory)
    prompts = [row.prompt for row in reader.requests() if row.stage is Stage.INSTRUCTIONS]
    seeds = {" ".join(seed.instruction.split()) for seed in bundled_seeds() if seed.is_classification}
    machine = {entry.text for ticket in reader.admissions() for entry in ticket if entry.verdict.accepted}
    asked = (prompt.partition("Some tasks of the collection:")[2] or prompt for prompt in prompts)
    shown = [set(re.findall(r"^(?:\d\.|-) (.+)$", each, re.MULTILINE)) for each in asked]
    assert shown[0] <= seeds
    assert all(len(instructions) == 8 for instructions in shown)
    assert all(instructions <= seeds | machine for instructions in shown)
    assert any(instructions & machine for instructions in shown), "its own ones too"
    header = {"paper": "Come up with a series of classification tasks", "chat": "classification tasks only"}
    assert all(header[recipe] in prompt for prompt in prompts)
