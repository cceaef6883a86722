import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/sink/cli/main.js', import.meta.url));

/** `patrol serve` in a process of its own, on a free port. */
export interface ServeProcess {
  readonly url: string;
  /** The lines of its log so far. */
  lines(): Record<string, unknown>[];
  /** Ends it, with no chance to tidy up where the signal is SIGKILL. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts `patrol serve` as it was built. */
export async function startServe(env: Readonly<Record<string, string>>): Promise<ServeProcess> {
  const child: ChildProcess = spawn(process.execPath, [CLI, 'serve', '--port', '0'], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const lines = () =>
    output.split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
  while (!lines().some(({ msg }) => msg === 'Listening')) {
    if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url: String(lines().find(({ msg }) => msg === 'Listening')?.url),
    lines,
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

/** Runs a command of `patrol` to its end. */
export function runPatrol(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
}
