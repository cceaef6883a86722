import type { Answer } from './answer.ts';
import type { ModelReply } from './ask-model.ts';
import { truncate } from './bounds.ts';
import { locationOf } from './code-context/targets.ts';
import type { CodeBlock, CodeContext } from './code-context.ts';
import type { EvidenceCheck } from './evidence.ts';
import type { RuleMatch } from './rules.ts';
import type { AnalysisResult, ErrorLocation, ErrorLogEvent, Evidence, ParsedStackTrace } from './types.ts';

/** What is known of an error before anyone judges it; redacted. */
export interface Facts {
  readonly event: ErrorLogEvent;
  readonly stack: ParsedStackTrace;
  readonly rule: RuleMatch | undefined;
  readonly context: CodeContext;
}

/** The part of a result that differs by who answered. */
export type Verdict = Pick<
  AnalysisResult,
  | 'analysis'
  | 'rootCause'
  | 'suggestedFix'
  | 'confidenceScore'
  | 'confidenceReasons'
  | 'category'
  | 'source'
  | 'ruleId'
  | 'location'
  | 'evidence'
  | 'patch'
  | 'patchApplies'
  | 'nextSteps'
  | 'suspectCommits'
  | 'model'
  | 'usage'
  | 'similarTo'
> & {
  /** True when somebody better could not be heard: it stands for a short while only. */
  readonly provisional?: boolean;
};

/** The verdict of a known-error rule; `reservation` says why nobody better was asked. */
export function fromRule(facts: Facts, rule: RuleMatch, reservation?: string): Verdict {
  const excerpt = rule.needsCode ? excerptOf(facts) : '';
  return {
    analysis: [`${rule.rootCause} ${rule.suggestedFix}`, excerpt, ...facts.context.notes]
      .filter(Boolean)
      .join('\n'),
    rootCause: rule.rootCause,
    suggestedFix: rule.suggestedFix,
    confidenceScore: rule.confidence,
    confidenceReasons: [rule.reason, ...(reservation === undefined ? [] : [reservation])],
    category: rule.category,
    source: 'rules',
    ruleId: rule.id,
    ...located(facts),
    evidence: failingLine(facts),
    nextSteps: rule.nextSteps,
  };
}

/** The verdict of a model, with the confidence that its evidence has earned. */
export function fromModel(facts: Facts, reply: ModelReply, check: EvidenceCheck): Verdict {
  const { answer, response }: { answer: Answer; response: ModelReply['response'] } = reply;
  return {
    analysis: answer.analysis,
    rootCause: answer.rootCause,
    suggestedFix: answer.suggestedFix,
    confidenceScore: check.confidenceScore,
    confidenceReasons: [...check.confidenceReasons, ...facts.context.notes],
    category: answer.category,
    source: 'llm',
    ...located(facts),
    evidence: check.evidence,
    ...(check.patch !== undefined && { patch: check.patch }),
    ...(check.patchApplies !== undefined && { patchApplies: check.patchApplies }),
    nextSteps: answer.nextSteps,
    model: response.model,
    ...(response.usage && { usage: response.usage }),
  };
}

/** The verdict of a model on a similar error, taken over as it is; it says so, and it costs nothing. */
export function fromSimilar(known: Verdict & Pick<AnalysisResult, 'errorHash'>, similarity: number): Verdict {
  const { usage: _, ...verdict } = known;
  const alike = Math.round(similarity * 100);
  return {
    ...verdict,
    similarTo: known.errorHash,
    confidenceScore: Math.round(known.confidenceScore * similarity),
    confidenceReasons: [
      `Taken over from a similar error (${known.errorHash.slice(0, 8)}, ${alike} % alike); this one was not judged by itself.`,
      ...known.confidenceReasons,
    ],
  };
}

/** The verdict when nobody knows: where it failed, the code around it, and why there is no more. */
export function fromNothing(facts: Facts, because: string): Verdict {
  const location = facts.context.location ?? locationOf(facts.event.errorLog, facts.stack);
  const where = location
    ? `It was raised at ${location.file}${location.line === undefined ? '' : `:${location.line}`}${location.function ? ` in ${location.function}` : ''}.`
    : 'Neither its stack nor the event names a place in the application.';
  return {
    // The first line stands alone in a log, beside the place.
    analysis: [`No root cause found, because ${because}`, where, excerptOf(facts), ...facts.context.notes]
      .filter(Boolean)
      .join('\n'),
    rootCause: '',
    suggestedFix: '',
    confidenceScore: 0,
    confidenceReasons: ['Nobody has judged this error.'],
    category: 'unknown',
    source: 'none',
    ...located(facts),
    evidence: failingLine(facts),
    nextSteps: whereToLook(facts, location),
  };
}

/** Nobody knows the cause, but somebody has to begin somewhere. */
function whereToLook({ context }: Facts, location: ErrorLocation | undefined): string[] {
  const [latest] = context.commits ?? [];
  return [
    ...(location?.line === undefined
      ? []
      : [`Begin at ${location.file}:${location.line}: it was raised there.`]),
    ...(latest
      ? [
          `See what ${latest.sha.slice(0, 10)} (${latest.message}) changed in ${latest.file}: it was the last commit there.`,
        ]
      : []),
  ];
}

function located(facts: Facts): Pick<Verdict, 'location' | 'suspectCommits'> {
  const { commits } = facts.context;
  const location = facts.context.location ?? locationOf(facts.event.errorLog, facts.stack);
  return { ...(location && { location }), ...(commits && { suspectCommits: commits }) };
}

function failingBlock({ context }: Facts): (CodeBlock & { readonly highlightLine: number }) | undefined {
  for (const block of context.blocks) {
    if (block.highlightLine !== undefined) return { ...block, highlightLine: block.highlightLine };
  }
  return undefined;
}

/** A line of a bundle can be as long as the bundle. */
const MAX_LINE = 300;

function failingLine(facts: Facts): Evidence[] {
  const block = failingBlock(facts);
  const line = block?.text.split('\n')[block.highlightLine - block.startLine]?.trim();
  const quote = line?.slice(0, MAX_LINE);
  if (!block || !quote) return [];
  return [
    {
      file: block.file,
      line: block.highlightLine,
      ...(block.commit !== undefined && { commit: block.commit }),
      quote,
      verified: true,
    },
  ];
}

/** Three lines on each side of the failing one, numbered. */
function excerptOf(facts: Facts): string {
  const block = failingBlock(facts);
  if (!block) return '';
  const lines = block.text
    .trimEnd()
    .split('\n')
    .map((text, index) => ({ text, number: block.startLine + index }));
  return lines
    .filter(({ number }) => Math.abs(number - block.highlightLine) <= 3)
    .map(
      ({ text, number }) =>
        `${number === block.highlightLine ? '>' : ' '} ${String(number).padStart(4)} | ${truncate(text, MAX_LINE)}`,
    )
    .join('\n');
}
