/** Names the effects of bubbles and of the screen. */
export const EFFECTS = {
  slam: 'slam',
  loud: 'loud text',
  gentle: 'gentle text',
  invisible: 'invisible ink',
  echo: 'echo',
  spotlight: 'a spotlight',
  balloons: 'balloons',
  confetti: 'confetti',
  love: 'a heart',
  lasers: 'lasers',
  fireworks: 'fireworks',
  shooting_star: 'a shooting star',
  celebration: 'a celebration',
} as const;
export type Effect = keyof typeof EFFECTS;

export const isEffect = (name: string): name is Effect => Object.hasOwn(EFFECTS, name);

/** A device may report an effect without a name here. */
export const effectName = (effect: string): string =>
  isEffect(effect) ? EFFECTS[effect] : effect.replaceAll('_', ' ');
