import type { PathIndex } from '../path-mapping.ts';
import type { FileForm } from './source.ts';

/** What a name of a file stands for: a file of the repository, and the name that it has there. */
export interface Import {
  readonly path: string;
  /** The name as the other file defines it; undefined for the whole file. */
  readonly name?: string;
}

const MAX_LINES = 400;

/** The names that a file takes from other files of the same repository. What comes from elsewhere is left out. */
export function importsOf(file: FileForm, index: PathIndex): ReadonlyMap<string, Import> {
  const found = new Map<string, Import>();
  const extension = file.path.slice(file.path.lastIndexOf('.') + 1);
  const read = READERS[extension];
  if (read) read(file.lines.slice(0, MAX_LINES).join('\n'), file.path, index, found);
  return found;
}

/** The files that a file passes on wholly: `export * from './cart.js'`, `from .cart import *`. */
export function passedOnWholly(file: FileForm, index: PathIndex): readonly string[] {
  const text = file.lines.slice(0, MAX_LINES).join('\n');
  const paths = file.path.endsWith('.py')
    ? [...text.matchAll(/^from[ \t]+(\.+)([\w.]*)[ \t]+import[ \t]+\*/gm)].map(([, dots = '', module = '']) =>
        pythonFile(pythonModule(file.path, dots, module), index),
      )
    : [...text.matchAll(/^export\s+\*\s+from\s+['"]([^'"\n]{1,300})['"]/gm)].map(([, from = '']) =>
        resolveModule(file.path, from, index),
      );
  return [...new Set(paths.filter((path) => path !== undefined))];
}

type Reader = (text: string, path: string, index: PathIndex, found: Map<string, Import>) => void;

const readJavaScript: Reader = (text, path, index, found) => {
  const bind = (clause: string, from: string): void => {
    const target = resolveModule(path, from, index);
    if (target === undefined) return;
    const braces = /\{([^}]{0,2000})\}/.exec(clause)?.[1];
    for (const part of braces?.split(',') ?? []) {
      const match = /^\s*(?:type\s+)?([\w$]+)(?:\s*(?:as|:)\s*([\w$]+))?/.exec(part);
      if (match?.[1] !== undefined) found.set(match[2] ?? match[1], { path: target, name: match[1] });
    }
    const whole = /^\s*(?:type\s+)?(?:\*\s+as\s+)?([\w$]+)/.exec(
      clause.replace(/\{[^}]*\}/, '').replace(/^\s*,/, ''),
    )?.[1];
    if (whole !== undefined) found.set(whole, { path: target });
  };
  for (const match of text.matchAll(/\bimport\s+([\w$*{},\s]{1,2000}?)\s+from\s+['"]([^'"\n]{1,300})['"]/g)) {
    bind(match[1] ?? '', match[2] ?? '');
  }
  const required =
    /(?:\b(?:const|let|var)\s+|,\s*|^\s*)([\w$]+|\{[^}]{0,2000}\})\s*=\s*(?:(?:module\.)?(?:exports\.?[\w$]{0,60}\s*=\s*)){0,4}(?:[\w.]{1,40}\()?require\(\s*['"]([^'"\n]{1,300})['"]\s*\)\)?(?:\.([\w$]+))?/gm;
  for (const match of text.matchAll(required)) {
    bind(match[1] ?? '', match[2] ?? '');
    const target = match[3] !== undefined && match[1] !== undefined ? found.get(match[1]) : undefined;
    if (target && match[1] !== undefined && match[3] !== undefined)
      found.set(match[1], { ...target, name: match[3] });
  }
  // What a file passes on is not its own name, but others ask it for that.
  const passedOn =
    /\bexports\.([\w$]+)(?=\s*=\s*(?:(?:module\.)?exports\.[\w$]{1,60}\s*=\s*){0,3}require\(\s*['"]([^'"\n]{1,300})['"])|\bexport\s+(\{[^}]{0,2000}\}|\*\s+as\s+[\w$]{1,100})\s+from\s+['"]([^'"\n]{1,300})['"]/g;
  for (const [, name, from, names, other] of text.matchAll(passedOn)) {
    if (name !== undefined && from !== undefined) bind(name, from);
    else if (names !== undefined && other !== undefined)
      bind(names.replaceAll(/\bdefault\s+as\s+/g, ''), other);
  }
};

function resolveModule(path: string, from: string, index: PathIndex): string | undefined {
  if (!from.startsWith('.')) {
    // Aliases such as `@/x` and `~/x` name a folder of sources.
    const alias = /^(?:@|~|src)\/(.+)$/.exec(from)?.[1];
    return alias === undefined
      ? fromWorkspace(from, index)
      : (firstFile([`src/${alias}`, alias], index) ?? fromWorkspace(from, index));
  }
  const base = join(folderOf(path), from);
  // The root of a package is what its `main` names, mostly one of these.
  return firstFile(base === '' ? ['index', 'lib/index', 'src/index', 'src/main', 'lib/main'] : [base], index);
}

