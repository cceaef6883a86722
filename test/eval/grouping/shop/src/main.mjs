import { cases } from './cases.mjs';

/** Runs the cases that stand on the standard input as `[{name, values}]`, and prints what a transport makes of each. */
const { captureErrorLog } = await import(new URL('capture.js', process.env.PATROL).href);
const { resolveStackTrace } = await import(new URL('source-maps.js', process.env.PATROL).href);
if (process.env.STACK_LIMIT) Error.stackTraceLimit = Number(process.env.STACK_LIMIT);

let input = '';
for await (const chunk of process.stdin) input += chunk;

async function fail({ name, values }) {
  try {
    await cases[name](values);
  } catch (error) {
    const errorLog = captureErrorLog(error);
    return { name, errorLog: { ...errorLog, stackTrace: resolveStackTrace(errorLog.stackTrace) } };
  }
  throw new Error(`${name} did not fail`);
}

const failed = [];
for (const one of JSON.parse(input)) failed.push(await fail(one));
process.stdout.write(JSON.stringify(failed));
