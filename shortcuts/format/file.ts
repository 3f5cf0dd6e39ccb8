/** Serializes a shortcut as a binary property list. It contains no name: iOS uses the name of the file. */
import { buildBinary } from 'plist';
import { idFrom, type Recipe } from './recipe.ts';
import type { Dictionary } from './values.ts';

export function shortcutFile(recipe: Recipe): Dictionary {
  return {
    // The version of Shortcuts that wrote the file; 900 is iOS 13, the first version with these actions.
    WFWorkflowClientVersion: '2607.0.3',
    WFWorkflowMinimumClientVersion: 900,
    WFWorkflowMinimumClientVersionString: '900',
    WFWorkflowIcon: {
      WFWorkflowIconStartColor: recipe.icon.color,
      WFWorkflowIconGlyphNumber: recipe.icon.glyph,
    },
    WFWorkflowTypes: [],
    WFQuickActionSurfaces: [],
    WFWorkflowInputContentItemClasses: [...recipe.accepts],
    WFWorkflowOutputContentItemClasses: [],
    WFWorkflowHasOutputFallback: false,
    WFWorkflowHasShortcutInputVariables: recipe.accepts.length > 0,
    WFWorkflowImportQuestions: recipe.questions.map((question) => ({
      ActionIndex: question.actionIndex,
      Category: 'Parameter',
      ParameterKey: question.parameter,
      Text: question.question,
      DefaultValue: question.defaultAnswer,
    })),
    WFWorkflowActions: recipe.actions.map(({ identifier, parameters }) => ({
      WFWorkflowActionIdentifier: identifier,
      WFWorkflowActionParameters: parameters,
    })),
    ...(recipe.triggers.length === 0 ? {} : { WFWorkflowTriggers: triggersOf(recipe) }),
  };
}

function triggersOf({ name, triggers }: Recipe): Dictionary[] {
  return triggers.map(({ identifier, parameters }, index) => ({
    WFTriggerIdentifier: identifier,
    WFTriggerUUID: idFrom(`${name}/trigger ${index}`),
    WFTriggerSerializedParameters: parameters,
  }));
}

export function shortcutBytes(file: Dictionary): Uint8Array {
  return buildBinary(file);
}
