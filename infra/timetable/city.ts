// The city a station serves when nothing but its name says so.

/** 上海虹桥 stays what it is; 北京南, 北京西 and 北京 are all 北京. A name of two characters keeps both. */
export const cityOfStation = (name: string): string =>
  /[东西南北]$/u.test(name) && [...name].length > 2 ? name.slice(0, -1) : name;
