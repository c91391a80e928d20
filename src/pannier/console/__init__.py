"""The web console: the window through which a target is seen, in a browser, on any target.

It is a process of its own, so that it never slows an engine, and asks its target through public
APIs alone: DynamoDB's, CloudWatch's, and the admin API where the target is a `pannier serve`.
"""
