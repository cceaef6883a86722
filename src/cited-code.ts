import { unlessAborted } from './abort.ts';
import { toReadFile } from './code-context/collector.ts';
import type { CitedCode, CitedCodeFound } from './code-provider.ts';
import { placesOf } from './evidence.ts';
import type { Evidence, Milliseconds, RepositoryCodeProvider, RepositoryRef } from './types.ts';

/** Lines before and after a citation: a screen holds them. */
const AROUND = 8;
/** Citations that are shown; models name one to five. */
const MAX_CITATIONS = 12;
/** Lines of one citation; beyond them it is cut. */
const MAX_CITED = 40;
/** Characters of a line: minified code has them by the megabyte. */
const MAX_LINE = 400;
/** A person waits for it, and has the cited lines meanwhile. */
const TIMEOUT_MS: Milliseconds = 10_000;

/**
 * Reads the code around what an analysis cites, by the rules that hold for what a model is sent: allowed
 * repositories, no files that hold secrets, nothing unredacted. Only verified evidence counts, and only where the
 * quote still stands in the file. Never rejects.
 *
 * @param repository - Of the event; each file is read at its evidence's own commit where that is known.
 */
export async function readCitedCode(
  provider: RepositoryCodeProvider,
  repository: RepositoryRef,
  evidence: readonly Evidence[],
): Promise<CitedCodeFound> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const options = { signal, timeoutMs: TIMEOUT_MS };
  const files = new Map<
    string,
    Promise<{ lines: readonly string[]; commit: string | undefined } | undefined>
  >();

  const open = async (file: string, commit: string | undefined) => {
    const state = commit === undefined ? repository : { ...repository, commit };
    const source = await unlessAborted(provider.readFile(state, file, options), signal);
    if (!source) return undefined;
    const { lines } = toReadFile(source);
    // What follows the last line break is no line to a person.
    return { lines: lines.at(-1) === '' ? lines.slice(0, -1) : lines, commit: source.commit };
  };
  const read = async ({ file, line, commit, quote }: Evidence): Promise<CitedCode | undefined> => {
    const key = JSON.stringify([file, commit]);
    const opened = files.get(key) ?? open(file, commit);
    files.set(key, opened);
    const source = await opened;
    const places = source ? placesOf(quote, { startLine: 1, text: source.lines.join('\n') }) : [];
    const [place] = places.sort((a, b) => Math.abs(a.startLine - line) - Math.abs(b.startLine - line));
    if (!source || !place) return undefined;
    const cited = { ...place, endLine: Math.min(place.endLine, place.startLine + MAX_CITED - 1) };
    const startLine = Math.max(1, cited.startLine - AROUND);
    return {
      file,
      line,
      ...(source.commit !== undefined && { commit: source.commit }),
      startLine,
      lines: source.lines.slice(startLine - 1, cited.endLine + AROUND).map(cut),
      cited,
    };
  };

  try {
    provider.assertAllowed(repository);
  } catch {
    return { code: [], complete: true };
  }
  const verified = evidence.filter((one) => one.verified).slice(0, MAX_CITATIONS);
  const settled = await Promise.allSettled(verified.map(read));
  return {
    code: settled.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : [])),
    complete: settled.every(({ status }) => status === 'fulfilled'),
  };
}

function cut(line: string): string {
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
}
