"""Qinglian (清廉): leads on irregular prescribing, billing and procurement in public hospitals."""
