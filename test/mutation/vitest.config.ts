import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The tests that say what the mutated files promise; random texts are left out, since each mutant meets them all. */
const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ['patrol-source', 'node', 'import', 'default'] } },
  test: {
    include: [
      'test/src/{redaction,checks,config,event,tidy-event,settings}.test.ts',
      'test/src/redaction/*.test.ts',
    ],
    setupFiles: ['test/support/setup.ts'],
    testNamePattern: /^(?!redact, whatever the text)/,
    testTimeout: 30_000,
  },
});

export default config;
