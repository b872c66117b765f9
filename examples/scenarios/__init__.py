"""Four settings of the simulator, one file of parameters each."""

from collections.abc import Mapping
from types import MappingProxyType

from examples.scenarios.cable import CABLE
from examples.scenarios.car import CAR
from examples.scenarios.service_contract import SERVICE_CONTRACT
from examples.scenarios.software import SOFTWARE
from examples.simulator.scenario import Scenario

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {scenario.name: scenario for scenario in (SOFTWARE, SERVICE_CONTRACT, CABLE, CAR)}
)
"""By name."""
