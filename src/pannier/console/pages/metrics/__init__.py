"""The page *Metrics*: a target's CloudWatch metrics as charts, and the jobs of this machine.

choice, figures, drawing, job_rows: what is known without a page; controls, jobs, chart_card,
charts: the parts; page: all of them.
"""

from pannier.console.pages.metrics.page import add

__all__ = ["add"]
