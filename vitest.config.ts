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
