"""A simulated company: business software sold by the seat, two thousand accounts, eighteen months.

    write_company(Path("acme"))         # acme/data/*.parquet and acme/holdfast.toml
    python -m examples.company acme

Accounts live day by day (`examples/lives.py`): what they need, how they use what they have, how content they are,
whether promises to them are kept, their budget and their champion drift, and from these follow what is written down
(`examples/traces.py`, `examples/records.py`) and what becomes of them. `examples/causes.py` states why they leave, move
up and take on more; nothing in the tables says so directly. The same seed writes the same bytes.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from examples import accounts as people
from examples import market, records, traces
from examples.folder import summary, write_folder
from examples.lives import live

CONFIG = """\
# A simulated company: business software sold by the seat. Written by examples/company.py.

[company]
name = "acme"
currency = "EUR"
timezone = "UTC"                      # places day boundaries; every instant in the tables is UTC

[data]
path = "data"                         # files bear the names of the contract's tables
end = {end}                      # the day after the last one that the tables cover

[outcomes.churn]                      # all subscriptions end and none follows
kind = "subscription_end"
gap_days = 14                         # time to act before it counts
horizon_days = 56
grace_days = 14                       # who comes back within these days has not left

[outcomes.upgrade]                    # a plan of a higher tier
kind = "tier_up"
gap_days = 14
horizon_days = 56

[outcomes.adoption]                   # a product that the account did not use, on three days at least
kind = "product_adopted"
gap_days = 14
horizon_days = 56
min_days = 3

[training]
learning_rate = 0.06                  # half of the default's trees: a demonstration should not take long
"""


def write_company(folder: Path, accounts: int = 2000, days: int = 548, seed: int = 7) -> None:
    """Writes `folder/data/<table>.parquet` for every table of the contract but overrides, and the config."""
    end = market.FIRST_DAY + timedelta(days=days)
    write_folder(folder, simulate(accounts, days, seed), CONFIG.format(end=end.isoformat()))


def simulate(accounts: int, days: int, seed: int) -> dict[str, pd.DataFrame]:
    """The company's tables by name; each part draws from a generator of its own, so that one may change alone."""
    who, lived, used, said, met, asked = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(6))
    population = people.gather(accounts, days, who)
    lives = live(population, days, lived)
    return {
        "accounts": records.accounts(population),
        "subscriptions": records.subscriptions(lives, population, days),
        "plans": market.plans(),
        "consumption": traces.consumption(lives, population, days, used),
        "products": market.PRODUCTS.drop(columns="pull"),
        "satisfaction": traces.satisfaction(lives, population, days, said),
        "tickets": records.tickets(lives, population, days, asked),
        "interactions": traces.interactions(lives, population, met),
        "milestones": records.milestones(lives, population, days),
        "accessories": records.accessories(lives, population, days),
        "upgrade_paths": market.UPGRADE_PATHS,
        "compatibility": market.compatibility(),
        "offers": records.offers(lives, population, days),
    }


def main() -> None:
    """Writes the company into the folder named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m examples.company FOLDER")
    folder = Path(sys.argv[1])
    write_company(folder)
    sys.stdout.write(f"{summary(folder)}\nNext: holdfast run --config {folder / 'holdfast.toml'}\n")


if __name__ == "__main__":
    main()
