import { describe, expect, it } from 'vitest';
import { loadOptional } from '../../src/optional-package.ts';

describe('a package that only a setting wants', () => {
  it('is named with what to install, when it is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(loadOptional('ioredis', 'PATROL_REDIS_URL', () => Promise.reject(missing))).rejects.toThrow(
      'PATROL_REDIS_URL needs the package ioredis: npm install ioredis',
    );
  });

  it('fails in its own words, when it is there', async () => {
    const broken = new Error('broken');
    await expect(loadOptional('x', 'y', () => Promise.reject(broken))).rejects.toBe(broken);
  });
});
