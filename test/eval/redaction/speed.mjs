const DOCUMENT = 8192;

const cpuMilliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Throughput over the texts in CPU time, since the machine may be shared, and p99 over 8 KB of them. */
export function measureSpeed(redact, texts) {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const passes = Math.max(1, Math.ceil(4_000_000 / bytes));
  const all = () => {
    for (let pass = 0; pass < passes; pass++) for (const text of texts) redact(text);
  };
  all();
  const start = cpuMilliseconds();
  all();
  const megabytesPerSecond = (bytes * passes) / 1000 / Math.max(1, cpuMilliseconds() - start);

  const joined = texts.join('\n');
  const documents = [];
  for (let at = 0; at + DOCUMENT <= joined.length && documents.length < 200; at += DOCUMENT) {
    // A string of its own, as a logged one is: a slice is as wide as the whole, two bytes a character.
    documents.push(Buffer.from(joined.slice(at, at + DOCUMENT)).toString());
  }
  // The best of five rounds each: what the garbage collector and the neighbours take is nobody's document.
  const times = documents.map((document) => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const before = process.hrtime.bigint();
      redact(document);
      best = Math.min(best, Number(process.hrtime.bigint() - before) / 1e6);
    }
    return best;
  });
  times.sort((a, b) => a - b);
  return { megabytesPerSecond, p99Milliseconds: times[Math.floor(times.length * 0.99)] ?? 0 };
}
