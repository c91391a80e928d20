"""Metric math: `m1 / m2 * 100`, `SUM(METRICS())`, `FILL(m1, 0)`."""

from pannier.engine.cloudwatch.expressions.evaluation import Evaluation
from pannier.engine.cloudwatch.expressions.expression_error import ExpressionError
from pannier.engine.cloudwatch.expressions.grammar import parse
from pannier.engine.cloudwatch.expressions.values import Scope, TimeSeries

__all__ = ["Evaluation", "ExpressionError", "Scope", "TimeSeries", "parse"]
