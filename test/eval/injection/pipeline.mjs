import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  captureErrorLog,
  createEngine,
  ErrorAnalysisEngine,
  GitHubRepositoryCodeProvider,
  isPatrolRecord,
  loadConfig,
  OpenAILLMProvider,
} from 'patrol';
import winston from 'winston';
import { createTextFormat } from '../../../dist/sink/cli/analysis-text.js';
import { toAnalysisHtml } from '../../../dist/sink/dashboard/analysis-html.js';
import { createRecordReader } from '../../../dist/sink/log-lines/record-reader.js';
import { createSink } from '../../../dist/sink/sink.js';
import { createSinkLog } from '../../../dist/sink/sink-log.js';
import { readTrigger } from '../../../dist/sink/triggers/trigger.js';
import { toDiscordMessage } from '../../../dist/sink/webhooks/discord.js';
import { toSlackMessage } from '../../../dist/sink/webhooks/slack.js';
import { toTeamsMessage } from '../../../dist/sink/webhooks/teams.js';
import { DEFAULT_STYLE, formatLine } from '../../../dist/transports/pino/lines.js';
import { distinct, namedPaths, toLogged } from './logged.mjs';

const REPOSITORY = 'acme/shop';
/** What an operator allows who expects no flood. The budget of an installation is its own decision. */
const FLOOD_BUDGET = 20;
/** Rounds of feeding the log in again: a loop would still be running after them. */
const ROUNDS = 3;

/**
 * Sends one item through the pipeline as it is installed: capture, the sink's trigger, engine (wired from
 * settings), publisher, and every renderer. Answers what could be seen of it.
 */
export async function observe(item, peers) {
  const watch = watchProcess();
  try {
    return await observeWatched(item, peers, watch);
  } finally {
    watch.stop();
  }
}

async function observeWatched(item, peers, watch) {
  const began = peers.requests.length;
  const beganAsked = peers.asked.length;
  prepare(item, peers);
  const run = await createRun(item, peers);

  const logged = item.flood
    ? Array.from({ length: item.flood }, (_, index) => toLogged({ event: distinct(item.event, index) }))
    : [toLogged(item)];
  const started = performance.now();
  try {
    await run.handle(logged);
  } catch (error) {
    watch.crashed ??= error;
  }
  const shown = watch.guard(() => render(run.records[0]));
  const elapsed = performance.now() - started;
  if (item.feed_back) await feedBack(run);
  const llmCalls = peers.asked.length - beganAsked;

  // A certain rule answers without a model. So that prompt and reply are seen, too, the same once more without rules.
  const sure = peers.asked.length === beganAsked && !item.feed_back;
  const again = sure ? await createRun(item, peers, { rules: [] }) : undefined;
  if (again) await again.handle([toLogged(item)]).catch(watch.note);
  const seen = again ? watch.guard(() => render(again.records[0])) : shown;
  const http = peers.requests.slice(began).filter(({ url }) => !url.startsWith('https://llm.local/'));
  const prompt = promptOf(peers.asked[beganAsked]);
  const legitimate = item.checks?.some(({ type }) => type === 'legitimate_works')
    ? await tryLegitimate(item, again ?? run, peers)
    : undefined;

  // What was left to happen is this item's fault.
  await new Promise((resolve) => setImmediate(resolve));
  return {
    id: item.id,
    crashed: watch.crashed !== undefined,
    ...(watch.crashed !== undefined && { crash: String(watch.crashed?.stack ?? watch.crashed) }),
    ...prompt,
    llm_calls: llmCalls,
    elapsed_ms: Math.round(elapsed),
    http,
    ...seen,
    polluted: watch.isPolluted(),
    ...(legitimate && { legitimate }),
  };
}

/** What the peers have to say for this item. */
function prepare({ reply, reply_raw: raw, source, event, flood = 0 }, { state }) {
  const sound = {
    analysis: 'A value is used before it is checked.',
    rootCause: 'The value is missing.',
    suggestedFix: 'Check it first.',
    confidence: 60,
    category: 'bug',
    evidence: [],
    patch: null,
    nextSteps: ['Look at the caller.'],
  };
  if (raw === undefined) state.answer = JSON.stringify({ ...sound, ...reply });
  else state.answer = typeof raw === 'string' ? raw : JSON.stringify(raw);
  state.source = source ?? 'export const a = 1;\n';
  const named = [
    event,
    ...Array.from({ length: Math.min(flood, 1000) }, (_, index) => distinct(event, index)),
  ];
  state.paths = [...new Set(named.flatMap(namedPaths))];
}

