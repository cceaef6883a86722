import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, analysesIn, type RunAppOptions, runApp } from '../support/run-app.ts';

/**
 * What a user does: `npm install patrol` in an empty project, the packed tarball standing in for the registry's.
 * TypeScript is of the generation that most projects have, not the one that builds Patrol.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const fixtures = new URL('./fixtures/', import.meta.url);
const TYPESCRIPT = 'typescript@5.9.3';
const run = promisify(execFile);

let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-consumer-'));
  project = join(folder, 'project');
  await mkdir(project);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  await writeFile(join(project, 'package.json'), '{"name": "consumer", "private": true}');
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const peers = ['winston', 'pino', '@types/node'].map((name) => `${name}@${devDependencies[name]}`);
  const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', [...install, join(folder, tarball ?? ''), TYPESCRIPT, ...peers], { cwd: project });
  for (const name of await readdir(fixtures)) {
    await writeFile(join(project, name), await readFile(new URL(name, fixtures)));
  }
}, 240_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

function runScript(name: string, options: RunAppOptions = {}): Promise<AppRun> {
  return runApp(pathToFileURL(join(project, name)), { cwd: project, ...options });
}

describe('the installed package', () => {
  it('holds what its entry points name, its licence, and neither tests nor examples', async () => {
    const files = await readdir(join(project, 'node_modules/patrol'), { recursive: true });
    expect(files).toContain('LICENSE');
    expect(files).toContain('README.md');
    expect(files.filter((file) => /^(?:test|examples)\b|\.test\./.test(file))).toEqual([]);
    const { exports, bin } = JSON.parse(
      await readFile(join(project, 'node_modules/patrol/package.json'), 'utf8'),
    );
    const targets = Object.values<string | { default: string }>(exports)
      .map((target) => (typeof target === 'string' ? target : target.default))
      .concat(Object.values<string>(bin));
    for (const target of targets) expect(files).toContain(target.replace('./', ''));
  });

  it.each(['esm.mjs', 'cjs.cjs'])('gives each entry point to %s', async (script) => {
    const { records, stderr, code } = await runScript(script);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(records[0]).toEqual({
      ErrorAnalysisEngine: 'function',
      captureErrorLog: 'function',
      hashLength: 64,
      PatrolTransport: 'function',
      winstonDefault: true,
      pinoDefault: 'function',
      createPatrolStream: 'function',
      handler: 'function',
    });
  });

  it.each(['winston-app.mjs', 'winston-app.cjs', 'pino-app.mjs', 'pino-app.cjs'])(
    'analyses the error that %s logs',
    async (script) => {
      const { records, stderr, code } = await runScript(script);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      const [analysis] = analysesIn(records);
      expect(analysis?.patrol).toMatchObject({
        ruleId: 'node/econnrefused',
        source: 'rules',
        service: 'shop',
        location: expect.stringContaining(script),
      });
    },
  );

  it('brings the command', async () => {
    const { stdout } = await run(join(project, 'node_modules/.bin/patrol'), ['--version']);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('TypeScript, with the types of libraries checked', () => {
  const check = async (files: readonly string[], options: readonly string[]): Promise<string> => {
    const tsc = join(project, 'node_modules/typescript/bin/tsc');
    const strict = ['--noEmit', '--strict', '--target', 'es2022', '--skipLibCheck', 'false'];
    const done = run(process.execPath, [tsc, ...strict, ...options, ...files], { cwd: project });
    return (await done.catch((error: { stdout: string }) => error)).stdout;
  };

  it.each([
    ['node16', 'node16', 'true'],
    ['node16', 'node16', 'false'],
    ['nodenext', 'nodenext', 'true'],
    ['nodenext', 'nodenext', 'false'],
    ['bundler', 'esnext', 'true'],
    ['bundler', 'esnext', 'false'],
  ])('moduleResolution %s, module %s, esModuleInterop %s', async (resolution, module, interop) => {
    const options = ['--moduleResolution', resolution, '--module', module, '--esModuleInterop', interop];
    // pino's own declarations want esModuleInterop.
    const files = interop === 'true' ? ['types-winston.mts', 'types-pino.mts'] : ['types-winston.mts'];
    expect(await check(files, options)).toBe('');
  });

  it('CommonJS with require()', async () => {
    const options = ['--moduleResolution', 'nodenext', '--module', 'nodenext'];
    expect(await check(['types-commonjs.cts'], options)).toBe('');
  });
});
