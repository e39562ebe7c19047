"""Connecting a hospital: scaffold its files, check what it gives, report to its IT office."""
