import type { PatrolConfig } from './config.ts';
import { PatrolError } from './errors.ts';
import { GitHubRepositoryCodeProvider } from './providers/github.ts';
import type { GitHubApp } from './providers/github-client.ts';
import { createRenewing, type KeySource } from './renewing.ts';
import type { LLMProvider, RepositoryCodeProvider } from './types.ts';

/** Where keys come from that are changed while the process runs; the settings hold what they were at the start. */
export type Keys = Readonly<
  Partial<Record<'openaiApiKey' | 'githubToken' | 'githubAppPrivateKey', KeySource>>
>;

/** The model of the settings, whatever it costs; undefined where none is configured. */
export async function createModel(config: PatrolConfig, keys: Keys = {}): Promise<LLMProvider | undefined> {
  const { openaiApiKey, openaiBaseUrl, openaiModel, openaiOrgId } = config;
  if (openaiApiKey === undefined && openaiBaseUrl === undefined) return undefined;
  const { OpenAILLMProvider } = await import('./providers/openai.ts');
  const make = (apiKey: string | undefined) =>
    new OpenAILLMProvider({
      model: openaiModel,
      api: config.openaiApi,
      ...(apiKey !== undefined && { apiKey }),
      ...(openaiBaseUrl !== undefined && { baseUrl: openaiBaseUrl }),
      ...(openaiOrgId !== undefined && { organization: openaiOrgId }),
    });
  if (openaiApiKey === undefined || !keys.openaiApiKey) return make(openaiApiKey);
  const renewing = createRenewing(make, openaiApiKey, keys.openaiApiKey);
  return {
    model: openaiModel,
    complete: (request, options) => renewing.use((model) => model.complete(request, options)),
  };
}

/** Local files and git where a source root is given (the application's own process), else GitHub where a repository is allowed. */
export async function createCodeProvider(
  config: PatrolConfig,
  keys: Keys = {},
): Promise<RepositoryCodeProvider | undefined> {
  if (config.sourceRoot !== undefined) {
    const { createLocalCodeProvider } = await import('./providers/local-code.ts');
    return createLocalCodeProvider(config.sourceRoot);
  }
  const { defaultRepositoryUrl, repositoryUrlMap, allowedRepositories, githubApiUrl } = config;
  const configured = [defaultRepositoryUrl, ...Object.values(repositoryUrlMap)].filter(
    (url) => url !== undefined,
  );
  // With nothing allowed the provider still stands there: it tells, once per analysis, how to allow a repository.
  const make = (changed: Partial<PatrolConfig>) =>
    new GitHubRepositoryCodeProvider({
      apiUrl: githubApiUrl,
      allowedRepositories: [...allowedRepositories, ...configured],
      ...tokenOf({ ...config, ...changed }),
      ...appOf({ ...config, ...changed }),
    });
  for (const setting of ['githubToken', 'githubAppPrivateKey'] as const) {
    const [key, source] = [config[setting], keys[setting]];
    if (key !== undefined && source)
      return renewingCode((changed) => make({ [setting]: changed }), key, source);
  }
  return make({});
}

function renewingCode(
  make: (key: string) => GitHubRepositoryCodeProvider,
  key: string,
  source: KeySource,
): RepositoryCodeProvider {
  const { latest, use } = createRenewing(make, key, source);
  return {
    name: latest.name,
    // What is allowed does not hang on the key.
    assertAllowed: (repository) => latest.assertAllowed(repository),
    locate: (...asked) => use((code) => code.locate(...asked)),
    readFile: (...asked) => use((code) => code.readFile(...asked)),
    listFiles: (...asked) => use((code) => code.listFiles(...asked)),
    searchFiles: (...asked) => use((code) => code.searchFiles(...asked)),
    versionOf: (...asked) => use((code) => code.versionOf(...asked)),
    recentCommits: (...asked) => use((code) => code.recentCommits(...asked)),
  };
}

function tokenOf({ githubToken }: PatrolConfig): { readonly token?: string } {
  return githubToken === undefined ? {} : { token: githubToken };
}

/** @throws {PatrolError} `CONFIG_INVALID` where one or two of the three settings are given. */
function appOf(config: PatrolConfig): { readonly app?: GitHubApp } {
  const { githubAppId, githubAppPrivateKey, githubAppInstallationId } = config;
  const given = [githubAppId, githubAppPrivateKey, githubAppInstallationId];
  if (given.every((one) => one === undefined)) return {};
  if (!githubAppId || !githubAppPrivateKey || !githubAppInstallationId) {
    throw new PatrolError(
      'CONFIG_INVALID',
      'A GitHub App needs GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_APP_INSTALLATION_ID, all three.',
    );
  }
  return {
    app: { appId: githubAppId, privateKey: githubAppPrivateKey, installationId: githubAppInstallationId },
  };
}
