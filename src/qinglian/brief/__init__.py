"""The weekly brief: one hospital or department on a few sheets, for whoever goes there to ask."""
