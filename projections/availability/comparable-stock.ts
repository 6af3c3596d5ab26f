// Runs and classes as rows that can be compared, wherever they stand.
import { type ComparableRows, canonical } from '../engine/generations/comparable-rows.ts';
import { pagesOf } from '../engine/pages.ts';
import { keptClass } from './class-state.ts';
import { isRunName, type StockStates } from './stock-states.ts';

const PAGE = 200;

/** Without the mark of a class that is withheld: a model that is built again has none. */
export const stockRows = (states: StockStates): ComparableRows => ({
  async *keys() {
    for await (const names of states.names()) yield* pagesOf(names, PAGE);
  },
  read: async (keys) => {
    const names = { runs: keys.filter(isRunName), classes: keys.filter((name) => !isRunName(name)) };
    const { position, runs, classes } = await states.read(names);
    const rows = new Map<string, string>();
    for (const [name, { segments, counted, isOver }] of runs)
      rows.set(name, canonical({ segments, counted: [...counted].sort(), isOver }));
    for (const [name, state] of classes) {
      const { isWithheld: _, stock, isClosed } = keptClass(state);
      const pending = (stock?.pending ?? []).toSorted(([one], [other]) => (one < other ? -1 : 1));
      const givenBack = [...(stock?.givenBack ?? [])].sort();
      rows.set(name, canonical({ isClosed, stock: stock === null ? null : { ...stock, pending, givenBack } }));
    }
    return { position, rows };
  },
  wordsIn: (key) => [key],
});
