// The name of a notice that was refused: what makes it another one than all others of its payment.

export type NoticeId = {
  readonly paymentNo: string;
  readonly outcome: 'paid' | 'declined';
  readonly version: number;
  readonly amountFen: number;
};

/** `N1P1-3-paid-500` */
export const noticeIdOf = ({ paymentNo, outcome, version, amountFen }: NoticeId): string =>
  `${paymentNo}-${version}-${outcome}-${amountFen}`;

/** Undefined for a text that names no notice. */
export const noticeOf = (id: string): NoticeId | undefined => {
  const [, paymentNo, version, outcome, amountFen] = /^([A-Za-z0-9]+)-(\d+)-(paid|declined)-(\d+)$/.exec(id) ?? [];
  if (paymentNo === undefined || (outcome !== 'paid' && outcome !== 'declined')) return undefined;
  return { paymentNo, outcome, version: Number(version), amountFen: Number(amountFen) };
};
