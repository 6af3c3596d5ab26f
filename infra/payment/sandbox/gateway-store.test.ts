import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { GatewayStore } from './gateway-store.ts';

const folder = tempFolder();

test('the book of an earlier version is kept: what was paid is in it, and what was refunded cannot be refunded again', () => {
  const path = join(folder, 'gateway.db');
  const db = new DatabaseSync(path);
  db.exec(`
    CREATE TABLE payments (
      payment_no TEXT PRIMARY KEY, order_no TEXT NOT NULL, amount_fen INTEGER NOT NULL, currency TEXT NOT NULL,
      status TEXT NOT NULL, version INTEGER NOT NULL, notify_url TEXT NOT NULL
    ) STRICT;
    INSERT INTO payments VALUES ('N1P1', 'N1', 500, 'CNY', 'paid', 1, 'u'), ('N2P1', 'N2', 300, 'CNY', 'refunded', 2, 'u'),
      ('N3P1', 'N3', 100, 'CNY', 'created', 0, 'u');
  `);
  db.close();
  for (let opened = 0; opened < 2; opened += 1) {
    const store = new GatewayStore(path);
    expect(store.find('N1P1')).toMatchObject({ status: 'paid', amountFen: 500, version: 1, gatewayRef: '' });
    expect(store.refundsOf('N2P1')).toEqual([{ paymentNo: 'N2P1', refundNo: 'N2P1R1', amountFen: 300 }]);
    expect(store.movements(0, 1).map(({ kind, paymentNo }) => `${kind} ${paymentNo}`)).toEqual([
      'payment N1P1',
      'payment N2P1',
      'refund N2P1',
    ]);
    store.close();
  }
});

test('a payment that is paid stays paid when it is to be closed; every other is closed', () => {
  const store = new GatewayStore(join(folder, 'closing.db'));
  const payment = { orderNo: 'N', amountFen: 1, currency: 'CNY', notifyUrl: 'u' };
  for (const paymentNo of ['P1', 'P2', 'P3']) store.create({ ...payment, paymentNo });
  const act = (paymentNo: string, outcome: 'paid' | 'declined'): void => {
    const found = store.find(paymentNo);
    if (found !== undefined) store.act(found, outcome, { version: 1, gatewayRef: 'r', atMs: 0 }, []);
  };
  act('P1', 'paid');
  act('P2', 'declined');
  for (const paymentNo of ['P1', 'P2', 'P3', 'P4']) store.shut(paymentNo);
  store.create({ ...payment, paymentNo: 'P4' });
  expect(['P1', 'P2', 'P3', 'P4'].map((paymentNo) => store.find(paymentNo)?.status)).toEqual([
    'paid',
    'closed',
    'closed',
    'closed',
  ]);
  store.close();
});
