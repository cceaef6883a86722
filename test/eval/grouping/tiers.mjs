import { hashErrorLog } from 'patrol';
import { createSimilarIndex } from '../../../dist/src/similar.js';

/** How a group is predicted. */
export const TIERS = {
  'hash alone': (errorLogs) => errorLogs.map((errorLog) => hashErrorLog(errorLog).errorHash),
  'with similar': bySimilarity,
};

/** As a stream: each error is looked up among those before it, and never moved again. */
function bySimilarity(errorLogs) {
  const index = createSimilarIndex();
  const groups = new Map();
  return errorLogs.map((errorLog) => {
    const { errorHash, normalized } = hashErrorLog(errorLog);
    if (!groups.has(errorHash)) {
      const similar = index.find(normalized);
      groups.set(errorHash, similar === undefined ? errorHash : groups.get(similar.errorHash));
      index.add(errorHash, normalized);
    }
    return groups.get(errorHash);
  });
}
