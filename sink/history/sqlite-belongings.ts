import type { AnalysisResult, Timestamp } from '../../src/types.ts';
import type { TakenEvent, TrailEntry } from './history.ts';
import { MAX_ANALYSES, MAX_SAMPLES, SAMPLE_EVERY, shownLocation, toSample } from './shown.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { type StoredError, text } from './sqlite-rows.ts';

/** What the file holds of an error beside its row: the words it is found by, its trail, samples and analyses. */
export interface Belongings {
  /** The error is found by these. */
  index(id: number, words: readonly (string | null | undefined)[]): void;
  /** Adds a line to the trail. */
  note(error: StoredError, by: string, entry: TrailEntry['entry']): void;
  /** Keeps the event, where it is time for another one. */
  keepSample(error: StoredError, taken: TakenEvent, at: Timestamp): void;
  keepAnalysis(error: StoredError, taken: TakenEvent, result: AnalysisResult): void;
}

/** See {@link Belongings}. */
export function createBelongings(file: SqliteFile, now: () => Timestamp): Belongings {
  const index = (id: number, words: readonly (string | null | undefined)[]): void => {
    file.run('INSERT OR REPLACE INTO words (rowid, text) VALUES (?, ?)', id, words.filter(Boolean).join(' '));
  };

  const note = (error: StoredError, by: string, entry: TrailEntry['entry']): void => {
    file.run(
      'INSERT INTO trail (id, at, by, action, entry) VALUES (?, ?, ?, ?, ?)',
      error.id,
      now(),
      by,
      entry.action,
      JSON.stringify(entry),
    );
  };

  const keepSample = (error: StoredError, { event }: TakenEvent, at: Timestamp): void => {
    const isFirst = error.sampledAt === 0;
    if (!isFirst && at - error.sampledAt < SAMPLE_EVERY) return;
    // Zero is for none, and some events bear the date of a clock that was never set.
    error.sampledAt = Math.max(1, at);
    const sample = JSON.stringify(toSample(event));
    file.run('INSERT INTO samples (id, at, event) VALUES (?, ?, ?)', error.id, at, sample);
    if (!isFirst) keepNewest('samples', error.id, MAX_SAMPLES);
  };

  const keepNewest = (table: 'samples' | 'analyses', id: number, most: number): void => {
    const older = `SELECT rowid FROM ${table} WHERE id = ? ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ${most}`;
    file.run(`DELETE FROM ${table} WHERE rowid IN (${older})`, id);
  };

  const keepAnalysis = (error: StoredError, { event }: TakenEvent, result: AnalysisResult): void => {
    const { id, hash, services } = error;
    const isFirst = error.analysedAt === 0;
    error.analysedAt = result.analyzedAt;
    const location = shownLocation(result);
    file.run(
      'INSERT INTO analyses (id, at, result) VALUES (?, ?, ?)',
      id,
      result.analyzedAt,
      JSON.stringify(result),
    );
    if (!isFirst) keepNewest('analyses', id, MAX_ANALYSES);
    file.run(
      'UPDATE texts SET root_cause = ?, confidence = ?, source = ?, category = ?, location = ? WHERE id = ?',
      result.rootCause,
      result.confidenceScore,
      result.source,
      result.category,
      location ?? null,
      id,
    );
    const known = file.get('SELECT message, name FROM texts WHERE id = ?', id);
    const { code } = event.errorLog;
    index(id, [hash, text(known?.name), text(known?.message), ...services, code, result.rootCause, location]);
    if (result.similarTo !== undefined) {
      const link = 'INSERT OR IGNORE INTO similar (hash, other) VALUES (?, ?), (?, ?)';
      file.run(link, hash, result.similarTo, result.similarTo, hash);
    }
  };

  return { index, note, keepSample, keepAnalysis };
}
