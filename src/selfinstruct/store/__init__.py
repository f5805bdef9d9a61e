"""The run directory: a SQLite file, its writer, its readers, its lock; and another, of what people say of it.

Does not decide anything: it keeps what pipeline/ tells it, in the order it was told.

    my-run/
      config.toml     what was asked, resolved; written first, for people (run.db decides)
      run.db          SQLite: the run, its seeds, attempts, requests, candidates, tasks, instances
      run.db-wal      SQLite's own, beside it while it is open or after a kill; belongs to run.db
      run.db-shm      likewise
      dataset.jsonl   the data set, replaced as a whole by dataset/
      improved/NAME/  another model's outputs, made by `improve`; a run of its own kind, beside outputs.jsonl
      ratings.db      SQLite: what raters said, made by `review`; likewise beside predictions; any may write
      .lock           locked by the one process that writes; holds its number; never deleted

The crash contract. An attempt is committed before its request is sent, so that budgets hold across
`kill -9`; a completion is committed before it is used, so that no reply is paid for twice. Everything
else follows in the order it was told: a transaction holds a run of consecutive operations, whole ones
only, so that what is on disk is at any moment what it was after some operation, with nothing
missing before it. An attempt whose outcome is not there died with its process; it counts as spent.

Text is Unicode that UTF-8 can hold: a lone surrogate, which a JSON reply can carry, becomes U+FFFD on
its way in (`encoding.clean_text`). Everything else is kept to the letter, NUL included.
"""
