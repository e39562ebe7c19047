"""Catalogue of charge items with their price limits by hospital level, and of consumables."""

from dataclasses import dataclass
from datetime import date
from functools import cache

#: Date on which two price limits of the city change.
PRICE_CHANGE = date(2025, 7, 1)


@dataclass(frozen=True)
class Service:
    """A charge item; limits in ten-thousandths CNY for tertiary, secondary and primary hospitals.

    `changed` are the limits from PRICE_CHANGE on, where they change. An item without limits is
    priced by the market (special-need wards). `level` is the insurance class 01 to 03.
    """

    key: str
    name: str
    national_code: str
    category: str
    unit: str
    limits: tuple[int, int, int] | None
    changed: tuple[int, int, int] | None
    market_price: int
    level: str

    def limit(self, level_rank: int, day: date) -> int | None:
        """Limit in force on `day`; level_rank 0 tertiary, 1 secondary, 2 primary."""
        if self.limits is None:
            return None
        if self.changed is not None and day >= PRICE_CHANGE:
            return self.changed[level_rank]
        return self.limits[level_rank]


# key|name|code|category|unit|tertiary,secondary,primary|after the change or market price|class
_SERVICES = """
reg_chief|主任医师门诊诊察费|001102000020000|02|次|30,24,18||01
reg_associate|副主任医师门诊诊察费|001102000020100|02|次|22,18,14||01
reg_attending|普通门诊诊察费|001102000010000|02|次|14,11,10||01
reg_emergency|急诊诊察费|001102000030000|02|次|25,20,15||01
reg_special|特需门诊诊察费|001102000090000|02|次||300|03
blood_count|血细胞分析(五分类)|002501010150000|04|次|20,18,15||01
crp|C-反应蛋白测定|002504010250000|04|次|30,26,22|34,30,26|01
liver|肝功能组合|002503050010000|04|次|68,60,50||01
lipids|血脂组合|002503030010000|04|次|55,48,40||01
glucose|葡萄糖测定|002503020010000|04|次|8,7,6||01
hba1c|糖化血红蛋白测定|002503020060000|04|次|62,55,45||01
tumour_marker|肿瘤标志物测定|002504040050000|04|项|48,42,36||02
urine|尿液分析|002501020350000|04|次|15,13,10||01
culture|细菌培养加鉴定|002505010090000|04|次|70,62,50||01
hpylori|碳13呼气试验|003109050050000|03|次|150,130,110||02
ecg|常规心电图检查|003107010010000|03|次|26,22,18||01
echo|心脏彩色多普勒超声|002203020100000|03|次|210,180,140||02
abd_us|腹部彩色多普勒超声|002203020010000|03|部位|120,100,80||01
obs_us|产科超声检查|002203020130000|03|次|160,140,110||01
chest_xray|数字化摄影(DR)|002101020150000|03|部位|80,70,55||01
ct|X线计算机体层平扫|002103000010000|03|部位|280,240,190|240,200,160|02
ct_add|CT每增加一个部位|002103000010100|03|部位|90,80,60||02
mri|磁共振平扫|002102000010000|03|部位|520,460,380||02
gastroscopy|电子胃镜检查|003109050010000|03|次|260,220,180||02
lung_function|肺通气功能检查|003106010010000|03|次|95,82,66||01
bone_density|骨密度测定|002306000010000|03|部位|78,68,55||02
infusion|静脉输液|001204000060000|05|组|12,10,8||01
injection|肌肉注射|001204000010000|05|次|4,3.5,3||01
nebulise|雾化吸入|001206000010000|05|次|14,12,9||01
acupuncture|普通针刺|004200000010000|05|次|36,30,26||01
tuina|推拿治疗|004500000010000|05|次|62,54,45||01
moxibustion|灸法|004400000010000|05|次|32,28,24||01
haemodialysis|血液透析|003110000060000|05|次|420,380,330||02
radiotherapy|直线加速器放疗|002403000050000|05|次|360,320,280||02
chemo_config|化疗药物配置|001204000110000|05|组|28,24,20||01
bed_triple|普通病房床位费(三人间)|001109000010000|01|日|50,40,28||01
bed_special|特需病房床位费|001109000090000|01|日||480|03
nursing_2|二级护理|001201000040000|07|日|22,18,14||01
nursing_1|一级护理|001201000030000|07|日|38,32,25||01
ward_visit|住院诊察费|001102000060000|02|日|24,20,15||01
oxygen|氧气吸入|001203000010000|05|小时|4,3.5,3||01
dressing|换药(中)|001206000020000|05|次|28,24,20||01
ecg_monitor|心电监测|003107010220000|05|小时|6,5,4||01
companion|陪护服务费|001201000990000|14|日||160|03
surgery_fracture|四肢骨折切开复位内固定术|003315050090000|06|次|1860,1620,1380||02
surgery_caesarean|剖宫产术|003314000130000|06|次|1450,1280,1080||01
surgery_gallbladder|腹腔镜胆囊切除术|003310070010000|06|次|2150,1880,1600||02
anaesthesia|全身麻醉|003301000050000|06|次|620,540,460||02
child_injection|小儿静脉输液|001204000070000|05|组|16,14,11||01
newborn_care|新生儿护理|001201000080000|07|日|46,40,32||01
surgery_tendon|肌腱缝合术|003315220040000|06|次|980,860,740||02
surgery_bone_graft|取骨植骨术|003315190060000|06|次|760,660,560||02
alt|丙氨酸氨基转移酶测定|002503050020000|04|项|24,21,18||01
ast|天门冬氨酸氨基转移酶测定|002503050030000|04|项|24,21,18||01
tbil|总胆红素测定|002503050040000|04|项|22,19,16||01
albumin|白蛋白测定|002503050050000|04|项|20,18,15||01
cholesterol|总胆固醇测定|002503030020000|04|项|20,18,15||01
triglyceride|甘油三酯测定|002503030030000|04|项|20,18,15||01
hdl|高密度脂蛋白胆固醇测定|002503030040000|04|项|22,19,16||01
ldl|低密度脂蛋白胆固醇测定|002503030050000|04|项|22,19,16||01
pump_hour|微量泵输注(每小时)|001204000130000|05|小时|3,2.6,2.2||01
pump_day|微量泵输注(每日)|001204000130100|05|日|36,31,26||01
temp_monitor|术中体温监测|003301000060000|05|次|78,68,58||02
depth_monitor|麻醉深度监测|003301000070000|05|次|160,155,152||02
pressure_monitor|术中有创血压监测|003301000080000|05|次|162,156,152||02
theatre_pack|术中监测组合|003301000090000|05|次|320,300,280||02
"""


