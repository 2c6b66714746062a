"""`make bench`: what requests to a site with a large record cost.

    python -m tests.performance --size M

A generator writes a record of the given size (`generate`), gunicorn serves it (`serving`), and the
requests of `catalogue` are timed beside hand-written SQL for the same rows (`floors`).
"""
