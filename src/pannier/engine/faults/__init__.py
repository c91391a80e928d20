"""Faults on demand, for those who test that their own code survives them."""

from pannier.engine.faults.injector import Faults, Injection

__all__ = ["Faults", "Injection"]
