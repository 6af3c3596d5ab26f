// What is shown of something as single values, each with the path to it: `items[1].seat`.

/** Undefined is not among them: what has no value has no leaf. */
export type Leaf = string | number | boolean | null;
export type Leaves = ReadonlyMap<string, Leaf>;

/** By what the elements of these lists are told apart. In other lists it is their place. */
const KEYS: Readonly<Record<string, string>> = {
  items: 'itemNo',
  payments: 'paymentNo',
  refunds: 'refundNo',
  changes: 'changeNo',
  orders: 'orderNo',
  coaches: 'coach',
  withdrawals: 'withdrawalNo',
  stock: 'seatClass',
  locks: 'lockId',
};

export const leavesOf = (value: unknown): Leaves => {
  const leaves = new Map<string, Leaf>();
  collect(value, '', '', leaves);
  return leaves;
};

/** `name`: of the member that has the value. */
const collect = (value: unknown, path: string, name: string, leaves: Map<string, Leaf>): void => {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries())
      collect(element, `${path}[${keyOf(element, name) ?? index}]`, '', leaves);
  } else if (typeof value === 'object' && value !== null) {
    for (const [member, inner] of Object.entries(value))
      collect(inner, path === '' ? member : `${path}.${member}`, member, leaves);
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    leaves.set(path, value);
};

const keyOf = (element: unknown, list: string): unknown => {
  const key = KEYS[list];
  return key === undefined || typeof element !== 'object' || element === null
    ? undefined
    : Object.entries(element).find(([member]) => member === key)?.[1];
};
