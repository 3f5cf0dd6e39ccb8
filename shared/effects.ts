/** Maps the effects of a message to the ids that Messages stores in `expressive_send_style_id`, and back. */

const BUBBLE = 'com.apple.MobileSMS.expressivesend.';
const SCREEN = 'com.apple.messages.effect.';

const EFFECT_IDS = {
  celebration: `${SCREEN}CKSparklesEffect`,
  shooting_star: `${SCREEN}CKShootingStarEffect`,
  fireworks: `${SCREEN}CKFireworksEffect`,
  lasers: `${SCREEN}CKLasersEffect`,
  love: `${SCREEN}CKHeartEffect`,
  confetti: `${SCREEN}CKConfettiEffect`,
  balloons: `${SCREEN}CKHappyBirthdayEffect`,
  spotlight: `${SCREEN}CKSpotlightEffect`,
  echo: `${SCREEN}CKEchoEffect`,
  invisible: `${BUBBLE}invisibleink`,
  gentle: `${BUBBLE}gentle`,
  loud: `${BUBBLE}loud`,
  slam: `${BUBBLE}impact`,
} as const;

/** Effects of a bubble or of the screen. */
export type Effect = keyof typeof EFFECT_IDS;
export const EFFECTS = Object.keys(EFFECT_IDS) as [Effect, ...Effect[]];

const NAMES = new Map<string, Effect>(EFFECTS.map((name) => [EFFECT_IDS[name], name]));

/** Returns undefined for an unknown name. */
export function effectId(name: string): string | undefined {
  return EFFECTS.some((effect) => effect === name) ? EFFECT_IDS[name as Effect] : undefined;
}

/** Returns the name of the effect. An id that has no name here is returned as it is. */
export function effectName(id: string): string {
  return NAMES.get(id) ?? id;
}
