import { styleText } from 'node:util';
import type { AnalysisFields, AnalysisRecord, DropRecord } from '../../src/analysis-record.ts';
import { truncate } from '../../src/bounds.ts';
import { visibleText } from '../../src/plain-text.ts';
import { ANALYSIS_MARK } from '../log-lines/own-lines.ts';
import type { LogFormat } from './log-format.ts';

const MAX_LINE = 500;
const MAX_CAUSE = 380;
const MAX_EVIDENCE = 3;
const MAX_QUOTE = 160;
const MAX_STEPS = 3;
/** Lines of a patch: a mend of one place; a longer one is to be read elsewhere. */
const MAX_PATCH_LINES = 16;

/** Options of {@link createTextFormat}. */
export interface TextFormatOptions {
  /** Colour Patrol's own words; only for a terminal. */
  readonly colour: boolean;
}

/** The format between lines of plain text: a short indented block for somebody who was just woken. */
export function createTextFormat({ colour }: TextFormatOptions): LogFormat {
  const style = (name: 'bold' | 'dim' | 'cyan', text: string) =>
    colour ? styleText(name, text, { validateStream: false }) : text;
  return (record) =>
    linesOf(record)
      .map(([label, text], index) => {
        const body = `${label.padEnd(6)} ${label === PATCH ? visibleText(text).replace(/[\r\n]/g, ' ') : oneLine(text)}`;
        return `${style('cyan', ANALYSIS_MARK)}${index === 0 ? style('bold', body) : body}\n`;
      })
      .join('');
}

const PATCH = 'Patch';

type LabelledLine = readonly [label: string, text: string];

function linesOf(record: AnalysisRecord | DropRecord): readonly LabelledLine[] {
  if (record.patrol.event === 'dropped') return [['Lost', record.msg]];
  const { patrol } = record;
  return [
    ['Error', truncate(patrol.message, 160)],
    ...verdict(patrol),
    ...(patrol.location === undefined ? [] : [['Where', patrol.location] as const]),
    ...patrol.evidence.slice(0, MAX_EVIDENCE).map(({ file, line, quote, verified }): LabelledLine => {
      return [
        'Code',
        `${file}:${line} | ${truncate(oneLine(quote), MAX_QUOTE)}${verified ? '' : ' (not verified)'}`,
      ];
    }),
    ...(patrol.suspectCommits ?? []).slice(0, 1).map(({ sha, date, author, message }): LabelledLine => {
      return [
        'Commit',
        `${sha.slice(0, 10)} of ${date.slice(0, 10)} by ${author} was the last here: ${message}`,
      ];
    }),
    ...patchOf(patrol),
    ...(patrol.rootCause === ''
      ? patrol.nextSteps.slice(0, MAX_STEPS).map((step): LabelledLine => ['Next', step])
      : []),
  ];
}

/** Only a patch that applies, as it stands: its blanks mean something. */
function patchOf({ patch, patchApplies }: AnalysisFields): readonly LabelledLine[] {
  const lines = patchApplies === true && patch !== undefined ? patch.trimEnd().split('\n') : [];
  const shown = lines
    .slice(0, MAX_PATCH_LINES)
    .map((line): LabelledLine => [PATCH, truncate(line, MAX_LINE)]);
  const left = lines.length - shown.length;
  return left > 0 ? [...shown, [PATCH, `… ${left} more lines`]] : shown;
}

function verdict(patrol: AnalysisFields): readonly LabelledLine[] {
  // The analysis of an error that nobody could explain has the code below its first line.
  if (patrol.rootCause === '') {
    const why = patrol.analysis.split('\n', 1)[0] ?? '';
    return [['Cause', patrol.source === 'llm' ? labelled(why, patrol) : why]];
  }
  return [
    ['Cause', labelled(patrol.rootCause, patrol)],
    ...(patrol.suggestedFix === '' ? [] : [['Fix', patrol.suggestedFix] as const]),
  ];
}

/** However long the text is, who wrote it stays to be seen. */
function labelled(text: string, patrol: AnalysisFields): string {
  return `${truncate(text, MAX_CAUSE)} (${confidence(patrol)})`;
}

function confidence({ confidenceScore, source, model, cached, occurrences }: AnalysisFields): string {
  const who = source === 'llm' ? `${truncate(model ?? 'a model', 40)}, AI-generated` : 'known error';
  const times = occurrences > 1 ? `, ${occurrences} times` : '';
  return `${confidenceScore} % sure, ${who}${cached ? ', from cache' : ''}${times}`;
}

/** Text from outside on one line, without anything that moves a cursor or reorders text. */
export function oneLine(text: string): string {
  return truncate(visibleText(text).replace(/\s+/g, ' ').trim(), MAX_LINE);
}
