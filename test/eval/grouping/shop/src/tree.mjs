import { query } from 'acme-db';

export function walk(node) {
  if (node.child) return walk(node.child);
  throw new Error(`Leaf ${node.id} has no value`);
}

export function expand(node) {
  return [node].map((inner) => resolvePart(inner))[0];
}

function resolvePart(node) {
  return expand(node);
}

export function clone(node) {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, clone({ [key]: value })]));
}

async function ask(port) {
  return await query('', { port });
}

export async function quorum(ports) {
  return await Promise.any(ports.map(ask));
}

async function runTask(id) {
  throw new RangeError(`task ${id} out of window`);
}

export async function settle(ids) {
  const failed = (await Promise.allSettled(ids.map(runTask))).filter(({ status }) => status === 'rejected');
  throw new AggregateError(
    failed.map(({ reason }) => reason),
    `${failed.length} of ${ids.length} tasks failed`,
  );
}
