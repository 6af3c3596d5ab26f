// How likely it is that somebody who waits is served: the share of those who were, of all who once stood at such a place,
// before such a train, so many days ahead. What is not known there is taken from places that are like it.

/** What people who stood at a place have in common. */
export type Standpoint = { readonly trainKind: string; readonly daysLeft: number; readonly place: number };

export type Outcome = Standpoint & { readonly ended: number; readonly served: number };

/** `G` of G1, `Z` of Z20; `-` of a train that has only a number. */
export const trainKindOf = (train: string): string => /^[A-Za-z]+/.exec(train)?.[0].toUpperCase().slice(0, 8) ?? '-';

const DAY_MS = 86_400_000;
const MOST_DAYS = 30;

/** Whole days until nothing is given out any more. */
export const daysLeftAt = (untilMs: number, nowMs: number): number =>
  Math.min(MOST_DAYS, Math.max(0, Math.floor((untilMs - nowMs) / DAY_MS)));

/** Places that are alike: 1, 2, 3, 4, then in steps of a half. */
export const placeGroupOf = (place: number): number => {
  if (place <= 4) return place;
  return 4 + Math.floor(2 * Math.log2(place / 4));
};

/** So many outcomes of places that are like it count as much as those of the place itself. */
const PRIOR_WEIGHT = 8;
/** Before anything is known. */
const UNKNOWN = 0.5;

/** 0 to 1, in hundredths. */
export const chanceAt = (at: Standpoint, outcomes: readonly Outcome[]): number => {
  const share = (prior: number, like: (one: Outcome) => boolean): number => {
    let [ended, served] = [0, 0];
    for (const one of outcomes)
      if (like(one)) {
        ended += one.ended;
        served += one.served;
      }
    return (served + PRIOR_WEIGHT * prior) / (ended + PRIOR_WEIGHT);
  };
  const ofPlace = share(UNKNOWN, ({ place }) => place === at.place);
  const ofKind = share(ofPlace, ({ place, trainKind }) => place === at.place && trainKind === at.trainKind);
  const there = share(
    ofKind,
    ({ place, trainKind, daysLeft }) => place === at.place && trainKind === at.trainKind && daysLeft === at.daysLeft,
  );
  return Math.round(there * 100) / 100;
};