/** A sink of its own for each item: no answer of another one is in its cache. */
async function createRun(item, peers, { rules } = {}) {
  const allowed = Array.isArray(item.allow) ? item.allow : item.allow?.repos;
  const repositories = (allowed ?? [REPOSITORY]).filter((one) => /^[\w.-]+\/[\w.-]+$/.test(one));
  const config = loadConfig(
    {
      openaiApiKey: 'test-key',
      openaiBaseUrl: peers.modelUrl,
      githubApiUrl: peers.githubUrl,
      githubToken: 'test-token',
      allowedRepositories: repositories,
      defaultRepositoryUrl: `https://github.com/${repositories[0] ?? REPOSITORY}`,
      ...(item.flood && { budgetCallsPerHour: FLOOD_BUDGET }),
    },
    {},
  );
  const records = [];
  const sinkLines = [];
  const engine = rules
    ? new ErrorAnalysisEngine({
        rules,
        llmProvider: new OpenAILLMProvider({
          apiKey: 'test-key',
          baseUrl: peers.modelUrl,
          model: config.openaiModel,
        }),
        codeProvider: new GitHubRepositoryCodeProvider({
          token: 'test-token',
          apiUrl: peers.githubUrl,
          allowedRepositories: repositories,
        }),
        defaultRepositoryUrl: config.defaultRepositoryUrl,
      })
    : await createEngine(config);
  const sink = await createSink(config, {
    engine,
    log: createSinkLog((line) => sinkLines.push(line)),
    replies: { send: async (record) => void records.push(record) },
  });
  const handleInput = async (input) => {
    for (const record of readTrigger(input).records) await sink.handle(record);
  };
  return {
    records,
    sinkLines,
    repositories,
    handleInput,
    async handle(logged) {
      // As a transport does: what Patrol wrote itself is not captured.
      const events = logged
        .filter(({ record }) => !isPatrolRecord(record))
        .map(({ record, attached }) => ({
          eventId: randomUUID(),
          timestamp: Date.now(),
          ...attached,
          errorLog: captureErrorLog(record),
        }));
      // Over the wire, as a queue would carry it.
      await handleInput(JSON.parse(JSON.stringify({ events })));
    },
    line: (record) => formatLine(record, 'info', {}, DEFAULT_STYLE),
  };
}

/** One record in every medium. */
function render(record) {
  if (!record) return {};
  const slack = toSlackMessage(record);
  const discord = toDiscordMessage(record);
  const teams = toTeamsMessage(record);
  return {
    slack,
    slack_text: Math.max(...textsOf(slack).map((text) => text.length)),
    slack_blocks: slack.blocks.length,
    discord,
    discord_content: discord.content.length,
    discord_embeds: JSON.stringify(discord.embeds).length,
    teams,
    teams_actions: actionsOf(teams),
    teams_bytes: Buffer.byteLength(JSON.stringify(teams)),
    html: toAnalysisHtml(record),
    log: formatLine(record, 'info', {}, DEFAULT_STYLE),
    log_winston: winstonLine(record),
    tty: createTextFormat({ colour: false })(record),
  };
}

/** The line that winston's own JSON format makes of it. */
function winstonLine({ msg, correlation, patrol }) {
  const info = { level: 'info', message: msg, ...correlation, patrol };
  return winston.format.json().transform(info, {})[Symbol.for('message')];
}

