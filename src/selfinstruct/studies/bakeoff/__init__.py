"""A bake-off: several models, recipes or settings make the same kind of data, from the same seeds and with
the same budget each; then they are ranked, and differences that may be chance are said to be that.

    study.py        what all entries have in common, and what each has of its own
    file.py         the same read from a TOML file, or from a mapping
    plan.py         every entry resolved as `generate` would, before anything is sent
    running.py      one entry after the other, judges and students included; what stopped each
    estimates.py    a figure with its standard error, and the difference of two
    measures.py     what entries are compared by, measured on the runs
    ranking.py      who is significantly better at what, and the order
    page.py         the page

    OUT/
      runs/NAME/        an ordinary run, one an entry
      students/NAME/    where students are asked for: N-tasks/tuning and N-tasks/evaluation
      bakeoff.json      what each entry was started with
      report.html       the page; replaced as a whole
      .lock             locked by the one process that works on the study

An entry that fails does not end the others. The same command again resumes: finished entries are only read.
"""
