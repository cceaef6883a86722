import { styleText } from 'node:util';
import { oneLine } from './escape.ts';
import { countOf, type LogReport, type ReportedError, seenOf, summaryOf } from './log-report.ts';

const MAX_MESSAGE = 200;
const MAX_TEXT = 600;

/** A report for a terminal. */
export function toTextReport(report: LogReport, colour: boolean): string {
  const style = (name: 'bold' | 'dim' | 'cyan' | 'red', text: string) =>
    colour ? styleText(name, text, { validateStream: false }) : text;
  const label = (name: string, text: string) =>
    text === '' ? [] : [`   ${style('cyan', name.padEnd(6))} ${text}`];

  const blocks = report.errors.map((error, index) => {
    const { analysis, notAnalysed } = error;
    return [
      `${style('bold', `${index + 1}. ${titleOf(error)}`)}`,
      ...label(
        'Count',
        [countOf(error), seenOf(error), error.services.map((one) => oneLine(one, 100)).join(', ')]
          .filter(Boolean)
          .join(', '),
      ),
      ...(analysis
        ? [
            ...label('Cause', causeOf(error)),
            ...label('Fix', oneLine(analysis.suggestedFix, MAX_TEXT)),
            ...label('Where', oneLine(analysis.location ?? '')),
            ...analysis.evidence
              .slice(0, 3)
              .flatMap(({ file, line, quote, verified }) =>
                label(
                  'Code',
                  `${oneLine(file)}:${line} | ${oneLine(quote, 160)}${verified ? '' : ' (not verified)'}`,
                ),
              ),
          ]
        : label('Cause', style('dim', `not analysed: ${oneLine(notAnalysed ?? '')}`))),
      ...label(
        'First',
        style('dim', `${oneLine(error.file)}:${error.line}, ${error.errorHash.slice(0, 12)}`),
      ),
    ].join('\n');
  });
  return `${[
    summaryOf(report)
      .map((line) => oneLine(line))
      .join('\n'),
    ...blocks,
  ].join('\n\n')}\n`;
}

/** The error in one line: its class and its message. */
export function titleOf({ name, message }: ReportedError): string {
  const text = oneLine(message, MAX_MESSAGE);
  return name === undefined || text.startsWith(name) ? text : `${oneLine(name, 100)}: ${text}`;
}

/** The cause with how sure it is and who says so; why there is none. */
export function causeOf({ analysis }: ReportedError): string {
  if (!analysis) return '';
  const { rootCause, confidenceScore, source, model, aiGenerated } = analysis;
  if (rootCause === '') return oneLine(analysis.analysis.split('\n', 1)[0] ?? '', MAX_TEXT);
  const who = aiGenerated
    ? `${oneLine(model ?? 'a model', 40)}, AI-generated`
    : source === 'rules'
      ? 'known error'
      : '';
  return `${oneLine(rootCause, MAX_TEXT)} (${confidenceScore} % sure, ${who})`;
}
