"""Open Contracting (OCDS) data in, red flags out.

`engine.compute` is all that a caller needs: a file and settings in, Cardinal's result object out.
The parts: `reading` streams files, `merging` makes one release of a process's many, `settings`
reads Cardinal's settings file, `release` asks a release, `statistics` and `dates` hold the
arithmetic, `cardinal_process` and `cardinal_market` the eleven indicators with Cardinal's
definitions, `own` our versions of them, by `lots`.
"""
