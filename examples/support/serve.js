import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './apps.js';

const COMMAND = fileURLToPath(new URL('../../dist/sink/cli/main.js', import.meta.url));
/** What the user's own environment says must not lead the demo elsewhere. */
const NOT_INHERITED = /^(?:PATROL_|AWS_|OTEL_|OPENAI_|GITHUB_|npm_)/;

/**
 * Starts `patrol serve` with a history, a file of rules and a webhook, all of its own.
 *
 * @param {{ folder: string, env: Record<string, string>, port?: string }} options
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startServe({ folder, env, port }) {
  const rules = join(folder, 'rules.yaml');
  await writeFile(rules, RULES);
  const chat = await startChat();
  const child = spawn(
    process.execPath,
    [COMMAND, 'serve', '--host', '127.0.0.1', '--port', port ?? String(await freePort())],
    {
      cwd: folder,
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name))),
        PATROL_HISTORY_FILE: join(folder, 'history.db'),
        PATROL_RULES_FILE: rules,
        PATROL_WEBHOOK_URL: `slack:${chat.url}`,
        PATROL_SOURCE_ROOT: fileURLToPath(new URL('../', import.meta.url)),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await chat.stop();
  };
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { msg, url } = JSON.parse(line);
      if (msg === 'Listening') resolve(url);
    });
    ended.then(() => chat.stop()).then(() => reject(new Error('patrol serve did not start.')), reject);
  });
  return { url, stop };
}

const RULES = `# Rules of the demo. The dashboard adds to this file.
rules:
  - id: payments-are-critical
    description: Without payments there are no orders.
    match: { service: orders, file: { glob: '*/payments.js' } }
    then: { severity: critical }
`;

/** Where a chat would be: it takes every message, and shows it to nobody. */
async function startChat() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('ok'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}/services/demo`,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
