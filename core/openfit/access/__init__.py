"""Ways in: who somebody is, and what they may do and see. docs/accounts.md tells it from outside.

`desk.Access` holds what the serving process knows; the modules beside it are one way in each.
"""
