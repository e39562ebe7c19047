"""The audit pack of a month: what an auditor signs, as PDF, Excel and the data behind both."""

from qinglian.audit.pack import AuditPack, build_audit_pack

__all__ = ["AuditPack", "build_audit_pack"]
