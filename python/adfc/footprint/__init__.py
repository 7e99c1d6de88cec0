"""How much room engine, verifier and RIMFS take on small processors."""

from adfc.footprint.measure import LIMITS, TARGETS, Footprint, measure

__all__ = ["LIMITS", "TARGETS", "Footprint", "measure"]
