"""What an item is: values, numbers, keys and sizes. Pure: no I/O, no clock.

An item is kept in the API's own JSON form, `{"PK": {"S": "a"}, "price": {"N": "79"}}`, in plain
dicts: the engine stores that form, the batch engine sends it, and no object per attribute stands
between.
"""
