"""Lines of bids: every bidder prices the buyer's list of items in its own way."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.draws import Ints, Purpose, stream
from qinglian.city.his_columns import MonthData
from qinglian.city.tender_bidders import bidders
from qinglian.city.ward import END


@dataclass(frozen=True)
class ListedItem:
    """An item of a buyer's list; `share` is its usual part of the whole bid."""

    name: str
    unit: str
    qty: int
    share: float


def _items(text: str) -> tuple[ListedItem, ...]:
    rows = [part.split(",") for part in text.split(" ")]
    return tuple(ListedItem(name, unit, int(qty), float(share)) for name, unit, qty, share in rows)


#: By subject in the order of tenders.SUBJECTS. The last item is a lump sum, which takes the rest.
LISTS = tuple(
    _items(text)
    for text in (
        "超声主机,台,1,0.62 探头,把,3,0.18 图文工作站,套,1,0.08 备件包,套,2,0.05"
        " 安装与培训,项,1,0.07",
        "生化分析仪,台,1,0.60 样本前处理模块,台,2,0.20 校准品,套,4,0.06 软件接口,套,1,0.06"
        " 安装与培训,项,1,0.08",
        "肿瘤标志物试剂,盒,120,0.30 甲状腺功能试剂,盒,110,0.22 传染病八项试剂,盒,100,0.22"
        " 激素六项试剂,盒,80,0.18 配送与保养,项,1,0.08",
        "墙地面工程,平方米,800,0.44 电气工程,点,120,0.18 给排水工程,点,60,0.16 门窗工程,樘,40,0.12"
        " 措施费,项,1,0.10",
        "病区保洁,月,12,0.52 公共区域保洁,月,12,0.20 医疗废物转运,月,12,0.12 消杀服务,月,12,0.06"
        " 管理费,项,1,0.10",
        "核心系统运维,月,12,0.46 接口运维,月,12,0.20 数据库巡检,月,12,0.12 驻场服务,人月,24,0.14"
        " 应急响应,项,1,0.08",
        "机房防护检测,间,24,0.50 设备性能检测,台,18,0.24 个人剂量监测,人次,180,0.12"
        " 环境监测,点,40,0.06 评价报告,项,1,0.08",
    )
)
LIST_SIZE = 5


@dataclass
class BidItems:
    """Lines of bids as arrays of bids by items: quantity, price in cents, amount in cents."""

    qty: Ints
    price: Ints
    amount: Ints


def bid_items_of(data: MonthData) -> BidItems:
    """Lines that add up to their bids exactly; bidders differ by up to an eighth in each item."""
    t = data.tenders
    rng = stream(data.seed, Purpose.BID_ITEMS, data.hospital.number, data.month.serial)
    subject = t.subject[t.bid_project]
    qty = np.array([[item.qty for item in items] for items in LISTS])[subject]
    share = np.array([[item.share for item in items] for items in LISTS])[subject]
    weight = share * rng.uniform(0.875, 1.125, share.shape)
    weight /= weight.sum(axis=1, keepdims=True)
    for row, other in t.like.items():
        weight[row] = weight[other]
    price = (t.bid_amount[:, None] * weight / qty).astype(np.int64)
    for row in t.copied:
        price[row] = price[t.like[row]]
    amount = qty * price
    price[:, -1] = amount[:, -1] = t.bid_amount - amount[:, :-1].sum(axis=1)
    return BidItems(qty, price, amount)


def bid_item_table(data: MonthData) -> pa.Table:
    """The platform's lines of bids."""
    t, items = data.tenders, bid_items_of(data)
    bids = np.repeat(np.arange(len(t.bid_project)), LIST_SIZE)
    project = t.bid_project[bids]
    place = np.tile(np.arange(LIST_SIZE), len(t.bid_project))
    names = [item.name for items_ in LISTS for item in items_]
    return pa.table(
        {
            "tender_no": a.labels("ZB", t.project_id[project]),
            "package_no": a.constant("1", len(bids)),
            "hospital_code": a.constant(data.hospital.org_code, len(bids)),
            "supplier_code": a.words([s.code for s in bidders()], t.bid_supplier[bids]),
            "seq_no": a.smallints(place + 1),
            "content": a.words(names, t.subject[project] * LIST_SIZE + place),
            "qty": a.quantity(items.qty.ravel() * 100),
            "price": a.price(items.price.ravel() * 100),
            "amount": a.decimals(items.amount.ravel(), 18, 2),
            "updt_time": a.moments(np.minimum(t.open_time[project] + 3 * DAY, END)),
        }
    )
