"""What the embedding model is asked in a run, and what came back: the vectors of seeds and of candidates.

A ticket's candidates are asked about together, as soon as its reply is there, all that are well-formed: what
novelty will say of them depends on tickets that may not be there yet. So a request depends on the reply
alone, and the ticket is admitted once its vectors have come. Where they never come (the request was lost),
the candidates are admitted without this test, which is recorded with each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from selfinstruct.config import MeaningConfig
from selfinstruct.errors import UserError
from selfinstruct.models.embeddings import Vector, asked_texts, embedding_prompt, told_vectors
from selfinstruct.records import SEED_TEXTS, InstructionCandidate, Prompt, Request
from selfinstruct.store.meanings import RecordedTexts

__all__ = ["Meanings", "longest_text", "read_vectors", "recorded_vectors", "texts_prompt"]

Part = tuple[int, int]
"""Subject and position of a request."""


class Meanings:
    """The vectors that admission waits for.

    well_formed: whether a candidate is worth asking about, by itself.
    """

    def __init__(
        self,
        config: MeaningConfig,
        seeds: Sequence[str],
        well_formed: Callable[[InstructionCandidate], bool],
    ) -> None:
        self._config, self._well_formed = config, well_formed
        self._seeds = len(seeds)
        self._texts: dict[Part, Sequence[tuple[int, str]]] = {}  # of requests without an outcome
        self._numbers: int | None = None
        self._vectors: dict[int, dict[int, Vector]] = {}  # by ticket and place
        self._of_seeds: dict[int, Vector] = {}
        self._early: dict[Part, dict[int, Vector]] = {}  # recorded, of tickets that are not asked about yet
        for number, texts in enumerate(self._cut(list(enumerate(seeds)))):
            self._texts[number, SEED_TEXTS] = texts

    def restore(
        self, recorded: Iterable[RecordedTexts], admitted: Mapping[int, Sequence[int]]
    ) -> Iterator[Vector | None]:
        """What earlier invocations recorded; nothing of it is asked again. Yields the pool's vectors: of the
        seeds, as far as these are complete, then of the tasks of admitted tickets.

        admitted: of every admitted ticket, the places of its candidates that became tasks. To be consumed.
        """
        seeds_told = False
        ticket = 0
        found: dict[int, Vector] = {}
        for subject, position, body, reply in recorded:
            vectors = {} if reply is None else self._read(body, reply)
            if position == SEED_TEXTS:
                self._texts.pop((subject, position), None)
                self._of_seeds.update(vectors)
                continue
            if not seeds_told:
                seeds_told = True
                yield from self.seed_vectors() if self.seeds_are_there else ()
            if subject not in admitted:
                self._early[subject, position] = vectors
                continue
            while ticket < subject:
                yield from (found.get(place) for place in admitted[ticket])
                ticket, found = ticket + 1, {}
            found.update(vectors)
        if not seeds_told and self.seeds_are_there:
            yield from self.seed_vectors()
        for later in range(ticket, len(admitted)):
            yield from (found.get(place) for place in admitted[later])
            found = {}

    @property
    def seeds_are_there(self) -> bool:
        """Whether every seed's request has an outcome."""
        return not self.seed_parts()

    def seed_parts(self) -> list[int]:
        """The requests about seeds that have no outcome yet."""
        return [subject for subject, position in self._texts if position == SEED_TEXTS]

    def seed_vectors(self) -> list[Vector | None]:
        """One for each seed; None where it was lost."""
        return [self._of_seeds.get(number) for number in range(self._seeds)]

    def expect(self, ticket: int, candidates: Sequence[InstructionCandidate]) -> list[int]:
        """The reply of a ticket is there: the positions of the requests that its candidates take."""
        texts = [(place, each.text) for place, each in enumerate(candidates) if self._well_formed(each)]
        missing = []
        for position, part in enumerate(self._cut(texts)):
            if (ticket, position) in self._early:
                self._vectors.setdefault(ticket, {}).update(self._early.pop((ticket, position)))
            else:
                self._texts[ticket, position] = part
                missing.append(position)
        return missing

    def prompt(self, subject: int, position: int, at_most: int | None = None) -> Prompt:
        """Of a request without an outcome. at_most: characters of each text."""
        return texts_prompt(self._texts[subject, position], self._config.prefix, at_most)

    def receive(self, request: Request, reply: str | None) -> None:
        """What came back for it; None where it was lost. Raises `UserError` for vectors of another length
        than those before: another model was asked."""
        del self._texts[request.subject, request.position]
        vectors = {} if reply is None else self._read(request.prompt.body, reply)
        if request.position == SEED_TEXTS:
            self._of_seeds.update(vectors)
        else:
            self._vectors.setdefault(request.subject, {}).update(vectors)

    def take(self, ticket: int) -> dict[int, Vector]:
        """By the places of its candidates."""
        return self._vectors.pop(ticket, {})

    def _read(self, body: str, reply: str) -> dict[int, Vector]:
        vectors = read_vectors(body, reply)
        for vector in vectors.values():
            self._numbers = self._numbers or len(vector)
            if len(vector) != self._numbers:
                raise UserError(
                    f"The embedding model returned {len(vector)} numbers for a text, and {self._numbers}"
                    " before: it is another model.",
                    "Serve the model that the run was started with, or start a new run.",
                )
        return vectors

    def _cut(self, texts: Sequence[tuple[int, str]]) -> Iterator[Sequence[tuple[int, str]]]:
        most = self._config.texts_a_request
        return (texts[start : start + most] for start in range(0, len(texts), most))


def recorded_vectors(
    recorded: Iterable[RecordedTexts],
) -> tuple[dict[int, Vector], dict[int, dict[int, Vector]]]:
    """All of a run: of seeds by number, and of candidates by ticket and place."""
    of_seeds: dict[int, Vector] = {}
    by_ticket: dict[int, dict[int, Vector]] = {}
    for subject, position, body, reply in recorded:
        vectors = {} if reply is None else read_vectors(body, reply)
        (of_seeds if position == SEED_TEXTS else by_ticket.setdefault(subject, {})).update(vectors)
    return of_seeds, by_ticket


def texts_prompt(texts: Sequence[tuple[int, str]], prefix: str, at_most: int | None = None) -> Prompt:
    """Texts with their numbers, as the embedding model is sent them. at_most: characters of each."""
    return embedding_prompt([(number, (prefix + text)[:at_most]) for number, text in texts])


def longest_text(prompt: Prompt) -> int:
    """In characters."""
    return max(len(text) for _, text in asked_texts(prompt.body))


def read_vectors(body: str, reply: str) -> dict[int, Vector]:
    """By the texts' numbers. body, reply: of the request."""
    vectors = told_vectors(reply)
    numbers = [number for number, _ in asked_texts(body)]
    if vectors is None or len(vectors) != len(numbers):  # not what an embedding model of ours writes
        raise UserError("A recorded reply of the stage meaning holds no embeddings.", "Start a new run.")
    return dict(zip(numbers, vectors, strict=True))
