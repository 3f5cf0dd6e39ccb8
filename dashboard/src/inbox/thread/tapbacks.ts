/** Names the six tapbacks of Messages and their icons. Any other reaction is an emoji. */
import IconEmphasize from 'icon:exclamation-mark';
import IconLove from 'icon:heart';
import IconLaugh from 'icon:mood-happy';
import IconQuestion from 'icon:question-mark';
import IconDislike from 'icon:thumb-down';
import IconLike from 'icon:thumb-up';
import type { ComponentType, SVGProps } from 'react';

type Icon = ComponentType<SVGProps<SVGSVGElement> & { size?: number }>;

export const TAPBACKS: ReadonlyArray<{ reaction: string; name: string; icon: Icon }> = [
  { reaction: 'love', name: 'Love', icon: IconLove },
  { reaction: 'like', name: 'Like', icon: IconLike },
  { reaction: 'dislike', name: 'Dislike', icon: IconDislike },
  { reaction: 'laugh', name: 'Laugh', icon: IconLaugh },
  { reaction: 'emphasize', name: 'Emphasize', icon: IconEmphasize },
  { reaction: 'question', name: 'Question', icon: IconQuestion },
];

export const tapbackOf = (reaction: string) => TAPBACKS.find((one) => one.reaction === reaction);
