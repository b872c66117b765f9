"""A second opinion on every feature: plain Python, row by row, as slow as it likes.

    past = Past(company.brought, company.timezone, as_of, delays)   # what was known then, and nothing else
    value_of(feature, past, Asked("a1", "product3"))        # a Fraction, or None where it is missing

It is written from what the features are said to be (docs/features.md, the docstrings of the families, the contract),
not from how the builder computes them, and shares no step with it: no ibis, no engine, no rollups, no bands. Rows are
dictionaries, numbers are exact. `tests/features/test_oracle.py` holds the builder to it on generated companies.

Nothing here can see the future: `Past` is made of the rows known before the as_of, with every value that was filled in
later taken out, and the other files only see a `Past`.

A new source or a new measure, entity or state of one brings its oracle along: a function of two or three lines in the
file of its topic, and one line in `registry.py`:

    ("consumption", "errors"): happened(uses, lambda use: use["status"] == "error"),   # a measure: each event's worth
    ("consumption", "user_id"): happened(uses, lambda use: use["user_id"]),            # an entity: each event's value
    ("subscriptions", "mrr"): lambda past, asked: total(in_force(past, asked), "mrr"), # a state: the value at as_of

| file | what is in it |
|---|---|
| `past.py` | what was known at an as_of |
| `algebra.py` | totals, recencies, distinct counts, states, and what is combined and ranked from them |
| `use.py`, `service.py`, `progress.py`, `terms.py`, `plans.py`, `markets.py` | the events and states of a topic |
| `habits.py`, `limits.py`, `life_cycle.py`, `others.py` | the same of what rests on several of these topics |
| `peers.py` | with whom an account is compared |
| `registry.py` | which function answers for which leaf |
"""
