"""`python -m supply`: the licences and the known vulnerabilities of everything that is pinned.

Exit status 1 if a package can't be accepted. What could not be looked up is said, and is no
failure: a machine without the network has to be able to check the rest.
"""

import sys

from supply.licences import refused, written
from supply.policy import pinned, read_policy
from supply.vulnerabilities import audit


def main() -> int:
    """Check, and say what was found."""
    policy = read_policy()
    said = written(pinned())
    wrong = list(refused(said, policy))
    print(f"Licences: {len(said)} packages, {len(wrong)} not accepted")
    audited = audit(policy.vulnerabilities)
    if audited.trouble:
        print(f"Vulnerabilities: NOT AUDITED, the index can't be asked: {audited.trouble}")
    elif not audited.audited:
        print(
            f"Vulnerabilities: NOT AUDITED, the index knows nothing of {audited.unknown} packages"
        )
    else:
        print(
            f"Vulnerabilities: {audited.audited} packages audited, {audited.unknown} unknown to "
            f"the index, {len(audited.found)} found"
        )
    wrong += audited.found
    wrong += [f"accepted in policy.toml, but no package has it: {name}" for name in audited.unused]
    for line in wrong:
        print(f"  {line}")
    if wrong:
        print("Take another version or package, or say in supply/policy.toml why it is accepted.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
