"""Mark a whole class: fast, each submission by itself in a sandbox, and with nothing lost.

A submission is marked by two processes, both forked from one that has numpy and IPython in memory:

- `student` runs what the student wrote, inside bubblewrap, and knows nothing but the student's own notebook;
- `examiner` runs the test cells, outside, in an interpreter that no student's code ever enters. Where a test uses
  something the student defined, `remote` stands in for it: arguments go to the student's process, and plain values
  come back, decoded by `wire`.

Around them: `sheet` is what an assignment asks for, `paper` what a student handed in, put in order; `mark` turns
both into a `verdict`, anywhere; `gradebook` writes verdicts, one writer at a time; `collect` (with `inbox`,
`roster` and `placing`), `feedback`
(with `page`, what a student receives), `export` and `overview` are the steps before and after, and `commands` is
how a person starts them.
"""
