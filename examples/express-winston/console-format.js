import winston from 'winston';
import { analysisBlock, shortStack } from '../support/analysis-block.js';

/** One line for each record, the stack below it; an analysis as a block. */
export const consoleFormat = winston.format.printf((info) => {
  const time = new Date().toISOString().slice(11, 23);
  const request = info.requestId === undefined ? '' : `[${info.requestId}] `;
  const head = `${time} ${info.level.toUpperCase().padEnd(5)} ${request}`;
  if (info.patrol?.event === 'analysis') return `${head}${analysisBlock(info.patrol)}`;
  const stack = typeof info.stack === 'string' ? `\n${shortStack(info.stack)}` : '';
  const cause = info.cause instanceof Error ? `\n  caused by: ${info.cause.message}` : '';
  return `${head}${info.message}${stack}${cause}`;
});
