import type { Seam } from '../world/seam.ts';

export type PlantedBug = {
  readonly name: string;
  readonly about: string;
  /** Seeds within which it must be caught. */
  readonly within: number;
  readonly seam: () => Partial<Seam>;
};
