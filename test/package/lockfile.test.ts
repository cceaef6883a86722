import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly hasInstallScript?: boolean;
}

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const packages = Object.entries<Locked>(readJson('package-lock.json').packages).filter(
  ([path]) => path !== '',
);

/**
 * The binaries of platforms other than the one that the lock was made on: their registry entries were not at hand.
 * npm checks them against the registry when it fetches them; they belong to tools of development and to nothing
 * that is shipped.
 */
const isForeignBinary = ({ optional, os, cpu }: Locked): boolean =>
  optional === true && os !== undefined && cpu !== undefined;

describe('the lockfile', () => {
  it('names packages of the npm registry alone: no git, no link, no other host', () => {
    const strange = packages.filter(
      ([, { link, resolved, version }]) =>
        link === true ||
        !/^\d+\.\d+\.\d+/.test(version ?? '') ||
        (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')),
    );
    expect(strange.map(([path]) => path)).toEqual([]);
  });

  it('pins the content of every package, but of binaries for other platforms', () => {
    const loose = packages.filter(
      ([, locked]) => !/^sha512-/.test(locked.integrity ?? '') && !isForeignBinary(locked),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('brings scripts that run at installation only with tools that do without them', () => {
    const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    // Each brings a binary that works as it comes; npm runs none of the scripts (`.npmrc`).
    const known = ['aws-lambda-ric', 'classic-level', 'esbuild', 'fsevents'];
    expect(scripts.filter((path) => !known.some((name) => path.endsWith(`node_modules/${name}`)))).toEqual(
      [],
    );
    expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
  });
});

describe('npm run sbom', () => {
  it('lists what is shipped and, marked as such, the tools; each with its hash and licence', () => {
    const output = execFileSync('npm', ['run', '--silent', 'sbom'], {
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 2 ** 25,
    });
    const { bomFormat, components } = JSON.parse(output) as {
      readonly bomFormat: string;
      readonly components: readonly {
        readonly name: string;
        readonly licenses?: unknown;
        readonly properties: readonly { readonly name: string }[];
      }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const isTool = ({ properties }: (typeof components)[number]) =>
      properties.some(({ name }) => name === 'cdx:npm:package:development');
    const shipped = components.filter((component) => !isTool(component));
    const names = shipped.map(({ name }) => name);
    const { dependencies, devDependencies } = readJson('package.json');
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    for (const tool of ['vitest', 'knip']) {
      expect(Object.keys(devDependencies)).toContain(tool);
      expect(names).not.toContain(tool);
    }
    expect(shipped.filter(({ licenses }) => licenses === undefined).map(({ name }) => name)).toEqual([]);
  });
});
