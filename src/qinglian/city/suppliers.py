"""Manufacturers and distributors with owners and affiliates, and the purchase categories."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from qinglian.city.codes import uscc
from qinglian.city.drugs import MANUFACTURER_STEMS, drug_index
from qinglian.city.people import identity_numbers, phones
from qinglian.city.services import material_index

_DISTRIBUTOR_STEMS = [
    "渝康",
    "川药",
    "江汇",
    "同舟",
    "瑞达",
    "华聚",
    "德源",
    "博济",
    "盛通",
    "金桥",
    "九鼎",
    "嘉信",
    "汇源",
    "万和",
]
#: Distributors that belong together: positions in the list and how.
AFFILIATES = ((2, 9, "same_controller"), (5, 12, "same_legal_rep"))
#: Owners' numbers start beyond those of patients, so that no supplier shares one by chance.
_OWNER_BLOCK = 90_000_000


@dataclass(frozen=True)
class Supplier:
    """A company; owner and contacts are clear here as in the platform's own records."""

    code: str
    uscc: str
    name: str
    kind: str
    owner_id: str
    phone: str
    address: str
    account: str


@dataclass(frozen=True)
class Category:
    """A level-2 purchase category; `budget` in CNY a month at a tertiary hospital."""

    code: str
    name: str
    item_kind: str
    items: tuple[int, ...]
    budget: int
    buyers: str
    suppliers: tuple[int, ...] = ()
    shares: tuple[float, ...] = (0.34, 0.28, 0.22, 0.16)


@cache
def manufacturers() -> tuple[Supplier, ...]:
    """Makers of drugs and consumables, in the order that products refer to."""
    return tuple(
        company(f"M{i + 1:04d}", 900 + i, f"{stem}制药有限公司", "manufacturer", i)
        for i, stem in enumerate(MANUFACTURER_STEMS)
    )


@cache
def distributors() -> tuple[Supplier, ...]:
    """Distributors that sell to the city's hospitals."""
    return tuple(
        company(f"S{i + 1:04d}", 100 + i, f"{stem}医药有限公司", "distributor", 100 + i)
        for i, stem in enumerate(_DISTRIBUTOR_STEMS)
    )


def company(code: str, serial: int, name: str, kind: str, owner: int) -> Supplier:
    """A company with an owner and contacts of its own; `serial` makes its credit code."""
    for first, second, relation in AFFILIATES:
        if kind == "distributor" and relation == "same_legal_rep" and owner == 100 + second:
            owner = 100 + first
    person = np.array([_OWNER_BLOCK + owner * 10 + 5])
    return Supplier(
        code=code,
        uscc=uscc(500101 + serial % 5, serial),
        name="清川" + name if kind == "distributor" else name,
        kind=kind,
        owner_id=str(identity_numbers(person)[0]),
        phone=str(phones(person)[0]),
        address=f"清川市经开区{'创业创新科技兴业'[owner % 7]}路{10 + owner}号",
        account=f"62170036{owner:04d}{serial:06d}",
    )


@cache
def categories() -> tuple[Category, ...]:
    """Purchase categories; within one, products have different makers."""
    goods = material_index()

    def of(*keys: str) -> tuple[int, ...]:
        return tuple(goods[key] for key in keys)

    def drug(names: str) -> tuple[int, ...]:
        return tuple(drug_index(*names.split()))

    return (
        Category(
            "D01",
            "消化系统用药",
            "drug",
            drug("铝碳酸镁 瑞巴派特 匹维溴铵 枸橼酸铋钾 多潘立酮"),
            120_000,
            "all",
        ),
        Category(
            "D02",
            "心血管系统用药",
            "drug",
            drug("缬沙坦 美托洛尔 瑞舒伐他汀 氯吡格雷 单硝酸异山梨酯"),
            120_000,
            "all",
        ),
        Category(
            "D03",
            "抗感染用药",
            "drug",
            drug("阿莫西林克拉维酸钾 头孢克肟 头孢呋辛 头孢哌酮舒巴坦 左氧氟沙星"),
            120_000,
            "all",
        ),
        Category(
            "D04",
            "呼吸系统用药",
            "drug",
            drug("氨溴索 孟鲁司特 布地奈德 复方甲氧那明 沙美特罗替卡松"),
            120_000,
            "all",
        ),
        Category(
            "D05",
            "抗肿瘤用药",
            "drug",
            drug("替吉奥 来曲唑 阿那曲唑 甲地孕酮 顺铂"),
            160_000,
            "hospital",
        ),
        Category(
            "D06",
            "中成药",
            "drug",
            drug("连花清瘟 复方丹参滴丸 六味地黄 血府逐瘀 益母草"),
            120_000,
            "all",
        ),
        Category(
            "D07",
            "集采中选药品",
            "drug",
            drug("氨氯地平 阿托伐他汀 二甲双胍 阿奇霉素 卡培他滨"),
            100_000,
            "all",
            (3, 10),
            (0.85, 0.15),
        ),
        Category(
            "C01",
            "注射输液类",
            "material",
            of("syringe_a", "syringe_b", "infusion_set_a", "infusion_set_b", "cannula"),
            90_000,
            "all",
        ),
        Category(
            "C02",
            "敷料类",
            "material",
            of("dressing_a", "dressing_b", "dressing_c", "dressing_d", "dressing_e"),
            60_000,
            "hospital",
        ),
        Category(
            "C03",
            "血管介入类",
            "material",
            of("stent_b", "balloon_a", "balloon_b", "guidewire", "catheter"),
            1_200_000,
            "general",
        ),
        Category(
            "C04",
            "骨科植入类",
            "material",
            of("plate_a", "plate_b", "screw_a", "screw_b", "nail"),
            900_000,
            "general",
        ),
        Category(
            "R01",
            "生化试剂",
            "material",
            of(
                "reagent_chem_a",
                "reagent_chem_b",
                "reagent_chem_c",
                "reagent_chem_d",
                "reagent_chem_e",
            ),
            130_000,
            "hospital",
        ),
        Category(
            "R02",
            "免疫发光试剂",
            "material",
            of("reagent_imm_a", "reagent_imm_b", "reagent_imm_c", "reagent_imm_d", "reagent_imm_e"),
            260_000,
            "hospital",
        ),
        Category(
            "C05",
            "血液透析类",
            "material",
            of("dialyser_a", "dialyser_b"),
            80_000,
            "tertiary",
            (0, 1),
            (0.62, 0.38),
        ),
        Category("C06", "放射性示踪剂", "material", of("tracer"), 90_000, "tertiary"),
        Category(
            "C08",
            "低值卫生材料",
            "material",
            of("glue_a", "glue_b"),
            5_000,
            "tertiary",
            (4, 7),
            (0.9, 0.1),
        ),
    )


def category_position(code: str) -> int:
    """Position of a purchase category in the list."""
    return next(i for i, category in enumerate(categories()) if category.code == code)


def suppliers_of(category: int, hospital: int) -> tuple[int, ...]:
    """Distributors of a category at a hospital; steps of three never meet an affiliate."""
    fixed = categories()[category].suppliers
    if fixed:
        return fixed
    return tuple((category * 2 + hospital + 3 * k) % len(_DISTRIBUTOR_STEMS) for k in range(4))
