"""Planted cases of invoices that do not go with deliveries, makers' invoices or payments."""

from qinglian.city.cases import GUARDED, HONEST, MEDIUM, NEAR, STRONG, TRUE, Row
from qinglian.city.invoice_schemes import InvoiceFault

INVOICE_TABLES: dict[str, list[Row]] = {
    "PR13": [
        (1, TRUE, STRONG, 3, 8, InvoiceFault("long_chain", 0, 7), "药品经两家商业公司，三票"),
        (6, TRUE, STRONG, 2, 9, InvoiceFault("no_maker_invoice", 1), "药品没有生产企业发票"),
        (3, TRUE, STRONG, 4, 10, InvoiceFault("other_seller", 4, 11), "另一家公司开票"),
        (7, TRUE, STRONG, 2, 6, InvoiceFault("reused_number", 6), "发票号码重复使用"),
        (4, TRUE, STRONG, 5, 10, InvoiceFault("other_account", 8, 13), "货款付至另一公司账户"),
        (2, TRUE, MEDIUM, 3, 9, InvoiceFault("other_amount", 1, factor=1.03), "开票高于入库3%"),
        (9, TRUE, MEDIUM, 4, 9, InvoiceFault("other_amount", 3, factor=0.98), "开票低于入库2%"),
        (5, NEAR, None, 3, 9, InvoiceFault("other_amount", 0, factor=1.009), "开票高于入库0.9%"),
        (8, GUARDED, None, 2, 8, InvoiceFault("long_chain", 2, 9), "中间一票为同一集团内调拨"),
        (10, GUARDED, None, 2, 8, InvoiceFault("other_seller", 9, 2), "同一集团内另一公司开票"),
        (1, HONEST, None, 1, 12, InvoiceFault("other_amount", 3, factor=0.996), "全年逐票抹零"),
    ]
}
