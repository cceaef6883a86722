export {
  type AnalysisFields,
  type AnalysisRecord,
  isPatrolRecord,
  toAnalysisRecord,
} from './analysis-record.ts';
export {
  type CacheStats,
  type EvictionPolicy,
  InMemoryCache,
  type InMemoryCacheOptions,
} from './cache.ts';
export { type CaptureOptions, captureErrorLog } from './capture.ts';
export { loadConfig, type PatrolConfig, type PatrolOptions } from './config.ts';
export { createEngine } from './create-engine.ts';
export { ErrorAnalysisEngine } from './engine.ts';
export type { CodeLimits, EngineOptions, StoredAnalysis } from './engine-options.ts';
export { PatrolError, type PatrolErrorCode } from './errors.ts';
export { parseErrorLogEvent } from './event.ts';
export { FINGERPRINT_VERSION, hashErrorLog, normalizeErrorLog } from './hashing.ts';
export { knownErrors } from './known-errors/index.ts';
export { type ModelPrice, priceOf } from './pricing.ts';
export { type GitHubOptions, GitHubRepositoryCodeProvider } from './providers/github.ts';
export type { GitHubApp } from './providers/github-client.ts';
export { LocalFilesCodeProvider, type LocalFilesOptions } from './providers/local-files.ts';
export { OpenAILLMProvider, type OpenAIOptions } from './providers/openai.ts';
export {
  createRedactor,
  type RedactionRule,
  type Redactor,
  type RedactorOptions,
  redact,
} from './redaction.ts';
export { parseRules } from './rule-file.ts';
export type { RuleDefinition } from './rules.ts';
export { parseStackTrace } from './stacktrace.ts';
export type {
  AnalysisResult,
  DropReason,
  ErrorCategory,
  ErrorHash,
  ErrorLocation,
  ErrorLog,
  ErrorLogEvent,
  ErrorLogEventInput,
  Evidence,
  FingerprintPart,
  LLMProvider,
  LLMRequest,
  LLMResponse,
  NormalizedErrorLog,
  ParsedError,
  ParsedStackTrace,
  ProcessingOptions,
  ProviderCallOptions,
  RecentCommitsOptions,
  RepositoryCodeProvider,
  RepositoryRef,
  SourceCommit,
  SourceFile,
  StackFrame,
  StackLanguage,
  SuspectCommit,
  TokenUsage,
} from './types.ts';
