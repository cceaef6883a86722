import type { PathIndex } from '../path-mapping.ts';
import type { Call } from './calls.ts';
import type { Definition } from './definition.ts';
import { createPackageIndex } from './go-packages.ts';
import { folderOf, type Import, importsOf, passedOnWholly } from './imports.ts';
import { enclosing } from './outline.ts';
import type { FileForm } from './source.ts';

/** Where a call may lead. */
export interface Reference {
  readonly path: string;
  /** The names that the function may have there; the first that is defined counts. */
  readonly names: readonly string[];
  /** The type it belongs to, where the file may only pass that on. */
  readonly via?: string;
}

/** What a constructor is called, by language; the class's own name comes first. */
const CONSTRUCTORS = ['constructor', '__init__', 'initialize', '__construct', 'new'];
/** Of a file that passes on many others wholly, those that are opened: each is a request. */
const MAX_PASSED_ON = 2;
const SELF = new Set(['this', 'self', 'super', 'cls', 'parent', 'static', 'Self', 'exports', '$this']);

/** Tells which function a call means, as far as names, imports and declared types tell. */
export interface Resolver {
  resolve(file: FileForm, call: Call): Reference | undefined;
  /** The files of the types that the type around a line extends. */
  parents(file: FileForm, line: number): readonly string[];
  /** Where a name may go on that a file only passes on (`index.js`, `__init__.py`), most likely first. */
  passedOn(file: FileForm, names: readonly (string | undefined)[]): readonly string[];
}

