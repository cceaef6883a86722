import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parse } from 'acorn';
import { buildSync, transformSync } from 'esbuild';

/** A regular expression as it is shipped. */
export interface Expression {
  readonly source: string;
  readonly flags: string;
}

/**
 * Every regular expression of some modules: the literals, read from the sources, and those that are put together
 * when the modules are loaded.
 *
 * @param folder - With a trailing slash.
 */
export async function expressionsOf(folder: URL, entry: URL): Promise<Expression[]> {
  const found = new Map<string, Expression>();
  const add = (source: string, flags: string): void => {
    found.set(`/${source}/${flags}`, { source, flags });
  };
  for (const file of readdirSync(folder)) {
    const { code } = transformSync(readFileSync(new URL(file, folder), 'utf8'), { loader: 'ts' });
    collectLiterals(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), add);
  }
  await recordConstructed(entry, add);
  return [...found.values()];
}

/** The regular expressions that stand in some files, once each. */
export function literalsOf(files: readonly URL[]): Expression[] {
  const found = new Map<string, Expression>();
  for (const file of files) {
    const { code } = transformSync(readFileSync(file, 'utf8'), { loader: 'ts' });
    collectLiterals(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), (source, flags) => {
      found.set(`/${source}/${flags}`, { source, flags });
    });
  }
  return [...found.values()];
}

function collectLiterals(node: unknown, add: (source: string, flags: string) => void): void {
  if (Array.isArray(node)) {
    for (const entry of node) collectLiterals(entry, add);
  } else if (typeof node === 'object' && node !== null) {
    const { regex } = node as { regex?: { pattern: string; flags: string } };
    if (regex !== undefined) add(regex.pattern, regex.flags);
    for (const value of Object.values(node)) collectLiterals(value, add);
  }
}

/** Loads a bundle of the entry while `new RegExp` is watched. */
async function recordConstructed(entry: URL, add: (source: string, flags: string) => void): Promise<void> {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const code = outputFiles[0]?.text ?? '';
  const Native = RegExp;
  globalThis.RegExp = new Proxy(Native, {
    construct(target, [pattern, flags]: [string, string | undefined]) {
      const made = new target(pattern, flags);
      add(made.source, made.flags);
      return made;
    },
  });
  try {
    await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  } finally {
    globalThis.RegExp = Native;
  }
}

/** Where a folder of `src/` is. */
export const sourceOf = (path: string): URL => new URL(path, pathToFileURL(`${process.cwd()}/src/`));
