// The stations of the sample timetable: telegraph code, name, city, pinyin.
import type { Station } from '@railhead/domain/timetable/timetable.ts';

const TABLE = `
VNP 北京南 北京 beijingnan
BJP 北京 北京 beijing
BXP 北京西 北京 beijingxi
TJP 天津 天津 tianjin
TIP 天津南 天津 tianjinnan
WWP 武清 天津 wuqing
COP 沧州 沧州 cangzhou
CBP 沧州西 沧州 cangzhouxi
DZP 德州 德州 dezhou
DIP 德州东 德州 dezhoudong
JNK 济南 济南 jinan
JGK 济南西 济南 jinanxi
TMK 泰安 泰安 taian
QAK 曲阜东 济宁 qufudong
XCH 徐州 徐州 xuzhou
UUH 徐州东 徐州 xuzhoudong
BBH 蚌埠 蚌埠 bengbu
BMH 蚌埠南 蚌埠 bengbunan
NJH 南京 南京 nanjing
NKH 南京南 南京 nanjingnan
ZJH 镇江 镇江 zhenjiang
CZH 常州 常州 changzhou
ESH 常州北 常州 changzhoubei
WXH 无锡 无锡 wuxi
WGH 无锡东 无锡 wuxidong
SZH 苏州 苏州 suzhou
OHH 苏州北 苏州 suzhoubei
KNH 昆山南 苏州 kunshannan
SHH 上海 上海 shanghai
AOH 上海虹桥 上海 shanghaihongqiao
HGH 杭州东 杭州 hangzhoudong
SJP 石家庄 石家庄 shijiazhuang
ZZF 郑州 郑州 zhengzhou
ZAF 郑州东 郑州 zhengzhoudong
EAY 西安北 西安 xianbei
WHN 武汉 武汉 wuhan
WCN 武昌 武汉 wuchang
CSQ 长沙 长沙 changsha
CWQ 长沙南 长沙 changshanan
HHQ 怀化 怀化 huaihua
GIW 贵阳 贵阳 guiyang
IZQ 广州南 广州 guangzhounan
`;

export const sampleStations: readonly Station[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [code = '', name = '', city = '', pinyin = ''] = line.split(' ');
    return { code, name, city, pinyin };
  });
