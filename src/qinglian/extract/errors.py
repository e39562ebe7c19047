"""Errors that tell a data engineer which source and table failed and what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager


class SourceError(Exception):
    """A table of a source could not be read; the message names source, table and remedy."""

    def __init__(self, source_id: str, table: str, problem: str, remedy: str) -> None:
        super().__init__(f"来源 {source_id} 表 {table}: {problem} | 处理办法 remedy: {remedy}")
        self.source_id = source_id
        self.table = table
        self.problem = problem
        self.remedy = remedy


class MissingFilesError(SourceError):
    """A table of a source of files has none: its folder is missing or holds no file of its name."""


class UnreadableFileError(Exception):
    """A file of a source cannot be read; the message names the file and the place in it."""

    def __init__(self, file: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.remedy = remedy


class NoSuchFileError(UnreadableFileError):
    """A set of files has none in the source's folder."""


class SourceConfigurationError(Exception):
    """A source's YAML or its vendor's folder is wrong; the message names the file."""


class MissingFolderError(SourceConfigurationError):
    """The folder of a source of files is not there."""


#: Words in a driver's message -> what to do, in English and Chinese. The first match counts.
_REMEDIES = (
    (
        ("password authentication failed", "access denied", "login failed", "ora-01017"),
        "the source refuses the account: correct user or password in the source's YAML or secret",
        "来源拒绝该账号登录：请核对账号、密码",
    ),
    (
        (
            "connection refused",
            "could not connect",
            "can't connect",
            "timed out",
            "name or service not known",
        ),
        "the source cannot be reached: check host, port, firewall and whether its server runs",
        "无法连接来源：请核对主机、端口、防火墙，确认服务已启动",
    ),
    (
        (
            "server closed the connection",
            "connection closed",
            "connection reset",
            "terminating",
            "disconnected",
            "lost connection",
            "gone away",
            "connection was killed",
            "unexpected eof",
            "broken pipe",
        ),
        "the source ended the connection halfway: nothing was loaded; run the task again",
        "来源中途断开连接：请确认会话时限与网络后重新运行",
    ),
    (
        ("no space left", "disk full", "could not extend file"),
        "a disk is full, at the source or below the system's folder for temporary files: free space"
        " there, then run the task again",
        "磁盘已满（来源服务器或本机临时目录）：请清理空间后重新运行",
    ),
    (
        ("no files found", "there is no folder"),
        "put the file into the source's folder, or correct `path` in the source's YAML",
        "来源文件夹中缺少文件：请放入文件，或更正来源 YAML 中的 path",
    ),
    (
        (
            "relation",
            "no such table",
            "invalid object name",
            "table with name",
            "doesn't exist",
            "ora-00942",
            "unknown database",
        ),
        "a table is missing at the source: ask its vendor, or correct the mapping SQL",
        "来源缺少表：请厂商确认表名与所在库，或修改映射 SQL",
    ),
    (
        ("column", "unknown column", "invalid identifier", "binder error"),
        "a column is missing or renamed at the source: correct the mapping SQL",
        "来源缺少字段或字段已改名：请提供现行表结构，或修改映射 SQL",
    ),
    (
        ("permission denied", "command denied", "ora-01031"),
        "the account may not read this table: ask the source for select on it",
        "账号没有读取该表的权限：请授予 select",
    ),
    (
        ("invalid input syntax", "conversion", "could not convert", "out of range"),
        "a value does not fit its type in the mapping SQL: return it as text there, the gate will"
        " send the row to quarantine",
        "有取值不符合映射 SQL 中的类型：在映射 SQL 中按文本返回，由闸门隔离有误的行",
    ),
)


_NO_REMEDY = (
    "run the mapping SQL by hand at the source to see the error, then run the task again",
    "请数据工程师在来源上手工运行映射 SQL，查明原因后再次检查",
)


#: The same for what fails on our side: disk and warehouse.
_OWN_REMEDIES = (
    (
        (
            "no space left",
            "file too large",
            "disk quota exceeded",
            "could not extend file",
            "out of disk space",
        ),
        "the disk is full, or a limit on it is reached (磁盘已满): free space for the state folder"
        " and for PostgreSQL, then run the task again, which does only what is missing",
    ),
    (
        (
            "server closed the connection",
            "terminating connection",
            "connection is closed",
            "connection is bad",
            "connection is lost",
            "no connection to the server",
            "could not receive data",
            "could not send data",
            "could not connect",
            "connection refused",
            "connection failed",
            "starting up",
            "shutting down",
            "recovery mode",
        ),
        "the warehouse ended the connection (数据仓库连接中断): see that its PostgreSQL runs, then"
        " run the task again, which does only what is missing",
    ),
)

_NO_OWN_REMEDY = (
    "what was loaded before stays and nothing was loaded by half; see the trace above, then run the"
    " task again"
)


def own_remedy_for(message: str) -> str:
    """What a data engineer should do when it is not the source that failed."""
    return _known_own_remedy(message) or _NO_OWN_REMEDY


@contextmanager
def own_failures_named(where: str, as_error: type[Exception]) -> Iterator[None]:
    """Raise `as_error` with `where` and a remedy when a disk or the warehouse fails within.

    Everything else passes as it is.
    """
    try:
        yield
    except Exception as error:
        remedy = None if isinstance(error, as_error) else _known_own_remedy(str(error))
        if remedy is None:
            raise
        raise as_error(f"{where}: {error} | 处理办法 remedy: {remedy}") from error


def _known_own_remedy(message: str) -> str | None:
    lowered = message.lower()
    return next(
        (remedy for words, remedy in _OWN_REMEDIES if any(word in lowered for word in words)), None
    )


def remedy_for(message: str) -> str:
    """What a data engineer should do about a driver's error message."""
    return _remedies(message)[0]


def remedy_zh_for(message: str) -> str:
    """The same in Chinese, for the office that runs the source."""
    return _remedies(message)[1]


def _remedies(message: str) -> tuple[str, str]:
    lowered = message.lower()
    for words, *remedies in _REMEDIES:
        if any(word in lowered for word in words):
            return remedies[0], remedies[1]
    return _NO_REMEDY
