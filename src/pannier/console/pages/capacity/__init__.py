"""The page *Capacity and faults*: what is throttled, what is left to spend, what is injected.

state, throughput, rules, use: what is known without a page; meters: levels as elements;
switches, overview, detail, throughput_form, faults, fault_form: the parts; page: all of them.
"""

from pannier.console.pages.capacity.page import add

__all__ = ["add"]
