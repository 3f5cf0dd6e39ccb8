/**
 * Builds the files of Homing's shortcuts. They are unsigned: iOS imports them only after a Mac has signed them. The
 * same address and token give the same bytes.
 */

import type { Edition } from '../shared/shortcut-editions.ts';
import { checkShortcut } from './checker.ts';
import type { Problem } from './checks/problem.ts';
import { shortcutBytes, shortcutFile } from './format/file.ts';
import type { Recipe } from './format/recipe.ts';
import type { Connection } from './recipes/broker.ts';
import { checkRecipe } from './recipes/check.ts';
import { receiveRecipe } from './recipes/receive.ts';
import { sendRecipe } from './recipes/send.ts';

export interface BuiltShortcut {
  /** Name of the shortcut on the phone. */
  readonly name: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** The recipe produces a shortcut that does not run on a phone. */
export class BrokenShortcutError extends Error {
  readonly problems: readonly Problem[];

  constructor(name: string, problems: readonly Problem[]) {
    const lines = problems.map(({ action, detail }) =>
      action === undefined ? detail : `${action}: ${detail}`,
    );
    super(`The recipe of the shortcut ${name} is broken:\n${lines.join('\n')}`);
    this.name = 'BrokenShortcutError';
    this.problems = problems;
  }
}

/** Homing Check is the same in both editions. */
export function shortcutRecipes(connection: Connection = {}, edition: Edition = 'ios-16'): Recipe[] {
  return [sendRecipe(connection, edition), receiveRecipe(connection, edition), checkRecipe(connection)];
}

export function buildShortcut(recipe: Recipe): BuiltShortcut {
  const file = shortcutFile(recipe);
  const problems = checkShortcut(file);
  if (problems.length > 0) throw new BrokenShortcutError(recipe.name, problems);
  return { name: recipe.name, fileName: `${recipe.name}.shortcut`, bytes: shortcutBytes(file) };
}

/** Address and token are the defaults of the import questions; without them the owner enters them. */
export function buildShortcuts(connection: Connection, edition?: Edition): BuiltShortcut[] {
  return shortcutRecipes(connection, edition).map(buildShortcut);
}