export function createResolver(index: PathIndex | undefined): Resolver {
  const imports = new Map<string, ReadonlyMap<string, Import>>();
  const importsFor = (file: FileForm): ReadonlyMap<string, Import> => {
    const known = imports.get(file.path) ?? (index ? importsOf(file, index) : new Map<string, Import>());
    imports.set(file.path, known);
    return known;
  };

  /** The file that defines a type: this one, an imported one, a neighbour, or the only one of that name. */
  const fileOfType = (type: string, file: FileForm): string | undefined => {
    if (defines(file, type, 'type')) return file.path;
    const imported = importsFor(file).get(type);
    if (imported) return imported.path;
    if (!index || !/^[A-Z]/.test(type)) return undefined;
    const extension = file.path.slice(file.path.lastIndexOf('.'));
    for (const name of new Set([type + extension, snakeCase(type) + extension])) {
      const neighbour = `${folderOf(file.path)}/${name}`.replace(/^\//, '');
      if (index.has(neighbour)) return neighbour;
      const [only, ...others] = index.named(name);
      if (only !== undefined && others.length === 0) return only;
    }
    return undefined;
  };

  const packages = index && createPackageIndex(index);

  /** A variable is often named after its type, and the type after its file: `layer.match()` is in `layer.js`. */
  const namesakeOf = (variable: string, file: FileForm): string | undefined => {
    const plain = variable.replace(/^[_$#]+/, '').toLowerCase();
    if (plain.length < 3) return undefined;
    for (const [local, { path }] of importsFor(file)) if (local.toLowerCase() === plain) return path;
    return fileOfType(plain.charAt(0).toUpperCase() + variable.replace(/^[_$#]+/, '').slice(1), file);
  };

  const resolve = (file: FileForm, call: Call): Reference | undefined => {
    const { name, receiver, isNew } = call;
    const module = receiver === undefined ? undefined : importsFor(file).get(receiver);
    if (isNew && module) return { path: module.path, names: [name, ...CONSTRUCTORS], via: name };
    if (isNew) {
      const path = fileOfType(name, file);
      return path === undefined ? undefined : { path, names: [name, ...CONSTRUCTORS], via: name };
    }
    if (receiver === undefined || SELF.has(receiver)) {
      if (defines(file, name)) return { path: file.path, names: [name] };
      const imported = importsFor(file).get(name);
      if (imported)
        return { path: imported.path, names: [imported.name ?? name, name, 'exports', 'default'] };
      const type = /^[A-Z]/.test(name) ? fileOfType(name, file) : undefined;
      const path = type ?? packages?.fileOf(file, undefined, name);
      return path === undefined ? undefined : { path, names: [name, ...CONSTRUCTORS] };
    }
    if (module) return { path: module.path, names: [name], via: module.name ?? name };
    const declared = /^[A-Z]/.test(receiver) ? { type: receiver } : typeOf(receiver, file, call.line);
    const from = declared?.module === undefined ? undefined : importsFor(file).get(declared.module);
    const path = from?.path ?? (declared && fileOfType(declared.type, file));
    if (declared && path !== undefined) {
      return { path, names: name === 'new' ? CONSTRUCTORS : [name], via: declared.type };
    }
    const inPackage = packages?.fileOf(file, receiver, name);
    if (inPackage !== undefined) return { path: inPackage, names: [name] };
    if (defines(file, name)) return { path: file.path, names: [name] };
    const namesake = namesakeOf(receiver, file);
    return namesake === undefined ? undefined : { path: namesake, names: [name] };
  };

  const parents = (file: FileForm, line: number): readonly string[] => {
    const type = file.outline && enclosing(file.outline, line, 'type');
    if (!type) return [];
    const header =
      file.lines
        .slice(type.startLine - 1, type.startLine + 2)
        .join(' ')
        .split('{')[0] ?? '';
    const named = /(?:\bextends\s+|\bimplements\s+|<\s*|\(\s*|:\s*)([A-Z][\w.]*)/g;
    return [...header.matchAll(named)].flatMap(([, name = '']) => {
      const path = fileOfType(name.split('.').at(-1) ?? name, file);
      return path === undefined || path === file.path ? [] : [path];
    });
  };

  const passedOn = (file: FileForm, names: readonly (string | undefined)[]): readonly string[] => {
    const imported = importsFor(file);
    for (const name of names) {
      const path = name === undefined ? undefined : imported.get(name)?.path;
      if (path !== undefined && path !== file.path) return [path];
    }
    // `exports.encoder = new Encoder()` hands out what an import of another case made.
    const lower = names.map((name) => name?.toLowerCase());
    for (const [local, { path }] of imported) if (lower.includes(local.toLowerCase())) return [path];
    const isNamesake = (path: string): boolean => {
      const stem =
        path
          .slice(path.lastIndexOf('/') + 1)
          .split('.')[0]
          ?.toLowerCase() ?? '';
      return stem.length > 2 && lower.some((name) => name?.includes(stem));
    };
    const whole = index ? passedOnWholly(file, index) : [];
    return [...whole].sort((a, b) => Number(isNamesake(b)) - Number(isNamesake(a))).slice(0, MAX_PASSED_ON);
  };

  return { resolve, parents, passedOn };
}

function defines(file: FileForm, name: string, kind: Definition['kind'] = 'function'): boolean {
  return file.outline?.definitions.some((one) => one.kind === kind && one.name === name) ?? false;
}

/** The declared type of a variable, and the module it is taken from, looked for upwards from its use. */
function typeOf(
  variable: string,
  file: FileForm,
  line: number,
): { readonly type: string; readonly module?: string | undefined } | undefined {
  const code = file.outline?.code ?? [];
  const name = variable.replaceAll(/[^\w]/g, '\\$&');
  const declared = new RegExp(
    `\\b([A-Z]\\w*)(?:<[^=;()]{0,80}>)?(?:\\[\\])?\\s+${name}\\b|\\b${name}\\s*:\\s*&?(?:mut\\s+)?\\*?([A-Z]\\w*)|\\b${name}\\s+\\*?([A-Z]\\w*)\\b`,
  );
  const assigned = new RegExp(
    `\\b${name}\\s*:?=\\s*(?:await\\s+)?(?:new\\s+|&)?(?:(?:([\\w$]{1,60})\\.)?(?:New)?([A-Z]\\w*)\\s*[({.:]|([\\w$]{1,60})\\.([\\w$]{1,60})\\s*;?$)`,
  );
  for (let at = Math.min(line, code.length); at >= 1 && at > line - 400; at--) {
    const text = (code[at - 1] ?? '').slice(0, 1000);
    if (!text.includes(variable)) continue;
    const type = declared
      .exec(text)
      ?.slice(1)
      .find((group) => group !== undefined);
    if (type !== undefined) return { type };
    const made = assigned.exec(text);
    if (made?.[2] !== undefined) return { type: made[2], module: made[1] };
    if (made?.[4] !== undefined) return { type: made[4], module: made[3] };
  }
  return undefined;
}

function snakeCase(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
}
