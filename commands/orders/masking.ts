// Personal data as it may be shown: enough to recognise one's own, not enough to use another's.

/** 张三 -> 张*; "Ada Lovelace" -> "A***********". */
export const maskName = (name: string): string => {
  const [first = '', ...rest] = [...name];
  return first + '*'.repeat(rest.length);
};

/** All but the last four characters, and none at all of a short one. */
export const maskIdNo = (idNo: string): string =>
  idNo.length <= 6 ? '*'.repeat(idNo.length) : '*'.repeat(idNo.length - 4) + idNo.slice(-4);

type Named = { readonly name: string; readonly idNo: string };

export const maskPassenger = <Person extends Named>(passenger: Person): Person => ({
  ...passenger,
  name: maskName(passenger.name),
  idNo: maskIdNo(passenger.idNo),
});
