import { describe, expect, it } from 'vitest';
import { ErrorAnalysisEngine } from '../../src/engine.ts';

const errorLog = { name: 'Error', message: 'connect ECONNREFUSED 127.0.0.1:5432', code: 'ECONNREFUSED' };

describe('an answer that is recalled', () => {
  it('is there at once for an equal error, with the event’s own occurrences', async () => {
    const engine = new ErrorAnalysisEngine();
    const first = await engine.processErrorLog({ errorLog });
    expect(engine.recall({ errorLog, occurrences: 7 })).toEqual({ ...first, cached: true, occurrences: 7 });
    expect(engine.getCacheStats()).toMatchObject({ hits: 1, misses: 1 });
  });

  it('is none for an error that nobody has analysed, which is no miss yet', () => {
    const engine = new ErrorAnalysisEngine();
    expect(engine.recall({ errorLog })).toBeUndefined();
    expect(engine.getCacheStats()).toMatchObject({ hits: 0, misses: 0 });
  });

  it('refuses what is no event', () => {
    expect(() => new ErrorAnalysisEngine().recall({} as never)).toThrow('event.errorLog');
  });
});
