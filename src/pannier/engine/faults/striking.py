"""From the rules that strike a request to the faults that it meets.

Of errors, throttles and dropped connections the first one counts; delays add up; items stay
unprocessed if any rule says so. What does not come to pass is not counted.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pannier.engine.faults.effects import Drop, Error, Leave, Slow, Throttle
from pannier.engine.faults.injected_error import injected_error
from pannier.engine.faults.injection import Injection, Leaves
from pannier.engine.faults.named_errors import page
from pannier.engine.faults.rule_in_force import RuleInForce, Strike
from pannier.engine.faults.subjects import Subject, subjects
from pannier.engine.faults.tally import Injected
from pannier.model.attribute_value import Item


def injection(
    operation: str,
    request: dict[str, Any],
    rules: Iterable[RuleInForce],
    now_s: float,
    injected: Injected,
) -> Injection | None:
    """What a request meets; None for nothing.

    Args:
        operation: its name in the API.
        request: the request, not checked yet.
        rules: the rules in force, each of which is asked.
        now_s: the time, in seconds since 1970.
        injected: counts what comes to pass.
    """
    concerned: Sequence[Subject] | None = None
    strikes = []
    for each in rules:
        if operation not in each.operations:
            continue
        if concerned is None:
            concerned = subjects(operation, request)
        strike = each.strike(concerned, now_s)
        if strike is not None:
            strikes.append(strike)
    if concerned is None or not strikes:
        return None
    delay_s = 0.0
    ending: Strike | None = None
    for strike in strikes:
        effect = strike.by.rule.effect
        if isinstance(effect, Slow):
            delay_s += strike.delay_s
        elif ending is None and not isinstance(effect, Leave):
            ending = strike
        else:
            continue
        injected.strike(strike.by.counts, effect.label)
    if ending is None:
        return Injection(delay_s=delay_s, leaves=_leaves(strikes, concerned, injected))
    end = ending.by.rule.effect
    if isinstance(end, Error):
        error = injected_error(end, concerned)
        body = page(end.name, error.status, html=end.html)
        return Injection(error=error, page=body, delay_s=delay_s)
    if isinstance(end, Throttle):
        throttled = [(each.table, each.units_of) for each in ending.matched]
        return Injection(throttled=throttled, delay_s=delay_s)
    if isinstance(end, Drop) and end.when == "before":
        return Injection(lost_before=True, delay_s=delay_s)
    leaves = _leaves(strikes, concerned, injected)
    return Injection(lost_after=True, delay_s=delay_s, leaves=leaves)


def _leaves(
    strikes: Iterable[Strike], concerned: Sequence[Subject], injected: Injected
) -> Leaves | None:
    """Which items stay unprocessed. They are told apart by identity, as the request has them."""
    chosen: dict[int, Strike] = {}
    spared: int | None = None
    for strike in strikes:
        effect = strike.by.rule.effect
        if isinstance(effect, Leave):
            own = [id(each.attributes) for each in strike.left]
            for item_id in own:
                chosen.setdefault(item_id, strike)
            if effect.pass_one:
                spared = own[-1]
    if not chosen:
        return None
    if spared is not None and len(chosen) == len(concerned):
        del chosen[spared]
    counted: set[int] = set()

    def leaves(table_name: str, item: Item) -> bool:  # noqa: ARG001  # the item is enough
        strike = chosen.get(id(item))
        if strike is None:
            return False
        counts = strike.by.counts
        if id(counts) not in counted:
            counted.add(id(counts))
            injected.strike(counts, strike.by.rule.effect.label)
        injected.item(counts)
        return True

    return leaves
