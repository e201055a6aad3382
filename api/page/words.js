// The words of the page itself; sentences about incidents and scores come from the API in the language asked for.

const zh = {
  other: "English", token: "令牌", open: "打开", more: "更多", all: "全部", details: "详情", loading: "读取中……",
  lost: "与服务的连接中断，正在重试。", denied: "请输入启动时打印的令牌。", total: (n) => `共 ${n} 条`,
  complete: (n) => `账目完整：${n} 个事件，一个不少`, incomplete: (n) => `账目不符：${n} 个去向不明`, pending: (n) => `，${n} 个待处理`,
  views: { alerts: "告警", incidents: "安全事件", posture: "态势" },
  levels: { critical: "严重", high: "高", medium: "中", low: "低", informational: "提示", suppressed: "已抑制" },
  time: "发生时间", level: "级别", rule: "规则", what: "经过", evidence: "证据",
  place: { line: "第 {n} 行", record: "第 {n} 条记录", packet: "第 {n} 个数据包" },
  noAlerts: "还没有告警。数据进入并匹配规则后会出现在这里。",
  last: "最近活动", severity: "严重程度", who: "来源 → 受害", state: "状态", warning: "预警", why: "评分依据", timeline: "时间线",
  states: { new: "新建", "in-progress": "处置中", contained: "已遏制", closed: "已关闭" },
  colours: { red: "红色预警", orange: "橙色预警", yellow: "黄色预警", blue: "蓝色预警" },
  between: "；", madeOf: (alerts, rules) => `${alerts} 条告警，${rules} 条规则`, noTactic: "无攻击阶段", unassigned: "无人负责", others: (n) => `另 ${n} 个`, shownOf: (n, all) => `前 ${n} 条，共 ${all} 条`,
  noIncidents: "还没有安全事件。相关的告警会在这里归并到一起。",
  scope: "范围", score: "态势指数", coverage: "可见程度", happened: "已发生失分", unseen: "未见失分", confidence: "置信度",
  kinds: { city: "全市", district: "各区", unit: "各单位", tenant: "各租户", sector: "各行业" }, city: "全市",
  sure: { high: "高", medium: "中", low: "低", none: "无" }, lostPoints: "每一分失在何处", none: "未失分。",
  course: (n) => `近 30 天记录 ${n} 次`, noScopes: "没有此类范围。",
};

const en = {
  other: "中文", token: "Token", open: "Open", more: "More", all: "All", details: "Details", loading: "Loading…",
  lost: "The service is out of reach; trying again.", denied: "Enter the token that was printed at start.", total: (n) => `${n} in all`,
  complete: (n) => `Ledger complete: ${n} events, none missing`, incomplete: (n) => `Ledger incomplete: ${n} unaccounted for`, pending: (n) => `, ${n} waiting`,
  views: { alerts: "Alerts", incidents: "Incidents", posture: "Posture" },
  levels: { critical: "Critical", high: "High", medium: "Medium", low: "Low", informational: "Info", suppressed: "Suppressed" },
  time: "Event time", level: "Level", rule: "Rule", what: "What happened", evidence: "Evidence",
  place: { line: "line {n}", record: "record {n}", packet: "packet {n}" },
  noAlerts: "No alerts yet. They appear here once data comes in and rules match.",
  last: "Last seen", severity: "Severity", who: "From → to", state: "State", warning: "Warning", why: "What the score is made of", timeline: "Timeline",
  states: { new: "New", "in-progress": "In progress", contained: "Contained", closed: "Closed" },
  colours: { red: "Red warning", orange: "Orange warning", yellow: "Yellow warning", blue: "Blue warning" },
  between: "; ", madeOf: (alerts, rules) => `Alerts: ${alerts}, rules: ${rules}`, noTactic: "No stage of an attack", unassigned: "Nobody's", others: (n) => `and ${n} more`, shownOf: (n, all) => `The first ${n} of ${all}`,
  noIncidents: "No incidents yet. Alerts that belong together are gathered here.",
  scope: "Scope", score: "Score", coverage: "Seen", happened: "Lost: happened", unseen: "Lost: not seen", confidence: "Confidence",
  kinds: { city: "City", district: "Districts", unit: "Units", tenant: "Tenants", sector: "Sectors" }, city: "The city",
  sure: { high: "High", medium: "Medium", low: "Low", none: "None" }, lostPoints: "Where each point was lost", none: "Nothing was lost.",
  course: (n) => `${n} records in 30 days`, noScopes: "There is no such scope.",
};

export const TEXTS = { zh, en };
