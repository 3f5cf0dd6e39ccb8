/** Defines the purchase of a number, from before the request to the provider until the number is configured. */
export interface Purchase {
  id: string;
  tenantId: number;
  provider: string;
  phoneNumber: string;
  label: string;
  inboundWebhookUrl: string | null;
  state: 'started' | 'bought' | 'done' | 'failed';
  numberId: string | null;
  providerRef: string | null;
  createdAt: number;
  updatedAt: number;
}
