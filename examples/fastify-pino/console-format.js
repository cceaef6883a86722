import pretty from 'pino-pretty';
import { analysisBlock, shortStack } from '../support/analysis-block.js';

/** pino-pretty with two functions, which is why it is a target of its own: an analysis is printed as a block. */
export default (options) =>
  pretty({
    ...options,
    colorize: Boolean(process.env.FORCE_COLOR ?? process.stdout.isTTY),
    translateTime: 'HH:MM:ss.l',
    ignore: 'pid,hostname,reqId,patrol',
    messageFormat(log, messageKey) {
      const request = log.reqId === undefined ? '' : `[${log.reqId}] `;
      const isAnalysis = log.patrol?.event === 'analysis';
      return isAnalysis ? `${request}${analysisBlock(log.patrol)}` : `${request}${log[messageKey]}`;
    },
    customPrettifiers: {
      err: ({ stack = '', aggregateErrors = [] }) =>
        [shortStack(stack), ...aggregateErrors.map((inner) => `  [errors]: ${inner.message}`)].join('\n'),
    },
  });
