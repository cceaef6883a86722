import { styleText } from 'node:util';
import { type DoctorOptions, examine } from '../doctor/doctor.ts';
import type { Finding } from '../doctor/finding.ts';

const SIGNS = { ok: 'ok', unused: '–', warning: 'warning', failed: 'FAILED' } as const;
const COLOURS = { ok: 'green', unused: 'dim', warning: 'yellow', failed: 'red' } as const;

/** `patrol doctor`: what is wrong with the settings and what they name, and how to mend it. */
export async function doctor(
  options: DoctorOptions,
  colour: boolean,
): Promise<{ readonly text: string; readonly healthy: boolean; readonly findings: readonly Finding[] }> {
  const findings = await examine(options);
  const failed = findings.filter(({ status }) => status === 'failed').length;
  const warnings = findings.filter(({ status }) => status === 'warning').length;
  const lines = findings.map(({ check, status, message, mend }) => {
    const sign = SIGNS[status].padEnd(8);
    const shown = colour ? styleText(COLOURS[status], sign, { validateStream: false }) : sign;
    return `${shown}${check.padEnd(12)} ${message}${mend === undefined ? '' : `\n${' '.repeat(21)}→ ${mend}`}`;
  });
  const verdict =
    failed === 0
      ? `All that is configured works${warnings > 0 ? `, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}` : ''}.`
      : `${failed} ${failed === 1 ? 'thing does' : 'things do'} not work.`;
  return { text: `${lines.join('\n')}\n\n${verdict}\n`, healthy: failed === 0, findings };
}