/** Packages of a monorepo name each other: `zod/v4` is `packages/zod/src/v4/index.ts`. */
function fromWorkspace(from: string, index: PathIndex): string | undefined {
  const [, name, rest = ''] =
    /^(?:@[\w.-]{1,100}\/)?([\w.-]{1,100})(?:\/([\w./-]{1,200}))?$/.exec(from) ?? [];
  if (name === undefined) return undefined;
  const inside = rest === '' ? ['src/index', 'index', 'src/main', 'lib/index'] : [`src/${rest}`, rest];
  const folders = ['packages', 'libs', 'apps', 'modules'].map((folder) => `${folder}/${name}`);
  return firstFile(
    folders.flatMap((folder) => inside.map((path) => `${folder}/${path}`)),
    index,
  );
}

const MODULE_ENDS = [
  '',
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.mts',
  '.vue',
  '/index.ts',
  '/index.tsx',
  '/index.js',
];

function firstFile(bases: readonly string[], index: PathIndex): string | undefined {
  for (const base of bases) {
    // TypeScript names the compiled file: `./cart.js` is `./cart.ts`.
    const stems = [base, base.replace(/\.[cm]?jsx?$/, '')];
    for (const stem of stems) {
      const found = MODULE_ENDS.map((end) => stem + end).find((candidate) => index.has(candidate));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const readPython: Reader = (text, path, index, found) => {
  for (const match of text.matchAll(
    /^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(?:\(([^)]{0,2000})\)|([^\n#]{1,500}))/gm,
  )) {
    const names = (match[3] ?? match[4] ?? '').split(',');
    const module = pythonModule(path, match[1] ?? '', match[2] ?? '');
    for (const part of names) {
      const name = /^\s*(\w+)(?:\s+as\s+(\w+))?/.exec(part);
      if (name?.[1] === undefined) continue;
      const local = name[2] ?? name[1];
      const submodule = pythonFile(module === '' ? name[1] : `${module}/${name[1]}`, index);
      const file = pythonFile(module, index);
      if (submodule !== undefined) found.set(local, { path: submodule });
      else if (file !== undefined) found.set(local, { path: file, name: name[1] });
    }
  }
  for (const match of text.matchAll(/^[ \t]*import[ \t]+([\w., \t]{1,500})/gm)) {
    for (const part of (match[1] ?? '').split(',')) {
      const name = /^\s*([\w.]+)(?:\s+as\s+(\w+))?/.exec(part);
      const file = name?.[1] === undefined ? undefined : pythonFile(name[1].replaceAll('.', '/'), index);
      if (file !== undefined && name?.[1] !== undefined)
        found.set(name[2] ?? name[1].split('.').at(-1) ?? '', { path: file });
    }
  }
};

function pythonModule(path: string, dots: string, module: string): string {
  const rest = module.replaceAll('.', '/');
  if (dots === '') return rest;
  let folder = folderOf(path);
  for (let up = 1; up < dots.length; up++) folder = folderOf(folder);
  return [folder, rest].filter(Boolean).join('/');
}

function pythonFile(module: string, index: PathIndex): string | undefined {
  if (module === '') return undefined;
  const name = module.slice(module.lastIndexOf('/') + 1);
  return (
    endingWith(`${module}.py`, `${name}.py`, index) ??
    endingWith(`${module}/__init__.py`, '__init__.py', index)
  );
}

/** `import a.b.C;` of Java, Kotlin, Scala; `use A\B\C;` of PHP: the last part is a class and mostly a file. */
const readClasses =
  (pattern: RegExp, extension: string): Reader =>
  (text, _path, index, found) => {
    for (const match of text.matchAll(pattern)) {
      const parts = (match[1] ?? '').split(/[.\\]/).filter(Boolean);
      const at = parts.findIndex((part) => /^[A-Z]/.test(part));
      const type = extension === 'php' ? parts.at(-1) : parts[at < 0 ? parts.length - 1 : at];
      if (type === undefined) continue;
      const folders = extension === 'php' ? parts.slice(-3, -1) : parts.slice(0, at < 0 ? -1 : at);
      const file = endingWith([...folders, `${type}.${extension}`].join('/'), `${type}.${extension}`, index);
      const local = match[2] ?? parts.at(-1) ?? type;
      if (file !== undefined) found.set(local, { path: file, ...(local !== type && { name: local }) });
    }
  };

const JAVA_IMPORT = /^\s*import\s+(?:static\s+)?([\w.]+)\s*(?:as\s+(\w+)\s*)?;?$/gm;

const READERS: Readonly<Record<string, Reader>> = {
  ...Object.fromEntries(
    ['js', 'jsx', 'mjs', 'cjs', 'ts', 'tsx', 'mts', 'cts', 'vue'].map((end) => [end, readJavaScript]),
  ),
  py: readPython,
  java: readClasses(JAVA_IMPORT, 'java'),
  kt: readClasses(JAVA_IMPORT, 'kt'),
  scala: readClasses(JAVA_IMPORT, 'scala'),
  php: readClasses(/^\s*use\s+([\w\\]+)(?:\s+as\s+(\w+))?\s*;/gm, 'php'),
};

/** The only file whose path ends so, or is so. */
function endingWith(end: string, name: string, index: PathIndex): string | undefined {
  const matches = index.named(name).filter((path) => path === end || path.endsWith(`/${end}`));
  const [first] = [...matches].sort((a, b) => a.length - b.length);
  return matches.length === 1 || (matches.length > 1 && first === end) ? first : undefined;
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function join(folder: string, relative: string): string {
  const parts = folder.split('/').filter(Boolean);
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
