"""Publishing the report of a job: as JSON, and to the places where metrics are watched.

`document` is the JSON form, `measures` the report as a flat list of numbers; `destination` finds
the publisher that a text such as `cloudwatch` or `prometheus:FILE` names. Each publisher is a
module, and loads the library it needs only when it is used.
"""
