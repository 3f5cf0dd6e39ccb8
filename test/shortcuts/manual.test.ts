import { describe, expect, it } from 'vitest';
import { EDITIONS } from '../../shared/shortcut-editions.ts';
import { shortcutRecipes } from '../../shortcuts/build.ts';
import { manualSteps } from '../../shortcuts/manual.ts';

const url = 'https://homing.example.com';

describe('the instructions for building a shortcut by hand', () => {
  it.each(
    EDITIONS.flatMap((edition) =>
      shortcutRecipes({}, edition).map((recipe) => [recipe.name, edition, recipe] as const),
    ),
  )(
    'the instructions contain every action of %s for %s in order and close every block',
    (_name, _edition, recipe) => {
      const steps = manualSteps(recipe);
      expect(steps.map(({ step }) => step)).toEqual(recipe.actions.map((_action, index) => index + 1));
      expect(steps.every(({ action, depth }) => action.length > 0 && depth >= 0)).toBe(true);
      expect(steps.filter(({ action }) => ['If', 'Repeat'].includes(action)).length).toBe(
        steps.filter(({ action }) => ['End If', 'End Repeat'].includes(action)).length,
      );
      const values = steps.flatMap(({ settings }) => settings.map(({ value }) => value));
      expect(values.filter((value) => value === '' || /undefined|object|\uFFFC/.test(value))).toEqual([]);
    },
  );

  it('the instructions use the words of the Shortcuts app', () => {
    const [send] = shortcutRecipes({ url, token: 'dev_1' });
    const steps = manualSteps(send!);
    const settings = (place: number) => steps[place]!.settings.map(({ name, value }) => `${name}: ${value}`);
    expect([0, 1, 7, 8, 18].map((place) => [steps[place]!.action, ...settings(place)])).toEqual([
      ['Text', `Text: ${url}`],
      ['Set Variable', 'Variable Name: Address', 'Input: [Text of step 1]'],
      ['Repeat', 'Times: 60'],
      [
        'Get Contents of URL',
        'URL: [Address]/shortcuts/v1/next?wait=25&run=[Random Number of step 6][Random Number of step 7]',
        'Method: GET',
        'Headers: Authorization: Bearer [Token]',
      ],
      ['If', 'Input: [Text of step 18]', 'Condition: contains', 'Text: send'],
    ]);
    expect(steps.filter(({ action }) => action === 'Send Message')[0]).toMatchObject({
      depth: 3,
      settings: [
        {
          name: 'Message',
          value: '[Message][File]',
        },
        { name: 'Recipients', value: expect.stringMatching(/^\[Dictionary Value of step \d+, as Text\]$/) },
        { name: 'Show When Run', value: 'Off' },
      ],
    });
  });

  it('the instructions describe values that are not known yet', () => {
    const [send] = shortcutRecipes();
    const [address, , token] = manualSteps(send!);
    expect(address!.settings[0]!.value).toContain('The address of your broker');
    expect(token!.settings[0]!.value).toContain('The token of this phone');
  });
});
