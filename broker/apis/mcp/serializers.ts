/** What the tools say of a message alike. */
import { z } from 'zod';
import type { Message } from '../../core/model/message.ts';

export const time = z.iso.datetime();

export const STATUS_NAMES = ['queued', 'sent', 'delivered', 'failed', 'received'] as const;

/** What a device has and has not sent yet still waits, for whoever asked for it. */
export function serializeStatus({ status }: Pick<Message, 'status'>): (typeof STATUS_NAMES)[number] {
  return status === 'polling' ? 'queued' : status;
}
