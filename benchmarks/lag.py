"""How long a run takes beside the ideal time, for any number of requests in flight: the scheduler, simulated.

    python benchmarks/lag.py --concurrency 20000 --tasks 200000

Time is not waited for but added up: replies come from a heap, so that 20,000 in flight need no endpoint. The
scheduler, its order and its feedback lag are those of a run. Prompts, parsing, storage and novelty take no
time, and a ticket brings 3.3 tasks on average (drawn for each). Ideal is requests x seconds a reply /
concurrency. `--cap` is the greatest lag, as `--window` sets it.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
from functools import partial

from selfinstruct.pipeline.scheduler import Job, Scheduler
from selfinstruct.pipeline.tickets import lag
from selfinstruct.records import Stage

ADMITTED = (0, 1, 2, 3, 4, 5, 6, 7)
WEIGHTS = (1, 2, 3, 5, 4, 3, 1, 1)


def simulate(concurrency: int, tasks: int, cap: int, slow_share: float, seed: int) -> dict[str, float]:
    """A run of so many tasks. slow_share: of replies that take ten times as long."""
    draw = random.Random(seed)
    scheduler = Scheduler(
        wanted=tasks, lag=partial(lag, most=cap), backlog=4 * max(8, concurrency), requests_a_task=2
    )
    out: list[tuple[float, int, Job]] = []
    answered: dict[int, int] = {}
    now, sent, most = 0.0, 0, 0
    while True:
        while len(out) < concurrency and (job := scheduler.next_job(float("inf"))) is not None:
            sent += 1
            heapq.heappush(out, (now + (10.0 if draw.random() < slow_share else 1.0), sent, job))
        most = max(most, len(out))
        if scheduler.decided or not out:
            break
        now, _, job = heapq.heappop(out)
        if job.stage is Stage.INSTRUCTIONS:
            answered[job.subject] = draw.choices(ADMITTED, WEIGHTS)[0]
            scheduler.answer_ticket(job.subject)
            while (ticket := scheduler.ticket_to_admit()) is not None:
                scheduler.admit("t" for _ in range(answered.pop(ticket)))
        elif job.stage is Stage.CLASSIFICATION:
            scheduler.classify(job.subject, draw.random() < 0.3)
        else:
            scheduler.settle(job.subject, draw.random() < 0.95)
    mean = 1 + 9 * slow_share
    return {
        "requests": sent,
        "replies_in_turn": now,
        "over_ideal": now / (sent * mean / concurrency),
        "most": most,
    }


def main() -> None:
    """See the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--concurrency", type=int, nargs="+", default=[50, 500, 2000, 20000])
    options.add_argument(
        "--tasks", type=int, help="by default ten for each request in flight, 1,000 at least"
    )
    options.add_argument("--cap", type=int, default=0, help="0: none")
    options.add_argument("--slow-share", type=float, default=0.0)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    for concurrency in given.concurrency:
        tasks = given.tasks or max(1000, 10 * concurrency)
        found = simulate(concurrency, tasks, given.cap, given.slow_share, 1)
        row = {"concurrency": concurrency, "tasks": tasks, "cap": given.cap, **found}
        if given.json:
            print(json.dumps(row))
        else:
            print(
                f"{concurrency:>7,} in flight  {tasks:>9,} tasks  {found['requests']:>9,} requests  "
                f"{found['over_ideal']:.2f} x ideal  {found['most']:>7,} in flight at most"
            )


if __name__ == "__main__":
    main()
