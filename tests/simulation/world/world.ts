// One simulated world: a log, a gateway, one node or two, and everybody who acts. `live` runs a day with all its
// faults, then stops the faults, and waits until nothing is left to do.

import { receiveNotice } from '@railhead/commands/payments/receive-notice.ts';
import { openRuns } from '@railhead/commands/runs/open-runs.ts';
import { importTimetable } from '@railhead/commands/timetable/import-timetable.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { addDays, everyDay, type Train } from '@railhead/domain/timetable/timetable.ts';
import { BEIJING } from '../../support/fixed-clock.ts';
import { Truth } from '../checks/truth.ts';
import { Dice } from '../kernel/dice.ts';
import { Scheduler } from '../kernel/scheduler.ts';
import { Trace } from '../kernel/trace.ts';
import type { Weather } from '../ports/network.ts';
import { WORLD_STARTS } from '../ports/sim-clock.ts';
import { SimGateway } from '../ports/sim-gateway.ts';
import { SimIssuer } from '../ports/sim-issuer.ts';
import { SimLog } from '../ports/sim-log.ts';
import { newReadDisk, type ReadDisk } from '../ports/sim-sql.ts';
import type { Composed } from './composed.ts';
import { NO_FAULTS, STRANGE_ORDER } from './faults.ts';
import { type Parts, SimNode } from './node.ts';
import { type Act, type Plan, type RunPlan, stationOf } from './plan.ts';
import { type Seam, UNTOUCHED } from './seam.ts';
import { Violation } from './violation.ts';

const MINUTE_MS = 60_000;
const LARGEST_JUMP_MS = 30 * MINUTE_MS;
/**
 * The longest time to come to rest after the last fault: the time to pay with the grace, or the longest pause of who
 * asks the gateway, and twice the largest clock error, once when the time was set and once while it was waited for.
 */
const REST_WITHIN_MS = 40 * MINUTE_MS + 2 * LARGEST_JUMP_MS;
/** Events that may be written after the last fault. Who writes more goes round in circles. */
const MOST_AT_THE_END = 1_500;
/** A message may be so late that it arrives after the last fault. */
const LAST_MESSAGE_MS = 4 * MINUTE_MS;
const LOOK_EVERY_MS = 5_000;
const LONGEST_DOWN_MS = 20_000;
const LONGEST_CUT_MS = 90_000;
/** A process asked to stop waits for its clients, and for calls that have to time out first, some of them repeatedly. */
const LONGEST_STOP_MS = 30 * MINUTE_MS;
const MOST_FORGOTTEN = 8;
const LONGEST_FULL_MS = 8 * MINUTE_MS;
const LONGEST_AWAY_MS = 40 * MINUTE_MS;
const BACKUP_EVERY_MS = 3 * MINUTE_MS;

const TARIFF = {
  name: 'flat',
  ratesMilliFenPerKm: { second: 46_000, first: 74_000, standing: 31_000 },
  bands: [{ percent: 100 }],
  minimumFen: 100,
  roundToFen: 50,
  percentOfAdult: { adult: 100, child: 50, student: 75 },
};

