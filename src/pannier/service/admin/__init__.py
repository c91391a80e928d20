"""The admin API: what a running server throttles and injects, and its clock. Loopback only."""

from pannier.service.admin.api import PREFIX, Admin

__all__ = ["PREFIX", "Admin"]