function textsOf(value) {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function actionsOf(value) {
  if (typeof value !== 'object' || value === null) return [];
  const own = Object.entries(value).flatMap(([key, inner]) =>
    /^(?:actions|selectAction|entities)$/.test(key) ? [inner] : [],
  );
  return [...own.flat(), ...Object.values(value).flatMap(actionsOf)];
}

/** The texts of a request to the model, and the marks as they stand in it. */
function promptOf(body) {
  if (!body) return {};
  const text = (role) =>
    body.messages
      .filter((message) => message.role === role)
      .map(({ content }) => content)
      .join('\n');
  const user = text('user');
  // Patrol's own mark is the first of its kind: it stands before everything that others wrote.
  const token = /^<untrusted-([0-9a-f]{32})>$/m.exec(user)?.[1];
  return {
    llm_request: body,
    prompt_system: text('system'),
    prompt_user: user,
    prompt_user_bytes: Buffer.byteLength(user),
    ...(token && { delimiter: { open: `<untrusted-${token}>`, close: `</untrusted-${token}>` } }),
  };
}

/** The application's log, the terminal and the sink's own log, read as logs: nothing in them is to be an error. */
async function feedBack(run) {
  const textFormat = createTextFormat({ colour: false });
  for (let round = 0, done = 0; round < ROUNDS; round++) {
    const records = run.records.slice(done);
    done = run.records.length;
    const lines = records.flatMap((record) => [run.line(record), winstonLine(record), textFormat(record)]);
    const found = [];
    // Even where every level counts as an error.
    const reader = createRecordReader('trace', ({ errorLog }) => found.push(errorLog));
    for (const line of lines.join('\n').split('\n')) reader.push(line, undefined);
    reader.close();
    await run.handle(
      records.map(({ msg, patrol }) => ({ record: { level: 'error', message: msg, patrol }, attached: {} })),
    );
    if (found.length > 0) {
      await run.handleInput({
        events: found.map((errorLog) => ({ eventId: randomUUID(), timestamp: Date.now(), errorLog })),
      });
    }
    await run.handleInput(cloudWatch(run.sinkLines));
  }
}

function cloudWatch(lines) {
  const logEvents = lines.map((message, index) => ({ id: String(index), timestamp: Date.now(), message }));
  const data = {
    messageType: 'DATA_MESSAGE',
    logGroup: '/aws/lambda/patrol',
    logStream: 's',
    owner: '1',
    logEvents,
  };
  return { awslogs: { data: gzipSync(JSON.stringify(data)).toString('base64') } };
}

/** After it all an ordinary error is still analysed, with the code of an allowed repository. */
async function tryLegitimate(item, run, peers) {
  const { state } = peers;
  const [before, asked, shown] = [peers.requests.length, peers.asked.length, run.records.length];
  prepare({ event: { filePath: 'src/cart.ts' } }, peers);
  state.source = 'export function total(cart) {\n  return cart.items.length;\n}\n';
  const message = "Cannot read properties of undefined (reading 'items')";
  const stack = `TypeError: ${message}\n    at total (/app/src/cart.ts:2:15)`;
  const attached = {
    repositoryUrl: `https://github.com/${run.repositories[0] ?? REPOSITORY}`,
    commit: 'b'.repeat(40),
  };
  await run.handle([{ record: { level: 'error', message, stack }, attached }]).catch(() => {});
  // A flood has used up the budget: then the answer is that of the rules.
  const isAsked = peers.asked.length > asked;
  const prompt = isAsked ? promptOf(peers.asked.at(-1)).prompt_user : '';
  return {
    answered: item.flood ? true : run.records.length > shown && isAsked,
    read: peers.requests.slice(before).some(({ url }) => url.includes('/contents/src/cart.ts')),
    shown: item.flood ? true : prompt.includes('return cart.items.length'),
  };
}

/** Notices what nobody caught, and what was hung on the prototypes that everything shares. */
function watchProcess() {
  const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
  const before = prototypes.map((one) => Reflect.ownKeys(one).length);
  const watch = {
    crashed: undefined,
    guard(work) {
      try {
        return work();
      } catch (error) {
        watch.crashed ??= error;
        return {};
      }
    },
    isPolluted: () => prototypes.some((one, index) => Reflect.ownKeys(one).length !== before[index]),
    stop() {
      process.off('uncaughtException', watch.note);
      process.off('unhandledRejection', watch.note);
    },
  };
  watch.note = (error) => {
    watch.crashed ??= error;
  };
  process.on('uncaughtException', watch.note);
  process.on('unhandledRejection', watch.note);
  return watch;
}
