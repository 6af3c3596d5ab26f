// Four commands that buy a ticket. They can be pasted into any POSIX shell with curl.

export type FirstTrain = {
  readonly train: string;
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly seatClass: string;
};

/** `token`: shell text that gives one. */
export const shoppingExample = (url: string, token: string, first: FirstTrain): string => {
  const { train, date, from, to, seatClass } = first;
  // Nobody is twice on one train, so whoever pastes this again buys for somebody else.
  const idNo = `E'$(date +%s)'`;
  const passengers = [{ name: '张三', idType: 'passport', idNo, kind: 'adult', wants: 'window' }];
  const order = JSON.stringify({ train, date, from, to, seatClass, passengers });
  const auth = `-H "Authorization: Bearer $TOKEN"`;
  const json = `-H 'Content-Type: application/json'`;
  const pick = (field: string): string => `sed -n 's/.*"${field}":"\\([^"]*\\)".*/\\1/p'`;
  return `  # 1 search
  curl -s '${url}/v1/trains?from=${from}&to=${to}&date=${date}'

  # 2 order a seat
  TOKEN=${token}
  ORDER=$(curl -s ${auth} ${json} -H 'Prefer: wait=5' -d '${order}' ${url}/v1/orders | ${pick('orderNo')}); echo "order $ORDER"

  # 3 pay at the sandbox gateway; its signed notice follows
  PAY=$(curl -s ${auth} ${json} -d '{"channel":"sandbox"}' ${url}/v1/orders/$ORDER/payments | ${pick('payUrl')})
  curl -s ${json} -d '{"outcome":"paid"}' $PAY

  # 4 the ticket, and everything that happened to it
  sleep 1; curl -s ${auth} ${url}/v1/orders/$ORDER; curl -s ${auth} ${url}/v1/orders/$ORDER/history`;
};
