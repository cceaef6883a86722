import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Changes the redaction and the validators in thousands of small ways, one at a time, and counts how many the tests
 * notice. Exits 1 below 80 %. What was tried before and did not change since is not tried again.
 *
 *   npm run test:mutation                                         all files: an hour
 *   npm run test:mutation -- --mutate 'src/checks.ts,src/event.ts'
 *
 * Stryker is installed when it is first needed, beside what is locked: it brings 120 packages that nothing else uses.
 */
const STRYKER = '9.6.1';

const run = (command, args) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync('node_modules/@stryker-mutator/vitest-runner')) {
  const packages = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@${STRYKER}`);
  run('npm', ['install', '--no-save', '--no-audit', ...packages]);
}
run('node_modules/.bin/stryker', ['run', 'test/mutation/stryker.config.json', ...process.argv.slice(2)]);
