// Characters that are the same to whoever types them: traditional and simplified Chinese, and Latin letters that Unicode
// does not take apart.

/** Each traditional character with its simplified one: those that occur in names of places. */
const TRADITIONAL = `
東东濱滨廣广漢汉長长陽阳濟济瀋沈臺台灣湾慶庆門门連连寧宁貴贵雲云蘭兰銀银烏乌魯鲁齊齐蘇苏無无錫锡鎮镇揚扬紹绍興兴溫温麗丽衛卫嶺岭橋桥龍龙崗岗嶽岳華华義义黃黄岡冈鄭郑開开縣县韓韩關关圍围機机場场
車车莊庄樂乐豐丰鄉乡馬马銅铜燈灯頭头爾尔濰潍煙烟島岛萊莱蕪芜棗枣淵渊滄沧遼辽綏绥營营盤盘錦锦葉叶鐵铁嶼屿廈厦巖岩贛赣撫抚鷹鹰萬万吳吴渾浑楓枫魚鱼漁渔鳳凤鶴鹤鶏鸡雞鸡鴨鸭騰腾驛驿驢驴駐驻騾骡團团
園园圓圆圖图國国壩坝壽寿夾夹奧奥婁娄孫孙學学寶宝實实寬宽將将專专對对導导峽峡崑昆崙仑帶带幾几庫库應应廟庙廠厂張张彌弥後后從从徑径復复徳德懷怀戰战戶户擔担攔拦據据斬斩斷断晉晋晝昼曉晓會会條条楊杨
業业構构樓楼標标樹树橫横檔档檢检櫃柜歐欧歲岁歸归殺杀淨净淺浅渦涡測测湊凑湯汤溝沟滅灭滬沪漲涨漣涟漸渐潛潜潤润潁颍澤泽澗涧濤涛濕湿瀏浏瀘泸瀾澜灤滦為为牆墙獅狮獨独獻献瑪玛環环瓊琼畢毕異异當当療疗
發发監监盧卢眾众礎础礦矿禮礼禪禅種种穀谷穩稳窯窑竅窍競竞筆笔節节範范築筑簡简糧粮紀纪紅红納纳紡纺組组結结絳绛統统絲丝經经綠绿維维網网綿绵緊紧線线練练縉缙縱纵織织繞绕羅罗聖圣聯联聲声肅肃腳脚臨临
舊旧艙舱艷艳蒼苍蓋盖蓮莲蔣蒋蕭萧薊蓟薩萨藍蓝藥药處处蝦虾蟲虫補补裡里製制複复覺觉觀观計计訪访許许證证譚谭護护豬猪貝贝費费賀贺資资賓宾賢贤贊赞趙赵躍跃輝辉輪轮轉转農农迴回運运過过達达違违遠远適适
遷迁選选遺遗邊边鄒邹鄧邓鄰邻鄲郸醫医釋释鈴铃鋼钢錄录錢钱鍋锅鎖锁鏡镜鐘钟鑽钻閃闪閉闭間间閘闸閩闽閬阆閣阁闊阔隊队階阶際际隨随險险隱隐隴陇雙双雜杂離离難难電电靈灵靜静韋韦響响頂顶項项順顺頓顿預预
領领頡颉頻频題题顏颜風风飛飞館馆饒饶驟骤體体鬆松鮮鲜麥麦點点鼇鳌龜龟嵐岚崢峥嶧峄峯峰淶涞棲栖滎荥滿满濬浚獲获甕瓮甌瓯盡尽碭砀碩硕磚砖郟郏鄖郧鉛铅鎣蓥陝陕隸隶雋隽驊骅鰲鳌鹽盐蘆芦蘄蕲儀仪亞亚倉仓
偉伟傑杰內内劍剑劉刘勝胜勞劳協协單单啟启嚴严墊垫堯尧墾垦夢梦尋寻嶗崂嶸嵘巒峦廬庐彎弯憲宪愛爱於于昇升書书樅枞櫟栎欽钦歷历沖冲瑤瑶瑯琅甯宁縈萦膠胶與与蓀荪號号詔诏詩诗諸诸諾诺謝谢貢贡賴赖軍军進进
遊游鄆郓銘铭鋪铺額额騎骑鬱郁鯉鲤齡龄淩凌涇泾榮荣洩泄壯壮
`;

const LATIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** How German and Danish write these letters where a keyboard lacks them. */
const WRITTEN_OUT: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };

const simplified = new Map(
  [...TRADITIONAL.replaceAll('\n', '').matchAll(/../gsu)].map(([[traditional = '', simple = ''] = '']) => [
    traditional,
    simple,
  ]),
);

/** A folded text with one character for each that is written in several ways. */
export const sameCharacters = (text: string): string =>
  text.replaceAll(/[\p{sc=Han}ßæœøłđðþı]/gu, (letter) => LATIN[letter] ?? simplified.get(letter) ?? letter);

/** The text with ä as ae; the same text where there is nothing to write out. */
export const writtenOut = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[äöüåø]/gu, (letter) => WRITTEN_OUT[letter] ?? letter);
