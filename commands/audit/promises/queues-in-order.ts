// Queues of runs: nobody is admitted twice or before those ahead, the order of a waiting room follows from the seed that was
// committed to, and a place lets in one order, of its own run.
import { queuePlaceCategory } from '@railhead/domain/queue-place/stream.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { QueueProof } from '../../queue/queue-proof.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const queuesInOrder: PromiseOf = (ledger) => {
  const proofs = new Map<string, QueueProof>();
  const uses: { readonly orderNo: string; readonly run: string; readonly place: number }[] = [];
  const proofOf = (name: string): QueueProof => {
    const proof = proofs.get(name) ?? new QueueProof();
    proofs.set(name, proof);
    return proof;
  };
  return {
    categories: [runQueueCategory, queuePlaceCategory],
    observe(event) {
      if (runQueueCategory.owns(event)) proofOf(runName(runQueueCategory.idOf(event.stream))).add(event);
      if (!queuePlaceCategory.owns(event)) return;
      const { place, ...run } = queuePlaceCategory.idOf(event.stream);
      proofOf(runName(run)).add(event);
      if (event.type === 'QueuePlaceUsed') uses.push({ orderNo: event.data.orderNo, run: runName(run), place });
    },
    findings() {
      const found = new Violations();
      for (const [name, proof] of proofs) {
        if (proof.queue.users.length > 0 && ledger.openedRun(name) === undefined)
          found.add('RUN_UNKNOWN', `people wait for ${name}, which was never opened`);
        for (const { code, detail } of proof.end()) found.add(code, `${name}: ${detail}`);
      }
      for (const { orderNo, run, place } of uses) {
        // On a store that writes streams in turn the order may never have come.
        const request = ledger.orders.get(orderNo)?.request;
        if (request !== undefined && runName(request) !== run)
          found.add(
            'QUEUE_PLACE_MISUSED',
            `place ${place} of ${run} was used for order ${orderNo} on ${runName(request)}`,
          );
      }
      return found.list;
    },
  };
};