const uuidOf = (dice: Dice): string => {
  const digits = Array.from({ length: 32 }, () => dice.between(0, 15).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** What a traveller has been told of an order, and when. */
export type Answer = { readonly order: Order; readonly atMs: number };

export class World {
  readonly plan: Plan;
  readonly seam: Seam;
  readonly scheduler = new Scheduler();
  readonly trace: Trace;
  readonly log: SimLog;
  readonly gateway: SimGateway;
  readonly issuer: SimIssuer;
  truth: Truth;
  readonly nodes: SimNode[] = [];
  /**
   * The run date of everything on sale: some days ahead, so that no train leaves whatever the clocks show; or today.
   */
  readonly date: string;
  readonly nextDate: string;
  /** Orders by idempotency key. Two orders for one key would charge somebody twice for one journey. */
  readonly keys = new Map<string, Set<string>>();
  readonly answers = new Map<string, Answer>();
  readonly compositions: Composed[] = [];
  operations = 0;
  #sharedReads: ReadDisk | undefined;
  readonly #dice: Dice;
  readonly #weather: Weather;
  #acting = 0;
  #ended = false;

  constructor(plan: Plan, seam: Seam = UNTOUCHED) {
    this.plan = plan;
    this.seam = seam;
    this.trace = new Trace(() => this.scheduler.now);
    this.#dice = new Dice(`world/${plan.seed}`);
    this.#weather = { faults: plan.faults };
    this.log = new SimLog(plan.atomicStreams);
    this.date = addDays('2026-11-21', plan.trains.some(({ leaves }) => leaves !== undefined) ? 0 : 2);
    this.nextDate = addDays(this.date, 1);
    this.truth = this.#newTruth();
    this.issuer = new SimIssuer(this.#dice.fork('issuer'), this.#weather, this.trace);
    this.gateway = new SimGateway(this.scheduler, this.#dice.fork('gateway'), this.#weather, this.trace, (notice) =>
      seam.notice(notice, async () => {
        const heard = await this.ask(`notice of ${notice.paymentNo}`, ({ store, clock }) =>
          receiveNotice({ store, clock }, notice),
        );
        // A refusal is an answer too, but only an accepted notice counts as delivered.
        return heard?.ok === true;
      }),
    );
  }

  /** Runs the whole day; `perform` plays an act. Throws a `Violation`, or any other failure. */
  async live(perform: (act: Act) => Promise<void>): Promise<void> {
    await this.#openSale();
    const { plan } = this;
    const embedded = plan.embedded === true && plan.atomicStreams && plan.nodes === 1;
    if (plan.sharedReads === true && plan.nodes > 1) this.#sharedReads = await newReadDisk();
    for (let n = 0; n < plan.nodes; n += 1) this.nodes.push(await this.#newNode(`node${n + 1}`, embedded));
    if (this.#dice.fork('log put back').chance(plan.faults.logPutBack)) await this.#sellAndForget(perform);
    for (const node of this.nodes) node.start();
    for (const act of plan.acts) this.scheduler.after(act.atMs, () => this.#begin(act, perform));
    for (const node of this.nodes) void this.#weatherOf(node);
    void this.#weatherOfGateway();
    void this.#direct().catch((error: unknown) => this.scheduler.fail(error));
    await this.scheduler.run(
      () => this.#ended,
      () => {
        for (const commit of this.log.fresh.splice(0)) this.truth.add(commit);
      },
    );
    if (!this.#ended) throw new Violation('STANDSTILL', 'nothing is left to happen, and the day is not over');
  }

  /** A node that never served before, to look at what the others left. */
  async lateNode(): Promise<SimNode> {
    const node = await this.#newNode('late', false);
    this.nodes.push(node);
    return node;
  }

  /** Lets the world go on until `work` is done. */
  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    let result: { readonly value: Value } | undefined;
    work().then(
      (value) => {
        result = { value };
      },
      (error: unknown) => this.scheduler.fail(error),
    );
    await this.scheduler.run(
      () => result !== undefined,
      () => {
        for (const commit of this.log.fresh.splice(0)) this.truth.add(commit);
      },
    );
    if (result === undefined) throw new Violation('STANDSTILL', 'nothing is left to happen, and somebody waits');
    return result.value;
  }

  close(): void {
    for (const node of this.nodes) {
      node.kill('the world ends');
      node.readDisk.close();
    }
    this.#sharedReads?.close();
  }

  // What those who act can do.

  sleep(ms: number): Promise<void> {
    return this.scheduler.sleep(ms);
  }

  count(): void {
    this.operations += 1;
  }

  /** One request to a node that is up; undefined if it failed, or the node died of it. */
  async ask<Value>(what: string, work: (parts: Parts) => Promise<Value>): Promise<Value | undefined> {
    this.count();
    const parts = this.#dice.pick(this.nodes).parts;
    if (parts === undefined) {
      await this.sleep(1_000);
      return undefined;
    }
    this.trace.step('outside', `${what} (${parts.life.name})`);
    try {
      return await parts.life.serve(() => work(parts));
    } catch (error) {
      this.trace.step('outside', `${what} failed: ${String(error)}`);
      await this.sleep(100);
      return undefined;
    }
  }

  /** Repeats a request until there is an answer, up to eight times. */
  async insist<Value>(dice: Dice, what: string, work: (parts: Parts) => Promise<Value>): Promise<Value | undefined> {
    for (let patience = 8; patience > 0; patience -= 1) {
      const answer = await this.ask(what, work);
      if (answer !== undefined) return answer;
      await this.sleep(dice.next() * 4_000);
    }
    return undefined;
  }

  payAtGateway(paymentNo: string, outcome: 'paid' | 'declined'): void {
    this.count();
    this.gateway.pay(paymentNo, outcome);
  }

  /** A traveller was told that the order is placed. */
  requested(userId: string, key: string, orderNo: string): void {
    if (!this.truth.orders.has(orderNo))
      throw new Violation('NOT_DURABLE', `order ${orderNo} was answered, and the log does not have it`);
    const name = `${userId}/${key}`;
    this.keys.set(name, (this.keys.get(name) ?? new Set()).add(orderNo));
  }

  answered(order: Order): void {
    if (!this.answers.has(order.orderNo)) this.answers.set(order.orderNo, { order, atMs: this.scheduler.now });
  }

  composed(answer: Composed): void {
    this.compositions.push(answer);
  }

  /** A planned restart: the process is killed and the next one starts soon. */
  replace(node: SimNode): void {
    node.kill('replaced');
    this.#startLater(node);
  }

  /**
   * Like `replace`, but the process may finish its work. It must end within a time limit, whatever faults there are.
   */
  async stop(node: SimNode): Promise<void> {
    const late = this.scheduler.after(LONGEST_STOP_MS, () =>
      this.scheduler.fail(new Violation('NO_STOP', `${node.name} was asked to stop and goes on`)),
    );
    if (await node.stop()) this.#startLater(node);
    late.cancel();
  }

  // The course of the day.

  #newTruth(): Truth {
    const { plan } = this;
    return new Truth({
      now: () => this.scheduler.now,
      heard: () => Math.min(...this.nodes.map(({ parts }) => parts?.runProcess.position ?? Number.POSITIVE_INFINITY)),
      quotas: plan.trains.flatMap(({ quotas = [] }) => quotas),
      atomicStreams: plan.atomicStreams,
      ...(plan.limits === undefined ? {} : { limits: plan.limits }),
      isValidAtIssuer: (ticketNo) => this.issuer.tickets.get(ticketNo) === 'valid',
      clocksAreRight: plan.faults.clockJump === 0,
    });
  }

  async #newNode(name: string, embedded: boolean): Promise<SimNode> {
    const { plan, log, gateway, issuer, scheduler, trace, seam } = this;
    const dice = this.#dice.fork(name);
    const onCrash = (node: SimNode): void => this.#startLater(node);
    const weather = this.#weather;
    return SimNode.create(name, {
      plan,
      log,
      gateway,
      issuer,
      scheduler,
      trace,
      seam,
      embedded,
      sharedReads: this.#sharedReads,
      dice,
      weather,
      onCrash,
    });
  }

  /** The gateway is put back with the log; what the nodes have derived from the lost end of it stays on their disks. */
  async #sellAndForget(perform: (act: Act) => Promise<void>): Promise<void> {
    const { plan, log, trace, nodes } = this;
    const [opened, faults] = [log.events.length, this.#weather.faults];
    this.#weather.faults = NO_FAULTS;
    for (const node of nodes) node.start();
    // The same people come again afterwards.
    const orders = plan.acts.filter(({ feature }) => feature === 'leavingUnpaid').slice(0, MOST_FORGOTTEN);
    await this.during(async () => {
      await Promise.all(orders.map(perform));
      await this.sleep(2 * plan.checkpointEveryMs);
      for (const node of nodes) node.kill('the log is put back');
      await this.sleep(LAST_MESSAGE_MS);
    });
    await log.putBack(opened);
    this.truth = this.#newTruth();
    this.truth.add(log.events);
    this.gateway.accounts.clear();
    this.issuer.tickets.clear();
    this.keys.clear();
    this.answers.clear();
    this.#weather.faults = faults;
    trace.incident('world', `the log is put back to its first ${opened} events`);
  }

  #startLater(node: SimNode): void {
    this.scheduler.after(this.#dice.next() * LONGEST_DOWN_MS, () => {
      if (node.parts === undefined) node.start();
    });
  }

  #begin(act: Act, perform: (act: Act) => Promise<void>): void {
    this.#acting += 1;
    perform(act)
      .catch((error: unknown) => this.scheduler.fail(error))
      .finally(() => {
        this.#acting -= 1;
      });
  }

  /** Sets the faults of one node for as long as the day lasts. */
  async #weatherOf(node: SimNode): Promise<void> {
    const dice = this.#dice.fork(`weather of ${node.name}`);
    const disks = this.#dice.fork(`disks of ${node.name}`);
    const strangers = this.#dice.fork(`newer versions beside ${node.name}`);
    for (;;) {
      await this.sleep(dice.next() * 2 * MINUTE_MS);
      if (this.scheduler.now >= this.plan.lastsMs) return;
      const { faults } = this.#weather;
      if (dice.chance(faults.clockJump)) {
        node.clockError.offsetMs = (dice.next() * 2 - 1) * LARGEST_JUMP_MS;
        this.trace.incident(node.name, `clockJump to ${Math.round(node.clockError.offsetMs / 1000)} s`);
      }
      if (dice.chance(faults.partition)) {
        const ms = dice.next() * LONGEST_CUT_MS;
        node.parts?.network.cut(ms);
        this.trace.incident(node.name, `partition for ${Math.round(ms / 1000)} s`);
      }
      // Where no backup is ever put back, none is made.
      if (dice.chance(MINUTE_MS / BACKUP_EVERY_MS) && faults.readSideOld > 0) {
        node.readDisk.backUp();
        this.#sharedReads?.backUp();
      }
      if (disks.chance(faults.diskFull)) {
        const until = this.scheduler.now + disks.next() * LONGEST_FULL_MS;
        for (const disk of [node.readDisk, node.sqlDisk]) disk.isFull = () => this.scheduler.now < until;
        this.trace.incident(node.name, `diskFull until ${Math.round(until / 1000)} s`);
      }
      if (strangers.chance(faults.strangeEvent)) await this.#writeStrangely(strangers);
    }
  }

  async #weatherOfGateway(): Promise<void> {
    const dice = this.#dice.fork('weather of the gateway');
    for (;;) {
      await this.sleep(dice.next() * 2 * MINUTE_MS);
      if (this.scheduler.now >= this.plan.lastsMs) return;
      if (!dice.chance(this.#weather.faults.gatewayAway)) continue;
      const ms = dice.next() * LONGEST_AWAY_MS;
      this.gateway.goAway(ms);
      this.trace.incident('gateway', `gatewayAway for ${Math.round(ms / 1000)} s`);
    }
  }

  async #writeStrangely(dice: Dice): Promise<void> {
    const meta = { commandId: 'newer', correlationId: 'newer', causationId: 'newer', actor: 'newer', at: '' };
    const [type, version] = dice.pick([['OrderUpgraded', 1] as const, ['OrderRequested', 99] as const]);
    const stream = `${STRANGE_ORDER}${dice.between(1, 3)}`;
    const event = { id: uuidOf(dice), type, version, data: {}, meta };
    this.trace.incident('world', `${type} version ${version} in ${stream}`);
    await this.log.direct.append([{ stream, expected: 'any', events: [event] }]);
  }

  async #direct(): Promise<void> {
    await this.sleep(this.plan.lastsMs);
    this.#weather.faults = NO_FAULTS;
    this.gateway.comeBack();
    this.trace.incident('world', 'the faults have stopped');
    for (const node of this.nodes) node.clockError.offsetMs = 0;
    await this.sleep(LAST_MESSAGE_MS);
    this.gateway.goThroughBooks();
    const until = this.scheduler.now + REST_WITHIN_MS;
    const most = this.log.events.length + MOST_AT_THE_END;
    for (;;) {
      await this.sleep(LOOK_EVERY_MS);
      const busy = this.busy();
      if (busy === undefined) break;
      if (this.scheduler.now > until || this.log.events.length > most) throw new Violation('NO_REST', busy);
    }
    this.trace.incident('world', 'all is quiet');
    this.#ended = true;
  }

  /** What is still to be done; undefined if nothing is. */
  busy(): string | undefined {
    if (this.#acting > 0) return `${this.#acting} are still busy`;
    if (this.gateway.unheard > 0) return `${this.gateway.unheard} notices were never heard`;
    const waiting = this.truth.unfinishedOrders();
    if (waiting.length > 0) return `orders never end: ${waiting.slice(0, 5).join()}`;
    const inLine = this.truth.waitlists.unfinished();
    if (inLine.length > 0) return `waitlist requests never end: ${inLine.slice(0, 5).join()}`;
    const queues = this.truth.queues.waiting();
    if (queues.length > 0) return `people wait for ever: ${queues.join()}`;
    for (const { name, parts } of this.nodes) {
      if (parts === undefined) return `${name} is down`;
      if (parts.process.unfinished > 0) return `${name} has ${parts.process.unfinished} unfinished orders`;
      if (parts.runProcess.position < this.truth.lastRunChange) return `the run process of ${name} is behind`;
      if (this.truth.unsettledRuns() > 0) return 'a cancelled run is not settled';
      if (parts.queueProcess.position < this.truth.queues.lastChange) return `the queue process of ${name} is behind`;
      if (parts.process.position < this.log.events.length) return `the order process of ${name} is behind`;
      const { runners, generations } = parts.models;
      const paused = generations.all.flatMap(({ decided, beside }) =>
        decided.beside?.isPaused === true && beside !== undefined ? [beside.runner] : [],
      );
      for (const runner of runners) {
        if (paused.includes(runner)) continue;
        if (!runner.isReady) return `${runner.name} of ${name} is ${runner.state}`;
        if (runner.gate.position < this.log.events.length) return `${runner.name} of ${name} is behind`;
      }
    }
    return undefined;
  }

  async #openSale(): Promise<void> {
    const deps = {
      store: this.log.direct,
      clock: { zone: BEIJING, now: () => WORLD_STARTS, after: () => ({ cancel: () => {} }) },
    };
    const { limits } = this.plan;
    const today = [...this.plan.trains, ...(limits?.trains ?? [])];
    const tomorrow = limits?.nextDay ?? [];
    const trains = [...today, ...tomorrow];
    const longest = Math.max(...trains.map(({ stops }) => stops));
    await importTimetable(deps, { name: 'plan', read: () => timetable(longest, trains.map(trainOf)) }, () => {});
    const rolling = {
      ...deps,
      rollingStock: ({ train }: Train) => {
        const { composition = [], lateAssignment = [] } = trains.find((one) => one.train === train) ?? {};
        return { composition, tariff: TARIFF, lateAssignment };
      },
    };
    await openRuns(rolling, today.map(trainOf), [this.date]);
    await openRuns(rolling, tomorrow.map(trainOf), [this.nextDate]);
    for (const commit of this.log.fresh.splice(0)) this.truth.add(commit);
  }
}

const DEFAULT_LEAVES = { first: 602, every: 30 };

const trainOf = ({ train, stops, leaves: { first, every } = DEFAULT_LEAVES }: RunPlan): Train => ({
  train,
  type: 'simulated',
  service: everyDay,
  stops: Array.from({ length: stops }, (_, seq) => ({
    code: stationOf(seq),
    name: `站${seq}`,
    arrives: seq === 0 ? null : first + seq * every - Math.min(2, every - 1),
    departs: seq === stops - 1 ? null : first + seq * every,
    km: seq * 100,
  })),
});

async function* timetable(stations: number, trains: readonly Train[]) {
  for (let seq = 0; seq < stations; seq += 1)
    yield {
      kind: 'station',
      station: { code: stationOf(seq), name: `站${seq}`, city: `市${seq}`, pinyin: `zhan${seq}` },
    } as const;
  for (const train of trains) yield { kind: 'train', train } as const;
}
