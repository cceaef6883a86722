import type { Answer, Claim } from './answer.ts';
import type { LineRange } from './code-context/collector.ts';
import type { CodeBlock, CodeContext } from './code-context.ts';
import { checkPatch } from './patch.ts';
import { harmlessText } from './plain-text.ts';
import type { Evidence, ParsedStackTrace } from './types.ts';

/** What is left of an answer's claims when they have been checked. */
export interface EvidenceCheck {
  readonly evidence: readonly Evidence[];
  /** 0–100: the model's confidence, capped by what could be verified. */
  readonly confidenceScore: number;
  /** Why the score is what it is, most weighty first. */
  readonly confidenceReasons: readonly string[];
  readonly patch?: string;
  readonly patchApplies?: boolean;
}

/** The most that an answer can score, by what its check found. */
const CAP = {
  /** Every citation was found; still nobody has run the fix. */
  verified: 95,
  /** No code was there to check against. */
  noCode: 50,
  /** Code was given, and nothing of it was cited. */
  noEvidence: 40,
  /** Not one citation was found. */
  allWrong: 20,
  /** Some were found: from here up to 60, by their share. */
  someWrong: 30,
  patchFails: 60,
  noCause: 10,
} as const;

/** A quote of fewer visible characters, such as `});`, stands everywhere and proves nothing. */
const MIN_QUOTE = 5;

/**
 * Checks every claim of an answer against the code that was sent: the quote must stand in the file that it names
 * (white space aside), and the patch must apply. What a model says of its own certainty counts only as far as
 * this goes.
 */
export function checkEvidence(answer: Answer, context: CodeContext, stack: ParsedStackTrace): EvidenceCheck {
  const evidence = answer.evidence.map((claim) => check(claim, context.blocks));
  const { score: cited, reasons } = judgeEvidence(evidence, context, stack);
  const caps = [answer.confidence, cited];
  if (answer.rootCause === '') {
    caps.push(CAP.noCause);
    reasons.unshift('The model named no root cause.');
  }
  const patch = answer.patch === null ? undefined : checkPatch(answer.patch, context.blocks);
  if (patch && !patch.applies) {
    caps.push(CAP.patchFails);
    reasons.push(`The patch does not apply: ${patch.reason}`);
  } else if (patch) reasons.push('The patch applies to the source that was read.');
  const confidenceScore = Math.min(...caps);
  if (confidenceScore < answer.confidence) {
    reasons.push(`The model's own estimate was ${answer.confidence}.`);
  }
  return {
    evidence,
    confidenceScore,
    confidenceReasons: reasons,
    ...(patch?.text !== undefined && { patch: patch.text, patchApplies: patch.applies }),
  };
}

function judgeEvidence(
  evidence: readonly Evidence[],
  { blocks }: CodeContext,
  stack: ParsedStackTrace,
): { score: number; reasons: string[] } {
  const verified = evidence.filter((one) => one.verified).length;
  const total = evidence.length;
  if (blocks.length === 0) {
    return {
      score: CAP.noCode,
      reasons: ['No source code was read, so nothing could be checked against it.'],
    };
  }
  if (total === 0) return { score: CAP.noEvidence, reasons: ['The model cited no code.'] };
  const quotes = total === 1 ? 'The cited line' : `All ${total} cited lines`;
  if (verified === total) {
    return {
      score: CAP.verified,
      reasons: [`${quotes} ${total === 1 ? 'was' : 'were'} found in the source.`],
    };
  }
  const wrong = total - verified;
  const score = verified === 0 ? CAP.allWrong : Math.round(CAP.someWrong + 30 * (verified / total));
  const known = new Set([...blocks.map(({ file }) => file), ...stackFiles(stack)]);
  const invented = evidence.filter((one) => !one.verified && !isKnown(one.file, known)).length;
  const reasons = [`${wrong} of ${total} cited lines could not be found in the source that was read.`];
  if (invented > 0)
    reasons.push(`${invented} of them name${invented === 1 ? 's' : ''} a file that nobody gave the model.`);
  return { score, reasons };
}

function stackFiles(stack: ParsedStackTrace): string[] {
  return [stack, ...stack.causes].flatMap((error) => error.frames.flatMap(({ file }) => file ?? []));
}

function isKnown(file: string, known: ReadonlySet<string>): boolean {
  return [...known].some((one) => sameFile(one, file));
}

/** The same path, or one of them the end of the other: models leave folders out or put `./` in front. */
function sameFile(given: string, named: string): boolean {
  const a = given.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');
  const b = named.replaceAll('\\', '/').replace(/^(?:\.?\/|[ab]\/)+/, '');
  return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}

function check(claim: Claim, blocks: readonly CodeBlock[]): Evidence {
  let best: { readonly block: CodeBlock; readonly line: number } | undefined;
  for (const block of blocks) {
    if (!sameFile(block.file, claim.file)) continue;
    for (const { startLine: line } of placesOf(claim.quote, block)) {
      if (!best || Math.abs(line - claim.line) < Math.abs(best.line - claim.line)) best = { block, line };
    }
  }
  if (!best) return { file: claim.file, line: claim.line, quote: claim.quote, verified: false };
  const { block, line } = best;
  return {
    file: block.file,
    // Where it stands, not where the model counted it.
    line,
    ...(block.commit !== undefined && { commit: block.commit }),
    quote: claim.quote,
    verified: true,
  };
}

/** The lines of a piece of source on which a quote stands, white space aside; none for a quote that proves nothing. */
export function placesOf(claimed: string, block: Pick<CodeBlock, 'startLine' | 'text'>): LineRange[] {
  const quote = compact(withoutNumbers(claimed));
  if (quote.length < MIN_QUOTE) return [];
  const starts: number[] = [];
  let text = '';
  for (const line of block.text.split('\n')) {
    starts.push(text.length);
    text += compact(line);
  }
  const lineAt = (index: number): number => block.startLine + starts.findLastIndex((start) => start <= index);
  const found: LineRange[] = [];
  for (let at = text.indexOf(quote); at >= 0 && found.length < 50; at = text.indexOf(quote, at + 1)) {
    found.push({ startLine: lineAt(at), endLine: lineAt(at + quote.length - 1) });
  }
  return found;
}

function compact(text: string): string {
  return harmlessText(text).replace(/\s+/g, '');
}

/** Some models copy the line numbers with the code. */
function withoutNumbers(quote: string): string {
  return quote.replace(/^[ \t]*>?[ \t]*\d{1,7}\|/gm, '');
}
