import type {
  AnalysisResult,
  ErrorLog,
  ErrorLogEvent,
  LLMProvider,
  NormalizedErrorLog,
  ProcessingOptions,
  RepositoryCodeProvider,
} from 'patrol';
import * as patrol from 'patrol';
import { describe, expect, expectTypeOf, test } from 'vitest';

describe('the public API', () => {
  test.each([
    'ErrorAnalysisEngine',
    'InMemoryCache',
    'OpenAILLMProvider',
    'GitHubRepositoryCodeProvider',
    'LocalFilesCodeProvider',
    'hashErrorLog',
    'normalizeErrorLog',
    'captureErrorLog',
    'parseStackTrace',
    'redact',
    'createEngine',
    'loadConfig',
    'parseErrorLogEvent',
    'PatrolError',
  ])('exports %s', (name) => {
    expect((patrol as Record<string, unknown>)[name]).toBeTypeOf('function');
  });

  test('is synchronous where an application waits for it', () => {
    expectTypeOf(patrol.hashErrorLog).returns.toHaveProperty('errorHash').toExtend<string>();
    expectTypeOf(patrol.normalizeErrorLog).returns.toEqualTypeOf<NormalizedErrorLog>();
    expectTypeOf(patrol.captureErrorLog).returns.toEqualTypeOf<ErrorLog>();
    expectTypeOf(patrol.captureErrorLog).parameter(0).toBeUnknown();
    expectTypeOf(patrol.redact<{ a: 1 }>).returns.toEqualTypeOf<{ a: 1 }>();
  });

  test('takes an event with as little as a message, and options that may be left out', () => {
    const engine = new patrol.ErrorAnalysisEngine();
    expectTypeOf(engine.processErrorLog).toBeCallableWith({ errorLog: { message: 'boom' } });
    expectTypeOf(engine.processErrorLog).parameter(1).toEqualTypeOf<ProcessingOptions | undefined>();
    expectTypeOf(engine.processErrorLog).returns.resolves.toEqualTypeOf<AnalysisResult>();
    expectTypeOf(engine.processErrorBatch).returns.resolves.toEqualTypeOf<
      PromiseSettledResult<AnalysisResult>[]
    >();
    expectTypeOf<ErrorLogEvent>().toHaveProperty('occurrences').toBeNumber();
  });

  test('lets a user bring a model and a code host of their own', async () => {
    const llmProvider: LLMProvider = {
      model: 'mine',
      complete: async () => ({
        model: 'mine',
        text: JSON.stringify({
          analysis: 'It is the cart.',
          rootCause: 'The cart is empty.',
          suggestedFix: 'Fill it.',
          confidence: 70,
          category: 'bug',
          evidence: [{ file: 'src/cart.ts', line: 1, quote: 'const cart = undefined;' }],
          patch: null,
          nextSteps: [],
        }),
      }),
    };
    const codeProvider: RepositoryCodeProvider = {
      name: 'mine',
      assertAllowed() {},
      locate: async () => 'src/cart.ts',
      readFile: async (_repository, path) => ({ path, text: 'const cart = undefined;\ncart.total();\n' }),
    };
    const engine = new patrol.ErrorAnalysisEngine({ llmProvider, codeProvider });
    const result = await engine.processErrorLog({
      errorLog: { message: 'boom', stackTrace: 'Error: boom\n    at total (/srv/app/src/cart.ts:2:6)' },
    });
    expect(result).toMatchObject({
      source: 'llm',
      model: 'mine',
      confidenceScore: 70,
      evidence: [{ verified: true }],
    });
  });
});
