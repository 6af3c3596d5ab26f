// Masks personal data: enough is left to recognise one's own data, too little to use another person's.

/** 张三 -> 张*; "Ada Lovelace" -> "A***********". A name of one letter is hidden whole. */
export const maskName = (name: string): string => {
  const [first = '', ...rest] = [...name];
  return rest.length === 0 ? '*'.repeat([...first].length) : first + '*'.repeat(rest.length);
};

/** Keeps the last four characters; of a short number none. */
export const maskIdNo = (idNo: string): string =>
  idNo.length <= 6 ? '*'.repeat(idNo.length) : '*'.repeat(idNo.length - 4) + idNo.slice(-4);

type Named = { readonly name: string; readonly idNo: string };

export const maskPassenger = <Person extends Named>(passenger: Person): Person => ({
  ...passenger,
  name: maskName(passenger.name),
  idNo: maskIdNo(passenger.idNo),
});

/** All that an event has, with the people in it masked wherever they stand: whatever has the number of a document. */
export const withoutPersonalData = (data: unknown): unknown => {
  if (Array.isArray(data)) return data.map(withoutPersonalData);
  if (typeof data !== 'object' || data === null) return data;
  const fields = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, withoutPersonalData(value)]));
  const { name, idNo } = fields;
  if (typeof idNo !== 'string') return fields;
  return { ...fields, ...(typeof name === 'string' ? { name: maskName(name) } : {}), idNo: maskIdNo(idNo) };
};
