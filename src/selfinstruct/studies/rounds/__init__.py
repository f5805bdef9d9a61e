"""Rounds: a model writes tasks, is tuned on them, is measured, and writes the next ones while it gets better.

Every phase is what the verb of its name does, in a folder of its own, so that the same command resumes
after any interruption. Does no part of a round itself: it says what comes next, with which data, and when to
stop.

    OUT/
      rounds.toml        what was asked, resolved; written first
      rounds.html        all rounds on one page; replaced after each
      rounds.json        the same figures
      round-0/
        evaluation/      the starting model, measured
      round-1/
        run/             what the model of the round before wrote
        kept/            the run that `filter` made of it: the best
        training/        what is learnt: seed tasks, and what was kept in all rounds so far (`merge`)
        model/           the tuned model
        evaluation/      its answers and scores
        round.json       figures; written last, so that where it is, the round is done
      round-2/ …
      .lock              locked by the one process that writes
"""
