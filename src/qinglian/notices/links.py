"""Addresses of pages in Superset, as mails and briefs name them."""

from urllib.parse import quote

from qinglian.notices.news import NUMBER_DIGITS
from qinglian.services.ports import HOST, load_ports
from qinglian.settings import Settings

_PAGE = "/superset/dashboard/lead-detail/?native_filters="
_FILTER = (
    "(NATIVE_FILTER-lead:(id:NATIVE_FILTER-lead,extraFormData:(filters:!((col:lead_no,op:IN,"
    "val:!('{number}')))),filterState:(label:'{number}',value:!('{number}')),ownState:()))"
)


def pages_address(settings: Settings) -> str | None:
    """Where people open Superset, None where that is not known."""
    ports = load_ports(settings.state_dir)
    local = f"http://{HOST}:{ports.superset}" if ports else None
    address = settings.pages_url or settings.superset_url or local
    return address.rstrip("/") if address else None


def lead_link(address: str | None, lead_id: str) -> str | None:
    """The page of one lead: where the link 详情 of the dashboards leads (metric `detail_link`)."""
    if address is None:
        return None
    return address + _PAGE + quote(_FILTER.format(number=lead_id[:NUMBER_DIGITS]), safe="")
