"""What spans several transactions with the outside world in between.

Edges and flows are the only code that opens a transaction. No row lock is ever
held while a gateway is asked, and whatever the process dies between is found
again by a row.
"""
