/**
 * Builds the shortcuts of Homing as files. They are unsigned: iOS takes them only after a Mac has signed them. The
 * same address and token give the same bytes.
 */
import { checkShortcut, type Problem } from './checker.ts';
import { shortcutBytes, shortcutFile } from './format/file.ts';
import type { Recipe } from './format/recipe.ts';
import type { Connection } from './recipes/broker.ts';
import { checkRecipe } from './recipes/check.ts';
import { receiveRecipe } from './recipes/receive.ts';
import { sendRecipe } from './recipes/send.ts';

export interface BuiltShortcut {
  /** As it will be called on the phone. */
  readonly name: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** The recipe makes something that a phone would not run. */
export class BrokenShortcutError extends Error {
  readonly problems: readonly Problem[];

  constructor(name: string, problems: readonly Problem[]) {
    const said = problems.map(({ action, detail }) =>
      action === undefined ? detail : `${action}: ${detail}`,
    );
    super(`The shortcut ${name} is broken, which is a fault of its recipe:\n${said.join('\n')}`);
    this.name = 'BrokenShortcutError';
    this.problems = problems;
  }
}

export function shortcutRecipes(connection: Connection = {}): Recipe[] {
  return [sendRecipe(connection), receiveRecipe(connection), checkRecipe(connection)];
}

export function buildShortcut(recipe: Recipe): BuiltShortcut {
  const file = shortcutFile(recipe);
  const problems = checkShortcut(file);
  if (problems.length > 0) throw new BrokenShortcutError(recipe.name, problems);
  return { name: recipe.name, fileName: `${recipe.name}.shortcut`, bytes: shortcutBytes(file) };
}

/** The address and the token are what the import questions suggest; without a token the person fills it in. */
export function buildShortcuts(connection: { url: string; token?: string }): BuiltShortcut[] {
  return shortcutRecipes(connection).map(buildShortcut);
}
