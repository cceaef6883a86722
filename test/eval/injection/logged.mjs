/**
 * The record as an application would have logged it, and what its transport attaches to the event. `expand`
 * makes it huge: `{field, unit, times, suffix?}` repeats a text, `meta_depth` nests, `meta_keys` widens.
 */
export function toLogged({ event, expand }) {
  const {
    message,
    level = 'error',
    stack,
    meta,
    repositoryUrl,
    commit,
    branch,
    service,
    environment,
    ...rest
  } = expand ? expanded(event, expand) : event;
  return {
    record: { ...rest, ...meta, level, message, ...(stack !== undefined && { stack }) },
    attached: {
      ...(repositoryUrl !== undefined && { repositoryUrl }),
      // A transport has one option for both.
      ...((commit ?? branch) !== undefined && { commit: commit ?? branch }),
      ...(branch !== undefined && { branch }),
      ...(service !== undefined && { service }),
      ...(environment !== undefined && { environment }),
    },
  };
}

function expanded(event, { field = 'message', unit = 'A', times = 1, suffix = '', prefix }) {
  const plain = String(field);
  if (/depth|nest/.test(plain))
    return { ...event, meta: { ...event.meta, deep: nested(times, /array/.test(plain)) } };
  if (/^meta_?(?:keys|width|breadth|wide|fields|entries)$/.test(plain)) {
    const wide = Object.fromEntries(Array.from({ length: times }, (_, index) => [`key${index}`, unit]));
    return { ...event, meta: { ...event.meta, ...wide } };
  }
  if (/^meta_?array$/.test(plain))
    return { ...event, meta: { ...event.meta, list: Array(times).fill(unit) } };
  const [first, ...keys] = plain.split(/[._]/);
  if (first === 'meta') {
    const key = keys.join('_') || 'text';
    const text = `${prefix ?? event.meta?.[key] ?? ''}${unit.repeat(times)}${suffix}`;
    return { ...event, meta: { ...event.meta, [key]: text } };
  }
  return { ...event, [plain]: `${prefix ?? event[plain] ?? ''}${unit.repeat(times)}${suffix}` };
}

function nested(depth, asArray) {
  let inner = asArray ? [] : {};
  for (let level = 0; level < depth; level++) inner = asArray ? [inner] : { inner };
  return inner;
}

const VERBS =
  'load save parse send read write open close merge split fetch apply check build start stop'.split(' ');
const NOUNS = 'order invoice cart customer session ticket report backup coupon refund parcel address'.split(
  ' ',
);
const KINDS = 'missing broken locked stale foreign doubled closed hidden frozen partial wrong empty'.split(
  ' ',
);

/** The n-th of many distinct errors: other words, another function, another file. */
export function distinct(event, index) {
  const verb = VERBS[index % VERBS.length];
  const noun = NOUNS[Math.floor(index / VERBS.length) % NOUNS.length];
  const kind = KINDS[Math.floor(index / VERBS.length / NOUNS.length) % KINDS.length];
  const round = 'x'.repeat(Math.floor(index / VERBS.length / NOUNS.length / KINDS.length));
  const message = `${event.message ?? ''} cannot ${verb} the ${kind} ${noun}${round}`;
  return {
    ...event,
    message,
    stack: `Error: ${message}\n    at ${verb}${kind}${noun}${round} (/app/src/${noun}.js:1:1)`,
  };
}

/** Every path that the event names, and every ending of it: whatever it asks for, the repository has it. */
export function namedPaths({ filePath, stack }) {
  const named = [...String(stack ?? '').matchAll(/\(?([^\s()]{1,200}?):\d+(?::\d+)?\)?$/gm)].map(
    ([, path]) => path,
  );
  const paths = new Set(['src/a.ts', 'src/index.ts', 'a.ts']);
  for (const path of [filePath, ...named].filter((one) => typeof one === 'string')) {
    const parts = path.slice(0, 2000).split(/[\\/]/);
    for (let start = 0; start < Math.min(parts.length, 20); start++) paths.add(parts.slice(start).join('/'));
    paths.add(path);
  }
  return [...paths].filter(Boolean);
}
