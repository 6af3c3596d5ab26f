// Every upcaster there is. An event whose shape changes gets a new version in its union and an entry here.
import type { Upcaster } from '../eventstore/upcasting-store.ts';

export const UPCASTERS: readonly Upcaster[] = [];
