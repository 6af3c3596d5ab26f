// The trains of the sample timetable, as on a station's board: station, arrival/departure, km from the first stop.
import { everyDay, type Stop, type Train } from '@railhead/domain/timetable/timetable.ts';
import { sampleStations } from './stations.ts';

/** Hours continue past 24 on the days after the run date. */
const BOARD = `
G1 高速动车组 VNP -/09:00 0, JGK 10:22/10:24 406, NKH 12:24/12:26 1023, AOH 13:28/- 1318
G2 高速动车组 AOH -/09:00 0, NKH 09:59/10:01 295, JGK 12:02/12:04 912, VNP 13:26/- 1318
G3 高速动车组 VNP -/12:00 0, NKH 15:13/15:15 1023, AOH 16:18/- 1318
G4 高速动车组 AOH -/14:00 0, NKH 15:00/15:02 295, VNP 18:18/- 1318
G5 高速动车组 VNP -/07:00 0, TIP 07:31/07:33 122, JGK 08:30/08:32 406, NKH 10:33/10:35 1023, AOH 11:40/- 1318
G7 高速动车组 VNP -/10:00 0, JGK 11:22/11:24 406, NKH 13:24/13:26 1023, OHH 14:12/14:14 1237, AOH 14:38/- 1318
G9 高速动车组 VNP -/15:00 0, JGK 16:22/16:24 406, NKH 18:25/18:27 1023, AOH 19:30/- 1318
G102 高速动车组 AOH -/06:26 0, KNH 06:43/06:45 50, OHH 06:57/06:59 81, WGH 07:10/07:12 108, NKH 07:57/07:59 295, BMH 08:42/08:44 474, UUH 09:24/09:27 626, QAK 10:05/10:07 782, JGK 10:38/10:40 912, DIP 11:05/11:07 1004, TIP 11:52/11:54 1196, VNP 12:29/- 1318
G115 高速动车组 VNP -/09:10 0, CBP 10:01/10:03 210, DIP 10:30/10:32 314, JGK 10:56/10:58 406, TMK 11:15/11:17 465, UUH 12:14/12:17 692, NKH 13:38/13:40 1023, ESH 14:13/14:15 1153, WGH 14:32/14:34 1210, AOH 15:08/- 1318
G33 高速动车组 VNP -/07:45 0, JGK 09:09/09:11 406, NKH 11:13/11:15 1023, HGH 12:29/- 1279
G79 高速动车组 BXP -/10:00 0, SJP 11:07/11:09 281, ZAF 12:31/12:34 693, WHN 14:15/14:18 1229, CWQ 15:36/15:39 1591, IZQ 17:56/- 2298
G80 高速动车组 IZQ -/10:00 0, CWQ 12:18/12:21 707, WHN 13:40/13:43 1069, ZAF 15:24/15:27 1605, SJP 16:51/16:53 2017, BXP 18:01/- 2298
G651 高速动车组 BXP -/08:05 0, SJP 09:30/09:33 281, ZAF 11:13/11:17 693, EAY 13:40/- 1216
D301 普通动车组 VNP -/19:36 0, JGK 22:10/22:12 406, UUH 24:21/24:23 692, NKH 26:35/26:38 1023, AOH 31:12/- 1318
D701 普通动车组 BJP -/21:20 0, XCH 26:58/27:00 814, NJH 30:02/30:05 1162, SZH 32:04/32:06 1379, SHH 32:48/- 1463
C2001 城际动车组 VNP -/06:06 0, WWP 06:28/06:29 84, TJP 06:43/- 120
C2002 城际动车组 TJP -/06:18 0, WWP 06:32/06:33 36, VNP 06:55/- 120
C2003 城际动车组 VNP -/06:36 0, TJP 07:06/- 120
Z149 直达特快 BXP -/15:49 0, SJP 18:14/18:20 277, ZZF 22:01/22:07 689, WCN 26:42/26:50 1225, CSQ 30:08/30:14 1587, HHQ 35:12/35:20 2035, GIW 41:20/- 2489
T109 特快 BJP -/20:05 0, TJP 21:22/21:28 137, DZP 23:30/23:32 374, XCH 27:58/28:06 814, BBH 29:47/29:50 978, NJH 31:52/31:58 1162, CZH 33:12/33:15 1298, WXH 33:42/33:45 1337, SZH 34:12/34:16 1379, SHH 35:06/- 1463
T110 特快 SHH -/18:00 0, SZH 18:52/18:56 84, WXH 19:21/19:24 126, NJH 21:06/21:12 301, XCH 25:06/25:14 649, DZP 29:28/29:31 1089, TJP 31:36/31:42 1326, BJP 33:00/- 1463
K179 快速 BXP -/21:48 0, SJP 24:46/24:54 277, ZZF 29:38/- 689
K47 快速 BJP -/13:38 0, TJP 15:02/15:10 137, COP 16:22/16:24 257, JNK 18:50/19:02 497, XCH 22:40/22:52 814, BBH 24:50/24:56 978, NJH 27:20/27:30 1162, SHH 31:36/- 1463
1461 普快 BJP -/11:55 0, TJP 13:22/13:30 137, COP 14:42/14:46 257, DZP 16:00/16:10 374, JNK 17:32/17:46 497, XCH 21:50/22:06 814, BBH 24:12/24:20 978, NJH 26:46/26:56 1162, ZJH 27:48/27:51 1226, CZH 28:38/28:42 1298, WXH 29:16/29:20 1337, SZH 29:54/29:59 1379, SHH 31:10/- 1463
`;

const names = new Map(sampleStations.map(({ code, name }) => [code, name]));

const minute = (clock: string): number | null => {
  if (clock === '-') return null;
  const [hours, minutes] = clock.split(':').map(Number);
  return (hours ?? Number.NaN) * 60 + (minutes ?? Number.NaN);
};

const stopOf = (call: string): Stop => {
  const [code = '', clocks = '', km = ''] = call.split(' ');
  const [arrives = '', departs = ''] = clocks.split('/');
  return { code, name: names.get(code) ?? code, arrives: minute(arrives), departs: minute(departs), km: Number(km) };
};

export const sampleTrains: readonly Train[] = BOARD.trim()
  .split('\n')
  .map((line) => {
    const [train = '', type = '', ...calls] = line.split(' ');
    return { train, type, stops: calls.join(' ').split(', ').map(stopOf), service: everyDay };
  });
