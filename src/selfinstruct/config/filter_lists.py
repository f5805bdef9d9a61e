"""The words and phrases that `filters` has where none are given."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KEYWORD_EXCEPTIONS", "OWN_LISTS"]

OWN_LISTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "paper": {
        "keywords": (
            "image", "images", "graph", "graphs", "picture", "pictures", "file", "files",
            "map", "maps", "draw", "plot", "go to",
        ),
        "prefixes": ("Write a program",),
    },
    "chat": {
        "keywords": (
            "the image", "this image", "given image", "following image", "the images", "these images",
            "the picture", "this picture", "given picture", "following picture", "the pictures",
            "the photo", "this photo", "the photos", "the photograph", "this photograph", "the screenshot",
            "the painting", "the drawing", "the video", "this video", "the audio", "this audio",
            "the recording", "this recording", "the audio clip", "the video clip", "listen to", "watch the",
            "look at the", "draw a picture", "draw an image", "draw a diagram", "take a photo",
            "take a picture", "record yourself", "record a video", "attached", "the link", "this link",
            "go to the website", "visit the website", "search the web", "search online",
            "search the internet",
            "browse the", "look up online", "download the",
            "your favorite", "your favourite", "you grew up", "your hometown", "in your country",
            "you have read", "you have seen", "you have watched", "you have heard", "you have listened",
            "you have visited", "you've read", "you've seen", "you've visited", "you recently",
            "your last", "your day", "latest news", "current news", "recent news", "today's news",
        ),
        "prefixes": (),
    },
}  # fmt: skip
"""By recipe: the lists that `filters` has where none are given."""

KEYWORD_EXCEPTIONS = (
    "draw a conclusion", "draw a logical conclusion", "draw conclusions", "draw the conclusion",
    "draw an inference", "draw inferences", "draw a comparison", "draw comparisons",
    "draw a contrast", "draw a connection", "draw connections", "draw a parallel",
    "draw parallels", "draw a distinction", "draw an analogy", "draw attention", "draw up",
    "draw a lesson", "draw lessons", "draw inspiration",
    "big picture", "bigger picture", "picture yourself",
    "graph theory", "graph database", "knowledge graph",
    "mind map", "road map", "map out",
    "plot twist", "plot summary", "plot hole", "plot holes", "plot point", "plot points",
    "the plot of",
    "file a complaint", "file a claim", "file an appeal", "file for", "file taxes",
    "self image", "self-image", "brand image", "mirror image",
    "go to bed", "go to sleep", "go to school", "go to college", "go to work",
    "go to the doctor", "go to the gym", "go to the store", "go to market",
)  # fmt: skip
"""Phrases in which a keyword means something else."""
