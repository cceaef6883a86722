import { stripVTControlCharacters } from 'node:util';

/** What every line of an analysis begins with, where it stands among lines of plain text. */
export const ANALYSIS_MARK = '  patrol> ';

/** True for a line that begins with {@link ANALYSIS_MARK}, in whatever colour: it is not looked into again. */
export function isAnalysisText(line: string): boolean {
  return stripVTControlCharacters(line.slice(0, 64)).startsWith(ANALYSIS_MARK);
}
