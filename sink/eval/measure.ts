import { performance } from 'node:perf_hooks';
import type { PatrolConfig } from '../../src/config.ts';
import { ErrorAnalysisEngine } from '../../src/engine.ts';
import { messageOf } from '../../src/errors.ts';
import { LocalGitCodeProvider } from '../../src/providers/local-git.ts';
import { estimateTokens } from '../../src/tokens.ts';
import type { LLMProvider, LLMRequest, Milliseconds } from '../../src/types.ts';
import { type JudgedAnswer, judgeAnswer } from './judge.ts';
import type { PlacedCase } from './repositories.ts';
import { type Recall, recallOf } from './shown-code.ts';

/** What one case came to. */
export interface Measured {
  readonly id: string;
  readonly language: string;
  readonly kind: PlacedCase['kind'];
  readonly recall: Recall;
  /** Of the whole prompt, estimated from above; 0 where no model was to be asked. */
  readonly tokens: number;
  /** With a model. */
  readonly answer?: JudgedAnswer & { readonly costUsd?: number; readonly ms: Milliseconds };
  /** Why there is no analysis. */
  readonly failure?: string;
}

/** What stands in for a model's answer where only the prompt matters. */
const NO_ANSWER = JSON.stringify({ analysis: 'No root cause found, because nobody was asked.' });

/** Runs one case through an engine as a sink has it, the model's place taken by one that keeps the prompt. */
export async function measure(
  one: PlacedCase,
  config: PatrolConfig,
  model: LLMProvider | undefined,
): Promise<Measured> {
  const prompts: LLMRequest[] = [];
  const engine = new ErrorAnalysisEngine({
    llmProvider: {
      model: model?.model ?? 'none',
      complete: (request, options) => {
        prompts.push(request);
        return model ? model.complete(request, options) : Promise.resolve({ text: NO_ANSWER, model: 'none' });
      },
    },
    codeProvider: new LocalGitCodeProvider({ directory: one.directory }),
    codeLimits: {
      lines: config.codeContextLines,
      locations: config.maxCodeLocations,
      characters: config.maxRepositoryContextChars,
    },
    pathMappings: config.pathMappings,
    language: config.language,
    timeoutMs: config.modelTimeout,
  });
  const started = performance.now();
  const outcome = await engine.processErrorLog({ ...one.event, commit: one.commit }).then(
    (result) => ({ result }),
    (error: unknown) => ({ failure: messageOf(error) }),
  );
  const ms = Math.round(performance.now() - started);
  const [first] = prompts;
  const text = first ? `${first.system}\n${first.user}` : '';
  const judged =
    model && 'result' in outcome
      ? {
          ...judgeAnswer(outcome.result, one.fixed),
          ms,
          ...(outcome.result.usage?.costUsd !== undefined && { costUsd: outcome.result.usage.costUsd }),
        }
      : undefined;
  return {
    id: one.id,
    language: one.language,
    kind: one.kind,
    recall: recallOf(text, one.fixed),
    tokens: estimateTokens(text),
    ...(judged && { answer: judged }),
    ...('failure' in outcome && { failure: outcome.failure }),
  };
}
