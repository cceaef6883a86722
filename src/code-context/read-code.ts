import type { CodeContext, CodeContextInput } from '../code-context.ts';
import type { ErrorLocation, RepositoryCodeProvider, RepositoryRef } from '../types.ts';
import { createCollector } from './collector.ts';
import { type FileForm, openSource, type Source } from './source.ts';
import { findSuspects } from './suspects.ts';
import type { Target } from './targets.ts';
import { isTestPath } from './test-files.ts';
import { walk } from './walk.ts';
import { whyUnread } from './why-unread.ts';

/** Places that could not be read and are named in the notes. */
const MAX_MISSING_NOTES = 3;
/** Files that are read: with the paths, the commits and two of their changes twelve requests to the code host. */
const MAX_FILES = 8;
/** Frames of the repository that are looked at, for each place that the settings allow. */
const FRAMES_PER_LOCATION = 3;

/** Reads the code around the places, and who touched it last. What could not be read becomes a note. */
export async function readCode(
  input: CodeContextInput & { provider: RepositoryCodeProvider; signal: AbortSignal },
  targets: readonly Target[],
  location: ErrorLocation | undefined,
): Promise<CodeContext> {
  const { errorLog, provider, repository, limits, signal, timeoutMs, follow = true } = input;
  const options = { signal, ...(timeoutMs !== undefined && { timeoutMs }) };
  const collector = createCollector(limits.characters);
  const frames: { target: Target; path: string }[] = [];
  const missing: string[] = [];
  const notes: string[] = [];
  let raised = location;
  let source: Source | undefined;
  try {
    const { pathMappings = {} } = input;
    source = await openSource(
      provider,
      repository,
      { maxFiles: MAX_FILES, list: follow, pathMappings },
      options,
    );
    for (const target of targets) {
      if (frames.length >= limits.locations * (follow ? FRAMES_PER_LOCATION : 1)) break;
      const path = await source.locate(target);
      if (path !== undefined) frames.push({ target, path });
      else if (target.inApp) missing.push(target.stackPath);
      if (path !== undefined && raised === location && isSamePlace(target, location)) {
        raised = { ...location, file: path };
      }
    }
    await walk({
      source,
      collector,
      frames,
      message: errorLog.message,
      lost: missing,
      characters: limits.characters,
      lines: limits.lines,
      follow,
    });
  } catch (error) {
    notes.push(`Source code is missing: ${whyUnread(error, signal)}`);
  }
  for (const path of [...new Set(missing)].slice(0, MAX_MISSING_NOTES)) {
    notes.push(`${path} was not read: it is not in the repository, or several files there could be meant.`);
  }
  notes.push(...stateNotes(source?.opened() ?? [], repository));
  const suspect = frames.find(({ path }) => !isTestPath(path))?.path;
  const commits =
    follow && suspect !== undefined
      ? await findSuspects(provider, repository, suspect, collector.blocks(), options)
      : [];
  return {
    blocks: collector.blocks(),
    notes,
    ...(commits.length > 0 && { commits }),
    ...(raised && { location: raised }),
  };
}

function isSamePlace(target: Target, location: ErrorLocation | undefined): location is ErrorLocation {
  return location !== undefined && target.stackPath === location.file && target.line === location.line;
}

/** Which state was read, where it is not plainly the deployed one. */
function stateNotes(files: readonly FileForm[], repository: RepositoryRef): string[] {
  const source = files[0]?.source;
  if (source?.state !== 'default-branch') return [];
  const head = `the head of the default branch${source.commit === undefined ? '' : ` (${source.commit.slice(0, 12)})`}`;
  return [
    repository.commit === undefined
      ? `The event names no commit; ${head} was read, which may differ from what is deployed.`
      : `The event's commit is not in the repository; ${head} was read instead.`,
  ];
}
