import type { ProviderCallOptions, RepositoryCodeProvider, RepositoryRef } from '../types.ts';
import { LocalFilesCodeProvider } from './local-files.ts';
import { LocalGitCodeProvider } from './local-git.ts';

/**
 * The code below a folder of this machine, as it was deployed: what git has at the event's commit where that is
 * another one than `HEAD`, else the files as they lie there, which is what runs. Without git, without a repository
 * or without a commit in the event it is the files.
 */
export function createLocalCodeProvider(root: string): RepositoryCodeProvider {
  const files = new LocalFilesCodeProvider({ root });
  const git = new LocalGitCodeProvider({ directory: root });

  const pick = async (
    { commit }: RepositoryRef,
    options?: ProviderCallOptions,
  ): Promise<RepositoryCodeProvider> => {
    if (commit === undefined) return files;
    const asked = await git.commitOf({ commit }, options);
    return asked === undefined || asked === (await git.commitOf({}, options)) ? files : git;
  };
  return {
    name: files.name,
    assertAllowed: (repository) => files.assertAllowed(repository),
    locate: async (repository, path, options) =>
      (await pick(repository, options)).locate(repository, path, options),
    readFile: async (repository, path, options) =>
      (await pick(repository, options)).readFile(repository, path, options),
    listFiles: async (repository, options) =>
      (await pick(repository, options)).listFiles?.(repository, options),
    searchFiles: async (repository, word, options) =>
      (await (await pick(repository, options)).searchFiles?.(repository, word, options)) ?? [],
    // Blob hashes are git's, also where the files were read: equal hashes mean that a deploy left them alone.
    versionOf: (repository, path, options) => git.versionOf(repository, path, options),
    recentCommits: (repository, path, count, options) => git.recentCommits(repository, path, count, options),
    changeOf: (repository, sha, path, options) => git.changeOf(repository, sha, path, options),
  };
}
