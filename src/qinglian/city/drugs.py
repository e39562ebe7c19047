"""Catalogue of drugs: products, packs, prices and what each practice prescribes."""

from dataclasses import dataclass
from functools import cache

#: Second national list of key-monitored drugs (2023), as far as this catalogue carries them.
KEY_MONITORED = frozenset(
    [
        "奥美拉唑",
        "人血白蛋白",
        "头孢哌酮舒巴坦",
        "依达拉奉",
        "银杏叶提取物",
        "泮托拉唑",
        "倍他司汀",
        "布地奈德",
        "烟酰胺",
        "头孢他啶",
        "哌拉西林他唑巴坦",
        "艾司奥美拉唑",
        "吡拉西坦",
        "左氧氟沙星",
        "法莫替丁",
        "雷贝拉唑",
        "前列地尔",
        "骨肽",
        "罂粟碱",
        "兰索拉唑",
        "美罗培南",
        "磷酸肌酸",
        "地佐辛",
        "复方氨基酸",
    ]
)
MANUFACTURER_STEMS = [
    "清源",
    "华渝",
    "恒济",
    "天澜",
    "康泽",
    "瑞临",
    "东屏",
    "正和",
    "普安",
    "南岭",
    "北辰",
    "景和",
    "益林",
    "同泽",
    "嘉禾",
    "云峰",
    "沧澜",
    "明德",
    "安澜",
    "百川",
    "众诚",
    "远山",
    "长宁",
    "金石",
    "广济",
    "鼎盛",
    "宏远",
    "新禾",
]


