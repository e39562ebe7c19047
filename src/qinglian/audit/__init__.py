"""The audit pack of a month: what an auditor signs, as PDF, Excel and the data behind both."""
