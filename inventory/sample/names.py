"""Words of which names in the made-up city are made; the districts are the real ones, which the plan names."""

from typing import Final

MARK: Final = "（合成）"
"""At the end of every made-up name, so that none can be taken for a real one, wherever it is shown."""
NOTE: Final = "合成数据 synthetic"

DISTRICTS: Final = (
    ("420102", "江岸区", "Jiang'an", "district"), ("420103", "江汉区", "Jianghan", "district"),
    ("420104", "硚口区", "Qiaokou", "district"), ("420105", "汉阳区", "Hanyang", "district"),
    ("420106", "武昌区", "Wuchang", "district"), ("420107", "青山区", "Qingshan", "district"),
    ("420111", "洪山区", "Hongshan", "district"), ("420112", "东西湖区", "Dongxihu", "district"),
    ("420113", "汉南区（武汉经开区）", "Hannan", "district"), ("420114", "蔡甸区", "Caidian", "district"),
    ("420115", "江夏区", "Jiangxia", "district"), ("420116", "黄陂区", "Huangpi", "district"),
    ("420117", "新洲区", "Xinzhou", "district"),
    ("420190", "东湖新技术开发区", "East Lake High-tech", "functional_zone"),
    ("420191", "东湖生态旅游风景区", "East Lake Scenic Area", "functional_zone"),
)  # fmt: skip
"""Code, name, name in English and kind (the plan's districts; the last two codes are the product's own)."""

OFFICES: Final = (
    "发展和改革局", "教育局", "科学技术局", "经济和信息化局", "民政局", "司法局", "财政局", "人力资源和社会保障局",
    "自然资源和规划局", "生态环境局", "住房和城乡建设局", "交通运输局", "水务局", "农业农村局", "商务局",
    "文化和旅游局",
    "卫生健康局", "退役军人事务局", "应急管理局", "审计局", "市场监督管理局", "统计局", "医疗保障局", "城市管理执法局",
    "政务服务和大数据管理局", "信访局", "园林和林业局", "体育局", "街道办事处", "社区卫生服务中心", "中心小学", "中学",
)  # fmt: skip
SUBJECTS: Final = (
    "审批", "执法", "监管", "档案", "财务", "协同办公", "门户", "信访", "投诉处理", "统计报送", "资格认定", "补贴发放",
    "项目管理", "应急指挥", "视频会议", "数据交换", "监测预警", "公众服务", "预约", "缴费",
)  # fmt: skip
SECTORS: Final = ("能源", "交通", "水利", "金融", "公共服务", "电子政务", "卫生健康")
VENDORS: Final = ("甲厂", "乙厂", "丙厂", "丁厂")
SYSTEMS_OF_OPERATION: Final = ("openEuler 22.03", "银河麒麟 V10", "统信 UOS 20", "Windows Server 2012 R2", "CentOS 7.9")
