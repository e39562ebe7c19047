"""Screens for collusion between bidders, judged within the market that the bids come from."""
