"""Tests of the expression language.

Where a test pins a text or an order of checks, it is AWS's: pasted by users of the service, or the
answer of DynamoDB Local 1.25.1, an AWS product. `expressions/messages.py` says which.
"""
