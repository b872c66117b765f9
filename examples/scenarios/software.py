"""Business software sold by the seat to other businesses."""

from datetime import date

from examples.simulator.changes import BrokenAccessory, Downturn, MarketMove, PriceRise, Silence, World
from examples.simulator.offering import Accessory, Plan, Product, Segment
from examples.simulator.scenario import Faults, Scenario

SOFTWARE = Scenario(
    name="software",
    title="business software sold by the seat",
    currency="EUR",
    names="business",
    owners=("team north", "team south", "team east", "team west", "team harbor", "team meadow"),
    industries=("food", "freight", "health", "learning", "machines", "media", "retail", "travel"),
    segments=(
        Segment("self-serve", 0.30, 4.0, 0.12),
        Segment("small", 0.36, 9.0, 0.35),
        Segment("mid-market", 0.25, 32.0, 0.65),
        Segment("large", 0.09, 110.0, 0.90),
    ),
    plans=(
        Plan("starter", 9.0, 10, 150.0, date(2019, 3, 1), hours=2.0, capabilities=3),
        Plan("team", 15.0, 40, 600.0, date(2019, 3, 1), hours=12.0, capabilities=2),
        Plan("business", 24.0, 150, 2400.0, date(2020, 9, 1), hours=40.0, capabilities=1),
        Plan("enterprise", 38.0, None, None, date(2022, 2, 1)),
    ),
    products=(
        Product("boards", "plan", date(2019, 3, 1), core=True, weight=0.072),
        Product("tasks", "plan", date(2019, 3, 1), core=True, weight=0.072),
        Product("calendar", "plan", date(2019, 11, 1), pull=0.5),
        Product("reports", "insight", date(2020, 4, 1), pull=0.4),
        Product("dashboards", "insight", date(2021, 6, 1), 2, "tornado", pull=-0.3),
        Product("forecasts", "insight", date(2023, 5, 1), 3, "chasm", pull=1.0),
        Product("automations", "flow", date(2021, 1, 1), 1, "tornado", pull=-0.3),
        Product("approvals", "flow", date(2022, 3, 1), 2, "tornado", pull=-0.6),
        Product("api", "link", date(2020, 8, 1), 2, pull=-0.1, price=0.02),
        Product("connectors", "link", date(2022, 10, 1), 1, "tornado", pull=-0.4, price=0.01),
        Product("assistant", "flow", date(2025, 2, 3), 2, "early", pull=1.2),
    ),
    accessories=(
        Accessory("spreadsheet sync", breaks_from=3),
        Accessory("mail plug-in"),
        Accessory("chat bridge"),
        Accessory("time tracker", breaks_from=2),
        Accessory("file vault", breaks_from=4),
        Accessory("single sign-on"),
    ),
    milestones={"first import": 7, "team invited": 14, "first report": 30, "live": 45},
    world=World(
        price_rises=(PriceRise(day=300, by=0.09),),
        broken=(BrokenAccessory(day=240, accessory="chat bridge", from_tier=3),),
        moves=(MarketMove(day=330, product="dashboards", to="main_street"),),
        silences=(Silence(day=150, days=30, region="west"),),
        downturns=(Downturn(day=360, by=0.25),),
    ),
    faults=Faults(),
    outcomes="""\
[outcomes.churn]                      # all subscriptions end and none follows
kind = "subscription_end"
gap_days = {gap_days}                         # time to act before it counts
horizon_days = {horizon_days}
grace_days = {grace_days}                       # who comes back within these days has not left

[outcomes.upgrade]                    # a plan of a higher tier
kind = "tier_up"
gap_days = {gap_days}
horizon_days = {horizon_days}

[outcomes.adoption]                   # a product that the account did not use, on three days at least
kind = "product_adopted"
gap_days = {gap_days}
horizon_days = {horizon_days}
min_days = {min_days}
""",
)
