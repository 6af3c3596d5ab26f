// Other names of places: in English, or in another language of the country.

/**
 * Other names by the beginning of a station's name, up to the end of a word: what stands for München stands so in
 * München Hbf as well.
 */
export type StationAliases = Readonly<Record<string, readonly string[]>>;
