"""`python -m pannier` is the command `pannier`."""

import sys

from pannier.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
