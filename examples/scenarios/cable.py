"""Cable television packages for households."""

from datetime import date

from examples.simulator.changes import BrokenAccessory, Downturn, MarketMove, PriceRise, Silence, World
from examples.simulator.coefficients import ADOPTION, CHURN, UPGRADE
from examples.simulator.offering import Accessory, Plan, Product, Segment
from examples.simulator.scenario import Faults, Scenario

CABLE = Scenario(
    name="cable",
    title="cable television for households",
    currency="USD",
    names="address",
    owners=("desk a", "desk b", "desk c", "desk d"),
    segments=(
        Segment("single", 0.34, 1.0, 0.30),
        Segment("couple", 0.31, 1.4, 0.45),
        Segment("family", 0.35, 2.2, 0.55),
    ),
    plans=(
        Plan("basic", 24.0, None, 45.0, date(2012, 1, 1), hours=1.0, capabilities=2),
        Plan("plus", 39.0, None, 80.0, date(2012, 1, 1), hours=2.0, capabilities=3),
        Plan("premium", 58.0, None, 140.0, date(2016, 9, 1), hours=5.0, capabilities=2),
        Plan("ultra", 79.0, None, None, date(2023, 3, 1)),
    ),
    products=(
        Product("live channels", "screen", date(2012, 1, 1), core=True, weight=0.80),
        Product("catch-up", "screen", date(2016, 5, 1), pull=0.5, weight=0.20),
        Product("films", "shop", date(2014, 2, 1), pull=0.3, weight=0.08, price=3.9),
        Product("sports", "pack", date(2013, 8, 1), pull=0.2, weight=0.20),
        Product("children", "pack", date(2015, 4, 1), pull=-0.1, weight=0.20),
        Product("mobile app", "device", date(2019, 6, 1), 1, "tornado", pull=-0.2, weight=0.20),
        Product("recorder", "device", date(2021, 1, 1), 2, pull=0.2, weight=0.16),
        Product("games", "device", date(2024, 12, 2), 1, "early", pull=0.7, weight=0.16),
    ),
    accessories=(
        Accessory("old set-top box", 0.35, breaks_from=3),
        Accessory("sound bar", 0.25),
        Accessory("second screen", 0.30, breaks_from=4),
    ),
    milestones={"box installed": 5, "channels sorted": 12, "app signed in": 25},
    world=World(
        price_rises=(PriceRise(day=210, by=0.08),),
        broken=(BrokenAccessory(day=280, accessory="sound bar", from_tier=3),),
        moves=(MarketMove(day=320, product="mobile app", to="main_street"),),
        silences=(Silence(day=130, days=30, region="south"),),
        downturns=(Downturn(day=340, by=0.3),),
        incident_rate=0.02,
    ),
    faults=Faults(duplicates=0.004, late=0.02),
    churn={**CHURN, "always": -9.6, "tight_budget": 0.8, "price_shock": 6.0, "no_champion": 0.2, "near_renewal": 1.8},
    upgrade={**UPGRADE, "always": -5.3, "advantage_growth": 1.4, "ease_hours": 6.0},
    adoption={**ADOPTION, "champion": 0.1, "interest": 1.2, "always": -6.9},
    long_days=730,
    week=(0.85, 0.85, 0.85, 0.9, 1.1, 1.3, 1.3),
    year=(1.1, 1.06, 1.03, 0.98, 0.95, 0.9, 0.85, 0.87, 0.97, 1.03, 1.1, 1.15),
    hours=(7, 24),
    exponent=0.5,
    outcomes="""\
[outcomes.churn]                      # the package ends and none follows
kind = "subscription_end"
gap_days = {gap_days}                         # time to act before it counts
horizon_days = {horizon_days}
grace_days = {grace_days}                       # who comes back within these days has not left

[outcomes.upgrade]                    # a larger package
kind = "tier_up"
gap_days = {gap_days}
horizon_days = {horizon_days}

[outcomes.adoption]                   # a service that the household did not use, on three days at least
kind = "product_adopted"
gap_days = {gap_days}
horizon_days = {horizon_days}
min_days = {min_days}
""",
)
