"""Tickets: which pool an instruction request sees, and what it draws from it.

The data set must not depend on timing, so a request for new instructions (a ticket) never draws from
"the pool as it is now". Ticket t draws from the pool as it stood after ticket t - lag(t) was admitted,
and replies are admitted in ticket order. The lag starts small, so that the model's own instructions
come back into the prompts from ticket 7 on, and grows with t for ever, so that one slow reply holds up no
endpoint, however many it takes at once: the pool that a ticket sees is still about half of what there is.
(7, 14, 28, 56 tickets go out in the first four round trips; a lag that started at two and grew by a third
left an endpoint that takes fifty with ten for four of them.)
"""

from __future__ import annotations

import random

__all__ = ["draw_demonstrations", "lag", "sample"]


def lag(ticket: int, *, first: int = 4, growth: float = 0.5, most: int = 0) -> int:
    """How many tickets behind its own number the pool is that `ticket` sees; at least 1.

    first: of ticket 0, 1 or more. growth: more for each further ticket, 0 to below 1. most: a cap; 0: none.
    `ticket - lag(ticket)` never decreases, so that tickets become sendable in order.
    """
    grown = first + int(growth * ticket)
    return min(most, grown) if most else grown


def draw_demonstrations(
    run_seed: int, ticket: int, *, seeds: int, machine: int, count: int, machine_count: int
) -> tuple[int, ...]:
    """Pool indices to show in this ticket's prompt, shuffled (section 2.2, step 1).

    seeds, machine: how many seed and machine-written instructions the pool holds; seeds come first.
    Of `count` demonstrations at most `machine_count` are machine-written; fewer than `count` come
    back only from a smaller pool. The same arguments give the same draw on every Python version:
    only `Random.random()` is promised to be stable, so nothing else of it is used.
    """
    generator = random.Random(f"demonstrations:{run_seed}:{ticket}")
    from_machine = min(machine_count, machine, count)
    from_seeds = min(count - from_machine, seeds)
    drawn = [
        *sample(generator, seeds, from_seeds),
        *(seeds + index for index in sample(generator, machine, from_machine)),
    ]
    return tuple(drawn[index] for index in sample(generator, len(drawn), len(drawn)))


def sample(generator: random.Random, population: int, count: int) -> list[int]:
    """`count` distinct numbers below `population`, in random order (a sparse Fisher-Yates shuffle)."""
    moved: dict[int, int] = {}
    drawn = []
    for last in range(population - 1, population - 1 - count, -1):
        pick = int(generator.random() * (last + 1))
        drawn.append(moved.get(pick, pick))
        moved[pick] = moved.get(last, last)
    return drawn
