"""What a read is told of a table."""

import pickle

from pannier.batch.reads.projection import projection_of_names
from pannier.batch.reads.read import TableOptions


def test_options_of_a_table_can_be_sent_to_another_process() -> None:
    """Compiled, a frozen class is not unpickled by itself."""
    options = TableOptions(projection_of_names("PK, price"), consistent=True)
    assert pickle.loads(pickle.dumps(options)) == options
