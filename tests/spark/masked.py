"""Items that could be taken for something else."""

from typing import Any

# Each is an item, and looks like something else to whoever does not look closely.
MASKED: list[dict[str, Any]] = [
    {"Item": {"M": {"id": {"S": "a"}}}, "id": {"S": "a"}},
    {"Keys": {"M": {"id": {"M": {}}}}, "NewImage": {"M": {}}, "Metadata": {"M": {}}},
    {"PutRequest": {"M": {"Item": {"M": {"id": {"S": "a"}}}}}},
    {"DeleteRequest": {"M": {"Key": {"M": {}}}}},
    {"RequestItems": {"M": {}}, "id": {"S": "a"}},
    {"Items": {"L": []}, "Count": {"N": "0"}},
    {"Responses": {"M": {"L": {"L": []}}}},
    {"DataModel": {"L": []}},
    {"S": {"S": "S"}, "N": {"N": "1"}},
]
