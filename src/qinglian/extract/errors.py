"""Errors that tell a data engineer which source and table failed and what to do about it."""


class SourceError(Exception):
    """A table of a source could not be read; the message names source, table and remedy."""

    def __init__(self, source_id: str, table: str, problem: str, remedy: str) -> None:
        super().__init__(f"来源 {source_id} 表 {table}: {problem} | 处理办法 remedy: {remedy}")
        self.source_id = source_id
        self.table = table
        self.problem = problem
        self.remedy = remedy


class SourceConfigurationError(Exception):
    """A source's YAML or its vendor's folder is wrong; the message names the file."""


#: Words in a driver's message -> what to do. The first match counts.
_REMEDIES = (
    (
        ("password authentication failed", "access denied", "login failed", "ora-01017"),
        "the source refuses the account: correct user or password in the source's YAML or secret",
    ),
    (
        ("connection refused", "could not connect", "can't connect", "timed out",
         "name or service not known"),
        "the source cannot be reached: check host, port, firewall and whether its server runs",
    ),
    (
        ("server closed the connection", "connection closed", "connection reset", "terminating",
         "disconnected", "lost connection", "gone away", "connection was killed", "unexpected eof", "broken pipe"),
        "the source ended the connection halfway: nothing was loaded; run the task again",
    ),
    (
        ("relation", "no such table", "invalid object name", "table with name", "doesn't exist",
         "ora-00942", "unknown database"),
        "a table is missing at the source: ask its vendor, or correct the mapping SQL",
    ),
    (
        ("column", "unknown column", "invalid identifier", "binder error"),
        "a column is missing or renamed at the source: correct the mapping SQL",
    ),
    (
        ("permission denied", "command denied", "ora-01031"),
        "the account may not read this table: ask the source for select on it",
    ),
    (
        ("invalid input syntax", "conversion", "could not convert", "out of range"),
        "a value does not fit its type in the mapping SQL: return it as text there, the gate will"
        " send the row to quarantine",
    ),
)


def remedy_for(message: str) -> str:
    """What a data engineer should do about a driver's error message."""
    lowered = message.lower()
    for words, remedy in _REMEDIES:
        if any(word in lowered for word in words):
            return remedy
    return "run the mapping SQL by hand at the source to see the error, then run the task again"
