import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads `traces/traces.jsonl` {group, event: {message, name?, stack}}, `traces/hard-negatives.json`
 * {axis: [[group, …], …]} and `loghub/*.jsonl` {event_id, content}, as far as they are there.
 */
export function readFolder(folder) {
  const traces = join(folder, 'traces', 'traces.jsonl');
  const hardNegatives = join(folder, 'traces', 'hard-negatives.json');
  const messages = join(folder, 'loghub');
  const files = existsSync(messages) ? readdirSync(messages).filter((file) => file.endsWith('.jsonl')) : [];
  return {
    traces: existsSync(traces) ? readLines(traces) : [],
    hardNegatives: existsSync(hardNegatives) ? JSON.parse(readFileSync(hardNegatives, 'utf8')) : {},
    messages: Object.fromEntries(files.map((file) => [file.slice(0, -6), readLines(join(messages, file))])),
  };
}

function readLines(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}

/** Writes what {@link readFolder} reads. */
export function writeFolder(folder, { traces, messages, hardNegatives }) {
  const toLines = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  mkdirSync(join(folder, 'traces'), { recursive: true });
  mkdirSync(join(folder, 'loghub'), { recursive: true });
  writeFileSync(join(folder, 'traces', 'traces.jsonl'), toLines(traces));
  writeFileSync(join(folder, 'traces', 'hard-negatives.json'), JSON.stringify(hardNegatives, null, 1));
  for (const [name, rows] of Object.entries(messages))
    writeFileSync(join(folder, 'loghub', `${name}.jsonl`), toLines(rows));
}
