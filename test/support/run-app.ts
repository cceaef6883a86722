import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a child process ended and what it wrote. */
export interface AppRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The lines of stdout that are JSON objects, in order. */
  readonly records: readonly Record<string, unknown>[];
}

/** Options of {@link runApp}. */
export interface RunAppOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nodeArgs?: readonly string[];
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Called with each piece of output, to send signals at the right moment. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Variables of the machine that runs the tests must not reach the applications under test. */
const CLEAN: Record<string, undefined> = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) =>
      /^(PATROL_|OPENAI_|AWS_|GITHUB_|OTEL_|npm_|NODE_ENV|VITEST|FORCE_COLOR|NO_COLOR)/.test(name),
    )
    .map((name) => [name, undefined]),
);

/** Runs a script with plain Node, as a user would. */
export function runApp(script: URL, options: RunAppOptions = {}): Promise<AppRun> {
  const { args = [], env = {}, nodeArgs = [], cwd, timeoutMs = 20_000, onOutput } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, fileURLToPath(script), ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...CLEAN, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
    });
    let stdout = '';
    let stderr = '';
    const hear = (text: string) => onOutput?.(text, (signal) => child.kill(signal));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      hear(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      hear(text);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code, signal, records: jsonLines(stdout) });
    });
  });
}

/** The records of Patrol among an application's lines. */
export function analysesIn(records: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return records.filter((record) => (record.patrol as { event?: unknown } | undefined)?.event === 'analysis');
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : [];
    } catch {
      return [];
    }
  });
}