@dataclass(frozen=True)
class Drug:
    """One product in one pack. `price` is the purchase price of a pack in ten-thousandths CNY."""

    number: int
    generic_name: str
    drug_class: str
    dosage_form: str
    strength: float
    strength_unit: str
    pack_unit: str
    min_unit: str
    pack_ratio: int
    price: int
    ddd: float | None
    atc: str
    freq_per_day: int
    flags: str
    manufacturer: int

    @property
    def national_code(self) -> str:
        n = self.number
        if self.drug_class == "herb_piece":
            return f"T{n:04d}00200"
        if self.drug_class == "patent_tcm":
            return f"ZA{n % 20:02d}BAA{n:04d}0101{n:05d}"
        return f"X{self.atc[0]}{self.atc[1:3]}{self.atc[3:5]}A{n:03d}E{n % 900:03d}0101{n:05d}"

    @property
    def spec(self) -> str:
        strength = f"{self.strength:g}{self.strength_unit}"
        return f"{strength}*{self.pack_ratio}{self.min_unit}/{self.pack_unit}"

    @property
    def min_price(self) -> int:
        """Purchase price of the smallest unit, in ten-thousandths of a yuan."""
        return (self.price + self.pack_ratio // 2) // self.pack_ratio

    @property
    def is_key_monitored(self) -> bool:
        return self.generic_name in KEY_MONITORED

    def has(self, flag: str) -> bool:
        """V volume-based purchasing, W so since mid-2025, N negotiated, S solvent, E essential,
        P specialty.
        """
        return flag in self.flags

    @property
    def is_vbp_selected(self) -> bool:
        return self.has("V") or self.has("W")

    @property
    def antibac_class(self) -> int | None:
        """1 unrestricted, 2 restricted, 3 special; None for other drugs."""
        return next((int(f) for f in self.flags if f.isdigit()), None)

    @property
    def is_systemic_antibacterial(self) -> bool:
        return self.antibac_class is not None and self.atc.startswith(("J01", "P01AB"))

    @property
    def is_counted_injection(self) -> bool:
        """Injections of the injection rate: solvents only carry another drug."""
        return self.dosage_form.startswith("注射") and not self.has("S")


# generic name|class (w western, p patent TCM, h herb piece)|form|strength|unit|pack|smallest|
# ratio|price|DDD|ATC|times a day|flags
_PRODUCTS = """
阿莫西林克拉维酸钾|w|片剂|0.457|g|盒|片|12|32.60|1.5|J01CR|3|1E
阿奇霉素|w|片剂|0.25|g|盒|片|6|24.80|0.3|J01FA|1|1EV
头孢克肟|w|胶囊剂|0.1|g|盒|粒|10|28.40|0.4|J01DD|2|1
氨溴索|w|片剂|30|mg|盒|片|20|26.50|120|R05CB|3|E
孟鲁司特|w|片剂|10|mg|盒|片|5|33.20|10|R03DC|1|
沙美特罗替卡松|w|吸入粉雾剂|50|ug|盒|泡|60|168.00||R03AK|2|
复方甲氧那明|w|胶囊剂|1|粒|瓶|粒|40|41.60||R03DA|3|
氯雷他定|w|片剂|10|mg|盒|片|6|18.90|10|R06AX|1|E
右美沙芬|w|片剂|15|mg|盒|片|24|21.40|90|R05DA|3|
连花清瘟|p|胶囊剂|0.35|g|盒|粒|36|29.80|||3|E
桉柠蒎|w|肠溶胶囊|0.3|g|盒|粒|12|35.60||R05CA|3|
布地奈德|w|吸入混悬液|1|mg|盒|支|5|72.50|1.5|R03BA|2|
左氧氟沙星|w|片剂|0.5|g|盒|片|4|46.80|0.5|J01MA|1|1
氨氯地平|w|片剂|5|mg|盒|片|28|38.60|5|C08CA|1|EV
缬沙坦|w|胶囊剂|80|mg|盒|粒|28|42.30|80|C09CA|1|E
美托洛尔|w|缓释片|47.5|mg|盒|片|28|44.70|150|C07AB|1|E
阿托伐他汀|w|片剂|20|mg|盒|片|28|48.20|20|C10AA|1|EV
瑞舒伐他汀|w|片剂|10|mg|盒|片|28|39.40|10|C10AA|1|
阿司匹林|w|肠溶片|100|mg|盒|片|30|15.60|100|B01AC|1|E
氯吡格雷|w|片剂|75|mg|盒|片|28|56.30|75|B01AC|1|E
单硝酸异山梨酯|w|缓释片|40|mg|盒|片|24|31.50|40|C01DA|1|E
螺内酯|w|片剂|20|mg|瓶|片|100|16.20|75|C03DA|2|E
呋塞米|w|片剂|20|mg|瓶|片|100|12.40|40|C03CA|1|E
复方丹参滴丸|p|滴丸剂|27|mg|瓶|丸|180|29.60|||3|E
银杏叶提取物|w|片剂|40|mg|盒|片|30|52.40|120|N06DX|3|
倍他司汀|w|片剂|6|mg|盒|片|60|48.90|24|N07CA|3|
多潘立酮|w|片剂|10|mg|盒|片|30|19.80|30|A03FA|3|E
莫沙必利|w|片剂|5|mg|盒|片|24|27.40|15|A03FA|3|E
铝碳酸镁|w|咀嚼片|0.5|g|盒|片|24|30.20||A02AD|3|E
枸橼酸铋钾|w|胶囊剂|0.3|g|盒|粒|40|28.70|0.48|A02BX|2|E
克拉霉素|w|片剂|0.25|g|盒|片|12|33.10|0.5|J01FA|2|1E
瑞巴派特|w|片剂|0.1|g|盒|片|24|35.80|0.3|A02BX|3|
双歧杆菌三联活菌|w|胶囊剂|0.21|g|盒|粒|24|31.90||A07FA|3|E
蒙脱石散|w|散剂|3|g|盒|袋|10|17.60|9|A07BC|3|E
美沙拉嗪|w|肠溶片|0.25|g|盒|片|24|63.40|1.5|A07EC|3|
匹维溴铵|w|片剂|50|mg|盒|片|15|36.20|150|A03AX|3|
健胃消食|p|片剂|0.8|g|盒|片|32|16.90|||3|
奥美拉唑|w|肠溶胶囊|20|mg|盒|粒|14|43.60|20|A02BC|1|E
泮托拉唑|w|肠溶片|40|mg|盒|片|7|45.20|40|A02BC|1|
艾司奥美拉唑|w|肠溶片|20|mg|盒|片|7|47.80|30|A02BC|1|
雷贝拉唑|w|肠溶片|10|mg|盒|片|7|41.90|20|A02BC|1|
兰索拉唑|w|肠溶片|15|mg|盒|片|14|44.40|30|A02BC|1|
法莫替丁|w|片剂|20|mg|盒|片|24|42.10|40|A02BA|2|E
布洛芬|w|缓释胶囊|0.3|g|盒|粒|20|18.60|1.2|M01AE|2|E
对乙酰氨基酚|w|片剂|0.5|g|盒|片|10|14.20|3|N02BE|3|E
甲氧氯普胺|w|注射液|10|mg|支|支|1|6.80|30|A03FA|1|E
山莨菪碱|w|注射液|10|mg|支|支|1|9.60|30|A03BB|1|E
头孢呋辛|w|注射剂|0.75|g|支|支|1|22.80|3|J01DC|2|1E
地塞米松|w|注射液|5|mg|支|支|1|7.40|1.5|H02AB|1|E
氯化钠|w|注射液|0.9|g|袋|袋|1|6.50||B05XA|1|SE
葡萄糖|w|注射液|5|g|袋|袋|1|6.20||B05BA|1|SE
叶酸|w|片剂|0.4|mg|盒|片|31|22.40|0.4|B03BB|1|E
黄体酮|w|胶囊剂|100|mg|盒|粒|12|36.90|200|G03DA|2|E
地屈孕酮|w|片剂|10|mg|盒|片|20|58.60|10|G03DB|2|
戊酸雌二醇|w|片剂|1|mg|盒|片|21|34.80|2|G03CA|1|E
甲硝唑|w|阴道泡腾片|0.2|g|盒|片|14|19.40||G01AF|1|1E
克霉唑|w|阴道片|0.5|g|盒|片|2|31.60||G01AF|1|
益母草|p|颗粒剂|15|g|盒|袋|8|26.80|||2|E
多糖铁复合物|w|胶囊剂|150|mg|盒|粒|10|38.20||B03AB|1|
碳酸钙D3|w|片剂|600|mg|瓶|片|30|35.40||A12AX|1|
妇科千金|p|片剂|0.32|g|盒|片|108|33.70|||3|E
左炔诺孕酮|w|片剂|0.15|mg|盒|片|21|28.30||G03AC|1|
头孢克洛|w|颗粒剂|0.125|g|盒|袋|12|27.90|1|J01DC|3|1
布洛芬混悬|w|混悬液|2|g|瓶|瓶|1|21.60||M01AE|3|E
小儿氨酚黄那敏|w|颗粒剂|1|袋|盒|袋|10|15.80||N02BE|3|
小儿豉翘清热|p|颗粒剂|2|g|盒|袋|9|36.40|||3|
维生素AD|w|软胶囊|1|粒|盒|粒|30|34.20||A11CB|1|
葡萄糖酸锌|w|口服液|35|mg|盒|支|20|29.60||A12CB|1|
小儿肺热咳喘|p|口服液|10|ml|盒|支|10|32.10|||3|
氨溴特罗|w|口服液|100|ml|瓶|瓶|1|33.80||R05CB|2|
卡培他滨|w|片剂|0.5|g|盒|片|12|286.00||L01BC|2|V
替吉奥|w|胶囊剂|20|mg|盒|粒|42|312.00||L01BC|2|
来曲唑|w|片剂|2.5|mg|盒|片|10|245.00|2.5|L02BG|1|
他莫昔芬|w|片剂|10|mg|盒|片|60|198.00|20|L02BA|2|
阿那曲唑|w|片剂|1|mg|盒|片|14|262.00|1|L02BG|1|
甲地孕酮|w|分散片|160|mg|盒|片|14|208.00|160|L02AB|1|
昂丹司琼|w|片剂|8|mg|盒|片|6|116.00|16|A04AA|2|
华蟾素|p|片剂|0.3|g|盒|片|36|186.00|||3|
吉非替尼|w|片剂|0.25|g|盒|片|10|498.00|0.25|L01EB|1|VP
奥希替尼|w|片剂|80|mg|盒|片|30|5580.00|80|L01EB|1|NP
阿比特龙|w|片剂|250|mg|瓶|片|120|2980.00|1000|L02BX|1|NP
六味地黄|p|丸剂|0.18|g|瓶|丸|200|28.60|||3|E
逍遥|p|丸剂|6|g|盒|袋|10|25.40|||2|E
归脾|p|丸剂|6|g|盒|袋|10|26.80|||2|E
血府逐瘀|p|胶囊剂|0.4|g|盒|粒|48|35.20|||2|E
参苓白术|p|散剂|6|g|盒|袋|10|29.10|||2|E
香砂养胃|p|丸剂|9|g|盒|袋|10|24.60|||2|E
补中益气|p|丸剂|6|g|盒|袋|10|27.30|||2|E
二甲双胍|w|片剂|0.5|g|盒|片|48|22.80|2|A10BA|3|EV
格列美脲|w|片剂|2|mg|盒|片|30|29.70|2|A10BB|1|E
硝苯地平|w|控释片|30|mg|盒|片|14|31.80|30|C08CA|1|E
塞来昔布|w|胶囊剂|0.2|g|盒|粒|12|42.60|0.2|M01AH|1|E
依托考昔|w|片剂|60|mg|盒|片|10|48.30|60|M01AH|1|
甲钴胺|w|片剂|0.5|mg|盒|片|20|27.50|1.5|B03BA|3|E
阿仑膦酸|w|片剂|70|mg|盒|片|4|62.40|10|M05BA|1|
氨基葡萄糖|w|胶囊剂|0.24|g|盒|粒|42|58.20|1.5|M01AX|3|
骨肽|w|片剂|0.3|g|盒|片|24|51.60||M09AX|3|
α-酮酸|w|片剂|0.63|g|盒|片|100|128.00||V06DD|3|
碳酸司维拉姆|w|片剂|0.8|g|瓶|片|30|145.00|6.4|V03AE|3|N
骨化三醇|w|软胶囊|0.25|ug|盒|粒|10|39.80|1|A11CC|1|E
罗沙司他|w|胶囊剂|50|mg|盒|粒|3|97.00||B03XA|1|N
前列地尔|w|注射液|10|ug|支|支|1|47.30||C01EA|1|
头孢哌酮舒巴坦|w|注射剂|1.5|g|支|支|1|36.50|4|J01DD|2|2
哌拉西林他唑巴坦|w|注射剂|4.5|g|支|支|1|42.80|14|J01CR|3|2
人血白蛋白|w|注射液|10|g|瓶|瓶|1|398.00||B05AA|1|
依诺肝素|w|注射液|4000|IU|支|支|1|28.60|2000|B01AB|1|V
氯化钾|w|注射液|1|g|支|支|1|4.80||B05XA|1|E
紫杉醇|w|注射液|30|mg|支|支|1|168.00||L01CD|1|V
顺铂|w|注射剂|20|mg|支|支|1|42.40||L01XA|1|E
培美曲塞|w|注射剂|0.2|g|支|支|1|386.00||L01BA|1|V
氨氯地平|w|片剂|10|mg|盒|片|14|41.20|5|C08CA|1|E
缬沙坦|w|胶囊剂|160|mg|盒|粒|14|45.90|80|C09CA|1|E
阿托伐他汀|w|片剂|10|mg|盒|片|28|33.60|20|C10AA|1|E
布洛芬|w|片剂|0.1|g|盒|片|24|12.80|1.2|M01AE|3|E
黄芪|h|饮片|1|g|克|克|1|0.12|||2|
当归|h|饮片|1|g|克|克|1|0.18|||2|
茯苓|h|饮片|1|g|克|克|1|0.10|||2|
白术|h|饮片|1|g|克|克|1|0.15|||2|
甘草|h|饮片|1|g|克|克|1|0.09|||2|
丹参|h|饮片|1|g|克|克|1|0.11|||2|
党参|h|饮片|1|g|克|克|1|0.21|||2|
陈皮|h|饮片|1|g|克|克|1|0.08|||2|
柴胡|h|饮片|1|g|克|克|1|0.24|||2|
半夏|h|饮片|1|g|克|克|1|0.26|||2|
川芎|h|饮片|1|g|克|克|1|0.13|||2|
白芍|h|饮片|1|g|克|克|1|0.12|||2|
熟地黄|h|饮片|1|g|克|克|1|0.14|||2|
酸枣仁|h|饮片|1|g|克|克|1|0.58|||2|
美罗培南|w|注射剂|0.5|g|支|支|1|68.00|3|J01DH|3|3
复方氨基酸|w|注射液|250|ml|瓶|瓶|1|46.00||B05BA|1|
雷珠克单抗|w|注射剂|100|mg|支|支|1|3850.00||L01FX|1|N
伊托必利|w|片剂|50|mg|盒|片|24|7.20|150|A03FA|3|EW
"""
_CLASSES = {"w": "western", "p": "patent_tcm", "h": "herb_piece"}


@cache
def drugs() -> tuple[Drug, ...]:
    """All products; the position is the product's index everywhere in the city."""
    rows = [line.split("|") for line in _PRODUCTS.strip().splitlines()]
    return tuple(
        Drug(
            number=position + 1,
            generic_name=r[0],
            drug_class=_CLASSES[r[1]],
            dosage_form=r[2],
            strength=float(r[3]),
            strength_unit=r[4],
            pack_unit=r[5],
            min_unit=r[6],
            pack_ratio=int(r[7]),
            price=round(float(r[8]) * 10_000),
            ddd=float(r[9]) if r[9] else None,
            atc=r[10] or "V00XX",
            freq_per_day=int(r[11]),
            flags=r[12],
            # Neighbours in the list share a therapeutic group: 11 steps keep their makers apart.
            manufacturer=position * 11 % len(MANUFACTURER_STEMS),
        )
        for position, r in enumerate(rows)
    )


def drug_index(*generic_names: str) -> list[int]:
    """Indexes of the first product of each generic name."""
    first: dict[str, int] = {}
    for position, drug in enumerate(drugs()):
        first.setdefault(drug.generic_name, position)
    return [first[name] for name in generic_names]


def second_strength(generic_name: str) -> int:
    """Index of the second product of a generic name that comes in two strengths."""
    return [i for i, drug in enumerate(drugs()) if drug.generic_name == generic_name][1]
