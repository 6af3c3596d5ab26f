// The stations of the sample timetable, and other real ones with their codes and cities, and about how many trains call there in a day: those of China by their
// telegraph codes, those of Europe by codes that are made up here where they have none that is short.
import { sampleStations } from '@railhead/infra/timetable/sample/stations.ts';
import { sampleTrains } from '@railhead/infra/timetable/sample/trains.ts';
import type { StationFacts } from '@railhead/projections/station-search/station-keys.ts';

export type CalledStation = StationFacts & { readonly calls: number };

/** Code, name, city, trains a day; `_` stands for a space. */
const TABLE = `
VNP 北京南 北京 230, BJP 北京 北京 90, BXP 北京西 北京 210, VAP 北京北 北京 45, FTP 北京丰台 北京 120, IFP 北京朝阳 北京 85, IPP 北京大兴 北京 5, BDP 北京东 北京 6
IWP 北京大兴机场 北京 25, QIP 清河 北京 70, TJP 天津 天津 160, TIP 天津南 天津 80, TXP 天津西 天津 150, WWP 武清 天津 40, SJP 石家庄 石家庄 260, BDP2 保定东 保定 110
SHH 上海 上海 190, AOH 上海虹桥 上海 420, SNH 上海南 上海 110, IMH 上海松江 上海 60, NJH 南京 南京 200, NKH 南京南 南京 430, SZH 苏州 苏州 200, OHH 苏州北 苏州 130
KNH 昆山南 苏州 150, WXH 无锡 无锡 150, WGH 无锡东 无锡 110, CZH 常州 常州 150, ESH 常州北 常州 90, ZJH 镇江 镇江 110, UTH 泰州 泰州 60, TEH 台州 台州 70
UUH 徐州东 徐州 280, XCH 徐州 徐州 110, OXH 宿州 宿州 30, SRH 宿州东 宿州 60, BBH 蚌埠 蚌埠 70, BMH 蚌埠南 蚌埠 120, HFH 合肥 合肥 60, ENH 合肥南 合肥 330
AQH 安庆 安庆 20, UAH 六安 六安 70, WHH 芜湖 芜湖 110, HGH 杭州东 杭州 440, HZH 杭州 杭州 70, HVU 杭州西 杭州 90, NGH 宁波 宁波 130, VRH 温州南 温州 150
SOH 绍兴北 绍兴 90, YWH 义乌 金华 150, JBH 金华 金华 140, JNK 济南 济南 120, JGK 济南西 济南 190, MDK 济南东 济南 90, QDK 青岛 青岛 70, QHK 青岛北 青岛 120
TMK 泰安 泰安 110, TAT 台安 鞍山 8, QAK 曲阜东 济宁 70, YTK 烟台 烟台 50, WFK 潍坊 潍坊 90, WKK 潍坊北 潍坊 70, DZP 德州 德州 50, DIP 德州东 德州 90
ZZF 郑州 郑州 170, ZAF 郑州东 郑州 430, LYF 洛阳 洛阳 80, LLF 洛阳龙门 洛阳 110, KFF 开封 开封 40, AYF 安阳 安阳 50, XJA 新乡东 新乡 80, SPF 商丘 商丘 130
WHN 武汉 武汉 320, HKN 汉口 武汉 210, WCN 武昌 武汉 150, YCN 宜昌东 宜昌 130, XFN 襄阳 襄阳 40, EKN 襄阳东 襄阳 110, HAN 宜昌 宜昌 10, CSQ 长沙 长沙 100
CWQ 长沙南 长沙 380, HYQ 衡阳 衡阳 60, HVQ 衡阳东 衡阳 190, YIQ 益阳 益阳 20, HHQ 怀化 怀化 50, KAQ 怀化南 怀化 120, ZZQ 株洲 株洲 70, IOQ 深圳北 深圳 400
SZQ 深圳 深圳 110, OSQ 深圳东 深圳 30, NZQ 深圳坪山 深圳 90, NFQ 福田 深圳 70, GZQ 广州 广州 130, IZQ 广州南 广州 470, GGQ 广州东 广州 140, GBQ 广州白云 广州 120
ZHQ 珠海 珠海 100, FQQ 佛山西 佛山 70, KOA 香港西九龙 香港 110, XAY 西安 西安 150, EAY 西安北 西安 370, BJY 宝鸡 宝鸡 70, BBY 宝鸡南 宝鸡 90, HOY 汉中 汉中 60
YWY 延安 延安 30, LZJ 兰州 兰州 90, LAJ 兰州西 兰州 170, XNO 西宁 西宁 80, GRO 格尔木 格尔木 12, LSO 拉萨 拉萨 14, RKO 日喀则 日喀则 6, LZO 林芝 林芝 6
YIJ 银川 银川 60, WMR 乌鲁木齐 乌鲁木齐 70, WAR 乌鲁木齐南 乌鲁木齐 12, TFR 吐鲁番 吐鲁番 8, TFO 吐鲁番北 吐鲁番 30, KSR 喀什 喀什 10, HMR 哈密 哈密 30, CDW 成都 成都 60
ICW 成都东 成都 380, CNW 成都南 成都 120, CUW 重庆 重庆 10, CUW2 重庆北 重庆 250, CXW 重庆西 重庆 230, ESW 重庆沙坪坝 重庆 100, ICB 绵阳 绵阳 140, GIW 贵阳 贵阳 50
KQW 贵阳北 贵阳 280, KOM 昆明南 昆明 190, KMM 昆明 昆明 90, DKM 大理 大理 60, LHM 丽江 丽江 40, NNZ 南宁 南宁 80, NFZ 南宁东 南宁 210, GLZ 桂林 桂林 90
GBZ 桂林北 桂林 110, LZZ 柳州 柳州 130, VUQ 三亚 三亚 60, HMQ 海口东 海口 70, FZS 福州 福州 130, FYS 福州南 福州 160, XMS 厦门 厦门 60, XKS 厦门北 厦门 190
QRS 泉州 泉州 120, FZG 抚州 抚州 60, NCG 南昌 南昌 110, NXG 南昌西 南昌 200, JJG 九江 九江 80, GZG 赣州 赣州 40, GNG 赣州西 赣州 90, SYT 沈阳 沈阳 140
SBT 沈阳北 沈阳 260, SOT 沈阳南 沈阳 80, DLT 大连 大连 60, DFT 大连北 大连 110, AST 鞍山 鞍山 50, JZD 锦州 锦州 50, DDT 丹东 丹东 30, CCT 长春 长春 190
CRT 长春西 长春 60, JLL 吉林 吉林 90, YJL 延吉西 延吉 40, HBB 哈尔滨 哈尔滨 110, VAB 哈尔滨西 哈尔滨 170, VBB 哈尔滨东 哈尔滨 20, QHX 齐齐哈尔 齐齐哈尔 50, JMB 佳木斯 佳木斯 30
SUB 绥化 绥化 40, HHC 呼和浩特 呼和浩特 60, NDC 呼和浩特东 呼和浩特 120, BTC 包头 包头 60, TYV 太原 太原 60, TNV 太原南 太原 170, DTV 大同 大同 40, AOV 大同南 大同 50
LXV 吕梁 吕梁 30, LKV 旅顺 大连 2, YDX 铅山 上饶 10, SRG 上饶 上饶 170, TPJ 台前 濮阳 12, SSN 沙市 荆州 4, JBN 荆州 荆州 90, HRH 黄山北 黄山 80
BLB Berlin_Hbf Berlin 600, BLO Berlin_Ostbahnhof Berlin 200, BLS Berlin_Südkreuz Berlin 300, BLZ Berlin-Spandau Berlin 150, BLG Berlin_Gesundbrunnen Berlin 160, MUC München_Hbf München 550, MUO München_Ost München 250, MUP München-Pasing München 260
FRH Frankfurt_(Main)_Hbf Frankfurt_am_Main 700, FRS Frankfurt_(Main)_Süd Frankfurt_am_Main 200, FRF Frankfurt_(M)_Flughafen_Fernbf Frankfurt_am_Main 180, FRO Frankfurt_(Oder) Frankfurt_(Oder) 60, HHB Hamburg_Hbf Hamburg 600, HHA Hamburg-Altona Hamburg 200, HHD Hamburg_Dammtor Hamburg 250, KOE Köln_Hbf Köln 650
KOD Köln_Messe/Deutz Köln 300, DUS Düsseldorf_Hbf Düsseldorf 500, STU Stuttgart_Hbf Stuttgart 400, NUE Nürnberg_Hbf Nürnberg 350, LEI Leipzig_Hbf Leipzig 350, DRE Dresden_Hbf Dresden 250, HAN2 Hannover_Hbf Hannover 450, BRE Bremen_Hbf Bremen 300
WUE Würzburg_Hbf Würzburg 200, GOE Göttingen Göttingen 150, MAI Mainz_Hbf Mainz 250, MAN Mannheim_Hbf Mannheim 350, KAR Karlsruhe_Hbf Karlsruhe 300, FRB Freiburg_(Breisgau)_Hbf Freiburg 200, ULM Ulm_Hbf Ulm 200, AUG Augsburg_Hbf Augsburg 250
WIE Wien_Hbf Wien 450, WIM Wien_Meidling Wien 350, WIW Wien_Westbahnhof Wien 150, SAL Salzburg_Hbf Salzburg 250, INN Innsbruck_Hbf Innsbruck 180, GRA Graz_Hbf Graz 200, LIN Linz_Hbf Linz 220, ZUE Zürich_HB Zürich 800
ZUF Zürich_Flughafen Zürich 350, ZUO Zürich_Oerlikon Zürich 300, BER Bern Bern 500, BAS Basel_SBB Basel 400, BAB Basel_Bad_Bf Basel 150, GEN Genève Genève 250, GEA Genève-Aéroport Genève 150, LAU Lausanne Lausanne 300
LUZ Luzern Luzern 250, STG St._Gallen St._Gallen 200, INT Interlaken_Ost Interlaken 80, LUG Lugano Lugano 100, CHU Chur Chur 100, PGL Paris_Gare_de_Lyon Paris 300, PNO Paris_Gare_du_Nord Paris 400, PES Paris_Est Paris 200
PMO Paris_Montparnasse Paris 250, PSL Paris_Saint-Lazare Paris 350, PAU Paris_Austerlitz Paris 120, LPD Lyon_Part-Dieu Lyon 250, LPE Lyon_Perrache Lyon 120, MSC Marseille_Saint-Charles Marseille 150, LIE Lille_Flandres Lille 180, LIU Lille_Europe Lille 100
STR Strasbourg-Ville Strasbourg 200, BOR Bordeaux_Saint-Jean Bordeaux 180, TOU Toulouse-Matabiau Toulouse 150, NAN Nantes Nantes 150, NIC Nice-Ville Nice 120, MTP Montpellier_Saint-Roch Montpellier 100, AVT Avignon_TGV Avignon 70, CDG Aéroport_Charles-de-Gaulle_2_TGV Paris 80
BXM Bruxelles-Midi Bruxelles 450, BXC Bruxelles-Central Bruxelles 500, ANC Antwerpen-Centraal Antwerpen 250, GSP Gent-Sint-Pieters Gent 250, LGG Liège-Guillemins Liège 150, AMC Amsterdam_Centraal Amsterdam 500, AMZ Amsterdam_Zuid Amsterdam 300, SHL Schiphol_Airport Schiphol 350
ROT Rotterdam_Centraal Rotterdam 350, UTR Utrecht_Centraal Utrecht 500, DHC Den_Haag_Centraal Den_Haag 250, MIC Milano_Centrale Milano 400, MIG Milano_Porta_Garibaldi Milano 250, ROM Roma_Termini Roma 500, ROT2 Roma_Tiburtina Roma 250, VSL Venezia_Santa_Lucia Venezia 200
VME Venezia_Mestre Venezia 250, FSM Firenze_Santa_Maria_Novella Firenze 300, TPN Torino_Porta_Nuova Torino 250, NAC Napoli_Centrale Napoli 250, BOC Bologna_Centrale Bologna 400, GPP Genova_Piazza_Principe Genova 180, VPN Verona_Porta_Nuova Verona 220, MAA Madrid_Puerta_de_Atocha Madrid 250
MAC Madrid_Chamartín Madrid 200, BCS Barcelona_Sants Barcelona 300, SEV Sevilla_Santa_Justa Sevilla 100, VAL Valencia_Joaquín_Sorolla Valencia 60, ZAZ Zaragoza-Delicias Zaragoza 80, MAL Málaga_María_Zambrano Málaga 70, LIS Lisboa_Santa_Apolónia Lisboa 80, LIO Lisboa_Oriente Lisboa 200
POR Porto_Campanhã Porto 150, KBH København_H København 350, STO Stockholm_Central Stockholm 350, GBG Göteborg_Central Göteborg 250, MLM Malmö_Central Malmö 250, OSL Oslo_S Oslo 300, HKI Helsinki Helsinki 300, PRG Praha_hlavní_nádraží Praha 300
WAC Warszawa_Centralna Warszawa 250, WAZ Warszawa_Zachodnia Warszawa 250, KRK Kraków_Główny Kraków 200, GDN Gdańsk_Główny Gdańsk 150, WRO Wrocław_Główny Wrocław 180, POZ Poznań_Główny Poznań 200, BUD Budapest-Keleti Budapest 180, BUN Budapest-Nyugati Budapest 150
LUX Luxembourg Luxembourg 200, AAR Aarhus_H Aarhus 120, ODE Odense Odense 200, BRN Brno_hlavní_nádraží Brno 150, BRA Bratislava_hlavná_stanica Bratislava 150, LJU Ljubljana Ljubljana 80, ZGB Zagreb_Glavni_kolodvor Zagreb 90, STP London_St_Pancras_International London 250
LKX London_King’s_Cross London 300, LEU London_Euston London 350, MPI Manchester_Piccadilly Manchester 300, EDB Edinburgh_Waverley Edinburgh 250, YRK York York 200, LAQ L'Aquila L'Aquila 15, VLL Villé Villé 2
`;

const pinyinOf = new Map(sampleStations.map(({ code, pinyin }) => [code, pinyin]));

const WRITTEN: readonly CalledStation[] = TABLE.trim()
  .split(/[,\n]/u)
  .map((entry) => {
    const [code = '', name = '', city = '', calls = ''] = entry.trim().split(' ');
    const spaced = (text: string): string => text.replaceAll('_', ' ');
    return { code, name: spaced(name), city: spaced(city), pinyin: pinyinOf.get(code) ?? '', calls: Number(calls) };
  });

const written = new Set(WRITTEN.map(({ code }) => code));
const OF_THE_SAMPLE = sampleStations
  .filter(({ code }) => !written.has(code))
  .map((station): CalledStation => {
    const calls = sampleTrains.filter(({ stops }) => stops.some(({ code }) => code === station.code)).length;
    return { ...station, calls };
  });

export const STATIONS: readonly CalledStation[] = [...WRITTEN, ...OF_THE_SAMPLE];
