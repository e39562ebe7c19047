"""Rows that the gate held back: look at them, correct them, let them on, or discard them."""
