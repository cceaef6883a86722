/** What a check found. */
export interface Finding {
  /** What was looked at: `model`, `queue`, … */
  readonly check: string;
  /** `unused` is not configured, and that is all right. */
  readonly status: 'ok' | 'warning' | 'failed' | 'unused';
  /** In plain words, without a secret. */
  readonly message: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** Makes findings of one check. */
export interface Findings {
  ok(message: string): Finding;
  unused(message: string): Finding;
  warning(message: string, mend: string): Finding;
  failed(message: string, mend: string): Finding;
}

/** See {@link Findings}. */
export function findingsOf(check: string): Findings {
  return {
    ok: (message) => ({ check, status: 'ok', message }),
    unused: (message) => ({ check, status: 'unused', message }),
    warning: (message, mend) => ({ check, status: 'warning', message, mend }),
    failed: (message, mend) => ({ check, status: 'failed', message, mend }),
  };
}
