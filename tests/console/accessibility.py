"""What axe-core finds on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_SERIOUS = ("serious", "critical")


def serious_findings(page: Page, within: str | None = None) -> list[str]:
    """Findings that keep people from using the page: what, and where.

    Args:
        page: as it is.
        within: only what is inside this, such as `.q-dialog`; what a dialog dims is not read.
    """
    violations = Axe().run(page, context=within).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:5]]}"
        for each in violations
        if each["impact"] in _SERIOUS
    ]
