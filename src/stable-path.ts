import { looksRandom } from './masking/gibberish.ts';
import type { StackFrame } from './types.ts';

/**
 * Where a frame's code stands, as far as it is the same in every deploy: no install root, no release folder, no
 * bundle hash, no line. `/srv/shop/releases/20250112/src/cart/total.js` → `src/cart/total.js`.
 */
export function stablePath(file: string): string {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const path = computeStablePath(file);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(file, path);
  return path;
}

/** A process sees few files; when it sees more, starting again is cheap. */
const MAX_CACHED = 2000;
const cache = new Map<string, string>();

/** Folders that hold an application's code: what stands above them is where it was installed. */
const CODE_FOLDERS = new Set([
  'src',
  'lib',
  'dist',
  'build',
  'out',
  'app',
  'pages',
  'cmd',
  'internal',
  'pkg',
]);
/** `/srv/shop/…`, `/opt/shop/…`: the folder below is the application's. */
const HOLDS_APPLICATIONS = new Set(['srv', 'opt', 'www', 'apps', 'workspaces', 'sites', 'services']);
/** `/app/…`, `/usr/src/app/…`: the folder is the application's. */
const IS_APPLICATION = new Set(
  'app code workspace html task function root work tmp mnt data repo project projects dev wwwroot site go'.split(
    ' ',
  ),
);

/**
 * Leading folders that say where an application was installed: containers (`/app`, `/usr/src/app`, an overlay's
 * `merged`), Capistrano (`releases/<id>`, `current`), homes, `/srv/<name>`, `/opt/<name>`, `/var/www/<name>`.
 */
function withoutInstallRoot(folders: readonly string[]): readonly string[] {
  let from = 0;
  for (let index = folders.length - 1; index >= 0; index--) {
    const name = folders[index];
    if (name === 'current' || name === 'merged') from = index + 1;
    else if (name === 'releases' || name === 'release') from = index + 2;
    else continue;
    // The overlay is a file system of its own, which begins with a root again.
    if (name !== 'merged') return folders.slice(from);
    break;
  }
  const name = (offset: number): string => folders[from + offset] ?? '';
  if (/^[A-Za-z]:$/.test(name(0))) from += 1;
  if (name(0) === 'usr' && name(1) === 'src') return folders.slice(from + 3);
  if (name(0) === 'home' || name(0) === 'Users') {
    from += 2;
    while (IS_APPLICATION.has(name(0)) || name(0) === 'apps') from += name(0) === 'apps' ? 2 : 1;
    return folders.slice(from);
  }
  if (name(0) === 'var' || name(0) === 'usr') from += name(1) === 'local' ? 2 : 1;
  if (HOLDS_APPLICATIONS.has(name(0))) return folders.slice(from + 2);
  if (IS_APPLICATION.has(name(0))) from += 1;
  return folders.slice(from);
}

function computeStablePath(file: string): string {
  const parts = file
    .slice(-1024)
    .split(/[\\/]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  const base = stableName(parts.at(-1) ?? '');
  const all = parts.slice(0, -1);
  const folders = (isAbsolute(file) ? withoutInstallRoot(all) : all).filter(isStable);
  const landmark = folders.findIndex((name) => CODE_FOLDERS.has(name));
  // In a workspace the package's name tells two `src/index.js` apart.
  const from =
    landmark < 0
      ? Math.max(0, folders.length - 1)
      : landmark >= 2 && folders[landmark - 2] === 'packages'
        ? landmark - 2
        : landmark;
  return [...folders.slice(from), base].join('/');
}

const isAbsolute = (file: string): boolean => /^(?:[\\/]|[A-Za-z]:)/.test(file);

/** A folder named by a release, a hash or a number is another one next time. */
const isStable = (name: string): boolean =>
  !/\d{4}|^\d+$|[0-9a-f]{7}|^v?\d+\./.test(name) && !/^[a-z]\d+$/.test(name);

/** `server-EY3KIQHZ.js`, `main.fd8cf1f563d7.js`, `854.000e4c60.js` → the name without what a bundler adds. */
function stableName(base: string): string {
  const dot = base.lastIndexOf('.');
  const stem = dot > 0 ? base.slice(0, dot) : base;
  if (!/[-._]/.test(stem) && !/^\d+$/.test(stem)) return base;
  const kept = withoutViteHash(stem)
    .split(/([-._])/)
    .filter((part, index, all) => {
      const piece = index % 2 === 0 ? part : (all[index + 1] ?? '');
      return !isBundleHash(piece) && !/^\d+$/.test(piece);
    });
  const name = kept.join('').replace(/^[-._]+/, '');
  return (name === '' ? 'chunk' : name) + (dot > 0 ? base.slice(dot) : '');
}

/** Rollup and Vite: eight characters of base64url, which may hold `-` and `_` themselves. */
function withoutViteHash(stem: string): string {
  const match = /^(.+)[-.]([\w-]{8})$/.exec(stem);
  const hash = match?.[2] ?? '';
  const isHash =
    /[A-Z]/.test(hash) && /[a-z]/.test(hash) && (/\d/.test(hash) || looksRandom(hash.replace(/[-_]/g, '')));
  return isHash ? (match?.[1] ?? stem) : stem;
}

/** Hashes of webpack (hex) and esbuild (base32, eight capitals). */
function isBundleHash(part: string): boolean {
  if (/^[0-9a-f]{7,64}$/.test(part)) return /\d/.test(part);
  return /^[A-Z0-9]{8}$/.test(part);
}

/** A frame so far to the right that no person wrote its line. */
export const isMinified = (frame: StackFrame): boolean =>
  (frame.column ?? 0) > 300 && (frame.line ?? 1000) <= 20 && frame.language === 'javascript';
