"""How fast a job may go: budgets of units, calls in flight, waits, tables that throttle."""