@dataclass(frozen=True)
class Material:
    """A consumable or reagent; `price` per pack in ten-thousandths CNY, charged without mark-up."""

    number: int
    key: str
    name: str
    pack_unit: str
    min_unit: str
    pack_ratio: int
    price: int
    is_billable: bool
    is_reagent: bool
    is_high_value: bool
    is_vbp_selected: bool
    manufacturer: int

    @property
    def national_code(self) -> str:
        n = self.number
        return (
            f"C{1 + n % 20:02d}{n % 100:02d}{n % 90:02d}{n:03d}{n * 7 % 100000:05d}{10000 + n:05d}"
        )

    @property
    def min_price(self) -> int:
        return (self.price + self.pack_ratio // 2) // self.pack_ratio


# key|name|pack|smallest|ratio|pack price|b billable, r reagent, h high value, v selected
_MATERIALS = """
syringe_a|一次性使用无菌注射器5ml|盒|支|100|62|b
syringe_b|一次性使用无菌注射器10ml|盒|支|100|78|b
infusion_set_a|一次性使用精密输液器|盒|套|50|420|b
infusion_set_b|一次性使用输液器|盒|套|50|95|b
cannula|静脉留置针|盒|支|50|640|b
dressing_a|医用敷料贴|盒|片|50|110|b
dressing_b|水胶体敷料|盒|片|10|268|b
dressing_c|藻酸盐敷料|盒|片|10|392|b
dressing_d|泡沫敷料|盒|片|10|346|b
dressing_e|医用纱布块|包|块|100|58|b
stent_a|冠状动脉药物洗脱支架|个|个|1|798|bhv
stent_b|外周血管支架|个|个|1|6800|bh
balloon_a|冠脉球囊扩张导管|个|个|1|1450|bh
balloon_b|外周球囊扩张导管|个|个|1|1880|bh
guidewire|造影导丝|个|个|1|620|bh
catheter|造影导管|个|个|1|540|bh
plate_a|锁定接骨板|块|块|1|1650|bh
plate_b|解剖型接骨板|块|块|1|1920|bh
screw_a|锁定螺钉|枚|枚|1|186|bh
screw_b|皮质骨螺钉|枚|枚|1|142|bh
nail|髓内钉|根|根|1|2280|bh
reagent_chem_a|肝功能生化试剂盒|盒|人份|200|760|r
reagent_chem_b|血脂生化试剂盒|盒|人份|200|690|r
reagent_chem_c|肾功能生化试剂盒|盒|人份|200|720|r
reagent_chem_d|电解质生化试剂盒|盒|人份|200|580|r
reagent_chem_e|心肌酶生化试剂盒|盒|人份|200|840|r
reagent_imm_a|肿瘤标志物化学发光试剂|盒|人份|100|2680|r
reagent_imm_b|甲状腺功能化学发光试剂|盒|人份|100|2150|r
reagent_imm_c|传染病八项发光试剂|盒|人份|100|2380|r
reagent_imm_d|激素六项发光试剂|盒|人份|100|2460|r
reagent_imm_e|心肌标志物发光试剂|盒|人份|100|2890|r
dialyser_a|中空纤维透析器|支|支|1|148|bh
dialyser_b|血液透析滤过器|支|支|1|216|bh
tracer|放射性示踪剂套装|套|套|1|1860|b
pump|植入式输注泵|套|套|1|28600|bh
glue_a|医用胶带|卷|卷|1|6.4|b
glue_b|弹力绷带|卷|卷|1|9.8|b
"""


def _tenths(text: str) -> int:
    return round(float(text) * 10_000)


def _triple(text: str) -> tuple[int, int, int]:
    first, second, third = (_tenths(part) for part in text.split(","))
    return first, second, third


@cache
def services() -> tuple[Service, ...]:
    """All charge items; the position is the item's index everywhere in the city."""
    found = []
    for line in _SERVICES.strip().splitlines():
        key, name, code, category, unit, limits, extra, level = line.split("|")
        found.append(
            Service(
                key,
                name,
                code,
                category,
                unit,
                _triple(limits) if limits else None,
                _triple(extra) if limits and extra else None,
                _tenths(extra) if not limits else 0,
                level,
            )
        )
    return tuple(found)


@cache
def service_index() -> dict[str, int]:
    """Index of each charge item by its key."""
    return {service.key: position for position, service in enumerate(services())}


@cache
def materials() -> tuple[Material, ...]:
    """All consumables; the position is the item's index everywhere in the city."""
    found = []
    for position, line in enumerate(_MATERIALS.strip().splitlines()):
        key, name, pack, smallest, ratio, pack_price, flags = line.split("|")
        found.append(
            Material(
                position + 1,
                key,
                name,
                pack,
                smallest,
                int(ratio),
                _tenths(pack_price),
                "b" in flags,
                "r" in flags,
                "h" in flags,
                "v" in flags,
                # Other makers than those of drugs: the second half of the list, neighbours apart.
                (position * 5 + 3) % 28,
            )
        )
    return tuple(found)


@cache
def material_index() -> dict[str, int]:
    """Index of each consumable by its key."""
    return {material.key: position for position, material in enumerate(materials())}
