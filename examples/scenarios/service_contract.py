"""Machines in the field, and the contracts under which they are looked after, between businesses."""

from datetime import date

from examples.simulator.changes import BrokenAccessory, MarketMove, PriceRise, Silence, World
from examples.simulator.coefficients import CHURN, UPGRADE
from examples.simulator.offering import Accessory, Plan, Product, Segment
from examples.simulator.scenario import Faults, Scenario

SERVICE_CONTRACT = Scenario(
    name="service_contract",
    title="service contracts for machines",
    currency="EUR",
    names="site",
    owners=("region one", "region two", "region three", "region four", "key accounts"),
    industries=("bottling", "paper", "plastics", "printing", "textiles", "timber"),
    segments=(
        Segment("workshop", 0.40, 3.0, 0.45),
        Segment("plant", 0.42, 12.0, 0.75),
        Segment("group", 0.18, 45.0, 0.92),
    ),
    plans=(
        Plan("inspection", 60.0, 8, 250.0, date(2015, 1, 1), hours=4.0, capabilities=2),
        Plan("maintenance", 110.0, 30, 1000.0, date(2015, 1, 1), hours=16.0, capabilities=3),
        Plan("availability", 190.0, None, None, date(2021, 4, 1)),
    ),
    products=(
        Product("running hours", "machine", date(2015, 1, 1), core=True, weight=0.12),
        Product("service calls", "machine", date(2015, 1, 1), core=True, weight=0.04),
        Product("spare parts", "supply", date(2015, 1, 1), pull=0.5, price=38.0),
        Product("consumables", "supply", date(2018, 3, 1), pull=0.4, price=12.0),
        Product("remote monitoring", "data", date(2022, 5, 1), 1, "tornado", pull=-0.2),
        Product("predictive alerts", "data", date(2023, 9, 1), 2, "chasm", pull=1.0),
        Product("energy report", "data", date(2024, 11, 4), 1, "early", pull=0.8),
        Product("operator training", "people", date(2017, 6, 1), pull=0.1, price=90.0),
        Product("retrofit advice", "people", date(2020, 2, 1), 2, pull=0.0, price=60.0),
    ),
    accessories=(
        Accessory("dosing unit", breaks_from=3),
        Accessory("conveyor link"),
        Accessory("third-party controller", breaks_from=2),
        Accessory("vision sensor"),
    ),
    milestones={"machines registered": 14, "first inspection": 45, "spare parts list agreed": 60, "crew trained": 90},
    world=World(
        price_rises=(PriceRise(day=183, by=0.06),),
        broken=(BrokenAccessory(day=260, accessory="vision sensor", from_tier=3),),
        moves=(MarketMove(day=300, product="remote monitoring", to="main_street"),),
        silences=(Silence(day=120, days=30, region="south"),),
        incident_rate=0.008,
    ),
    faults=Faults(duplicates=0.003, late=0.03, late_days=6),
    churn={**CHURN, "always": -10.0, "overdue": 1.2, "mistrust": 1.2, "near_renewal": 2.8, "falling_use": 1.4},
    upgrade={**UPGRADE, "always": -4.3, "ease_hours": 20.0},
    notice_days=90,
    short_days=90,
    week=(1.1, 1.1, 1.1, 1.1, 1.05, 0.7, 0.45),
    hours=(5, 22),
    outcomes="""\
[outcomes.churn]                      # the service contract ends and none follows
kind = "subscription_end"
gap_days = {gap_days}                         # time to act before it counts
horizon_days = {horizon_days}
grace_days = {grace_days}                       # who comes back within these days has not left

[outcomes.upgrade]                    # a contract that covers more
kind = "tier_up"
gap_days = {gap_days}
horizon_days = {horizon_days}

[outcomes.adoption]                   # a service that the site did not use, on three days at least
kind = "product_adopted"
gap_days = {gap_days}
horizon_days = {horizon_days}
min_days = {min_days}
""",
)
