"""The network behind a lead about bidders, to look at."""
