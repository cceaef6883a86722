/** The paths of a repository, ready to be matched against paths from stacks. */
export interface PathIndex {
  readonly size: number;
  /** The paths whose last part is `name`. */
  named(name: string): readonly string[];
  has(path: string): boolean;
  paths(): Iterable<string>;
}

/** What compilers make of a source file's extension, and what it may have been. */
const SOURCE_EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.jsx'],
  '.mjs': ['.mts', '.ts'],
  '.cjs': ['.cts', '.ts'],
};
/** Names that say too little to stand for a file of another folder. */
const COMMON_NAME =
  /^(?:index|main|app|server|utils?|helpers?|types|config|constants|errors?|mod|lib|setup|models?|views|urls|handler|page|layout|route|__init__|__main__)\.\w+$/i;
/** Folders that a build writes into. */
const OUTPUT_FOLDER = /^(?:dist|build|out|lib|\.next|\.nuxt|\.output|\.webpack|\.build|\.serverless|target)$/;

/** Indexes paths by their last part, once per listing. */
export function createPathIndex(paths: readonly string[]): PathIndex {
  const byName = new Map<string, string[]>();
  const all = new Set(paths);
  for (const path of all) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const known = byName.get(name);
    if (known) known.push(path);
    else byName.set(name, [path]);
  }
  return {
    size: all.size,
    named: (name) => byName.get(name) ?? [],
    has: (path) => all.has(path),
    paths: () => all,
  };
}

/**
 * The parts of a path from a stack, without what tells the machine, not the file: scheme, host of a bundle,
 * drive, query, `.` and `..`. Of `/pnpm/` stores and container layers nothing is known here; they only lengthen
 * the front, and matching starts at the end.
 */
export function splitStackPath(stackPath: string): readonly string[] {
  const cleaned = stackPath
    .slice(0, 4096)
    .replaceAll('\\', '/')
    .replace(/^(?:file|webpack|webpack-internal|app|ng|vite|rsc):\/\/+(?:[\w@.-]{1,100}\/\.\/)?/, '')
    .replace(/^\([\w-]{1,40}\)\//, '')
    .replace(/[?#].{0,2048}$/, '')
    .replace(/^[A-Za-z]:/, '');
  return cleaned.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
}

/**
 * Finds the file of a repository that a stack's path names: the one whose end agrees with the path's end in
 * most parts. Undefined when there is none, or when several agree equally: a wrong file is worse than none.
 *
 * @param least - Parts that must agree, the file's name included. @defaultValue 1
 */
export function matchPath(stackPath: string, index: PathIndex, least = 1): string | undefined {
  const wanted = splitStackPath(stackPath);
  const name = wanted.at(-1);
  if (name === undefined) return undefined;
  const direct = bestMatch(wanted, index, least);
  if (direct !== undefined) return direct === AMBIGUOUS ? undefined : direct;
  const dot = name.lastIndexOf('.');
  const found = new Set<string>();
  for (const extension of SOURCE_EXTENSIONS[name.slice(dot)] ?? []) {
    const match = bestMatch([...wanted.slice(0, -1), name.slice(0, dot) + extension], index, least);
    if (match !== undefined) found.add(match);
  }
  const [only] = found;
  return found.size === 1 && only !== AMBIGUOUS ? only : undefined;
}

const AMBIGUOUS = '';

/** The path as the stack has it, and as it was before a build moved it: `dist/a.js` was `src/a.js` or `a.js`. */
function readings(wanted: readonly string[]): readonly (readonly string[])[] {
  const at = wanted.findLastIndex((part, index) => index < wanted.length - 1 && OUTPUT_FOLDER.test(part));
  if (at < 0) return [wanted];
  return [wanted, wanted.with(at, 'src'), wanted.toSpliced(at, 1)];
}

function bestMatch(wanted: readonly string[], index: PathIndex, least: number): string | undefined {
  const name = wanted.at(-1) ?? '';
  const candidates = index.named(name).map((path) => ({ path, parts: path.split('/') }));
  let best: string | undefined;
  let most = 0;
  for (const reading of readings(wanted)) {
    let foundHere = false;
    for (const { path, parts } of candidates) {
      const agreement = agree(reading, parts);
      if (agreement > most) {
        best = path;
        most = agreement;
        foundHere = true;
        // A later reading is a guess: it must agree better, not equally, to be heard.
      } else if (agreement === most && path !== best && (foundHere || reading === wanted)) best = AMBIGUOUS;
    }
  }
  const byNameAlone = most === 1 && wanted.length > 1;
  if (most < least || (byNameAlone && COMMON_NAME.test(name))) return undefined;
  return best;
}

/** How many parts agree from the end; half a part more where the candidate is used up: it is the whole path. */
function agree(wanted: readonly string[], candidate: readonly string[]): number {
  let count = 0;
  while (
    count < wanted.length &&
    count < candidate.length &&
    wanted[wanted.length - 1 - count] === candidate[candidate.length - 1 - count]
  ) {
    count++;
  }
  return count === candidate.length ? count + 0.5 : count;
}
