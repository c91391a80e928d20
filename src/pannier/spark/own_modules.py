"""Code of the user's own, sent to where the tasks run."""

import sys
import zipfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})


def send_module(spark: "SparkSession", name: str, folder: Path) -> None:
    """Send the module of the user's own code to all executors, unless it is installed.

    Args:
        spark: the session.
        name: `MODULE:FUNCTION`; the module can be imported here.
        folder: for the archive of a package; has to be there as long as the session.
    """
    top = import_module(name.partition(":")[0].partition(".")[0])
    file = getattr(top, "__file__", None)
    if file is None or _is_installed(Path(file)):
        return
    path = Path(file)
    if path.name != "__init__.py":
        spark.sparkContext.addPyFile(str(path))
        return
    archive = folder / f"{top.__name__}.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for each in sorted(path.parent.rglob("*.py")):
            made.write(each, each.relative_to(path.parent.parent))
    spark.sparkContext.addPyFile(str(archive))


def _is_installed(file: Path) -> bool:
    of_python = file.is_relative_to(Path(sys.base_prefix) / "lib")
    return of_python or bool(_INSTALLED & set(file.parts))
