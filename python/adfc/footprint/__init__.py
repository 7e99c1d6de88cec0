"""How much room engine, verifier and RIMFS take on small processors, and the RTPM on boards."""

from adfc.footprint.measure import LIMITS, TARGETS, Footprint, measure
from adfc.footprint.network import BOARDS, LIMIT, NetworkFootprint, measure_network

__all__ = [
    "BOARDS",
    "LIMIT",
    "LIMITS",
    "TARGETS",
    "Footprint",
    "NetworkFootprint",
    "measure",
    "measure_network",
]
