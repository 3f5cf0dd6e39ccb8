import { describe, expect, it } from 'vitest';
import { EFFECTS, effectId, effectName } from '../../shared/effects.ts';

describe('the effects of messages', () => {
  it('every effect has its own id, and the id has its name', () => {
    const ids = EFFECTS.map(effectId);
    expect(new Set(ids).size).toBe(13);
    expect(ids.map((id) => effectName(id ?? ''))).toEqual(EFFECTS);
  });

  it.each([
    ['slam', 'com.apple.MobileSMS.expressivesend.impact'],
    ['celebration', 'com.apple.messages.effect.CKSparklesEffect'],
    ['balloons', 'com.apple.messages.effect.CKHappyBirthdayEffect'],
    ['love', 'com.apple.messages.effect.CKHeartEffect'],
  ])('the id of %s is %s', (name, id) => {
    expect(effectId(name)).toBe(id);
  });

  it('an unknown name has no id, and an unknown id is its own name', () => {
    expect(effectId('toString')).toBeUndefined();
    expect(effectName('com.apple.messages.effect.CKNewEffect')).toBe('com.apple.messages.effect.CKNewEffect');
  });
});
