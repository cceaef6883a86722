import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * Two projects: `unit` reads the TypeScript sources, `dist` the built package.
 * Worker threads, child processes and the Lambda runtime load files with plain Node, so whatever needs them
 * (test/**\/*.dist.test.ts) can only be tested built.
 */
const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['patrol-source', 'node', 'import', 'default'] } },
  test: {
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most of the time is spent waiting for servers and processes: a small machine can do that twice at once.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Real sockets and processes on a shared machine: what fails twice has failed. The report names what was retried.
    retry: process.env.CI === 'true' ? 1 : 0,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/**/*.dist.test.ts'] },
      },
      {
        extends: true,
        ssr: { resolve: { conditions: ['node', 'import', 'default'] } },
        test: { name: 'dist', include: ['test/**/*.dist.test.ts'] },
      },
    ],
  },
});

export default config;
