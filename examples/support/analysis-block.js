import { styleText } from 'node:util';

const WIDTH = 100;
const LABEL = 10;
const coloured = Boolean(process.env.FORCE_COLOR ?? process.stdout.isTTY) && !process.env.NO_COLOR;

/**
 * What Patrol found, as a block for people: where, how sure, the cause, the fix and the evidence.
 * An application that prints its log for people puts this in its format; one that logs JSON needs nothing.
 *
 * @param {import('patrol').AnalysisFields} patrol The field `patrol` of the log record.
 * @returns {string}
 */
export function analysisBlock(patrol) {
  const title = [
    'Patrol',
    patrol.source === 'none' ? 'no root cause found' : `${Math.round(patrol.confidenceScore)} % sure`,
    ...(patrol.source === 'llm' ? [`by ${patrol.model}`] : []),
    ...(patrol.source === 'rules' ? [`known error ${patrol.ruleId}`] : []),
    patrol.location ?? 'no place in the application',
    `seen ${patrol.occurrences}×`,
    ...(patrol.cached ? ['from the cache'] : []),
    ...(patrol.costUsd === undefined ? [] : [`$${patrol.costUsd.toFixed(6)}`]),
    `#${patrol.errorHash.slice(0, 8)}`,
  ].join(' · ');
  return [
    paint('cyan', title),
    ...(patrol.rootCause === '' ? paragraph('answer', patrol.analysis) : []),
    ...paragraph('cause', patrol.rootCause),
    ...paragraph('fix', patrol.suggestedFix),
    ...patrol.evidence.slice(0, 3).flatMap(({ file, line, quote, verified }, index) => {
      const label = index === 0 ? 'evidence' : '';
      const seen = verified ? 'found in the source' : 'not found in the source';
      return paragraph(label, `${file}:${line} (${seen})`).concat(paragraph('', `  ${quote.trim()}`));
    }),
    ...changesOf(patrol.patch ?? '').flatMap((line, index) => paragraph(index === 0 ? 'patch' : '', line)),
    ...paragraph('next', patrol.nextSteps[0] ?? ''),
  ].join('\n');
}

/**
 * A stack without the lines of dependencies and of Node: what a developer reads first.
 *
 * @param {string} stack
 */
export function shortStack(stack) {
  const lines = stack.split('\n');
  const own = lines.filter((line) => !/^\s+at .*(?:node_modules|node:|<anonymous>\)?$)/.test(line));
  const hidden = lines.length - own.length;
  return hidden === 0 ? stack : [...own, `    … ${hidden} more of dependencies and Node`].join('\n');
}

/** The changed lines of a diff. @param {string} patch */
function changesOf(patch) {
  return patch.split('\n').filter((line) => /^[-+](?![-+]{2} )/.test(line));
}

/** @param {string} label @param {string} text */
function paragraph(label, text) {
  if (text === '') return [];
  const lines = [''];
  for (const word of text.split(/(?<=\s)/)) {
    if ((lines.at(-1) + word).trimEnd().length > WIDTH - LABEL && lines.at(-1) !== '') lines.push('');
    lines[lines.length - 1] += word;
  }
  return lines.map((line, index) => {
    const head = (index === 0 ? label : '').padEnd(LABEL);
    return `    ${paint('dim', head)}${line.trimEnd()}`;
  });
}

/** @param {'cyan' | 'dim'} colour @param {string} text */
function paint(colour, text) {
  return coloured ? styleText(colour, text) : text;
}
