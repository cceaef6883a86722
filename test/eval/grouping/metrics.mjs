const pairs = (count) => (count * (count - 1)) / 2;
const sum = (values, of) => values.reduce((total, value) => total + of(value), 0);

function countBy(keys) {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/**
 * Compares predicted groups with the true ones, event by event.
 *
 * - `ga`: the share of events whose predicted group is exactly their true one (grouping accuracy; Zhu et al.,
 *   "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019)
 * - `precision`, `recall`, `f1`: over all pairs of events, put together against belonging together
 * - `ratio`: predicted groups per true group
 */
export function compareGroups(truth, predicted) {
  const joint = countBy(truth.map((group, index) => JSON.stringify([group, predicted[index]])));
  const trueSizes = countBy(truth);
  const predictedSizes = countBy(predicted);
  const cells = [...joint].map(([key, count]) => [...JSON.parse(key), count]);
  const exact = cells.filter(
    ([group, cell, count]) => trueSizes.get(group) === count && predictedSizes.get(cell) === count,
  );
  const together = sum(cells, ([, , count]) => pairs(count));
  const put = sum([...predictedSizes.values()], pairs);
  const belong = sum([...trueSizes.values()], pairs);
  const precision = put === 0 ? 1 : together / put;
  const recall = belong === 0 ? 1 : together / belong;
  const spread = (index) =>
    [...countBy(cells.map((cell) => cell[index]))].filter(([, count]) => count > 1).map(([key]) => key);
  const joined = new Set(spread(1));
  return {
    events: truth.length,
    trueGroups: trueSizes.size,
    predictedGroups: predictedSizes.size,
    ga: sum(exact, ([, , count]) => count) / Math.max(1, truth.length),
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    ratio: predictedSizes.size / Math.max(1, trueSizes.size),
    split: spread(0),
    joined: [...joined].map((cell) => cells.filter((other) => other[1] === cell).map(([group]) => group)),
  };
}

/** Of the sets that must stay apart: how many pairs do, by axis. */
export function compareHardNegatives(hardNegatives, truth, predicted) {
  const cellsOf = new Map();
  for (const [index, group] of truth.entries()) {
    if (!cellsOf.has(group)) cellsOf.set(group, new Set());
    cellsOf.get(group).add(predicted[index]);
  }
  return Object.entries(hardNegatives).map(([axis, sets]) => {
    const all = sets.flatMap((groups) =>
      groups.flatMap((one, index) => groups.slice(index + 1).map((other) => [one, other])),
    );
    const known = all.filter(([one, other]) => cellsOf.has(one) && cellsOf.has(other));
    const joined = known.filter(([one, other]) =>
      [...cellsOf.get(one)].some((cell) => cellsOf.get(other).has(cell)),
    );
    return { axis, pairs: known.length, joined };
  });
}
