"""What each kind of department does: diagnoses, drugs, examinations and inpatient care."""

from dataclasses import dataclass
from functools import cache

from qinglian.city.drugs import drug_index
from qinglian.city.services import material_index, service_index


@dataclass(frozen=True)
class Practice:
    """A department's medicine. Drugs, items and materials are indexes into the catalogues.

    `key_share` is the part of prescriptions with a key-monitored drug; `population` is whom the
    department sees (any, child, woman).
    """

    key: str
    std_dept_code: str
    name: str
    population: str
    rx_kind: str
    winter_peak: float
    key_share: float
    diagnoses: tuple[tuple[str, str], ...]
    drugs: tuple[int, ...]
    key_drugs: tuple[int, ...]
    exams: tuple[int, ...]
    ward_drugs: tuple[int, ...]
    ward_items: tuple[int, ...]
    ward_materials: tuple[int, ...]
    operation: int | None
    mean_stay_days: float


# key|std code|name|population|rx kind|winter peak|key share|stay days|operation
# diagnoses / drugs / key-monitored drugs / examinations / ward drugs / ward items / materials
_PRACTICES = """
respiratory|03.01|呼吸内科|any|outpatient|0.10|0.26|7.5|
J18.900 肺炎,J20.900 急性支气管炎,J44.100 慢阻肺急性加重,J45.900 支气管哮喘,J06.900 急性上感
阿莫西林克拉维酸钾 阿奇霉素 头孢克肟 氨溴索 孟鲁司特 复方甲氧那明 氯雷他定 右美沙芬 连花清瘟 桉柠蒎
布地奈德 左氧氟沙星
blood_count crp chest_xray ct lung_function
氨溴索 头孢哌酮舒巴坦 布地奈德 孟鲁司特 头孢呋辛 氯化钠
blood_count crp culture ct nebulise oxygen infusion ecg
syringe_a infusion_set_a cannula
cardiology|03.04|心血管内科|any|outpatient|0.06|0.25|7.0|
I10.x00 特发性高血压,I25.103 冠心病,I48.900 心房颤动,I50.900 心力衰竭,E78.500 高脂血症
氨氯地平 缬沙坦 美托洛尔 阿托伐他汀 瑞舒伐他汀 阿司匹林 氯吡格雷 单硝酸异山梨酯 螺内酯 复方丹参滴丸
银杏叶提取物 倍他司汀
ecg echo lipids glucose liver
阿司匹林 氯吡格雷 阿托伐他汀 依诺肝素 前列地尔 氯化钠
ecg echo lipids liver ecg_monitor oxygen infusion blood_count
syringe_b infusion_set_a cannula balloon_a guidewire
gastroenterology|03.02|消化内科|any|outpatient|0.03|0.34|6.5|
K29.500 慢性胃炎,K21.001 反流性食管炎,K25.900 胃溃疡,K58.900 肠易激综合征,K51.900 溃疡性结肠炎
多潘立酮 莫沙必利 铝碳酸镁 枸橼酸铋钾 克拉霉素 瑞巴派特 双歧杆菌三联活菌 蒙脱石散 匹维溴铵 健胃消食
奥美拉唑 泮托拉唑 艾司奥美拉唑 雷贝拉唑 兰索拉唑
gastroscopy hpylori abd_us blood_count liver
奥美拉唑 泮托拉唑 瑞巴派特 氯化钾 氯化钠 葡萄糖
gastroscopy blood_count liver abd_us infusion urine
syringe_a infusion_set_b cannula
emergency|20|急诊科|any|emergency|0.05|0.25|4.0|
R50.900 发热,R10.400 腹痛,J06.900 急性上呼吸道感染,N20.000 肾结石,T14.900 损伤
布洛芬 对乙酰氨基酚 氨溴索 甲氧氯普胺 山莨菪碱 头孢呋辛 地塞米松 蒙脱石散
左氧氟沙星 法莫替丁
blood_count crp ecg ct urine
氯化钠 葡萄糖 头孢呋辛
blood_count ecg infusion
syringe_a infusion_set_b
orthopaedics|04.03|骨科|any|outpatient|0.02|0.28|9.0|surgery_fracture
S72.000 股骨颈骨折,S82.200 胫骨骨折,M51.202 腰椎间盘突出,M17.900 膝关节骨性关节炎,M54.500 下背痛
塞来昔布 依托考昔 甲钴胺 阿仑膦酸 氨基葡萄糖 碳酸钙D3
骨肽
chest_xray ct mri bone_density
塞来昔布 头孢呋辛 依诺肝素 氯化钠
chest_xray ct blood_count liver infusion dressing ecg
plate_a screw_a screw_b dressing_a infusion_set_a
nephrology|03.06|肾内科|any|outpatient|0.02|0.25|5.0|
N18.500 慢性肾脏病5期,N04.900 肾病综合征,N18.300 慢性肾脏病3期,N39.000 泌尿道感染
α-酮酸 碳酸司维拉姆 骨化三醇 罗沙司他 多糖铁复合物 呋塞米
前列地尔
urine blood_count liver abd_us
骨化三醇 氯化钠 依诺肝素 前列地尔
urine blood_count liver infusion ecg
dialyser_a dialyser_b syringe_b
oncology|19|肿瘤科|any|outpatient|0.00|0.25|7.0|
C34.900 肺恶性肿瘤,C50.900 乳房恶性肿瘤,C18.900 结肠恶性肿瘤,C16.900 胃恶性肿瘤,C61.x00 前列腺癌
卡培他滨 替吉奥 来曲唑 他莫昔芬 阿那曲唑 甲地孕酮 昂丹司琼 华蟾素
奥美拉唑 法莫替丁
tumour_marker blood_count liver ct
紫杉醇 顺铂 培美曲塞 昂丹司琼 氯化钠 复方氨基酸
tumour_marker blood_count liver ct chemo_config infusion radiotherapy
infusion_set_a cannula dressing_b
obgyn|05|妇产科|woman|outpatient|0.02|0.25|5.0|surgery_caesarean
O80.900 单胎顺产,N76.000 急性阴道炎,N93.900 异常子宫出血,O20.000 先兆流产,D25.900 子宫平滑肌瘤
叶酸 黄体酮 地屈孕酮 戊酸雌二醇 甲硝唑 克霉唑 益母草 多糖铁复合物 碳酸钙D3 妇科千金
法莫替丁
obs_us blood_count urine glucose
头孢呋辛 氯化钠 葡萄糖 益母草
obs_us blood_count urine infusion newborn_care
syringe_a infusion_set_b dressing_a
paediatrics|07|儿科|child|pediatric|0.10|0.26|5.0|
J06.900 急性上呼吸道感染,J18.000 支气管肺炎,A09.900 胃肠炎,J20.900 急性支气管炎,L20.900 特应性皮炎
头孢克洛 布洛芬混悬 小儿氨酚黄那敏 小儿豉翘清热 维生素AD 葡萄糖酸锌 小儿肺热咳喘 氨溴特罗 蒙脱石散
布地奈德
blood_count crp urine chest_xray
头孢呋辛 布地奈德 氯化钠 葡萄糖
blood_count crp nebulise child_injection culture
syringe_a infusion_set_b
tcm|50|中医内科|any|outpatient|0.04|0.26|8.0|
K30.x00 功能性消化不良,G47.000 失眠,M54.500 下背痛,I10.x00 特发性高血压,R53.x00 不适和疲劳
六味地黄 逍遥 归脾 血府逐瘀 参苓白术 香砂养胃 补中益气 健胃消食
银杏叶提取物 倍他司汀
acupuncture tuina moxibustion blood_count
血府逐瘀 氯化钠 葡萄糖
acupuncture tuina moxibustion blood_count ecg infusion
syringe_a infusion_set_b
general|02|全科医疗科|any|outpatient|0.08|0.26|6.0|
I10.x00 特发性高血压,E11.900 2型糖尿病,J06.900 急性上呼吸道感染,M54.500 下背痛,K29.500 慢性胃炎
二甲双胍 格列美脲 硝苯地平 氨氯地平 阿司匹林 对乙酰氨基酚 氨溴索 多潘立酮 碳酸钙D3
奥美拉唑 倍他司汀
blood_count glucose ecg urine
头孢呋辛 氯化钠 葡萄糖
blood_count glucose ecg infusion
syringe_a infusion_set_b
special_need|03|特需门诊|any|outpatient|0.00|0.20|5.0|
I25.103 冠状动脉粥样硬化性心脏病,E11.900 2型糖尿病
氨氯地平 缬沙坦 阿托伐他汀 二甲双胍
银杏叶提取物
echo mri liver
阿托伐他汀 氯化钠
echo liver infusion
infusion_set_a
"""


def _diagnoses(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.split(" ", 1) for part in text.split(",")]
    return tuple((code, name) for code, name in pairs)


def _practice(block: list[str]) -> Practice:
    key, std, name, population, rx_kind, peak, share, stay, operation = block[0].split("|")
    items = service_index()
    goods = material_index()
    return Practice(
        key=key,
        std_dept_code=std,
        name=name,
        population=population,
        rx_kind=rx_kind,
        winter_peak=float(peak),
        key_share=float(share),
        diagnoses=_diagnoses(block[1]),
        drugs=tuple(drug_index(*block[2].split())),
        key_drugs=tuple(drug_index(*block[3].split())),
        exams=tuple(items[item] for item in block[4].split()),
        ward_drugs=tuple(drug_index(*block[5].split())),
        ward_items=tuple(items[item] for item in block[6].split()),
        ward_materials=tuple(goods[item] for item in block[7].split()),
        operation=items[operation] if operation else None,
        mean_stay_days=float(stay),
    )


@cache
def practices() -> dict[str, Practice]:
    """All kinds of department by key."""
    lines = _PRACTICES.strip().splitlines()
    found = [_practice(lines[start : start + 8]) for start in range(0, len(lines), 8)]
    return {practice.key: practice for practice in found}
