/** Names the services that transmit messages. */
export const SERVICE_NAMES: Readonly<Record<string, string>> = {
  imessage: 'iMessage',
  sms: 'SMS',
  rcs: 'RCS',
  whatsapp: 'WhatsApp',
};
