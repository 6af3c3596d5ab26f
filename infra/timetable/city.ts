// Guesses a station's city from its name, where the timetable does not give one.

/** 上海虹桥 stays as it is; 北京南, 北京西 and 北京 give 北京. A name of two characters keeps both. */
export const cityOfStation = (name: string): string =>
  /[东西南北]$/u.test(name) && [...name].length > 2 ? name.slice(0, -1) : name;
