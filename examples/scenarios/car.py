"""Cars on the road and the services around them: nobody is bound by a contract, and the next model is the move up."""

from datetime import date

from examples.simulator.changes import BrokenAccessory, Downturn, MarketMove, PriceRise, Silence, World
from examples.simulator.coefficients import ADOPTION, CHURN, UPGRADE
from examples.simulator.offering import Accessory, Plan, Product, Segment
from examples.simulator.scenario import Faults, Scenario

CAR = Scenario(
    name="car",
    title="a car, the services around it and its next model",
    currency="EUR",
    names="registration",
    owners=("dealer one", "dealer two", "dealer three", "dealer four", "dealer five"),
    segments=(
        Segment("city", 0.44, 1.0, 0.0),
        Segment("commuter", 0.38, 1.0, 0.0),
        Segment("small fleet", 0.18, 3.0, 0.0),
    ),
    plans=(
        Plan("compact", 0.0, None, 40.0, date(2016, 1, 1), hours=6.0, capabilities=3),
        Plan("estate", 0.0, None, 70.0, date(2017, 5, 1), hours=9.0, capabilities=4),
        Plan("electric", 0.0, None, None, date(2024, 1, 15)),
    ),
    products=(
        Product("trips with the app", "drive", date(2016, 1, 1), core=True, weight=0.28),
        Product("workshop", "care", date(2016, 1, 1), pull=0.6, weight=0.03, price=140.0),
        Product("parts and tyres", "care", date(2016, 1, 1), pull=0.3, weight=0.03, price=60.0),
        Product("parking", "drive", date(2020, 3, 1), 1, "tornado", pull=-0.3, weight=0.08, price=2.5),
        Product("charging card", "energy", date(2022, 6, 1), 2, "tornado", pull=0.0, weight=0.08, price=9.0),
        Product("home charger", "energy", date(2024, 12, 2), 2, "early", pull=0.9, weight=0.08, price=4.0),
        Product("driving lessons", "people", date(2019, 9, 1), pull=-0.2, weight=0.04, price=45.0),
    ),
    accessories=(
        Accessory("tow bar", 0.22, breaks_from=3),
        Accessory("roof box", 0.30, breaks_from=3),
        Accessory("phone holder", 0.40),
    ),
    milestones={"handed over": 3, "app connected": 14, "first service booked": 90},
    world=World(
        price_rises=(PriceRise(day=250, by=0.10),),
        broken=(BrokenAccessory(day=300, accessory="phone holder", from_tier=3),),
        moves=(MarketMove(day=280, product="parking", to="main_street"),),
        silences=(Silence(day=110, days=30, region="south"),),
        downturns=(Downturn(day=330, by=0.2),),
        incident_rate=0.008,
    ),
    faults=Faults(duplicates=0.003, late=0.03, late_days=5),
    churn={**CHURN, "always": -9.9, "low_value": 0.7, "tight_budget": 0.3, "price_shock": 3.0},
    upgrade={**UPGRADE, "always": -6.0, "ease_hours": 18.0, "satisfaction": 0.6},
    adoption={**ADOPTION, "champion": 0.1, "always": -6.8},
    contractual=False,
    silent=1.0,
    week=(1.05, 1.05, 1.05, 1.05, 1.15, 1.0, 0.75),
    year=(0.9, 0.92, 1.0, 1.03, 1.08, 1.08, 1.1, 1.05, 1.02, 1.0, 0.93, 0.9),
    hours=(6, 22),
    exponent=0.7,
    outcomes="""\
[outcomes.churn]                      # no use at all in the horizon, of those who used something of late
kind = "inactivity"
gap_days = {gap_days}                         # time to act before it counts
horizon_days = {horizon_days}
active_days = 56

[outcomes.upgrade]                    # the next model
kind = "tier_up"
gap_days = {gap_days}
horizon_days = {horizon_days}

[outcomes.adoption]                   # a service that the driver did not use, on three days at least
kind = "product_adopted"
gap_days = {gap_days}
horizon_days = {horizon_days}
min_days = {min_days}
""",
)
