"""What a reason means, and what helps when there is much of it; for readers who have not read the manual."""

from __future__ import annotations

from selfinstruct.config import FilterConfig
from selfinstruct.filters.signals.table import SIGNALS

__all__ = ["meaning", "remedy"]

MEANINGS = {
    # of instructions
    "truncated": "The length limit cut it off.",
    "empty": "There is no text.",
    "too_short": "It has fewer than {min_words} words.",
    "too_long": "It has more than {max_words} words.",
    "keyword": "It mentions something that a text-only model cannot handle, such as an image or a file.",
    "prefix": "It begins with an unwanted phrase, such as “Write a program”.",
    "punctuation": "It begins with punctuation.",
    "script": "It has unreadable characters, or no letters.",
    "similar": "Its ROUGE-L with an instruction of the pool is above {max_similarity:g}.",
    "same_meaning": "Its embedding has a cosine above {threshold:g} with that of an instruction of the pool.",
    "contaminated": "It shares text with an evaluation set that you excluded.",
    # of instances
    "no_output": "It has no “Output:”.",
    "copied_example": "Its input or output is copied from an example in the prompt.",
    "empty_output": "Its output is empty.",
    "same_as_input": "Its output equals its input.",
    "trailing_colon": "Its input or its output ends in a colon.",
    "conflicting": "The task had two outputs for one input, so all its instances are dropped.",
    "fragment": "It is part of one answer that was split over several instances.",
    "repeated_input": "The task already had an equal input, so no answer was requested.",
    "disagrees": "When asked about the input, the model gave a different label from the one it wrote "
    "the input for.",
    "asks_back": "The model asks for missing information instead of answering.",
    "duplicate": "An equal one was kept already.",
    "low_score": "Its mean score over judges is below the minimum.",
    "no_score": "A minimum score is set, and no judge has scored it.",
    "surplus": "The task already had the maximum number of instances.",
    # of tasks
    "no_valid_instance": "The filters rejected all of its instances.",
    "unreadable_reply": "Its reply holds no instance that can be parsed.",
    "lost": "A request for its classification, instances or answer was lost.",
    # of requests
    "refused": "The endpoint refused its content, or the model declined to answer.",
    "failed": "Its attempts failed while others succeeded.",
    "unrecognized_error": "The endpoint refused it with an unknown error message.",
    "prompt_too_long": "An input with its instruction was longer than the model's context holds.",
}

REMEDIES = {
    "truncated": "Raise max_tokens of that stage in [sampling].",
    "too_short": "Longer seed instructions teach the model to write longer ones.",
    "too_long": "Shorter seed instructions, or a larger [filters] max_words.",
    "keyword": "If such tasks are fine for you, shorten [filters] keywords; `selfinstruct filter` shows what "
    "that would keep.",
    "prefix": "If such tasks are fine for you, empty [filters] prefixes.",
    "similar": "More or more varied seed tasks, a higher temperature, or a stronger model give room.",
    "same_meaning": "If the pairs shown mean different things, raise the threshold: `selfinstruct filter` "
    "tries others on what is recorded.",
    "contaminated": "No action needed: test data should stay out of the training data.",
    "no_output": "A stronger model keeps to the format; export the format requests to see its replies.",
    "copied_example": "A stronger model writes examples of its own.",
    "empty_output": "Usually the model continues with the next field; a stronger one keeps to the format.",
    "same_as_input": "The model repeats instead of answering: a sign that it is too weak for the task.",
    "conflicting": "The model contradicts itself: a sign that it is too weak for the task.",
    "fragment": 'With recipe.answers = "asked" each input is answered on its own, and this cannot happen.',
    "disagrees": "A stronger model for the answers ([stages.answers]) judges better; recipe.check_labels = "
    "false keeps the labels unchecked.",
    "asks_back": "The instruction leaves out what it needs: a stronger model writes better ones.",
    "no_valid_instance": "Read some of them among the samples. A stronger model for the instances "
    "([stages.instances]) usually helps.",
    "unreadable_reply": "Read some replies (export the format requests). A stronger model for the instances "
    "([stages.instances]) keeps to the format.",
    "lost": "See the failed requests.",
    "refused": "The provider's content filter rejects them: check what the seeds ask for.",
    "failed": "Lower the concurrency, or raise the timeout.",
    "unrecognized_error": "The endpoint's words, quoted under “Cost and time”, may name a setting to change.",
}


def meaning(reason: str, filters: FilterConfig) -> str:
    """A sentence; empty for a reason that a newer version wrote."""
    about = {signal.name: signal.about for signal in SIGNALS}.get(reason)
    if about is not None and reason not in MEANINGS:
        return about
    if reason not in MEANINGS and filters.custom:
        names = [each.name for each in filters.custom if reason in each.reasons or not each.reasons]
        return f"Your own filter says so: {' or '.join(names)}." if names else ""
    return MEANINGS.get(reason, "").format(
        min_words=filters.min_words,
        max_words=filters.max_words,
        max_similarity=filters.max_similarity,
        threshold=1.0 if filters.meaning is None else filters.meaning.threshold,
    )


def remedy(reason: str) -> str:
    """A sentence; empty where there is nothing to do about it."""
    return REMEDIES.get(reason, "")
