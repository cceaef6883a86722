import { describe } from 'vitest';
import { createMemoryStore } from '../../../src/stores/memory.ts';
import { describesAStore } from './conformance.ts';

describe('a store in memory', () => {
  const store = createMemoryStore();
  describesAStore(() => store);
});
